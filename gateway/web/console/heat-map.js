/*
 * What prices would become, as a map: experiences down, tiers across, one market at a time. Each field has its number;
 * its colour says how far from the price before it is.
 */

import { element } from "../dom.js";
import { capitalise, formatNumber, formatPoints, t } from "../words.js";

import { formatChange } from "./figures.js";

/** From this change on, as a share of the price, a field has the full colour. */
const FULL = 0.25;

/**
 * A map of a foresight's cells (see foresight.js), in their order: those of the `chosen` market, or where there is none
 * of the one with the most changes. `onChoose(market)` is told of another.
 */
export function makeHeatMap({ cells, columns }, chosen, onChoose) {
  const markets = [...new Set(columns.map(({ market }) => market))];
  const tiers = [...new Set(columns.map(({ tier }) => tier))];
  const changed = new Map(markets.map((market) => [market, countChanged(columns, market)]));
  const market = markets.includes(chosen) ? chosen : markets.reduce((one, other) => (changed.get(other) > changed.get(one) ? other : one));
  return element("div", { class: "heat-map" }, makeMarkets(changed, market, onChoose), makeTable(cells, market, tiers));
}

function countChanged(columns, market) {
  return columns.reduce((sum, one) => sum + (one.market === market ? one.changed : 0), 0);
}

function makeMarkets(markets, chosen, onChoose) {
  const group = element("div", { class: "choices", role: "group", "aria-label": t("heat.markets") });
  for (const [market, changed] of markets) {
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
  const rows = Map.groupBy(cells.filter((cell) => cell.market === market), ({ experience }) => experience);
  const head = element("tr", {}, element("th", { scope: "col" }, t("heat.experience")));
  for (const tier of tiers) head.append(element("th", { scope: "col", class: "end" }, element("bdi", {}, capitalise(tier))));
  const body = element("tbody");
  for (const [experience, row] of rows) {
    const line = element("tr", {}, element("th", { scope: "row" }, element("bdi", {}, experience)));
    for (const tier of tiers) line.append(makeCell(row.find((cell) => cell.tier === tier)));
    body.append(line);
  }
  const caption = element("caption", { class: "unseen" }, t("heat.caption", { market }));
  const table = element("table", {}, caption, element("thead", {}, head), body);
  return element("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": t("heat.caption", { market }) }, table);
}

function makeCell(cell) {
  if (cell.before === null || cell.after === null) return element("td", { class: "end" }, "–");
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

/** The change of a price as a share of it, the larger of points and cash. */
function changeOf({ before, after, cashBefore, cashAfter }) {
  const shares = [
    [before, after],
    [cashBefore, cashAfter],
  ].map(([from, to]) => (from ? to / from - 1 : Math.sign((to ?? 0) - (from ?? 0))));
  return Math.abs(shares[1]) > Math.abs(shares[0]) ? shares[1] : shares[0];
}
