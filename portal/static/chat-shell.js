/** The frame around the conversation: header, bars, log, composer, question before starting over. */

import { el, icon } from "./chat-dom.js";

const STARTERS = ["starter_1", "starter_2", "starter_3"];

function header(on, closable) {
  const tool = (name, word, act, extra = {}) =>
    el("button", { type: "button", class: `tool ${name}`, onclick: act, "data-tip": word, ...extra },
      icon(name), el("span", { "data-word": word }));
  const mode = el("p", { class: "mode", role: "status" });
  const language = el("button", { type: "button", class: "tool language", onclick: on.language });
  const node = el("header", {},
    el("span", { class: "logo" }, icon("key")),
    el("div", { class: "names" }, el("h1", { "data-word": "title" }), mode),
    language, tool("again", "again", on.again, { "aria-haspopup": "dialog" }),
    closable ? tool("close", "close", on.close) : null);
  return { node, mode, language };
}

function bars() {
  const demo = el("p", { class: "bar demo", hidden: true },
    el("span", { "data-word": "demo" }), " ",
    el("a", { href: "/demo/outbox", target: "_blank", rel: "noopener", "data-word": "demo_link" }));
  const outage = el("p", { class: "bar outage", hidden: true });
  const trouble = el("p", { class: "bar trouble", hidden: true });
  return { demo, outage, trouble, node: el("div", { class: "bars", role: "status" }, demo, outage, trouble) };
}

function conversation(on) {
  const intro = el("div", { class: "intro" },
    el("p", { class: "hello", "data-word": "intro" }), el("p", { "data-word": "intro_more" }),
    el("div", { class: "choices" }, ...STARTERS.map((word) =>
      el("button", { type: "button", "data-word": word, onclick: (event) => on.say(event.target.textContent) }))));
  const typing = el("div", { class: "msg bot typing", hidden: true, "aria-hidden": "true" },
    el("p", { class: "text" }, el("i"), el("i"), el("i")));
  const log = el("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0", "data-label": "log" },
    intro, typing);
  const fresh = el("button", { type: "button", class: "fresh", hidden: true, onclick: on.fresh },
    icon("down"), el("span", { "data-word": "fresh" }));
  return { intro, typing, log, fresh, node: el("div", { class: "middle" }, log, fresh) };
}

function composer(on) {
  const box = el("textarea", {
    id: "box", rows: "1", autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "send",
    dir: "auto", "aria-describedby": "hint keys", "data-placeholder": "placeholder",
  });
  const send = el("button", { type: "submit", class: "send", "data-label": "send", "data-tip": "send" }, icon("send"));
  const detail = el("span", { role: "alert" });
  const wait = el("span", { "aria-hidden": "true" });
  const form = el("form", { class: "composer", novalidate: true, onsubmit: on.submit },
    el("p", { class: "problem", hidden: true }, detail, " ", wait),
    el("label", { class: "sr", for: "box", "data-word": "label" }),
    el("div", { class: "line" }, box, send),
    el("p", { class: "hint", id: "hint" }, icon("lock"), el("span", { "data-word": "hint" })),
    el("p", { class: "sr", id: "keys", "data-word": "keys" }));
  return { box, send, form, problem: { node: form.querySelector(".problem"), detail, wait } };
}

function question(on) {
  const dialog = el("dialog", { "aria-labelledby": "ask", "aria-describedby": "more" },
    el("h2", { id: "ask", "data-word": "again_ask" }), el("p", { id: "more", "data-word": "again_more" }),
    el("div", { class: "answers" },
      el("button", { type: "button", "data-word": "again_no", onclick: () => dialog.close() }),
      el("button", { type: "button", class: "strong", "data-word": "again_yes", onclick: on.startOver })));
  return dialog;
}

/** Build what stands beside the chat on a wide page. */
function about() {
  return el("div", { class: "about" },
    el("h2", { "data-word": "about_title" }), el("p", { class: "lead", "data-word": "about_lead" }),
    el("ol", {}, ...[1, 2, 3].map((n) => el("li", {}, el("span", { "data-word": `step_${n}` })))),
    el("p", { class: "safe" }, icon("lock"), el("span", { "data-word": "about_safe" })));
}

/**
 * Build the whole frame.
 * @param {Record<string, Function>} on language, again, startOver, close, say, submit, fresh, open
 * @param {{floating: boolean, page: boolean, closable: boolean}} shape
 */
export function shell(on, { floating, page, closable }) {
  const head = header(on, closable);
  const top = bars();
  const middle = conversation(on);
  const foot = composer(on);
  const dialog = question(on);
  const panel = el("section", { class: "panel", role: floating ? "dialog" : "region", "data-label": "title" },
    head.node, top.node, middle.node, foot.form, dialog);
  const launcher = floating
    ? el("button", { type: "button", class: "launcher", "aria-expanded": "false", onclick: on.open },
      icon("chat"), el("span", { "data-word": "open" }))
    : null;
  const root = el("div", { class: "frame" }, panel, page ? about() : null, launcher);
  return { root, panel, launcher, dialog, ...head, ...top, ...middle, ...foot };
}
