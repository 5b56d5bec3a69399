/* Why a price is what it is: the base price, each rule that applied, what is left to pay. */

import { element } from "./dom.js";
import { humanise } from "./locale.js";
import { formatPrice } from "./money.js";
import { formatMoney, formatPoints, formatShare, t } from "./words.js";

export class PriceTrace {
  #text = "";

  constructor() {
    this.list = element("ol", { class: "trace" });
    this.node = element("section", { class: "why" }, element("h3", {}, t("trace.title")), this.list);
  }

  /** Draws a quote of the gateway; null: it is on its way, and what is drawn stays. */
  update(quote) {
    this.node.setAttribute("aria-busy", String(quote === null));
    if (quote === null) return;
    const text = JSON.stringify(quote);
    if (text === this.#text) return;
    this.#text = text;
    this.list.replaceChildren(...this.#rows(quote));
  }

  #rows({ base, share, split, price, steps }) {
    const rows = [drawRow(t("trace.base"), writePoints(base))];
    if (split.cash) rows.push(drawRow(t("trace.share", { share: formatShare(share) }), formatPrice(split)));
    const moving = steps.filter(({ before, after }) => before !== after);
    for (const { rule, title, part, before, after } of moving) {
      const cash = part === "cash";
      const figures = cash ? [before, after].map((amount) => writeCash(amount, price, split)) : [formatPoints(before), writePoints(after)];
      const row = drawRow(title || humanise(rule), t("trace.change", { before: figures[0], after: figures[1] }));
      row.dataset.direction = after < before ? "down" : "up";
      rows.push(row);
    }
    if (!moving.length) rows.push(element("li", { class: "none" }, t("trace.no_rule")));
    const total = drawRow(t("rule.you_pay"), formatPrice(price));
    total.className = "total";
    return [...rows, total];
  }
}

function writePoints(amount) {
  return t("price.points", { count: amount });
}

/** A rule may have made a price's cash out of nothing, or nothing of it: the currency is where there is some. */
function writeCash(amount, ...prices) {
  const { currency, exponent } = prices.find((one) => one.cash) ?? {};
  return currency ? formatMoney(amount, currency, exponent) : formatPoints(amount);
}

function drawRow(what, figures) {
  return element("li", {}, element("span", { class: "what", dir: "auto" }, what), element("span", { class: "figure" }, figures));
}
