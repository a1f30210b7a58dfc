/**
 * One script tag puts the chat on another page of the same registrable domain:
 * `<script src="https://HOST/static/embed.js" data-language="en" async></script>`. It adds a launcher and, once that
 * is pressed, a frame with /embed. Where the frame is refused the chat opens in a window of its own.
 */
(() => {
  const script = document.currentScript;
  const host = new URL(script?.src ?? location.href).origin;
  const wanted = (script?.dataset.language ?? document.documentElement.lang ?? "").slice(0, 2).toLowerCase();
  const language = ["zh", "en"].includes(wanted) ? wanted
    : (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
  const words = {
    en: { open: "Locked out? Chat with us", title: "Mailbox recovery chat", shut: "Close chat",
      refused: "The chat cannot be shown inside this page.", own: "Open the chat in its own window" },
    zh: { open: "无法登录？联系我们", title: "邮箱账号找回", shut: "关闭聊天",
      refused: "此页面中无法显示聊天窗口。", own: "在单独的窗口中打开聊天" },
  }[language];
  const AFTER_LOAD = 2000;
  const IN_ALL = 10_000;

  const looks = `
    :host { --brand: #1a4f8f; --on: #fff; --card: #fff; --ink: #1a2733; --focus: #0b63ce; color-scheme: light dark; }
    @media (prefers-color-scheme: dark) {
      :host { --brand: #94c0f7; --on: #0a1c32; --card: #141e29; --ink: #e6edf4; --focus: #a6cdff; }
    }
    * { box-sizing: border-box; font: 400 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC",
      "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
    [hidden] { display: none !important; }
    button { position: fixed; inset-block-end: 20px; inset-inline-end: 20px; z-index: 2147483000; min-block-size: 52px;
      padding: 8px 22px; border: 0; border-radius: 32px; background: var(--brand); color: var(--on); font-weight: 600;
      cursor: pointer; box-shadow: 0 8px 24px rgb(16 32 56 / 25%); }
    :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
    div { position: fixed; inset-block-end: 88px; inset-inline-end: 20px; z-index: 2147483000; inline-size: 400px;
      block-size: 640px; max-block-size: calc(100vh - 112px); overflow: hidden; border-radius: 20px; color: var(--ink);
      background: var(--card); box-shadow: 0 12px 40px rgb(16 32 56 / 25%); }
    iframe { display: block; inline-size: 100%; block-size: 100%; border: 0; }
    p { padding: 24px; margin: 0; }
    a { color: var(--brand); font-weight: 600; }
    @media (max-width: 480px), (max-height: 480px) {
      div { inset: 0; inline-size: auto; block-size: auto; max-block-size: none; border-radius: 0; }
      div:not([hidden]):has(iframe) ~ button { display: none; }
    }`;

  const page = `${host}/?language=${language}`;
  let frame = null;
  let refused = false;
  let timer = 0;

  const root = document.createElement("rekey-launcher").attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(looks);
  root.adoptedStyleSheets = [sheet];
  const panel = document.createElement("div");
  panel.hidden = true;
  const launcher = document.createElement("button");
  launcher.type = "button";
  root.append(panel, launcher);
  root.host.lang = language === "zh" ? "zh-CN" : "en";

  function show(open) {
    panel.hidden = !open;
    launcher.textContent = open ? words.shut : words.open;
    launcher.setAttribute("aria-expanded", String(open));
    if (open) frame?.focus();
    else launcher.focus();
  }

  /** The frame never reported: leave a way that works, and go it at once from the next press on. */
  function giveUp() {
    refused = true;
    const text = document.createElement("p");
    const link = document.createElement("a");
    link.href = page;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = words.own;
    text.append(`${words.refused} `, link);
    panel.replaceChildren(text);
    frame = null;
    if (!panel.hidden) link.focus();
  }

  function wait(time) {
    clearTimeout(timer);
    timer = setTimeout(giveUp, time);
  }

  function load() {
    frame = document.createElement("iframe");
    frame.title = words.title;
    frame.src = `${host}/embed?language=${language}`;
    frame.addEventListener("load", () => timer && wait(AFTER_LOAD));
    wait(IN_ALL);
    panel.append(frame);
  }

  launcher.addEventListener("click", () => {
    if (refused) {
      window.open(page, "_blank", "noopener");
      return;
    }
    if (!frame) load();
    show(panel.hidden);
  });
  panel.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
  window.addEventListener("message", (event) => {
    if (event.origin !== host || !frame || event.source !== frame.contentWindow) return;
    if (event.data?.type === "rekey:close") show(false);
    if (event.data?.type !== "rekey:ready") return;
    clearTimeout(timer);
    timer = 0;
  });

  launcher.textContent = words.open;
  launcher.setAttribute("aria-expanded", "false");
  const attach = () => document.body.append(root.host);
  if (document.body) attach();
  else addEventListener("DOMContentLoaded", attach, { once: true });
})();
