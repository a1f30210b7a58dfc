/**
 * The messages that are on their way: sent in order, one at a time, until the server has answered each of them.
 * A try that fails is repeated with the same key, so the server can tell a repetition from a new message.
 */

import { backoff } from "./chat-problem.js";

/** Make a key that no other message has; randomUUID is missing outside secure contexts. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");
}

export class Outbox {
  #queue = [];
  #busy = false;
  #failures = 0;
  #wake = () => {};
  #post;
  #on;

  /**
   * @param {(item: object) => Promise<void>} post sends one item; throws a Refusal or a network error
   * @param {{sent: Function, refused: Function, waiting: Function}} on called with the item (and the refusal)
   */
  constructor(post, on) {
    this.#post = post;
    this.#on = on;
  }

  get size() {
    return this.#queue.length;
  }

  /** Queue an item `{key, body}` and start sending. */
  add(item) {
    this.#queue.push(item);
    this.#pump();
  }

  /** Take out what the server is known to have, although its answer was lost. */
  confirm(key) {
    const item = this.#queue.find((each) => each.key === key);
    if (item) this.#settle(item, "sent");
    this.nudge();
  }

  /** Try again now instead of waiting on. */
  nudge() {
    this.#wake();
  }

  /** Give up everything that is still waiting and return it. */
  takeAll() {
    return this.#queue.splice(0);
  }

  /** Refuse the button presses that wait: their ids died with the old conversation. */
  dropButtons() {
    for (const item of this.#queue.filter((each) => each.body.button)) this.#settle(item, "refused", null);
  }

  async #pump() {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#queue.length > 0) await this.#attempt(this.#queue[0]);
    this.#busy = false;
  }

  async #attempt(item) {
    try {
      await this.#post(item);
      this.#settle(item, "sent");
    } catch (error) {
      if (error.final) {
        this.#settle(item, "refused", error);
        return;
      }
      if (this.#queue.includes(item)) this.#on.waiting(item, error);
      await this.#pause(error.wait ?? backoff(this.#failures));
      this.#failures += 1;
    }
  }

  #settle(item, outcome, detail) {
    const place = this.#queue.indexOf(item);
    if (place < 0) return;
    this.#queue.splice(place, 1);
    this.#failures = 0;
    this.#on[outcome](item, detail);
  }

  #pause(wait) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
