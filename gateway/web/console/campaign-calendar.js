/* The calendar of campaigns: a month or a week of them by market, beside what is celebrated there. */

import { now } from "../clock.js";
import { addStyle, element } from "../dom.js";
import { locale, t } from "../words.js";

import { makeAgenda } from "./calendar-agenda.js";
import { readPlan, readRows } from "./calendar-data.js";
import { isPeriod, listDates, movePeriod, weekOf } from "./calendar-days.js";
import { makeTimeline } from "./calendar-timeline.js";
import { namePeriod } from "./calendar-words.js";
import { askLaunch } from "./launch.js";
import { askPlace } from "./market-places.js";
import { makeButton, showFailure, showLoading } from "./parts.js";
import { OWN_ZONE, dateOf, startOf } from "./zones.js";

/** Where there is less room, days are a list. */
const NARROW = matchMedia("(width < 60rem)");

export class CampaignCalendar {
  #context;
  #period;
  #plan = null;
  #rows = [];
  #turn = 0;
  #stop = [];

  /** `period` is a month (`2026-12`) or a week by its first day; what is neither is this month. */
  constructor(context, period) {
    this.#context = context;
    this.#period = isPeriod(period) ? period : this.#today.slice(0, 7);
    this.actions = [makeButton(t("launch.from_template"), () => this.#begin(this.#today, { zone: OWN_ZONE }), "primary")];
    this.market = element("select", { id: "calendar-market", onchange: () => this.#draw() });
    const { markets } = context.program.settings;
    this.market.append(element("option", { value: "" }, t("calendar.every_market")), ...markets.map((one) => element("option", { value: one }, one)));
    this.others = this.#makeCheck("calendar-others", t("calendar.others"), () => this.#readRows());
    this.list = this.#makeCheck("calendar-list", t("calendar.as_list"), () => this.#draw());
    this.shown = element("div", { class: "calendar" }, showLoading());
    this.node = element("div", {}, this.#makeWay(), this.#makeFilters(), this.shown);
  }

  enter() {
    this.#read();
    const draw = () => this.#draw();
    NARROW.addEventListener("change", draw);
    this.#stop = [this.#context.gateway.onReturn(() => this.#read()), () => NARROW.removeEventListener("change", draw)];
  }

  leave() {
    this.#turn += 1;
    for (const stop of this.#stop) stop();
  }

  get #today() {
    return dateOf(now(), OWN_ZONE);
  }

  #makeWay() {
    const period = this.#period;
    const link = (words, to, label = words) => element("a", { href: `#/campaigns//calendar/${to}`, class: "secondary small", "aria-label": label }, words);
    const isMonth = period.length === 7;
    const { firstDay } = new Intl.Locale(locale).getWeekInfo?.() ?? new Intl.Locale(locale).weekInfo ?? { firstDay: 1 };
    const dates = listDates(period);
    const week = weekOf(this.#today.startsWith(period) ? this.#today : dates[0], firstDay);
    // A week is in the month that most of its days are in.
    const [month] = dates[3].split(/-\d\d$/);
    const rtl = document.documentElement.dir === "rtl";
    return element(
      "nav",
      { class: "calendar-way", "aria-label": t("calendar.period") },
      link(rtl ? "→" : "←", movePeriod(period, -1), t("calendar.before")),
      element("strong", { role: "status" }, namePeriod(period, dates)),
      link(rtl ? "←" : "→", movePeriod(period, 1), t("calendar.after")),
      link(t("calendar.today"), isMonth ? this.#today.slice(0, 7) : weekOf(this.#today, firstDay)),
      isMonth ? link(t("calendar.week"), week) : link(t("calendar.month"), month),
    );
  }

  #makeFilters() {
    const market = element("label", { for: "calendar-market" }, t("shelf.market"), this.market);
    const list = this.list.parentNode;
    list.classList.add("wide-only");
    return element("div", { class: "filters" }, market, this.others.parentNode, list);
  }

  #makeCheck(id, words, act) {
    const box = element("input", { type: "checkbox", id, onchange: act });
    element("label", { class: "check", for: id }, box, element("span", {}, words));
    return box;
  }

  async #read() {
    const turn = ++this.#turn;
    const { gateway, program } = this.#context;
    try {
      const [plan] = await Promise.all([readPlan(gateway, program.settings), addStyle("console/calendar.css")]);
      if (turn !== this.#turn) return;
      this.#plan = plan;
      await this.#readRows();
    } catch (error) {
      if (turn === this.#turn) this.shown.replaceChildren(showFailure(error, () => this.#read()));
    }
  }

  async #readRows() {
    const turn = ++this.#turn;
    const rows = await readRows(this.#context.gateway, this.#plan, this.#period, this.others.checked);
    if (turn !== this.#turn) return;
    this.#rows = rows;
    this.#draw();
  }

  #draw() {
    if (!this.#rows.length) return;
    const dates = listDates(this.#period);
    const chosen = this.market.value;
    const rows = this.#rows.filter(({ market }) => !chosen || market === "" || market === chosen);
    const acts = { begin: (date, row) => this.#begin(date, row), place: (row) => this.#place(row) };
    const make = NARROW.matches || this.list.checked ? makeAgenda : makeTimeline;
    this.shown.replaceChildren(make(dates, rows, acts));
  }

  /** A campaign of a day that has begun starts as soon as may be. */
  #begin(date, { zone }) {
    const start = startOf(date, zone);
    return askLaunch(this.#context, { choose: true, zone, ...(start > now() ? { start } : {}) });
  }

  async #place(row) {
    if (await askPlace(this.#context.gateway, row.market, row)) await this.#read();
  }
}
