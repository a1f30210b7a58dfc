/** Every moment on a console page in the reader's own time zone; the title keeps what the server wrote. */

/* The page decides the language; the browser decides how its country writes dates in it. */
const page = document.documentElement.lang;
const language = navigator.languages.find((tag) => tag.split("-")[0] === page.split("-")[0]) ?? page;
const whole = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(language, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const zone = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "long" });

/** Write one `<time>`: whole, only in its title, or (clock) as short as today allows. */
export function local(time) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) return;
  const kind = time.dataset.local;
  time.title = zone.format(at);
  if (kind === "title") return;
  const today = at.toDateString() === new Date().toDateString();
  if (kind === "clock") time.textContent = (today ? clock : day).format(at);
  else time.textContent = whole.format(at);
}

for (const time of document.querySelectorAll("time[data-local]")) local(time);
