/*
 * A calendar along time: a row for each market, with a column for each day. A day is a button that begins a campaign
 * there; bars are links to campaigns. What is celebrated stands above them by its name.
 */

import { element } from "../dom.js";
import { t } from "../words.js";

import { packLanes } from "./calendar-days.js";
import { sayBar, sayCelebration, sayDay, sayEnds, sayWeekday, sayWholeDay, sayZone } from "./calendar-words.js";
import { nameCampaign, shareUsed } from "./campaign-words.js";
import { sayCountries } from "./market-places.js";
import { makeButton } from "./parts.js";

/** Columns that a name needs in a month; in a week one is wide enough. */
const NAME_TAKES = 5;

/** `begin(date, row)` begins a campaign, `place(row)` asks where its market is. */
export function makeTimeline(dates, rows, { begin, place }) {
  const node = element("div", { class: "timeline" }, makeHead(dates), ...rows.map((row) => makeRow(dates, row, begin, place)));
  node.style.setProperty("--days", dates.length);
  return node;
}

function makeHead(dates) {
  const days = dates.map((date) => element("span", {}, element("small", {}, sayWeekday(date)), sayDay(date)));
  return element("div", { class: "timeline-days", "aria-hidden": "true" }, ...days);
}

function makeRow(dates, row, begin, place) {
  const id = `market-${row.market || "all"}`;
  const name = element("h2", { id }, row.market ? element("bdi", {}, row.market) : t("calendar.all_markets"));
  const header = element("header", {}, name, element("p", { class: "hint" }, sayZone(row.zone, dates)));
  if (row.market) {
    const button = makeButton(t("place.change"), () => place(row), "plain small");
    button.setAttribute("aria-describedby", id);
    header.append(element("p", { class: "hint" }, sayCountries(row.countries)), button);
  }
  const grid = element("div", { class: "timeline-grid" }, makeDays(dates, row, begin), ...makeLanes(dates, row));
  return element("section", { class: "timeline-row", "aria-labelledby": id, dataset: { market: row.market } }, header, grid);
}

/** One of a row's days can be reached by Tab, the others from there with the arrow keys. */
function makeDays(dates, row, begin) {
  const reached = Math.max(0, dates.indexOf(row.today));
  const items = dates.map((date, index) => {
    const marks = [];
    if (row.days.some(({ first, last }) => first <= index && index <= last)) marks.push("celebrated");
    if (date === row.today) marks.push("today");
    if ([0, 6].includes(new Date(date).getUTCDay())) marks.push("weekend");
    const label = [sayWholeDay(date, index, row), t("calendar.begin")].join(". ");
    const button = element("button", { type: "button", class: marks.join(" "), tabIndex: index === reached ? 0 : -1, dataset: { date }, "aria-label": label, onclick: () => begin(date, row) });
    if (date === row.today) button.setAttribute("aria-current", "date");
    if (row.ends.has(index)) button.append(element("i", { class: "ends", title: sayEnds(row.ends.get(index)) }));
    const item = element("li", {}, button);
    item.style.gridColumn = `${index + 1}`;
    return item;
  });
  const list = element("ol", { class: "timeline-cells" }, ...items);
  list.addEventListener("keydown", (event) => moveFocus(event, [...list.querySelectorAll("button")]));
  return list;
}

function moveFocus(event, buttons) {
  const at = buttons.indexOf(document.activeElement);
  const onwards = document.documentElement.dir === "rtl" ? -1 : 1;
  const to = { ArrowRight: at + onwards, ArrowLeft: at - onwards, Home: 0, End: buttons.length - 1 }[event.key];
  if (at < 0 || !buttons[to]) return;
  event.preventDefault();
  for (const [index, button] of buttons.entries()) button.tabIndex = index === to ? 0 : -1;
  buttons[to].focus();
}

function makeLanes(dates, row) {
  const least = dates.length > 7 ? NAME_TAKES : 1;
  const days = packLanes(row.days.map((one) => withRoom(one, dates, least)), least);
  const above = Math.max(0, ...days.map(({ lane }) => lane + 1));
  const bars = packLanes(row.bars, least);
  const lists = [];
  if (days.length) lists.push(element("ul", { class: "celebrations", "aria-label": t("calendar.celebrated") }, ...days.map((one) => place(makeCelebration(one), one, 0, least))));
  if (bars.length) lists.push(element("ul", { class: "bars", "aria-label": t("view.campaigns") }, ...bars.map((one) => place(makeBar(one, dates), one, above, 1))));
  return lists;
}

/** A name at the end of a period begins before its day. */
function withRoom(one, dates, least) {
  const first = Math.max(0, Math.min(one.first, dates.length - least));
  return { ...one, first, last: Math.max(one.last, first + least - 1) };
}

function place(item, { first, last, lane }, above, least) {
  item.style.gridColumn = `${first + 1} / ${Math.max(last + 1, first + least) + 1}`;
  item.style.gridRow = `${lane + above + 1}`;
  return item;
}

function makeCelebration(one) {
  return element("li", { title: sayCelebration(one) }, element("span", { lang: one.lang, dir: "auto" }, one.name));
}

function makeBar(bar, dates) {
  const { record } = bar;
  const label = sayBar(bar, dates);
  const link = element("a", { href: `#/campaigns/${encodeURIComponent(record.campaign)}`, class: "bar", dataset: { status: record.status }, title: label, "aria-label": label });
  const share = shareUsed(record);
  if (share) {
    const used = element("i", { class: "used" });
    used.style.inlineSize = `${share * 100}%`;
    link.append(used);
  }
  link.append(element("bdi", {}, nameCampaign(record)));
  return element("li", {}, link);
}
