/** What every secure page does with JavaScript; without it all of them work the same, only plainer. */

const problems = document.getElementById("problems");
if (problems) problems.focus();

/** Keep a second press from sending the form again; freed when the browser comes back to the page. */
for (const form of document.querySelectorAll("form")) {
  let sending = false;
  const buttons = [...form.querySelectorAll("button.main")];
  const words = buttons.map((button) => button.textContent);
  form.addEventListener("submit", (event) => {
    if (sending) {
      event.preventDefault();
      return;
    }
    sending = true;
    const pressed = event.submitter ?? buttons[0];
    pressed.textContent = pressed.dataset.sending;
    for (const button of buttons) button.setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", () => {
    sending = false;
    buttons.forEach((button, index) => {
      button.removeAttribute("aria-disabled");
      button.textContent = words[index];
    });
  });
}

/** Show and hide what is typed. */
for (const button of document.querySelectorAll("button.reveal")) {
  const field = document.getElementById(button.getAttribute("aria-controls"));
  const label = field.labels[0].textContent;
  const [show, hide] = [button.textContent, button.dataset.shown];
  const draw = (shown) => {
    field.type = shown ? "text" : "password";
    button.textContent = shown ? hide : show;
    button.setAttribute("aria-label", `${button.textContent}: ${label}`);
  };
  draw(false);
  button.hidden = false;
  button.addEventListener("click", () => draw(field.type === "password"));
  field.form.addEventListener("submit", () => draw(false));
}

/** Copy what is shown once. */
for (const button of document.querySelectorAll("button.copy")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done;
  });
}
