/* What stands around every view: where one can go, who one is, how the connection is, language and colours. */

import { element, icon, setData, setHidden, setText } from "../dom.js";
import { LANGUAGES, formatTime, language, t, useLanguage } from "../words.js";

/** The outline of a moon. */
const MOON = "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z";

export class Frame {
  #links = new Map();

  /** `views` are names in the order of the navigation; without a `session` there is none. */
  constructor({ views, session, onSignOut, onBeforeReload }) {
    this.main = element("main", { id: "main", tabIndex: -1 });
    this.connection = element("span", { class: "connection", role: "status", dataset: { phase: "connecting" } });
    this.stale = element("p", { class: "stale", role: "status", hidden: true });
    const nav = element("nav", { class: "views", "aria-label": t("frame.views") });
    for (const view of views) {
      const link = element("a", { href: `#/${view}`, dataset: { view } }, t(`view.${view}`));
      this.#links.set(view, link);
      nav.append(link);
    }
    const tools = element("div", { class: "tools" }, this.connection, this.#makeLanguages(onBeforeReload), makeTheme());
    if (session) tools.append(makeAccount(session, onSignOut));
    const top = element("header", { class: "top" }, this.#makeSkip(), makeBrand(), tools);
    this.node = element("div", { class: session ? "frame" : "frame alone" }, top);
    if (session) this.node.append(nav);
    this.node.append(this.stale, this.main);
  }

  /** Shows a view, and which one it is. */
  show(view, node, title) {
    this.main.replaceChildren(node);
    for (const [name, link] of this.#links) {
      if (name === view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    this.#links.get(view)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    document.title = title ? t("frame.title", { title }) : "Livelot";
  }

  setStatus({ phase, since }) {
    setData(this.connection, "phase", phase);
    setText(this.connection, t(`connection.${phase}`));
    const stale = phase === "lost" || phase === "stopped";
    setHidden(this.stale, !stale);
    setData(document.body, "stale", stale ? "yes" : "");
    if (!stale) return;
    const time = since ? formatTime(since) : "";
    setText(this.stale, t(since ? "connection.stale" : "connection.never", { time }));
  }

  #makeSkip() {
    return element("button", { type: "button", class: "skip", onclick: () => this.main.focus() }, t("frame.skip"));
  }

  #makeLanguages(onBeforeReload) {
    const choice = element("select", { "aria-label": t("frame.language"), class: "languages" });
    for (const [code, name] of Object.entries(LANGUAGES)) {
      choice.append(element("option", { value: code, lang: code, selected: code === language }, name));
    }
    choice.addEventListener("change", () => {
      onBeforeReload();
      useLanguage(choice.value);
    });
    return choice;
  }
}

function makeBrand() {
  return element(
    "a",
    { class: "brand", href: "#/now" },
    element("img", { src: new URL("../icon.svg", import.meta.url).href, alt: "", width: 28, height: 28 }),
    element("span", {}, "Livelot"),
    element("small", {}, t("frame.console")),
  );
}

function makeAccount(session, onSignOut) {
  const who = element("span", { class: "who", title: t(`role.${session.role}`) }, session.who);
  const leave = element("button", { type: "button", class: "plain", onclick: onSignOut }, t("frame.sign_out"));
  return element("div", { class: "account" }, who, leave);
}

function makeTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const button = element("button", { type: "button", class: "plain icon", "aria-label": t("frame.dark") }, icon(MOON));
  const draw = () => button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
    draw();
  });
  dark.addEventListener("change", draw);
  draw();
  return button;
}
