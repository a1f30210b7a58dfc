/** The log of the conversation: takes what the server tells, in the order it comes, and shows each thing once. */

import { speak } from "./chat-dom.js";
import { dividerNode, replyNode, rewrite, saidNode, useButtons, useForms } from "./chat-messages.js";

const NEAR = 80;
const PLAYBACK = 300;

export class Transcript {
  #parts;
  #on;
  #seen = new Set();
  #playback = 0;

  /**
   * @param {{log: HTMLElement, intro: HTMLElement, typing: HTMLElement, fresh: HTMLElement}} parts
   * @param {{words: () => object, press: Function, confirm: (key: string) => void}} on
   */
  constructor(parts, on) {
    this.#parts = parts;
    this.#on = on;
    parts.log.addEventListener("scroll", () => {
      if (this.#atEnd()) parts.fresh.hidden = true;
    });
  }

  /** Show what the person just sent, before the server knows it; returns its node. */
  own(text, key) {
    const node = saidNode({ text, key });
    this.#append(node);
    this.toEnd();
    return node;
  }

  /** Take back what could not be sent. */
  remove(node) {
    node.remove();
    const { intro, log } = this.#parts;
    intro.hidden = log.querySelector(".you") !== null;
  }

  /** Show that a message still waits to be sent. */
  mark(node) {
    if (node.classList.contains("waiting")) return;
    node.classList.add("waiting");
    const state = document.createElement("span");
    state.className = "state";
    state.dataset.word = "unsent";
    node.append(state);
    speak(node, this.#on.words());
  }

  /** Show that a message has arrived. */
  unmark(node) {
    node.classList.remove("waiting");
    node.querySelector(".state")?.remove();
  }

  /** Show a reply of the assistant or a person. */
  reply(reply) {
    this.#keepQuiet();
    if (!this.#isNew("reply", reply.id)) return;
    const stay = this.#atEnd() || this.#parts.log.ariaBusy === "true";
    if (reply.form) useForms(this.#parts.log);
    this.typing(false);
    this.#append(replyNode(reply, this.#on.press));
    if (stay) this.toEnd();
    else this.#parts.fresh.hidden = false;
  }

  /** Show what the person said, as the server keeps it: perhaps masked, perhaps from before a reload. */
  said({ id, text, client, button }) {
    this.#keepQuiet();
    const own = client ? this.#parts.log.querySelector(`[data-key="${CSS.escape(client)}"]`) : null;
    if (client) this.#on.confirm(client);
    if (own && text && own.querySelector(".text").textContent !== text) rewrite(own, text);
    if (!this.#isNew("said", id) || own) return;
    const shown = button ? this.#recall(button) : text;
    if (!shown) return;
    this.#append(saidNode({ id, text: shown, key: client }));
    this.toEnd();
  }

  /** Show or hide that an answer is being written. */
  typing(on) {
    const stay = this.#atEnd();
    this.#parts.typing.hidden = !on;
    if (stay) this.toEnd();
  }

  /** Keep screen readers silent while an old conversation is played back. */
  playback() {
    clearTimeout(this.#playback);
    this.#parts.log.ariaBusy = "true";
    this.#playback = setTimeout(() => {
      this.#parts.log.ariaBusy = "false";
    }, PLAYBACK);
  }

  /** A new conversation begins: ids start again; what is on the screen stays, but cannot be used. */
  ended() {
    this.#parts.log.querySelectorAll(".choices").forEach((group) => useButtons(group));
    useForms(this.#parts.log);
    this.#append(dividerNode("ended"));
  }

  /** Forget which ids were shown: another conversation counts its own. */
  forget() {
    this.#seen.clear();
  }

  /** Take everything off the screen. */
  clear() {
    this.#parts.log.querySelectorAll(".msg:not(.typing)").forEach((node) => node.remove());
    this.#parts.intro.hidden = false;
    this.#parts.intro.classList.remove("greeted");
    this.typing(false);
  }

  /** Scroll to the newest message. */
  toEnd() {
    this.#parts.log.scrollTop = this.#parts.log.scrollHeight;
    this.#parts.fresh.hidden = true;
  }

  #keepQuiet() {
    if (this.#parts.log.ariaBusy === "true") this.playback();
  }

  #isNew(kind, id) {
    const name = `${kind} ${id}`;
    if (this.#seen.has(name)) return false;
    this.#seen.add(name);
    return true;
  }

  /** Mark the button that was pressed before a reload, or in another tab; its title is what was said. */
  #recall(name) {
    const open = this.#parts.log.querySelectorAll(`.msg .choices [data-name="${CSS.escape(name)}"]`);
    const chosen = [...open].at(-1);
    if (chosen) useButtons(chosen.parentElement, chosen);
    return chosen?.textContent;
  }

  #append(node) {
    speak(node, this.#on.words());
    const { log, intro, typing } = this.#parts;
    if (node.classList.contains("you")) intro.hidden = true;
    log.insertBefore(node, intro.hidden ? typing : intro);
    intro.classList.toggle("greeted", log.querySelector(".msg.bot:not(.typing)") !== null);
  }

  #atEnd() {
    const { log } = this.#parts;
    return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  }
}
