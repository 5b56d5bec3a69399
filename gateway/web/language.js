/*
 * Loaded before the page is drawn, so that nothing is drawn in the wrong direction first: the language is what the reader
 * chose, otherwise the first of the browser's that is there. `words.js` goes by what this leaves on <html>. The script's
 * `data-words` is the folder of the page's words: the language's file is on its way before anything asks for it.
 */
{
  const there = ["en", "fr", "es", "ar"];
  const root = document.documentElement;
  const spoken = (locale) => locale.toLowerCase().split("-")[0];
  let chosen = null;
  try {
    chosen = localStorage.getItem("language");
  } catch {
    // A browser that keeps nothing for us still has its own languages.
  }
  if (there.includes(chosen)) root.dataset.chosen = chosen;
  const wanted = [root.dataset.chosen, ...navigator.languages, "en"];
  const language = spoken(wanted.find((locale) => locale && there.includes(spoken(locale))));
  root.lang = language;
  root.dir = language === "ar" ? "rtl" : "ltr";
  // The browser's own variant of the language knows the reader's digits and dates.
  root.dataset.locale = navigator.languages.find((locale) => spoken(locale) === language) ?? language;
  const { words } = document.currentScript.dataset;
  if (words) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "modulepreload", href: `${words}${language}.js` });
    document.head.append(link);
  }
}
