/* Texts that are there in several languages: the one that the reader reads best; and ids that have none. */

import { capitalise, readersLanguages } from "./words.js";

/** The text of a locale that the reader wants, else English, else any: `{ text, lang }`; null if there is none. */
export function localise(texts, languages = readersLanguages()) {
  for (const wanted of [...languages, "en"]) {
    const found = findLocale(Object.keys(texts), wanted);
    if (found) return { text: texts[found], lang: found };
  }
  const [any] = Object.keys(texts);
  return any ? { text: texts[any], lang: any } : null;
}

/** Writes a text with its language, so that it is read in that language and direction; `fallback` where it has none. */
export function setLocalised(node, found, fallback = "") {
  const { text, lang } = found ?? { text: fallback, lang: "" };
  if (node.textContent !== text) node.textContent = text;
  if (lang) node.lang = lang;
  else node.removeAttribute("lang");
  node.dir = "auto";
}

/** An id as people read it: `spa-day` is Spa day. */
export function humanise(id) {
  return capitalise(id.replaceAll(/[-_.]+/g, " "));
}

/** The same locale, or else another one of the same language. */
function findLocale(locales, wanted) {
  const [language] = wanted.toLowerCase().split("-");
  return (
    locales.find((one) => one.toLowerCase() === wanted.toLowerCase()) ??
    locales.find((one) => one.toLowerCase() === language) ??
    locales.find((one) => one.toLowerCase().split("-")[0] === language)
  );
}
