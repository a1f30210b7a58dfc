/**
 * What the page can say about a password while it is typed: length, classes, stability, both fields, strength.
 *
 * Pure functions, no access to the document. The server decides; account words, history and common passwords are
 * judged only there. `recovery_core/passwords` says the same, `tests/vectors/passwords.json` holds both to it.
 */

const CLASSES = [
  ["upper", /^\p{Lu}$/u],
  ["lower", /^\p{Ll}$/u],
  ["digit", /^\p{Nd}$/u],
];
const HIDDEN = /^[\p{C}\p{Z}]$/u;
const CONTROL = /^\p{Cc}$/u;

/** Printable by category, yet drawing nothing: the same table as in `characters.py`. */
const BLANK =
  /^[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\u{e0100}-\u{e01ef}]$/u;

const isVisible = (character) => character === " " || !(HIDDEN.test(character) || BLANK.test(character));

const isStable = (text) => text.normalize("NFKC") === text;

const classOf = (character) => CLASSES.find(([, pattern]) => pattern.test(character))?.[0] ?? "special";

/** The classes that occur, of "upper", "lower", "digit" and "special", in this order. */
export function classes(password) {
  const found = new Set([...password].filter(isVisible).map(classOf));
  return ["upper", "lower", "digit", "special"].filter((name) => found.has(name));
}

/** Codes of what is allowed and may still cause trouble. */
export function warnings(password) {
  return [...password].every((character) => character.codePointAt(0) < 128) ? [] : ["non_ascii"];
}

/**
 * The broken rules among those that need no account data: `{code, variables}` in the order of the server.
 * `policy` is `{minimum, maximum, classes}`; pass null as `confirm` while the second field is empty.
 */
export function violationsLive(password, confirm, policy) {
  const length = [...password].length;
  const found = classes(password).length;
  const flaw = firstFlaw(password);
  const broken = [
    length < policy.minimum && violation("too_short", { minimum: policy.minimum, length }),
    length > policy.maximum && violation("too_long", { maximum: policy.maximum, length }),
    found < policy.classes && violation("too_few_classes", { minimum: policy.classes, found }),
    flaw && violation("not_stable", flaw),
    confirm !== null && confirm !== password && violation("mismatch", {}),
  ];
  return broken.filter(Boolean);
}

const violation = (code, variables) => ({ code, variables });

function firstFlaw(password) {
  const characters = [...password];
  const found = [firstChange(characters), firstHidden(characters), firstEdgeSpace(characters)];
  const flaw = found.filter(Boolean).reduce((a, b) => (a && a.index <= b.index ? a : b), null);
  if (!flaw) return null;
  const codepoint = characters[flaw.index].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  return { position: flaw.index + 1, codepoint: `U+${codepoint}`, reason: flaw.reason };
}

/** The character that completes the shortest unstable prefix; found by halving, since stability is monotone. */
function firstChange(characters) {
  if (isStable(characters.join(""))) return null;
  let stable = 0;
  let unstable = characters.length;
  while (unstable - stable > 1) {
    const middle = (stable + unstable) >> 1;
    if (isStable(characters.slice(0, middle).join(""))) stable = middle;
    else unstable = middle;
  }
  return { index: unstable - 1, reason: "changes" };
}

function firstHidden(characters) {
  const index = characters.findIndex((character) => !isVisible(character));
  if (index < 0) return null;
  return { index, reason: CONTROL.test(characters[index]) ? "control" : "invisible" };
}

function firstEdgeSpace(characters) {
  if (characters[0] === " ") return { index: 0, reason: "edge_space" };
  if (characters.at(-1) !== " ") return null;
  let index = characters.length - 1;
  while (characters[index - 1] === " ") index -= 1;
  return { index, reason: "edge_space" };
}

