/**
 * `<rekey-chat>`: the chat of rekey as one element. Attributes: `language` (en, zh), `demo`, `page` (fills the page
 * and explains itself beside the chat), `floating` (a launcher that opens a panel), `api` (default /api/chat).
 */

import { speak } from "./chat-dom.js";
import { Link } from "./chat-link.js";
import { freeButtons, useButtons } from "./chat-messages.js";
import { newKey, Outbox } from "./chat-outbox.js";
import { shell } from "./chat-shell.js";
import { sheet } from "./chat-style.js";
import { Transcript } from "./chat-transcript.js";
import { known, WORDS } from "./chat-words.js";

const LONGEST = 4000;
const MEMORY = "rekey-language";
const framed = window.parent !== window;

/** Read or write the chosen language, the only thing the browser keeps; private modes may refuse. */
function remembered(value) {
  try {
    if (value) localStorage.setItem(MEMORY, value);
    return known(localStorage.getItem(MEMORY));
  } catch {
    return null;
  }
}

class RekeyChat extends HTMLElement {
  static observedAttributes = ["language", "demo"];

  #parts = null;
  #language = "en";
  #mode = "bot";
  #trouble = null;
  #countdown = 0;
  #link = null;
  #outbox = null;
  #transcript = null;

  connectedCallback() {
    if (!this.#parts) this.#build();
    window.addEventListener("beforeunload", this.#warn);
    if (!this.hasAttribute("floating")) this.#begin();
  }

  disconnectedCallback() {
    window.removeEventListener("beforeunload", this.#warn);
    this.#link.stop();
  }

  attributeChangedCallback(name, before, value) {
    if (!this.#parts || before === value) return;
    if (name === "demo") this.#parts.demo.hidden = value === null;
    else if (known(value)) this.#speak(known(value));
  }

  get #words() {
    return WORDS[this.#language];
  }

  #build() {
    const floating = this.hasAttribute("floating");
    const on = {
      language: () => this.#switch(), again: () => this.#parts.dialog.showModal(), startOver: () => this.#startOver(),
      close: () => this.close(), say: (text) => this.#say(text), submit: (event) => this.#submit(event),
      fresh: () => this.#transcript.toEnd(), open: () => this.open(),
    };
    const shape = { floating, page: this.hasAttribute("page") && !framed, closable: floating || framed };
    this.#parts = shell(on, shape);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.#parts.root);
    this.#parts.demo.hidden = !this.hasAttribute("demo");
    this.#parts.panel.hidden = floating;
    this.#listen();
    this.#connect();
    const asked = new URLSearchParams(location.search).get("language");
    this.#speak(remembered() ?? known(asked) ?? known(this.getAttribute("language"))
      ?? known(navigator.languages?.find(known)) ?? "en");
  }

  #listen() {
    const { box, panel } = this.#parts;
    box.addEventListener("keydown", (event) => {
      // an input method uses Enter to choose a word; 229 is what older WebKit reports then
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit(event);
    });
    box.addEventListener("input", () => { this.#grow(); this.#link.typing(this.#mode); });
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing || this.#parts.dialog.open) return;
      if (this.#parts.launcher || framed) this.close();
      else box.focus();
    });
  }

  #connect() {
    this.#link = new Link(this.getAttribute("api") ?? "/api/chat", {
      event: (name, body) => this.#receive(name, body),
      opened: () => this.#transcript.playback(),
      session: (body, again) => this.#welcome(body, again),
      trouble: (kind, detail) => this.#report(kind, detail),
      language: () => this.#language,
    });
    this.#outbox = new Outbox((item) => this.#link.post(item), {
      sent: (item) => this.#transcript.unmark(item.node),
      refused: (item, problem) => this.#refuse(item, problem),
      waiting: (item) => this.#transcript.mark(item.node),
    });
    this.#transcript = new Transcript(this.#parts, {
      words: () => this.#words,
      press: (button, node) => this.#press(button, node),
      confirm: (key) => this.#outbox.confirm(key),
    });
  }

  #begin() {
    this.#link.start();
    if (framed) window.parent.postMessage({ type: "rekey:ready" }, "*"); // says nothing that a stranger may not know
    else if (matchMedia("(pointer: fine)").matches) this.#parts.box.focus();
  }

  #warn = (event) => {
    if (this.#outbox.size > 0) event.preventDefault();
  };

  /** Open the panel of the floating chat and put the focus into it. */
  open() {
    this.#parts.panel.hidden = false;
    this.#parts.launcher.setAttribute("aria-expanded", "true");
    this.setAttribute("open", "");
    this.#link.start();
    this.#parts.box.focus();
  }

  /** Close the panel and give the focus back; a framed chat asks the page around it to do so. */
  close() {
    if (framed) window.parent.postMessage({ type: "rekey:close" }, "*");
    if (!this.#parts.launcher) return;
    this.#parts.panel.hidden = true;
    this.#parts.launcher.setAttribute("aria-expanded", "false");
    this.removeAttribute("open");
    this.#parts.launcher.focus();
  }

  #switch() {
    this.setAttribute("language", remembered(this.#other) ?? this.#other);
  }

  get #other() {
    return this.#language === "zh" ? "en" : "zh";
  }

  #speak(language) {
    this.#language = language;
    this.#parts.root.lang = language === "zh" ? "zh-CN" : "en";
    const button = this.#parts.language;
    button.textContent = this.#other === "zh" ? "中文" : "English";
    button.lang = this.#other === "zh" ? "zh-CN" : "en";
    speak(this.#parts.root, this.#words);
    this.#showMode();
    if (this.#trouble) this.#report(this.#trouble);
    if (this.hasAttribute("page")) document.documentElement.lang = this.#parts.root.lang;
  }

  #showMode() {
    const { mode } = this.#parts;
    mode.dataset.mode = this.#mode;
    mode.textContent = this.#words[this.#mode === "bot" ? "assistant" : this.#mode];
  }

  #submit(event) {
    event.preventDefault();
    const { box } = this.#parts;
    const text = box.value.trim();
    if (!text || this.#countdown > 0) return;
    if ([...text].length > LONGEST) {
      this.#complain(this.#words.long);
      return;
    }
    box.value = "";
    this.#grow();
    this.#say(text);
  }

  #say(text) {
    this.#send({ text }, text);
  }

  #press(button, node) {
    if (this.#countdown > 0) return;
    useButtons(node.parentElement, node);
    this.#send({ button: button.id }, button.title, node.parentElement);
  }

  #send(body, shown, group = null) {
    this.#complain("");
    const key = newKey();
    this.#outbox.add({ key, body, node: this.#transcript.own(shown, key), group });
  }

  /** Take a refused message back: text returns to the box, buttons can be pressed again. */
  #refuse(item, problem) {
    const { box } = this.#parts;
    const taken = problem?.status === 429 ? [item, ...this.#outbox.takeAll()] : [item];
    const texts = taken.map(({ body }) => body.text).filter(Boolean);
    for (const { node, group } of taken) {
      this.#transcript.remove(node);
      if (group && problem?.status === 429) freeButtons(group);
    }
    if (texts.length > 0) box.value = [...texts, box.value].filter(Boolean).join("\n");
    this.#grow();
    if (problem) this.#complain(problem.detail ?? this.#words.refused, problem.wait);
  }

  /** Say why something was not sent, and count down until it may be. */
  #complain(detail, wait = 0) {
    const { problem, send } = this.#parts;
    clearInterval(this.#countdown);
    this.#countdown = 0;
    problem.node.hidden = !detail;
    problem.detail.textContent = detail;
    problem.wait.textContent = "";
    send.removeAttribute("aria-disabled");
    if (!wait) return;
    const until = Date.now() + wait;
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (left <= 0) this.#complain("");
      else problem.wait.textContent = this.#words.countdown.replace("{seconds}", left);
    };
    send.setAttribute("aria-disabled", "true");
    this.#countdown = setInterval(tick, 500);
    tick();
  }

  #receive(name, body) {
    if (name === "typing") this.#transcript.typing(Boolean(body.on));
    else if (name === "mode") this.#setMode(body);
    else if (name === "said") this.#transcript.said(body);
    else if (name === "reply") this.#transcript.reply(body);
  }

  #setMode({ mode, demo, banner }) {
    if (["bot", "waiting", "human"].includes(mode)) {
      this.#mode = mode;
      this.#showMode();
    }
    if (typeof demo === "boolean") this.toggleAttribute("demo", demo);
    if (banner !== undefined) this.#showOutage(banner);
  }

  #showOutage(text) {
    this.#parts.outage.hidden = !text;
    this.#parts.outage.textContent = text ?? "";
  }

  #welcome(body, again) {
    this.#transcript.forget();
    this.#outbox.dropButtons();
    this.#setMode({ mode: "bot", ...body });
    if (again) this.#transcript.ended();
  }

  async #startOver() {
    this.#parts.dialog.close();
    this.#parts.box.focus();
    this.#outbox.takeAll();
    try {
      await this.#link.startOver();
      this.#transcript.clear();
      this.#complain("");
    } catch (error) {
      this.#complain(error.detail ?? this.#words.refused, error.wait);
    }
  }

  #report(kind, detail) {
    const { trouble } = this.#parts;
    this.#trouble = kind;
    const text = kind ? (detail ?? this.#words[kind]) : "";
    trouble.hidden = !kind;
    // the same words again would be read out again
    if (trouble.textContent !== text) trouble.textContent = text;
    if (kind) this.#transcript.typing(false);
    else this.#outbox.nudge();
  }

  #grow() {
    const { box } = this.#parts;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }
}

customElements.define("rekey-chat", RekeyChat);
