/** One event stream of the desk, and the line on the page that says whether it is there. */

export class Live {
  #status;

  constructor(status) {
    this.#status = status;
  }

  /**
   * Listen for ever; EventSource comes back by itself and tells the last id.
   * @param {string} address
   * @param {Record<string, (data: object) => void>} on by event name
   */
  listen(address, on) {
    const source = new EventSource(address);
    source.addEventListener("open", () => this.#say("live"));
    source.addEventListener("error", () => {
      this.#say("lost");
      // a refusal ends the stream: the session is over, and loading the page asks to sign in
      if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000);
    });
    for (const [name, take] of Object.entries(on)) {
      source.addEventListener(name, (event) => take(JSON.parse(event.data)));
    }
    return source;
  }

  #say(state) {
    if (!this.#status) return;
    const text = this.#status.dataset[state];
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }
}
