/* A price as it is drawn: what it was before rules struck through and which ones those were, points and money, the tax in it. */

import { element, replay, setData, setHidden, setText } from "./dom.js";
import { formatCash, formatPrice, isSamePrice } from "./money.js";
import { formatList, formatMoney, formatPoints, locale, t } from "./words.js";

const percent = new Intl.NumberFormat(locale, { style: "percent", signDisplay: "always" });

export class PriceTag {
  #price = null;

  constructor() {
    this.before = element("s", { class: "before" });
    this.points = element("span", { class: "amount" });
    this.unit = element("span", { class: "unit" });
    this.plus = element("span", { class: "unit" }, "+");
    this.cash = element("span", { class: "amount" });
    this.saving = element("span", { class: "saving" });
    this.reason = element("span", { class: "reason" });
    this.tax = element("span", { class: "tax" });
    this.now = element("span", { class: "now" }, this.points, this.unit, this.plus, this.cash);
    const instead = element("span", { class: "unseen" }, `${t("price.before")} `);
    this.old = element("span", { class: "old" }, instead, this.before);
    this.node = element("p", { class: "cost" }, this.now, this.old, this.saving, this.tax, this.reason);
  }

  /** Draws a price (null: there is none); `before` is what it was without rules, where that is known, and `reasons` those. */
  update(price, before, reasons = []) {
    if (this.#price !== null && price !== null && !isSamePrice(this.#price, price)) this.#move(this.#price, price);
    this.#price = price;
    setHidden(this.node, price === null);
    if (price === null) return;
    this.#write(price);
    const differs = before !== null && formatPrice(before) !== formatPrice(price);
    setHidden(this.old, !differs);
    if (differs) setText(this.before, formatPrice(before));
    setHidden(this.reason, !differs || !reasons.length);
    setText(this.reason, formatList(reasons));
    const saving = differs ? savingOf(before, price) : 0;
    setHidden(this.saving, saving < 1);
    setText(this.saving, percent.format(-saving / 100).replace("-", "−"));
  }

  #write(price) {
    const inPoints = price.points > 0 || !price.cash;
    setHidden(this.points, !inPoints);
    setHidden(this.unit, !inPoints);
    setHidden(this.plus, !(inPoints && price.cash));
    setHidden(this.cash, !price.cash);
    setText(this.points, formatPoints(price.points));
    setText(this.unit, t("unit.points", { count: price.points }));
    setText(this.cash, formatCash(price));
    setHidden(this.tax, !price.tax);
    if (price.tax) setText(this.tax, t("price.tax", { money: formatMoney(price.tax, price.currency, price.exponent) }));
  }

  #move(from, to) {
    const up = to.points === from.points ? to.cash > from.cash : to.points > from.points;
    setData(this.node, "move", up ? "up" : "down");
    replay(this.node, "moved");
  }
}

/** By how many per cent a price in points alone, or in the same cash, is lower. */
function savingOf(before, price) {
  if (before.cash !== price.cash || !before.points) return 0;
  return Math.floor(((before.points - price.points) * 100) / before.points);
}
