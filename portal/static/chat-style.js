/** The looks of the widget, as one adopted style sheet: a strict content security policy allows no inline style. */

const FONTS = `system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "Hiragino Sans GB",
  "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif`;

const COLOURS = `
:host {
  color-scheme: light dark;
  --page: #f2f5f8; --card: #fff; --ink: #1a2733; --soft: #4f5f6f; --line: #dbe2ea; --edge: #75869a;
  --tint: #eff3f8; --brand: #1a4f8f; --on-brand: #fff; --wash: #e7eff9; --own: #1a4f8f; --on-own: #fff;
  --warn: #fff3d6; --on-warn: #573f00; --calm: #e4f1ea; --on-calm: #11482c; --focus: #0b63ce;
  --shade: 0 1px 2px rgb(16 32 56 / 6%), 0 12px 32px rgb(16 32 56 / 10%);
}
@media (prefers-color-scheme: dark) {
  :host {
    --page: #0d141c; --card: #141e29; --ink: #e6edf4; --soft: #a6b4c3; --line: #2a3847; --edge: #71839a;
    --tint: #1f2b39; --brand: #94c0f7; --on-brand: #0a1c32; --wash: #1c3150; --own: #28568f; --on-own: #fff;
    --warn: #3a2e10; --on-warn: #ffe3a6; --calm: #143326; --on-calm: #b6ebcf; --focus: #a6cdff;
    --shade: 0 1px 2px rgb(0 0 0 / 40%), 0 12px 32px rgb(0 0 0 / 40%);
  }
}`;

const FRAME = `
:host { display: block; color: var(--ink); font: 400 max(16px, 1rem)/1.5 ${FONTS}; text-align: start; }
:host(:not([floating])) { block-size: 100%; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
p, h1, h2, ol { margin: 0; padding: 0; }
svg { inline-size: 1.25em; block-size: 1.25em; fill: currentColor; flex: none; }
button, textarea { font: inherit; color: inherit; }
button { cursor: pointer; touch-action: manipulation; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
:lang(zh) { line-height: 1.65; }
.sr { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.frame { block-size: 100%; }
.panel { display: flex; flex-direction: column; block-size: 100%; min-block-size: 0; background: var(--card); overflow: hidden;
  position: relative; container-type: inline-size; }
header { display: flex; align-items: center; gap: .25em; padding: .7em .75em .7em 1.1em;
  border-block-end: 1px solid var(--line); }
.logo { display: grid; place-items: center; inline-size: 2.4em; block-size: 2.4em; margin-inline-end: .6em; border-radius: .7em;
  background: var(--brand); color: var(--on-brand); flex: none; }
.names { flex: 1; min-inline-size: 0; line-height: 1.35; }
h1 { font-size: 1.0625em; font-weight: 650; letter-spacing: -.005em; }
.mode { color: var(--soft); font-size: .8125em; }
.mode::before { content: ""; display: inline-block; inline-size: .5em; block-size: .5em; margin-inline-end: .45em; border-radius: 50%;
  background: #2f9e68; vertical-align: .08em; }
.mode[data-mode="waiting"]::before { background: #d18a00; }
.tool { display: inline-flex; align-items: center; gap: .4em; min-block-size: 2.75em; padding: .25em .7em; border: 0; border-radius: .6em;
  background: none; color: var(--soft); font-size: .875em; white-space: nowrap; }
.tool:hover { background: var(--tint); color: var(--ink); }
.tool.close span { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
.bar { padding: .5em 1.257em; font-size: .875em; background: var(--warn); color: var(--on-warn); }
.bar + .bar { border-block-start: 1px solid var(--line); }
.bar a { color: inherit; font-weight: 600; text-underline-offset: .2em; }`;

