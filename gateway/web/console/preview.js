/* What a draft would do to all prices: how many, how far, and the largest changes. */

import { element } from "../dom.js";
import { formatInstant, formatNumber, formatPoints, formatShare, t } from "../words.js";

import { makeTable } from "./data-table.js";
import { formatChange } from "./figures.js";
import { makeFacts, showEmpty } from "./parts.js";

/** The answer of `rules.preview`, as a section. */
export function showPreview(found) {
  const node = element("section", { class: "card preview" }, element("h2", {}, t("preview.title")));
  node.append(
    makeFacts(
      [t("preview.prices"), formatNumber(found.prices)],
      [t("preview.changed"), formatNumber(found.changed)],
      [t("preview.cheaper"), formatNumber(found.cheaper)],
      [t("preview.dearer"), formatNumber(found.dearer)],
    ),
  );
  if (!found.changed) node.append(showEmpty(t("preview.nothing")));
  else node.append(makeDistribution(found.distribution), ...makeLargest(found));
  node.append(makeLooks(found.looks));
  if (found.unseen.length) node.append(element("p", { class: "hint" }, t("preview.unseen", { rules: found.unseen.join(", ") })));
  return node;
}

function makeDistribution(bands) {
  const most = Math.max(1, ...bands.map(({ prices }) => prices));
  const rows = bands.map((band) => {
    const bar = element("i", { dataset: { way: (band.below ?? 1) <= 0 ? "down" : "up" } });
    bar.style.inlineSize = `${Math.round((band.prices / most) * 100)}%`;
    return element("li", {}, element("span", {}, sayBand(band)), element("b", {}, bar), element("span", { class: "number" }, formatNumber(band.prices)));
  });
  return element("div", {}, element("h3", {}, t("preview.distribution")), element("ul", { class: "distribution" }, ...rows));
}

function sayBand({ least, below }) {
  if (least === null) return t("preview.below", { below: formatShare(below) });
  if (below === null) return t("preview.least", { least: formatShare(least) });
  return t("preview.between", { least: formatShare(least), below: formatShare(below) });
}

function makeLargest({ largest_up: up, largest_down: down }) {
  return [
    ["preview.largest_down", down],
    ["preview.largest_up", up],
  ]
    .filter(([, changes]) => changes.length)
    .flatMap(([title, changes]) => [element("h3", {}, t(title)), makeChanges(t(title), changes)]);
}

function makeChanges(caption, changes) {
  const whom = ({ tier, market, segment, channel }) => [tier, market, segment, channel].filter(Boolean).join(" · ");
  const table = makeTable(
    [
      { key: "experience", label: t("heat.experience"), title: true, cell: (row) => row.experience, value: (row) => row.experience },
      { key: "whom", label: t("preview.whom"), cell: whom, value: whom },
      { key: "before", label: t("preview.before"), end: true, cell: (row) => formatPoints(row.before), value: (row) => row.before },
      { key: "after", label: t("preview.after"), end: true, cell: (row) => formatPoints(row.after), value: (row) => row.after },
      {
        key: "change",
        label: t("preview.change"),
        end: true,
        cell: (row) => formatChange(row.before, row.after),
        value: (row) => row.after / Math.max(1, row.before),
      },
    ],
    { caption, key: (row) => JSON.stringify([row.experience, whom(row), row.at]) },
  );
  table.show(changes);
  return table;
}

function makeLooks(looks) {
  const items = looks.map(({ at, campaigns, changed }) => {
    const words = t("preview.look", { at: formatInstant(at), count: changed });
    return element("li", {}, campaigns.length ? `${words} (${campaigns.join(", ")})` : words);
  });
  const summary = element("summary", {}, t("preview.looks", { count: looks.length }));
  return element("details", { class: "hint" }, summary, element("ul", {}, ...items));
}
