/**
 * Small helpers that build the page out of nodes: nothing here ever parses markup, so no text can become an element.
 */

const SVG = "http://www.w3.org/2000/svg";

const SHAPES = {
  key: "M14 4a6 6 0 1 1-4.2 10.3L8 16H6v2H4v2H1v-3l7.3-7.3A6 6 0 0 1 14 4Zm2 4a1.6 1.6 0 1 0 0 3.2A1.6 1.6 0 0 0 16 8Z",
  lock: "M7 10V7a5 5 0 0 1 10 0v3h1a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1h1Zm2 0h6V7a3 3 0 0 0-6 0v3Z",
  send: "M3.4 20.4 21 12 3.4 3.6 3.4 10l11 2-11 2Z",
  again: "M12 5V1.5L7 6l5 4.5V7a5.5 5.5 0 1 1-5.5 5.5h-2A7.5 7.5 0 1 0 12 5Z",
  close: "m6.4 5 5.6 5.6L17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4Z",
  down: "m12 16-6-6 1.4-1.4L12 13.2l4.6-4.6L18 10Z",
  chat: "M4 4h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-8l-5 4v-4H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1Z",
};

/**
 * Build an element; attributes whose value is null, undefined or false are left out, `onclick` and the like listen.
 * @param {string} tag
 * @param {Record<string, unknown>} attributes
 * @param {...(Node|string|null)} children strings become text nodes
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** Build a decorative icon, hidden from screen readers because a word always stands beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of [["viewBox", "0 0 24 24"], ["aria-hidden", "true"], ["focusable", "false"]]) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/** Put the words of one language into every element that names one; nothing is created again. */
export function speak(root, words) {
  for (const node of root.querySelectorAll("[data-word]")) node.textContent = words[node.dataset.word];
  for (const node of root.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", words[node.dataset.label]);
  }
  for (const node of root.querySelectorAll("[data-tip]")) node.title = words[node.dataset.tip];
  for (const node of root.querySelectorAll("[data-placeholder]")) {
    node.placeholder = words[node.dataset.placeholder];
  }
}

/** Guess the language of one text, so that fonts and screen readers treat it as what it is. */
export function languageOf(text) {
  return /\p{Script=Han}/u.test(text) ? "zh-CN" : "en";
}
