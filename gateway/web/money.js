/* How a price is written: points, money, or both. A price is `{ points, cash, currency, exponent, tax }`. */

import { formatMoney, t } from "./words.js";

/** The cash of a price, empty where it has none. */
export function formatCash({ cash, currency, exponent }) {
  return cash ? formatMoney(cash, currency, exponent) : "";
}

/** `900 pts + €12.50`, short enough for a button. */
export function formatPrice(price) {
  return joinParts(price, price.points ? t("price.points", { count: price.points }) : "", "price.plus");
}

/** `900 points and €12.50`, as it is said in a sentence. */
export function sayPrice(price) {
  return joinParts(price, price.points ? t("count.points", { count: price.points }) : "", "price.and");
}

/** Whether two prices (null: none) are the same to whoever pays them. */
export function isSamePrice(one, other) {
  if (!one || !other) return one === other;
  return one.points === other.points && one.cash === other.cash && one.currency === other.currency;
}

function joinParts(price, points, key) {
  const cash = formatCash(price);
  return points && cash ? t(key, { points, cash }) : points || cash || t("price.nothing");
}
