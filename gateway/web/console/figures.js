/* Figures of price rules as people read and write them: factors, percentages, signed amounts. */

import { formatNumber, locale } from "../words.js";

/** The factor ×1, in basis points. */
export const ONE = 10_000;

const decimals = new Intl.NumberFormat(locale, { maximumFractionDigits: 4 });
const signed = new Intl.NumberFormat(locale, { maximumFractionDigits: 2, signDisplay: "exceptZero" });
const signedPercent = new Intl.NumberFormat(locale, {
  style: "percent",
  maximumFractionDigits: 1,
  signDisplay: "exceptZero",
});
const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
const POINT = decimals.formatToParts(1.5).find(({ type }) => type === "decimal").value;

/** A factor in basis points: `×0.9`. */
export function formatFactor(factor) {
  return `×${decimals.format(factor / ONE)}`;
}

/** Basis points as a number of per cent: 9 000 are 90. */
export function formatHundredths(factor) {
  return decimals.format(factor / 100);
}

/** An amount with its sign: `+50`, `−20`. */
export function formatSigned(amount) {
  return signed.format(amount);
}

/** How far `after` is from `before`, as a percentage with its sign; empty where there is nothing to compare with. */
export function formatChange(before, after) {
  return before ? signedPercent.format(after / before - 1) : "";
}

/** A large number in few characters: `12K`. */
export function formatCompact(number) {
  return Math.abs(number) < 10_000 ? formatNumber(number) : compact.format(number);
}

/** A number with decimals as somebody typed it in the own digits and with the own decimal sign; NaN for none. */
export function parseDecimal(text) {
  const plain = text
    .replaceAll(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => digit.charCodeAt(0) & 15)
    .replaceAll(/[\u2066-\u2069\u200e\u200f\u061c%٪\s\u00a0\u202f’']/g, "")
    .replace("−", "-");
  // Of several signs only the last can be the decimal one; a single comma or point is it, too, unless it is the own
  // sign between thousands.
  const separators = plain.match(/[.,\u066b\u066c]/g) ?? [];
  const last = separators.at(-1);
  if (last === undefined) return plain === "" ? NaN : Number(plain);
  const isDecimal = last === POINT || (separators.length === 1 && !/[.,\u066c]\d{3}$/.test(plain));
  const at = plain.lastIndexOf(last);
  const whole = plain.slice(0, at).replaceAll(/[.,\u066b\u066c]/g, "");
  return Number(isDecimal ? `${whole}.${plain.slice(at + 1)}` : whole + plain.slice(at + 1));
}