const LOG = `
.middle { flex: 1; min-block-size: 0; position: relative; display: flex; }
.log { flex: 1; min-inline-size: 0; overflow: hidden auto; overscroll-behavior: contain; padding: 1.25em 1.1em; display: flex;
  flex-direction: column; gap: .5em; outline-offset: -3px; scrollbar-width: thin; scrollbar-color: var(--edge) transparent; }
.log::before { content: ""; margin-block-start: auto; }
.intro { padding-block: .5em 1em; }
.greeted .hello { display: none; }
.greeted { padding-block: 0; }
.intro p { color: var(--soft); }
.intro .hello { color: var(--ink); font-size: 1.375em; font-weight: 650; line-height: 1.35; letter-spacing: -.01em; margin-block-end: .15em; }
.msg { display: flex; flex-direction: column; align-items: flex-start; max-inline-size: min(88%, 36em); align-self: flex-start; position: relative; }
.text { padding: .6em .95em; border-radius: 1.1em; border-end-start-radius: .3em; background: var(--tint); border: 1px solid transparent;
  white-space: pre-wrap; overflow-wrap: anywhere; max-inline-size: 100%; unicode-bidi: plaintext; }
.you { align-self: flex-end; align-items: flex-end; margin-block: .5em; }
.you .text { background: var(--own); color: var(--on-own); border-radius: 1.1em; border-end-end-radius: .3em; }
.you.waiting .text { background: var(--wash); color: var(--ink); border: 1px dashed var(--edge); }
.state, .who { font-size: .8125em; color: var(--soft); margin: .2em .3em; }
.who { font-weight: 600; color: var(--on-calm); }
.agent .text { background: var(--calm); color: var(--on-calm); }
.notice .text { border: 1px solid var(--line); border-inline-start: 4px solid var(--brand); border-radius: .5em; background: none; }
.divider { align-self: center; text-align: center; font-size: .875em; color: var(--soft); margin-block: 1em; }
.choices { display: flex; flex-wrap: wrap; gap: .5em; padding-block: .6em .25em; max-inline-size: 100%; }
.choices button { min-block-size: 2.75em; padding: .4em 1em; border: 1px solid var(--brand); border-radius: 1.4em; background: var(--card);
  color: var(--brand); font-weight: 550; font-size: .9375em; text-align: start; overflow-wrap: anywhere; }
.choices button:hover { background: var(--wash); }
.choices [aria-disabled] { border-color: var(--line); color: var(--soft); background: none; cursor: default; font-weight: 400; }
.choices .chosen { background: var(--wash); border-color: var(--edge); color: var(--ink); }
.choices .chosen::before { content: "✓"; content: "✓" / ""; margin-inline-end: .45em; }
.form { display: flex; align-items: center; gap: .8em; margin-block: .5em .25em; padding: .7em 1.15em .7em 1em; border-radius: .9em;
  background: var(--brand); color: var(--on-brand); text-decoration: none; max-inline-size: 100%; }
.form > span { min-inline-size: 0; line-height: 1.4; }
.form strong { display: block; font-weight: 650; }
.form small { display: block; font-size: .8125em; overflow-wrap: anywhere; }
.form:not([aria-disabled]):hover strong { text-decoration: underline; text-underline-offset: .2em; }
.form[aria-disabled] { background: none; border: 1px solid var(--line); color: var(--soft); }
.typing .text { display: flex; gap: .35em; align-items: center; min-block-size: 2.75em; }
.typing i { inline-size: .45em; block-size: .45em; border-radius: 50%; background: var(--soft); animation: wait 1.2s infinite ease-in-out; }
.typing i:nth-child(2) { animation-delay: .15s; }
.typing i:nth-child(3) { animation-delay: .3s; }
@keyframes wait { 0%, 60%, 100% { opacity: .35; } 30% { opacity: 1; transform: translateY(-.2em); } }
.fresh { position: absolute; inset-block-end: .75em; inset-inline: 0; margin-inline: auto; inline-size: fit-content; display: flex;
  align-items: center; gap: .3em; padding: .5em 1em .5em .7em; border: 1px solid var(--line); border-radius: 2em; background: var(--card);
  color: var(--brand); font-size: .875em; font-weight: 600; box-shadow: var(--shade); }`;

const COMPOSER = `
.composer { padding: .8em 1.1em max(.7em, env(safe-area-inset-bottom)); border-block-start: 1px solid var(--line); position: relative; }
.line { display: flex; align-items: flex-end; gap: .35em; padding: .3em; border: 1px solid var(--edge); border-radius: 1.6em; }
textarea:focus-visible { outline: 0; }
.line:has(textarea:focus) { border-color: var(--focus); box-shadow: 0 0 0 2px var(--focus); }
textarea { flex: 1; min-inline-size: 0; max-block-size: 9em; padding: .6em .3em .6em .9em; border: 0; outline: 0; background: none; resize: none;
  line-height: 1.5; overflow-y: auto; }
textarea::placeholder { color: var(--soft); opacity: 1; }
.send { display: grid; place-items: center; inline-size: 2.75em; block-size: 2.75em; border: 0; border-radius: 50%; flex: none;
  background: var(--brand); color: var(--on-brand); }
.send:hover { filter: brightness(1.1); }
.send[aria-disabled] { background: var(--line); color: var(--soft); cursor: default; }
.hint { display: flex; align-items: center; justify-content: center; gap: .4em; margin-block-start: .6em; color: var(--soft); font-size: .8125em; }
.hint svg { inline-size: 1.05em; block-size: 1.05em; }
.problem { padding: .55em .9em; margin-block-end: .6em; border-radius: .7em; background: var(--warn); color: var(--on-warn); font-size: .9375em; }
dialog { max-inline-size: min(24em, calc(100% - 2em)); padding: 1.5em; border: 1px solid var(--line); border-radius: 1em; background: var(--card);
  color: var(--ink); box-shadow: var(--shade); }
dialog::backdrop { background: rgb(8 16 28 / 50%); }
dialog h2 { font-size: 1.125em; margin-block-end: .35em; }
dialog p { color: var(--soft); }
.answers { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: .6em; margin-block-start: 1.25em; }
.answers button { min-block-size: 2.75em; padding: .4em 1.1em; border: 1px solid var(--edge); border-radius: .7em; background: none; }
.answers .strong { background: var(--brand); border-color: var(--brand); color: var(--on-brand); font-weight: 600; }`;

