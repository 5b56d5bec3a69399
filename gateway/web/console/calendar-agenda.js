/* A calendar day by day, as a list: what a phone has room for, and what is read out best. */

import { element } from "../dom.js";
import { t } from "../words.js";

import { sayCelebration, sayDate, sayEnds, sayZone } from "./calendar-words.js";
import { nameCampaign, nameStatus, sayBudget } from "./campaign-words.js";
import { sayCountries } from "./market-places.js";
import { makeButton, makeChip } from "./parts.js";

/** `begin(date, row)` begins a campaign, `place(row)` asks where a row's market is. */
export function makeAgenda(dates, rows, { begin, place }) {
  const throughout = rows.flatMap((row) => row.bars.filter((bar) => isThroughout(bar, dates)).map((bar) => makeCampaign(bar, row, "")));
  const node = element("div", { class: "agenda" }, element("ul", { class: "agenda-zones" }, ...rows.map((row) => makeZone(row, dates, place))));
  if (throughout.length) node.append(element("h2", {}, t("calendar.throughout")), element("ul", {}, ...throughout));
  node.append(element("ol", {}, ...dates.map((date, index) => makeDay(date, index, dates, rows, begin))));
  return node;
}

function isThroughout({ first, last }, dates) {
  return first === 0 && last === dates.length - 1;
}

function makeZone(row, dates, place) {
  const words = `${nameMarket(row)}: ${sayZone(row.zone, dates)}`;
  const node = element("li", {}, words);
  if (row.market) node.append(` · ${sayCountries(row.countries)} `, makeButton(t("place.change"), () => place(row), "plain small"));
  return node;
}

function nameMarket({ market }) {
  return market || t("calendar.all_markets");
}

function makeDay(date, index, dates, rows, begin) {
  const isToday = rows.some(({ today }) => today === date);
  const title = element("h3", {}, sayDate(date));
  if (isToday) title.append(" ", makeChip(t("calendar.today"), "accent"));
  // Beside the row of all markets there may be that of the only one that is wanted.
  const button = makeButton("+", () => begin(date, rows.length === 2 ? rows[1] : rows[0]), "plain small");
  button.setAttribute("aria-label", `${sayDate(date)}. ${t("calendar.begin")}`);
  const entries = rows.flatMap((row) => listDay(row, index, dates));
  const node = element("li", { class: "agenda-day", dataset: { date } }, element("header", {}, title, button));
  if (isToday) node.setAttribute("aria-current", "date");
  if (entries.length) node.append(element("ul", {}, ...entries));
  return node;
}

/** What is celebrated on a day, what begins and ends on it. */
function listDay(row, index, dates) {
  const celebrated = row.days.filter(({ first, last }) => first <= index && index <= last).map((one) => makeCelebration(one, row));
  const ends = sayEnds(row.ends.get(index));
  const campaigns = row.bars
    .filter((bar) => !isThroughout(bar, dates) && (bar.first === index || bar.last === index))
    .map((bar) => makeCampaign(bar, row, sayEdge(bar, index)));
  return [...celebrated, ...campaigns, ...(ends ? [element("li", { class: "hint" }, ends)] : [])];
}

function sayEdge({ first, last }, index) {
  if (first === last) return t("calendar.that_day");
  return t(index === first ? "calendar.begins" : "calendar.last_day");
}

function makeCelebration(one, row) {
  return element("li", { class: "celebrated" }, element("span", { lang: one.lang, dir: "auto" }, sayCelebration(one)), " ", makeChip(nameMarket(row)));
}

function makeCampaign({ record }, row, edge) {
  const link = element("a", { href: `#/campaigns/${encodeURIComponent(record.campaign)}`, class: "row-link" }, element("bdi", {}, nameCampaign(record)));
  const about = [edge, record.terms.budget === null ? "" : sayBudget(record)].filter(Boolean).join(" · ");
  return element("li", {}, link, " ", makeChip(nameStatus(record)), " ", makeChip(nameMarket(row)), " ", element("small", { class: "hint" }, about));
}
