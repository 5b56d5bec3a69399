/* The field of the price rules that come along from a template: which of them, and each one's number. */

import { element } from "../dom.js";
import { formatPoints, t } from "../words.js";

import { readInteger } from "./fields.js";
import { formatHundredths, parseDecimal } from "./figures.js";
import { nameRule, sayEffect, showScope } from "./rule-words.js";

const GREATEST = { factor: 1_000_000, amount: 10 ** 12 };

/** See fields.js; the value is a list of `{ rule, kept, number }`. */
export function makeRules(field, id) {
  const list = element("ul", { class: "launch-rules" });
  const rows = (field.value ?? []).map((one, index) => makeRow(one, `${id}-${index}`));
  list.append(...rows.map(({ node }) => node));
  const value = () => rows.map(({ read }) => read());
  const fault = () => (value().some(({ kept, number, rule }) => kept && !isRight(number, rule.effect)) ? t("launch.number_wrong") : undefined);
  const controls = rows.length ? rows.map(({ box }) => box) : [list];
  return { node: list, controls, value, fault, group: true };
}

function makeRow({ rule, kept, number }, id) {
  const { effect } = rule;
  const isFactor = effect.operation === "factor";
  const box = element("input", { type: "checkbox", id, checked: kept });
  const input = element("input", {
    name: `number-${rule.id}`,
    inputMode: "decimal",
    autocomplete: "off",
    value: isFactor ? formatHundredths(number) : formatPoints(number),
    "aria-label": t("launch.number", { rule: rule.title || rule.id }),
  });
  const said = element("small", { class: "hint" });
  const read = () => {
    const amount = isFactor ? Math.round(parseDecimal(input.value) * 100) : readInteger(input.value);
    return { rule, kept: box.checked, number: amount };
  };
  const say = () => {
    const { number: wanted } = read();
    said.textContent = isRight(wanted, effect) ? sayEffect(effect, wanted) : t("field.not_a_number");
    input.disabled = !box.checked;
  };
  input.addEventListener("input", say);
  box.addEventListener("change", say);
  say();
  const name = element("label", { class: "check", for: id }, box, nameRule(rule));
  const unit = element("span", {}, isFactor ? "%" : t(effect.part === "cash" ? "tune.minor" : "tune.points"));
  const node = element("li", {}, name, showScope({ ...rule.scope, campaigns: [] }), element("div", { class: "with-unit" }, input, unit), said);
  return { node, box, read };
}

function isRight(number, { operation }) {
  if (!Number.isInteger(number)) return false;
  if (operation === "factor") return number >= 1 && number <= GREATEST.factor;
  return Math.abs(number) <= GREATEST.amount && (operation === "add" || number >= 0);
}
