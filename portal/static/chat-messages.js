/** The messages of the conversation as nodes: what was said by whom, its buttons and its way to a secure page. */

import { el, icon, languageOf } from "./chat-dom.js";

const MOST_BUTTONS = 4;
const PURPOSES = ["code", "answers", "password", "evidence", "resume"];

/** Build one line of text; direction is found per text, so marks of another script stay inside it. */
function textNode(text) {
  return el("p", { class: "text", dir: "auto", lang: languageOf(text) }, text);
}

/** Build what the person said; `key` ties it to the message that is on its way. */
export function saidNode({ text, key, id }) {
  return el("div", { class: "msg you", "data-key": key, "data-id": id },
    el("span", { class: "sr", "data-word": "you" }), textNode(text));
}

/** Replace what is shown, because the server may have hidden a secret in it. */
export function rewrite(node, text) {
  node.querySelector(".text").replaceWith(textNode(text));
}

/** Build a divider that tells about the conversation itself. */
export function dividerNode(word) {
  return el("div", { class: "msg divider" }, el("p", { "data-word": word }));
}

/**
 * Build a reply.
 * @param {object} reply as the chat API describes it
 * @param {(button: object, node: HTMLElement) => void} onButton
 */
export function replyNode(reply, onButton) {
  const kind = ["agent", "notice"].includes(reply.kind) ? reply.kind : "bot";
  const node = el("div", { class: `msg ${kind}`, "data-id": reply.id },
    el("span", { class: kind === "agent" ? "who" : "sr", "data-word": kind }));
  if (reply.text) node.append(textNode(reply.text));
  if (reply.form) node.append(...formNodes(reply.form));
  if (reply.buttons?.length) node.append(buttonsNode(reply.buttons, onButton));
  return node;
}

function buttonsNode(buttons, onButton) {
  const group = el("div", { class: "choices", role: "group", "data-label": "choices" });
  for (const button of buttons.slice(0, MOST_BUTTONS)) {
    const press = ({ currentTarget }) => {
      if (currentTarget.getAttribute("aria-disabled") !== "true") onButton(button, currentTarget);
    };
    const looks = { dir: "auto", lang: languageOf(button.title), "data-name": button.name };
    group.append(el("button", { type: "button", onclick: press, ...looks }, button.title));
  }
  return group;
}

/** Mark a group of buttons as used. They keep the focus they have, but leave the tab order. */
export function useButtons(group, chosen) {
  for (const button of group.children) {
    button.setAttribute("aria-disabled", "true");
    button.tabIndex = -1;
  }
  chosen?.classList.add("chosen");
}

/** Make a group of buttons usable again, after its press was refused. */
export function freeButtons(group) {
  for (const button of group.children) {
    button.removeAttribute("aria-disabled");
    button.removeAttribute("tabindex");
    button.classList.remove("chosen");
  }
}

/** Build the way to a secure page; an address outside this origin is not offered at all. */
function formNodes({ url, purpose }) {
  const target = URL.canParse(url, location.href) ? new URL(url, location.href) : null;
  if (target?.origin !== location.origin) return [];
  const word = PURPOSES.includes(purpose) ? `purpose_${purpose}` : "form";
  return [el("a", { class: "form", href: target.href, target: "_blank", rel: "noopener", title: target.host },
    icon("lock"),
    el("span", {}, el("strong", { "data-word": "form" }),
      el("small", {}, el("span", { "data-word": word }), ` · ${target.host} · `,
        el("span", { "data-word": "new_tab" }))))];
}

/** Close the ways to older secure pages: a newer one stands for all of them. */
export function useForms(log) {
  for (const link of log.querySelectorAll("a.form[href]")) {
    link.removeAttribute("href");
    link.removeAttribute("title");
    link.setAttribute("role", "link");
    link.setAttribute("aria-disabled", "true");
    link.dataset.tip = "form_used";
  }
}
