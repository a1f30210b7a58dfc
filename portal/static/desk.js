/** The desk's pages: each works without scripts; these keep them up to date. */

import { Live } from "./desk-live.js";
import { watchQueue } from "./desk-queue.js";
import { Talk } from "./desk-talk.js";

const live = new Live(document.getElementById("live"));
const queue = document.getElementById("queue");
const lines = document.getElementById("lines");
if (queue) watchQueue(queue, live);
if (lines) new Talk(lines, live).begin();

/* What was checked off stays in this browser tab: it is the agent's own list and decides nothing. */
for (const list of document.querySelectorAll("[data-remember]")) {
  const name = `desk-${list.dataset.remember}`;
  const boxes = [...list.querySelectorAll("input")];
  const kept = (sessionStorage.getItem(name) ?? "").split(",");
  for (const box of boxes) box.checked = kept.includes(box.value);
  list.addEventListener("change", () => {
    sessionStorage.setItem(name, boxes.filter((box) => box.checked).map((box) => box.value).join(","));
  });
}

/* Whoever moves or types is there: people who ask for a person then wait instead of leaving a ticket. */
let told = Date.now();
const here = () => {
  if (Date.now() - told < 60_000) return;
  told = Date.now();
  fetch("/desk/here").catch(() => {});
};
for (const sign of ["pointermove", "keydown", "scroll"]) addEventListener(sign, here, { passive: true });
