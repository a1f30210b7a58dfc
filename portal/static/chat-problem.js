/** What the server refuses: RFC 9457 problem details, with the wait it asks for. */

/** A refusal by the server; `wait` is in milliseconds, or null when the server named none. */
export class Refusal extends Error {
  constructor(status, code, detail, wait) {
    super(code ?? `status ${status}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.wait = wait;
  }

  /** Tell whether sending the same thing again can never help. */
  get final() {
    if (this.status === 409) return this.wait === null;
    return this.status >= 400 && this.status < 500 && ![401, 408, 425].includes(this.status);
  }
}

/** Read Retry-After, which is either seconds or a date. */
function waitOf(response) {
  const value = response.headers.get("Retry-After");
  if (!value) return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : null;
}

/** Turn an unsuccessful response into a Refusal, whatever its body looks like. */
export async function refusal(response) {
  let problem = {};
  try {
    problem = (await response.json()) ?? {};
  } catch {
    // a proxy may answer with a page of its own; the status says enough
  }
  const text = (value) => (typeof value === "string" ? value : null);
  return new Refusal(response.status, text(problem.code), text(problem.detail), waitOf(response));
}

/** Give the wait before try number `failures`, in milliseconds: doubling, capped, and spread so that crowds part. */
export function backoff(failures) {
  const wait = Math.min(20_000, 400 * 2 ** Math.min(failures, 8));
  return wait * (0.8 + Math.random() * 0.4);
}
