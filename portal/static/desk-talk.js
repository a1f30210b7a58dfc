/** The talk of one ticket: lines as they come, typing both ways, and sending without leaving the page. */

import { local } from "./times.js";

const TYPING = 3000;
const WAITS = [500, 1000, 2000, 4000, 8000];

export class Talk {
  #lines;
  #live;
  #form = document.getElementById("say");
  #refused = document.getElementById("refused");
  #typing = document.getElementById("typing");
  #typed = 0;
  #leaving = false;

  constructor(lines, live) {
    this.#lines = lines;
    this.#live = live;
  }

  begin() {
    const { events, last } = this.#lines.dataset;
    this.#live.listen(`${events}?since=${last}`, {
      line: (line) => this.#add(line),
      state: (state) => this.#state(state),
    });
    this.#toEnd();
    // A form on its way to the server brings the page anew by itself; loading it too would cancel the form's answer.
    document.addEventListener("submit", (event) => { this.#leaving ||= !event.defaultPrevented; });
    window.addEventListener("pageshow", () => { this.#leaving = false; });
    if (!this.#form) return;
    const text = this.#form.elements.text;
    text.addEventListener("input", () => this.#tell());
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say(text);
    });
    document.getElementById("canned").addEventListener("change", ({ currentTarget }) => {
      if (currentTarget.value) text.value = [text.value, currentTarget.value].filter(Boolean).join("\n");
      currentTarget.value = "";
      text.focus();
    });
    for (const offer of document.querySelectorAll("form.offer")) {
      offer.addEventListener("submit", (event) => {
        event.preventDefault();
        const body = new URLSearchParams(new FormData(offer));
        body.set("key", crypto.randomUUID());
        this.#send(body);
      });
    }
  }

  #say(text) {
    const said = text.value.trim();
    if (!said) return;
    const body = new URLSearchParams(new FormData(this.#form));
    body.set("key", crypto.randomUUID());
    text.value = "";
    this.#typed = 0;
    this.#send(body).then((sent) => {
      if (!sent && !text.value) text.value = said;
    });
  }

  /** Send until the server has answered; the key makes a second sending harmless. */
  async #send(body) {
    for (const wait of [...WAITS, null]) {
      try {
        const response = await fetch(location.pathname, {
          method: "POST", body, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10_000),
        });
        const answer = await response.json();
        if (answer.way) location.assign(answer.way);
        if (response.status < 500) return this.#answered(response.ok, answer.detail ?? "");
      } catch {
        // not reached, or no answer: it is sent again
      }
      if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
    }
    return this.#answered(false, document.getElementById("live").dataset.lost);
  }

  #answered(done, detail) {
    this.#refused.hidden = done;
    this.#refused.textContent = detail;
    return done;
  }

  #tell() {
    if (Date.now() - this.#typed < TYPING) return;
    this.#typed = Date.now();
    const body = new URLSearchParams(new FormData(this.#form));
    body.set("act", "typing");
    body.set("on", "1");
    body.set("text", "");
    fetch(location.pathname, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => {});
  }

  #add({ id, who, text, by, at, choices }) {
    if (this.#lines.querySelector(`[data-id="${id}"]`)) return;
    const node = document.getElementById("line").content.firstElementChild.cloneNode(true);
    node.classList.add(who);
    node.dataset.id = id;
    node.querySelector(".who").textContent = by || document.querySelector(`#who [data-who="${who}"]`).textContent;
    node.querySelector("p").textContent = text;
    const group = node.querySelector(".choices");
    group.hidden = choices.length === 0;
    for (const choice of choices) group.append(Object.assign(document.createElement("span"), { textContent: choice }));
    const time = node.querySelector("time");
    time.dateTime = at;
    local(time);
    this.#lines.append(node);
    this.#toEnd();
  }

  /** Show who writes; when the ticket itself moved, load the page again unless something is being written. */
  #state({ state, assignee, version, mode, typing }) {
    this.#typing.hidden = !typing;
    const seen = this.#lines.dataset;
    const same = state === seen.state && mode === seen.mode && String(version) === seen.version;
    if (same || this.#leaving || this.#form?.elements.text.value) return;
    if (assignee === seen.me && state === seen.state) Object.assign(seen, { mode, version });
    else location.reload();
  }

  #toEnd() {
    this.#lines.scrollTop = this.#lines.scrollHeight;
  }
}
