/*
 * The reader's language: words by key, and numbers, money and times as the reader writes them.
 *
 * `language.js` has settled which language it is. An app loads its words once, with `addWords`, before it draws; a word is
 * a text with `{places}`, or one text for each plural form of the language, chosen by what `count` is.
 */

const root = document.documentElement;

/** What the page is written in: `en`, `fr`, `es` or `ar`. */
export const language = root.lang || "en";

/** The reader's variant of it, which numbers and dates go by: `fr-CA`, say. */
export const locale = root.dataset.locale ?? language;

export const direction = root.dir || "ltr";

/** All languages, each by its own name. */
export const LANGUAGES = { en: "English", fr: "Français", es: "Español", ar: "العربية" };

const words = new Map();
const plural = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(locale);
const twoDigits = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2 });
/** Formats that were wanted, each made once: the first prices do not wait for those that they have no use for. */
const made = new Map();
const tenths = () => formatWith("NumberFormat", { minimumIntegerDigits: 2, minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percent = () => formatWith("NumberFormat", { style: "percent", maximumFractionDigits: 2 });
const clock = () => formatWith("DateTimeFormat", { hour: "numeric", minute: "2-digit", second: "2-digit" });
const minute = () => formatWith("DateTimeFormat", { hour: "numeric", minute: "2-digit" });
const day = () => formatWith("DateTimeFormat", { day: "numeric", month: "short", year: "numeric" });
const relative = () => formatWith("RelativeTimeFormat", { style: "short" });

/** Letters that are written from right to left, and those that are not. */
const TO_THE_LEFT = /[\u0590-\u08ff\ufb1d-\ufefc]/;
const TO_THE_RIGHT = /[A-Za-z\u00c0-\u024f\u0370-\u058f]/;

/** Adds the words of a folder (a URL that ends in `/`) in the reader's language. */
export async function addWords(folder) {
  const { default: more } = await import(new URL(`${language}.js`, folder));
  for (const [key, text] of Object.entries(more)) words.set(key, text);
}

/** Whether there is such a word. */
export function hasWord(key) {
  return words.has(key);
}

/** The text of a key with its places filled: numbers as the reader writes them, names so that they turn nothing around. */
export function t(key, values = {}) {
  return textOf(key, values).replaceAll(/\{(\w+)\}/g, (place, name) => write(values[name] ?? place));
}

/** The same as a list of texts and nodes, for a text with nodes in its places. */
export function parts(key, values) {
  const pieces = textOf(key, values).split(/\{(\w+)\}/);
  return pieces.map((piece, index) => (index % 2 ? (values[piece] instanceof Node ? values[piece] : write(values[piece])) : piece));
}

/** Fills what the document itself says, as far as its words are there: `data-words` is the key of a text, and
 * `data-words-label` that of an `aria-label`. */
export function translate(node = document) {
  for (const one of node.querySelectorAll("[data-words]")) {
    if (words.has(one.dataset.words)) one.textContent = t(one.dataset.words);
  }
  for (const one of node.querySelectorAll("[data-words-label]")) {
    if (words.has(one.dataset.wordsLabel)) one.setAttribute("aria-label", t(one.dataset.wordsLabel));
  }
}

/** Remembers another language, and begins anew in it. */
export function useLanguage(chosen) {
  localStorage.setItem("language", chosen);
  location.reload();
}

/** The languages in which the reader would have a text, the best first: what was chosen, then the browser's. */
export function readersLanguages() {
  return root.dataset.chosen ? [locale, ...navigator.languages] : navigator.languages;
}

export function formatNumber(number) {
  return numbers.format(number);
}

export function formatPoints(amount) {
  return numbers.format(amount);
}

/** A share in basis points (10 000 is the whole) as a percentage. */
export function formatShare(share) {
  return percent().format(share / 10_000);
}

/** Minor units of a currency as money: 1250 of an exponent of 2 are 12.50. */
export function formatMoney(amount, currency, exponent) {
  const digits = { minimumFractionDigits: exponent, maximumFractionDigits: exponent };
  return formatWith("NumberFormat", { style: "currency", currency, ...digits }).format(amount / 10 ** exponent);
}

/** The time of day of an instant (ms), to the second. */
export function formatTime(instant) {
  return clock().format(instant);
}

/** The same to the minute. */
export function formatMinute(instant) {
  return minute().format(instant);
}

export function formatDay(instant) {
  return day().format(instant);
}

/** Day and time of an instant (ms). */
export function formatInstant(instant) {
  return t("time.instant", { day: formatDay(instant), time: formatMinute(instant) });
}

/** What is left of a time (ms): `1 h 05 min`, `4:05`, and tenths below ten seconds. All are rounded down, so that none is left out. */
export function formatLeft(left) {
  if (left <= 0) return t("time.clock", { minutes: 0, seconds: twoDigits.format(0) });
  if (left < 10_000) return t("time.clock", { minutes: 0, seconds: tenths().format(Math.floor(left / 100) / 10) });
  const seconds = Math.floor(left / 1000);
  if (seconds < 3600) return t("time.clock", { minutes: Math.floor(seconds / 60), seconds: twoDigits.format(seconds % 60) });
  const minutes = twoDigits.format(Math.floor((seconds % 3600) / 60));
  return t("time.hours", { hours: Math.floor(seconds / 3600), minutes });
}

/** How long ago something was (ms), in words. */
export function formatAgo(ago) {
  if (ago < 5_000) return t("time.just_now");
  if (ago < 60_000) return relative().format(-Math.floor(ago / 1000), "second");
  if (ago < 3_600_000) return relative().format(-Math.floor(ago / 60_000), "minute");
  return ago < 86_400_000 ? relative().format(-Math.floor(ago / 3_600_000), "hour") : relative().format(-Math.floor(ago / 86_400_000), "day");
}

/** A length of time (ms) in words: `20 seconds`, `1 minute`, `7 days`. */
export function formatLength(length) {
  const units = [
    ["day", 86_400_000],
    ["hour", 3_600_000],
    ["minute", 60_000],
  ];
  const [unit, size] = units.find(([, size]) => length >= size && length % size === 0) ?? ["second", 1_000];
  return formatWith("NumberFormat", { style: "unit", unit, unitDisplay: "long" }).format(length / size);
}

/** Names in a row: with `and`, or with `or`. */
export function formatList(names, type = "conjunction") {
  return formatWith("ListFormat", { type }).format(names.map(isolate));
}

/** The number that somebody typed, whatever its digits and separators; NaN for none. */
export function parseNumber(text) {
  const digits = text.replaceAll(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => digit.charCodeAt(0) & 15);
  const plain = digits.replaceAll(/[\s,.’'\u066b\u066c\u060c]/g, "");
  return plain === "" ? NaN : Number(plain);
}

export function capitalise(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A tier, market or segment in the reader's words, where it is one of the common ones. */
export function nameOfGroup(id) {
  return hasWord(`group.${id}`) ? t(`group.${id}`) : capitalise(id);
}

/** A name whose letters run against the page's direction, kept together (U+2068 to U+2069); any other as it is. */
export function isolate(name) {
  const turns = direction === "rtl" ? TO_THE_RIGHT : TO_THE_LEFT;
  return turns.test(name) ? `\u2068${name}\u2069` : name;
}

function write(value) {
  return typeof value === "number" ? numbers.format(value) : isolate(String(value));
}

function textOf(key, { count = 0 } = {}) {
  const text = words.get(key) ?? key;
  return typeof text === "string" ? text : (text[plural.select(count)] ?? text.other);
}

function formatWith(kind, options) {
  const key = kind + JSON.stringify(options);
  if (!made.has(key)) made.set(key, new Intl[kind](locale, options));
  return made.get(key);
}
