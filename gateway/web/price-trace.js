/* Why a price is what it is: the base price, each rule that applied, what is left to pay. */

import { element } from "./dom.js";
import { formatPoints } from "./format.js";
import { formatMoney, formatPrice } from "./money.js";
import { humanise } from "./reward-words.js";

export class PriceTrace {
  #text = "";

  constructor() {
    this.list = element("ol", { class: "trace" });
    this.node = element("section", { class: "why" }, element("h3", {}, "Why this price"), this.list);
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
    const rows = [drawRow("Base price", `${formatPoints(base)} pts`)];
    if (split.cash) rows.push(drawRow(`${share / 100}% of it in points`, formatPrice(split)));
    const moving = steps.filter(({ before, after }) => before !== after);
    for (const { rule, title, part, before, after } of moving) {
      const write = part === "cash" ? (amount) => writeCash(amount, price, split) : formatPoints;
      const row = drawRow(title || humanise(rule), `${write(before)} → ${write(after)}${part === "cash" ? "" : " pts"}`);
      row.dataset.direction = after < before ? "down" : "up";
      rows.push(row);
    }
    if (!moving.length) rows.push(element("li", { class: "none" }, "No rule changes it for you now."));
    const total = drawRow("You pay", formatPrice(price));
    total.className = "total";
    return [...rows, total];
  }
}

/** A rule may have made a price's cash out of nothing, or nothing of it: the currency is where there is some. */
function writeCash(amount, ...prices) {
  const { currency, exponent } = prices.find((one) => one.cash) ?? {};
  return currency ? formatMoney(amount, currency, exponent) : formatPoints(amount);
}

function drawRow(what, figures) {
  return element("li", {}, element("span", { class: "what" }, what), element("span", { class: "figure" }, figures));
}
