/* The top of the page: who one is, which points one has, how the connection is, which colours. */

import { element, setAttribute, setData, setHidden, setText } from "./dom.js";
import { LANGUAGES, formatDay, formatPoints, formatTime, language, nameOfGroup, t, useLanguage } from "./words.js";

const byId = (id) => document.getElementById(id);

export class Header {
  constructor({ onSwitch }) {
    this.connection = byId("connection");
    this.stale = byId("stale");
    this.wallet = byId("wallet");
    this.available = byId("available");
    this.held = byId("held");
    this.member = byId("member");
    this.id = element("span", {});
    this.tier = element("span", {});
    this.member.append(this.id, element("span", { class: "dot", "aria-hidden": "true" }, " · "), this.tier);
    this.theme = byId("theme");
    this.#offerLanguages(byId("language"));
    this.member.addEventListener("click", onSwitch);
    this.theme.addEventListener("click", () => this.#switchTheme());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#updateTheme());
    this.#updateTheme();
  }

  update({ connection, member, me, ready }) {
    const { phase, since, words } = connection;
    setData(this.connection, "phase", phase);
    setText(this.connection, t(`connection.${phase}`));
    const stale = phase === "lost" || phase === "stopped";
    setHidden(this.stale, !stale);
    if (stale) setText(this.stale, describeOutage(phase, ready ? since : 0, words));
    setData(document.body, "stale", stale ? "yes" : "");
    setHidden(this.wallet, me === null);
    if (me !== null) this.#updateWallet(me);
    setHidden(this.member, member === null);
    if (member !== null) {
      const { tier, market } = me ?? member;
      setText(this.id, member.member);
      setText(this.tier, nameOfGroup(tier));
      const names = { tier: nameOfGroup(tier), market: nameOfGroup(market) };
      setAttribute(this.member, "title", t("header.become", { member: member.member, ...names }));
    }
  }

  #updateWallet(me) {
    setText(this.available, formatPoints(me.available));
    setText(this.held, formatPoints(me.held));
    const next = me.expires_next;
    const expire = next ? t("header.expire", { count: next.points, day: formatDay(next.at) }) : "";
    setAttribute(this.wallet, "title", [t("view.points"), expire].filter(Boolean).join(" · "));
  }

  #offerLanguages(menu) {
    const options = Object.entries(LANGUAGES).map(([code, name]) => new Option(name, code, code === language, code === language));
    for (const option of options) option.lang = option.value;
    menu.replaceChildren(...options);
    menu.addEventListener("change", () => useLanguage(menu.value));
  }

  #switchTheme() {
    const theme = this.#isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
    this.#updateTheme();
  }

  #updateTheme() {
    this.theme.setAttribute("aria-pressed", String(this.#isDark()));
  }

  #isDark() {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }
}

function describeOutage(phase, since, words) {
  if (phase === "stopped") return words;
  if (!since) return t("connection.unreached");
  return t("connection.stale", { time: formatTime(since) });
}