/** Words with which guessing begins; the server knows thirty thousand. */
const WORDS = [
  "password", "passwort", "passwd", "pass", "welcome", "admin", "administrator", "root", "login", "letmein",
  "changeme", "change", "secret", "default", "master", "monkey", "dragon", "sunshine", "princess", "football",
  "baseball", "superman", "batman", "shadow", "iloveyou", "hello", "freedom", "whatever", "trustno", "test",
  "guest", "user", "mail", "email", "office", "company", "computer", "internet", "summer", "winter", "spring",
  "autumn", "woaini", "mima", "aini", "wang", "zhang", "liu", "chen", "love", "money", "china", "monday",
];
const SPELLING = { 0: "o", 1: "i", 3: "e", 4: "a", 5: "s", 7: "t", "@": "a", $: "s", "!": "i" };
const ROWS = ["`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik"];
const LONGEST_JUDGED = 128;
const SCORE_BITS = [20, 35, 50, 65];
const POOL = { upper: 26, lower: 26, digit: 10, special: 33 };
const NON_ASCII_BITS = 10;
const WORD_BITS = Math.log2(WORDS.length) + 1;

/**
 * An estimate of how hard guessing is: `{score, bits}`, score 0 (at once) to 4 (hard).
 * Reads the password from the left and takes the longest pattern at each place; what is no pattern counts in full.
 */
export function strength(password) {
  const characters = [...password].slice(0, LONGEST_JUDGED);
  let bits = 0;
  for (let at = 0; at < characters.length; ) {
    const pattern = longestPattern(characters, at);
    bits += pattern.bits;
    at += pattern.length;
  }
  return { score: SCORE_BITS.filter((limit) => bits >= limit).length, bits: Math.round(bits) };
}

function longestPattern(characters, at) {
  const single = { length: 1, bits: bitsOf(characters[at]) };
  const candidates = [word, repeated, sequence, keyboardRow, year].map((pattern) => pattern(characters, at));
  return candidates.reduce((best, found) => (found && found.length > best.length ? found : best), single);
}

function bitsOf(character) {
  return character.codePointAt(0) < 128 ? Math.log2(POOL[classOf(character)]) : NON_ASCII_BITS;
}

function word(characters, at) {
  const rest = characters.slice(at).join("");
  const lower = rest.toLowerCase();
  const plain = [...lower].map((character) => SPELLING[character] ?? character).join("");
  const fits = WORDS.filter((known) => lower.startsWith(known) || plain.startsWith(known));
  const found = fits.sort((a, b) => b.length - a.length)[0];
  if (!found) return null;
  const typed = rest.slice(0, found.length);
  const capitals = typed === typed.toLowerCase() ? 0 : 1;
  const spelled = lower.startsWith(found) ? 0 : 1;
  return { length: found.length, bits: WORD_BITS + capitals + spelled };
}

/** A block of one to eight characters that occurs again right behind itself. */
function repeated(characters, at) {
  let best = null;
  for (let size = 1; size <= 8; size += 1) {
    let end = at + size;
    while (end < characters.length && characters[end] === characters[end - size]) end += 1;
    const length = Math.floor((end - at) / size) * size;
    if (length < Math.max(3, 2 * size) || (best && length <= best.length)) continue;
    const block = characters.slice(at, at + size).reduce((sum, character) => sum + bitsOf(character), 0);
    best = { length, bits: block + Math.log2(length / size) };
  }
  return best;
}

/** Three or more neighbours in the order of their code points: abc, 987. */
function sequence(characters, at) {
  const step = distance(characters, at);
  if (Math.abs(step) !== 1) return null;
  let end = at + 2;
  while (end < characters.length && distance(characters, end - 1) === step) end += 1;
  return run(characters, at, end);
}

function distance(characters, at) {
  return at + 1 < characters.length ? characters[at + 1].codePointAt(0) - characters[at].codePointAt(0) : 0;
}

function keyboardRow(characters, at) {
  const rest = characters.slice(at).join("").toLowerCase();
  const rows = ROWS.flatMap((row) => [row, [...row].reverse().join("")]);
  let length = 0;
  while (length < rest.length && rows.some((row) => row.includes(rest.slice(0, length + 1)))) length += 1;
  return run(characters, at, at + length);
}

const run = (characters, at, end) =>
  end - at < 3 ? null : { length: end - at, bits: bitsOf(characters[at]) + Math.log2(end - at) };

function year(characters, at) {
  return /^(19|20)\d\d/.test(characters.slice(at, at + 4).join("")) ? { length: 4, bits: Math.log2(200) } : null;
}