const PLACES = `
.about { display: none; }
:host([page]) .frame { background: var(--page); }
@media (min-width: 40em) {
  :host([page]) .frame { padding: clamp(1rem, 3vh, 2.5rem); display: grid; grid-template-columns: minmax(0, 46rem); justify-content: center; }
  :host([page]) .panel { border: 1px solid var(--line); border-radius: 1.25em; box-shadow: var(--shade); }
}
@media (min-width: 64em) and (min-height: 34em) {
  :host([page]) .frame:has(.about) { grid-template-columns: minmax(0, 21rem) minmax(0, 44rem); gap: clamp(2rem, 5vw, 5rem); }
  .about { display: flex; flex-direction: column; justify-content: center; order: -1; gap: 1.25rem; padding-block-end: 6vh; }
  .about h2 { font-size: 2.125em; line-height: 1.2; font-weight: 680; letter-spacing: -.02em; text-wrap: balance; }
  .about h2:lang(zh) { line-height: 1.35; letter-spacing: 0; }
  .lead { color: var(--soft); font-size: 1.0625em; }
  .about ol { list-style: none; counter-reset: step; display: grid; gap: 1rem; margin-block: .5rem; }
  .about li { counter-increment: step; display: grid; grid-template-columns: 2em 1fr; gap: .8em; align-items: start; }
  .about li::before { content: counter(step); display: grid; place-items: center; inline-size: 2em; block-size: 2em; border-radius: 50%;
    background: var(--wash); color: var(--brand); font-weight: 650; font-size: .9375em; }
  .safe { display: flex; gap: .7em; padding-block-start: 1.25rem; border-block-start: 1px solid var(--line); color: var(--soft); font-size: .9375em; }
  .safe svg { color: var(--brand); margin-block-start: .15em; }
}
@container (min-width: 40em) {
  .log, .composer { padding-inline: 1.5em; }
  header { padding-inline-start: 1.5em; }
  .bar { padding-inline: 1.714em; }
}
.launcher { position: fixed; inset-block-end: 1.25rem; inset-inline-end: 1.25rem; z-index: 2147483000; display: flex; align-items: center; gap: .55em;
  min-block-size: 3.25em; padding: .5em 1.35em .5em 1.1em; border: 0; border-radius: 2em; background: var(--brand); color: var(--on-brand);
  font-weight: 600; box-shadow: var(--shade); }
:host([floating]) .panel { position: fixed; inset-block-end: 5.5rem; inset-inline-end: 1.25rem; z-index: 2147483000; inline-size: 25rem; block-size: 40rem;
  max-block-size: calc(100dvh - 7rem); border: 1px solid var(--line); border-radius: 1.25em; box-shadow: var(--shade); }
@media (max-width: 30em), (max-height: 30em) {
  :host([floating]) .panel { inset: 0; inline-size: auto; block-size: auto; max-block-size: none; border: 0; border-radius: 0; }
  :host([floating][open]) .launcher { display: none; }
}
@container (max-width: 30em) {
  .tool.again span { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
  header { padding-inline: .9em .4em; }
  .log, .composer { padding-inline: .9em; }
  .bar { padding-inline: 1.03em; }
}
@container (max-width: 22.5em) { .logo { display: none; } }
@media (max-height: 30em) {
  header { padding-block: .3em; }
  .logo, .mode, .hint { display: none; }
  .log { padding-block: .6em; }
  .composer { padding-block: .4em; }
  .bar { padding-block: .2em; font-size: .8125em; }
  :host([page]) .frame { padding: 0; grid-template-columns: minmax(0, 1fr); }
  :host([page]) .panel { border: 0; border-radius: 0; }
}
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
@media (forced-colors: active) {
  .text, .form, .send, .launcher { border: 1px solid; }
  .line:has(textarea:focus) { outline: 3px solid Highlight; }
}`;

export const sheet = new CSSStyleSheet();
sheet.replaceSync(COLOURS + FRAME + LOG + COMPOSER + PLACES);
