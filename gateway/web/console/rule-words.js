/* What a price rule is, in words: for whom, when, what it does. */

import { element } from "../dom.js";
import { formatDay, formatInstant, formatNumber, formatPoints, isolate, t } from "../words.js";

import { formatChange, formatFactor, formatSigned, ONE } from "./figures.js";
import { makeChip } from "./parts.js";
import { DIMENSIONS } from "./rule-set.js";

/** Values of a scope that are shown by name; the others are counted. */
const SHOWN = 4;

/** A rule's name: its title with the id below, or the id alone. */
export function nameRule(rule) {
  if (!rule.title) return element("bdi", {}, rule.id);
  return element("span", { class: "rule-name" }, element("bdi", {}, rule.title), element("small", { dir: "ltr" }, rule.id));
}

/** For whom and what a rule speaks, as chips; nothing chosen in a dimension admits all of it. */
export function showScope(scope) {
  const chips = element("span", { class: "chips" });
  for (const name of DIMENSIONS) {
    const values = scope[name];
    if (!values.length || (name === "mechanics" && values.length === 1 && values[0] === "redemption")) continue;
    const label = t(`scope.${name}`);
    const shown = values.slice(0, SHOWN).map((value) => isolate(name === "mechanics" ? t(`mechanic.${value}`) : value));
    if (values.length > SHOWN) shown.push(t("scope.more", { more: values.length - SHOWN }));
    chips.append(makeChip(`${label}: ${shown.join(", ")}`, "", values.length > SHOWN ? values.join(", ") : ""));
  }
  if (!chips.childElementCount) chips.append(makeChip(t("scope.everybody")));
  return chips;
}

/** When a rule applies, as of `at` (ms): its windows, not its campaigns. */
export function sayWindows(windows, at) {
  if (!windows.length) return t("windows.always");
  const open = windows.find(([start, end]) => start <= at && at < end);
  if (open) return t("windows.until", { end: formatInstant(open[1]) });
  const next = windows.find(([start]) => start > at);
  if (!next) return t("windows.over", { end: formatDay(windows.at(-1)[1]) });
  return windows.length === 1
    ? t("windows.from", { start: formatInstant(next[0]) })
    : t("windows.next", { start: formatInstant(next[0]), count: windows.length });
}

/** A number of a rule in its unit: `×0.9`, `−50 points`. */
export function sayNumber({ operation, part }, number) {
  if (operation === "factor") return formatFactor(number);
  const amount = operation === "add" ? formatSigned(number) : formatPoints(number);
  return t(part === "cash" ? "effect.cash_amount" : "effect.points_amount", { amount });
}

/** What a rule does: `×0.9 (−10%)`, `never below 100 points`. */
export function sayEffect(effect, number = effect.number) {
  const amount = sayNumber(effect, number);
  if (effect.operation === "factor") {
    const part = effect.part === "cash" ? t("effect.of_cash") : "";
    return [amount, number === ONE ? "" : `(${formatChange(ONE, number)})`, part].filter(Boolean).join(" ");
  }
  return t(`effect.${effect.operation}`, { amount });
}

/** A field of a rule as text, to be compared. */
export function sayField(rule, field) {
  if (field.startsWith("scope.")) {
    const values = rule.scope[field.slice("scope.".length)];
    return values.length ? values.join(", ") : t("scope.all");
  }
  if (field === "effect") return sayEffect(rule.effect);
  if (field === "windows") return sayWindows(rule.windows, Date.now());
  const value = rule[field];
  return typeof value === "number" ? formatNumber(value) : value || t("state.none");
}
