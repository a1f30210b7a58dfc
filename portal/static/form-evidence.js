/** Say at once when a chosen file is too large or one too many; the server judges again. */

const field = document.getElementById("licence");

function judge() {
  const { most, bytes, tooMany, tooLarge } = field.dataset;
  const files = [...field.files];
  let problem = "";
  if (files.length > Number(most)) problem = tooMany;
  else if (files.some((file) => file.size > Number(bytes))) problem = tooLarge;
  field.setCustomValidity(problem);
  if (problem) field.reportValidity();
}

field?.addEventListener("change", judge);
