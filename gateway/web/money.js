/* How a price is written: points, money, or both. A price is `{ points, cash, currency, exponent, tax }`. */

import { count, formatPoints } from "./format.js";

const formats = new Map();

/** Minor units of a currency as money: 1250 of an exponent of 2 are 12.50. */
export function formatMoney(amount, currency, exponent) {
  const key = `${currency}/${exponent}`;
  if (!formats.has(key)) {
    const options = { minimumFractionDigits: exponent, maximumFractionDigits: exponent };
    formats.set(key, new Intl.NumberFormat("en", { style: "currency", currency, ...options }));
  }
  return formats.get(key).format(amount / 10 ** exponent);
}

/** The cash of a price, empty where it has none. */
export function formatCash({ cash, currency, exponent }) {
  return cash ? formatMoney(cash, currency, exponent) : "";
}

/** `900 pts + €12.50`, short enough for a button. */
export function formatPrice(price) {
  const parts = [price.points ? `${formatPoints(price.points)} pts` : "", formatCash(price)];
  return parts.filter(Boolean).join(" + ") || "nothing";
}

/** `900 points and €12.50`, as it is said in a sentence. */
export function sayPrice(price) {
  const parts = [price.points ? count(price.points, "point") : "", formatCash(price)];
  return parts.filter(Boolean).join(" and ") || "nothing";
}

/** Whether two prices (null: none) are the same to whoever pays them. */
export function isSamePrice(one, other) {
  if (!one || !other) return one === other;
  return one.points === other.points && one.cash === other.cash && one.currency === other.currency;
}
