/** Judge a password while it is typed: marks on the rules, the strength, one quiet sentence for screen readers. */

import { strength, violationsLive, warnings } from "./password-rules.js";

const QUIET_MS = 900;
const form = document.getElementById("password-form");
const password = document.getElementById("new_password");
const confirm = document.getElementById("confirm_password");
const meter = document.getElementById("strength");
const live = document.getElementById("live");
const nonAscii = document.getElementById("non-ascii");
const words = meter.dataset.words.split("|");
const rules = [...form.querySelectorAll("[data-rule][data-live]")];
const policy = Object.fromEntries(
  ["minimum", "maximum", "classes"].map((name) => [name, Number(form.dataset[name])]),
);
const wanted = new Set();
let timer = 0;

/** Too few of something is not wrong yet while one is typing, only still open. */
const OPEN_WHILE_TYPING = ["too_short", "too_few_classes"];

function stateOf(code, broken) {
  if (!password.value || (code === "mismatch" && !confirm.value)) return "";
  if (!broken.includes(code)) return "ok";
  const typing = document.activeElement === password && OPEN_WHILE_TYPING.includes(code);
  const repeating = code === "mismatch" && password.value.startsWith(confirm.value);
  return typing || repeating ? "open" : "broken";
}

function draw() {
  const second = confirm.value ? confirm.value : null;
  const broken = violationsLive(password.value, second, policy).map(({ code }) => code);
  wanted.clear();
  for (const rule of rules) {
    const state = stateOf(rule.dataset.rule, broken);
    rule.dataset.state = state;
    if (state === "open" || state === "broken") wanted.add(rule.textContent.trim());
  }
  nonAscii.hidden = warnings(password.value).length === 0;
  const { score } = strength(password.value);
  meter.hidden = !password.value;
  meter.dataset.score = String(password.value ? Math.max(score, 1) : 0);
  meter.querySelector("strong").textContent = words[score];
  clearTimeout(timer);
  timer = setTimeout(say, QUIET_MS, words[score]);
}

/** Speak only when typing pauses, and never the password. */
function say(word) {
  if (!password.value) {
    live.textContent = "";
    return;
  }
  const rest = wanted.size ? `${live.dataset.open} ${[...wanted].join("; ")}` : live.dataset.done;
  live.textContent = `${meter.querySelector("span:last-child").firstChild.textContent.trim()} ${word}. ${rest}`;
}

for (const field of [password, confirm]) {
  field.addEventListener("input", draw);
  field.addEventListener("blur", () => field.value && draw());
}
if (password.value) draw();
