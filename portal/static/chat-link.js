/**
 * The line to the server: the session and the event stream.
 *
 * The stream is read with fetch instead of EventSource because EventSource hides the status: it cannot tell "no
 * session yet" (401) from a broken proxy, and never tries again after either. Ids and Last-Event-ID work the same.
 */

import { backoff, refusal } from "./chat-problem.js";

const SILENCE = 75_000;
const PATIENCE = 20_000;
const TYPING = 3_000;

/** Cut complete events out of a buffer; returns the events and the rest. */
export function cut(buffer) {
  const blocks = buffer.replace(/\r\n/g, "\n").split("\n\n");
  const rest = blocks.pop();
  const events = blocks.map((block) => {
    const event = { name: "message", data: "", id: null };
    for (const line of block.split("\n")) {
      const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
      if (field === "event") event.name = value;
      else if (field === "id") event.id = value;
      else if (field === "data") event.data += (event.data ? "\n" : "") + value;
    }
    return event;
  });
  return { events, rest };
}

export class Link {
  #api;
  #on;
  #turn = 0;
  #running = false;
  #failures = 0;
  #sessions = 0;
  #typed = 0;
  #lastId = null;
  #abort = new AbortController();
  #wake = () => {};

  /**
   * @param {string} api the path of the chat API, on the own origin
   * @param {{event: Function, opened: Function, session: Function, trouble: Function, language: Function}} on
   */
  constructor(api, on) {
    this.#api = api;
    this.#on = on;
  }

  /** Listen until stop; opens a session only when there is none. */
  start() {
    if (this.#running) return;
    this.#running = true;
    window.addEventListener("online", this.reconnect);
    this.#listen(++this.#turn);
  }

  stop() {
    this.#running = false;
    this.#turn += 1;
    window.removeEventListener("online", this.reconnect);
    this.#abort.abort();
    this.#wake();
  }

  /** Leave the conversation and begin a new one; throws when the server refuses. */
  async startOver() {
    this.stop();
    try {
      await this.#openSession();
    } finally {
      this.start();
    }
  }

  /** Drop the line and take it up again at once: a phone that changed its network keeps a dead one open. */
  reconnect = () => {
    this.#failures = 0;
    this.#abort.abort();
    this.#wake();
  };

  /** Send one message; throws a Refusal or a network error. */
  async post({ key, body }) {
    const response = await this.#request("/messages", { body, headers: { "Idempotency-Key": key } });
    if (response.ok) return;
    if (response.status === 401) this.reconnect();
    throw await refusal(response);
  }

  /** Tell the person at the desk that something is being written; it does not matter if that is lost. */
  typing(mode) {
    if (mode !== "human" || Date.now() - this.#typed < TYPING) return;
    this.#typed = Date.now();
    this.#request("/typing", { body: { on: true } }).catch(() => {});
  }

  #request(path, { body, headers }) {
    return fetch(this.#api + path, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-Rekey-Chat": "1", ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
  }

  async #openSession() {
    const response = await this.#request("/session", { body: { language: this.#on.language() } });
    if (!response.ok) throw await refusal(response);
    const known = this.#lastId !== null;
    this.#lastId = null;
    this.#on.session(await response.json(), known);
  }

  async #listen(turn) {
    while (this.#turn === turn) {
      try {
        await this.#once(turn);
        this.#on.trouble(null);
      } catch (error) {
        if (this.#turn !== turn) return;
        if (error.name !== "AbortError") this.#on.trouble(this.#kind(error), error.detail);
        if (error.wait) await this.#pause(error.wait);
      }
      if (this.#turn === turn) await this.#pause(backoff(this.#failures++));
    }
  }

  #kind(error) {
    if (error.cookies) return "cookies";
    return error.status ? "trouble" : "offline";
  }

  /** Hold one connection until it ends. */
  async #once(turn) {
    const abort = (this.#abort = new AbortController());
    const headers = { Accept: "text/event-stream", "X-Rekey-Chat": "1" };
    if (this.#lastId !== null) headers["Last-Event-ID"] = this.#lastId;
    const response = await fetch(`${this.#api}/events`, {
      credentials: "same-origin", cache: "no-store", headers, signal: abort.signal,
    });
    if (response.status === 401) return this.#welcome(turn);
    if (!response.ok) throw await refusal(response);
    this.#sessions = 0;
    if (this.#turn !== turn) return undefined;
    this.#on.trouble(null);
    this.#on.opened();
    return this.#read(response.body, abort, turn);
  }

  /** Open a session; a browser that drops the cookie would ask for one after the other. */
  async #welcome(turn) {
    if (this.#sessions >= 2) throw Object.assign(new Error("cookie refused"), { cookies: true });
    this.#sessions += 1;
    await this.#openSession();
    if (this.#turn === turn) await this.#once(turn);
  }

  async #read(body, abort, turn) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = "";
    let timer = setTimeout(() => abort.abort(), SILENCE);
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done || this.#turn !== turn) return;
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), SILENCE);
        this.#failures = 0;
        const { events, rest } = cut(buffer + value);
        buffer = rest;
        events.forEach((event) => this.#pass(event));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #pass({ name, data, id }) {
    if (id !== null) this.#lastId = id;
    if (!data) return;
    let body;
    try {
      body = JSON.parse(data);
    } catch {
      return; // one damaged event must not make the stream start over for ever
    }
    this.#on.event(name, body);
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
