/*
 * What prices would become, as a map: experiences down, tiers across, one market at a time. Each field has its number;
 * its colour says how far from the price before it is.
 */

import { element } from "/dom.js";
import { capitalise, formatNumber, formatPoints, t } from "/words.js";

import { formatChange } from "./figures.js";

/** Experiences that are drawn at most. */
const ROWS = 30;

/** From this change on, as a share of the price, a field has the full colour. */
const FULL = 0.25;

/** A map of `cells` (see foresight.js); `chosen` is the market that is shown, `onChoose(market)` is told of another. */
export function makeHeatMap(cells, { tiers, markets, chosen, onChoose }) {
  const there = markets.filter((market) => cells.some((cell) => cell.market === market));
  const market = there.includes(chosen) ? chosen : there[0];
  const node = element("div", { class: "heat-map" });
  if (market === undefined) return node;
  node.append(makeMarkets(there, market, cells, onChoose), makeTable(cells, market, tiers));
  return node;
}

function makeMarkets(markets, chosen, cells, onChoose) {
  const group = element("div", { class: "choices", role: "group", "aria-label": t("heat.markets") });
  for (const market of markets) {
    const changed = cells.filter((cell) => cell.market === market && isChanged(cell)).length;
    const button = element(
      "button",
      { type: "button", "aria-pressed": String(market === chosen), onclick: () => onChoose(market) },
      element("bdi", {}, capitalise(market)),
      element("small", {}, formatNumber(changed)),
    );
    button.title = t("heat.changed_here", { count: changed });
    group.append(button);
  }
  return group;
}

function makeTable(cells, market, tiers) {
  const rows = new Map();
  for (const cell of cells) {
    if (cell.market !== market) continue;
    if (!rows.has(cell.experience)) rows.set(cell.experience, new Map());
    rows.get(cell.experience).set(cell.tier, cell);
  }
  const columns = tiers.filter((tier) => [...rows.values()].some((row) => row.has(tier)));
  const ordered = [...rows].sort(([, one], [, other]) => reach(other) - reach(one));
  const head = element("tr", {}, element("th", { scope: "col" }, t("heat.experience")));
  for (const tier of columns) head.append(element("th", { scope: "col", class: "end" }, element("bdi", {}, capitalise(tier))));
  const body = element("tbody");
  for (const [experience, row] of ordered.slice(0, ROWS)) {
    const line = element("tr", {}, element("th", { scope: "row" }, element("bdi", {}, experience)));
    for (const tier of columns) line.append(makeCell(row.get(tier)));
    body.append(line);
  }
  const caption = element("caption", { class: "unseen" }, t("heat.caption", { market }));
  const table = element("table", {}, caption, element("thead", {}, head), body);
  const scroll = element("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": t("heat.caption", { market }) }, table);
  if (ordered.length <= ROWS) return scroll;
  return element("div", {}, scroll, element("p", { class: "hint" }, t("heat.more", { more: ordered.length - ROWS })));
}

function makeCell(cell) {
  if (cell === undefined || cell.before === null || cell.after === null) return element("td", { class: "end" }, "–");
  const { before, after, cashBefore, cashAfter } = cell;
  const node = element("td", { class: "end" }, element("span", {}, formatPoints(after)));
  const change = before === after ? "" : formatChange(before, after) || "+";
  if (change) node.append(" ", element("small", {}, change));
  if (cashBefore !== cashAfter) node.append(" ", element("small", {}, t("heat.cash", { change: formatChange(cashBefore, cashAfter) })));
  node.title = t("heat.cell", { before, after });
  paint(node, changeOf(cell));
  return node;
}

function paint(node, change) {
  if (!change) return;
  node.dataset.way = change > 0 ? "up" : "down";
  node.style.setProperty("--heat", `${Math.round(15 + 85 * Math.min(1, Math.abs(change) / FULL))}%`);
}

/** Whether a price would be another; one that is not to be had is none. */
function isChanged({ before, after, cashBefore, cashAfter }) {
  return before !== after || cashBefore !== cashAfter;
}

/** The change of a price as a share of it, the larger of points and cash. */
function changeOf({ before, after, cashBefore, cashAfter }) {
  const shares = [
    [before, after],
    [cashBefore, cashAfter],
  ].map(([from, to]) => (from ? to / from - 1 : Math.sign((to ?? 0) - (from ?? 0))));
  return Math.abs(shares[1]) > Math.abs(shares[0]) ? shares[1] : shares[0];
}

function reach(row) {
  return Math.max(0, ...[...row.values()].map((cell) => Math.abs(changeOf(cell))));
}
