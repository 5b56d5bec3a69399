/*
 * Fields of a form by their kind. Each has `node`, `value`, `fault()` (what is wrong with it, in words, or nothing),
 * `complain(words)` and `focus()`.
 *
 *     text, long       a text; `most` characters, `pattern` and `patternWords`
 *     number           an integer in the reader's digits; `least`, `greatest`, `unit`
 *     percent          basis points, written in per cent; `least`, `greatest`
 *     time             an instant (ms) by the clocks of `zone()`; the reader's own where it is left out
 *     length           a length of time (ms): a number and its unit
 *     choice           one of `options`, as `[value, words]`
 *     check            yes or no
 *     many             any of `options`
 *     names            names that are typed, one a line or with commas; `known`: those that there are, to choose from
 *
 * Another kind brings its own `make(field, id)`, which gives `{ node, controls, value(), fault(), group }`.
 */

import { element, setHidden } from "../dom.js";
import { formatPoints, parseNumber, t } from "../words.js";

import { formatHundredths, parseDecimal } from "./figures.js";
import { OWN_ZONE, fromLocal, toLocal } from "./zones.js";

const UNITS = [
  ["second", 1_000],
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000],
];

export function makeField(field, id) {
  const made = (field.make ?? KINDS[field.kind ?? "text"])(field, id);
  const hint = field.hint ? element("p", { class: "hint", id: `${id}-hint` }, field.hint) : null;
  const error = element("p", { class: "field-error", id: `${id}-error`, role: "alert", hidden: true });
  const describedBy = [hint ? `${id}-hint` : "", `${id}-error`].filter(Boolean).join(" ");
  for (const control of made.controls) control.setAttribute("aria-describedby", describedBy);
  const node = made.group
    ? element("fieldset", { class: "field group" }, element("legend", {}, field.label))
    : element("div", { class: "field" });
  if (!made.group && field.kind !== "check") node.append(element("label", { for: id }, field.label));
  node.append(made.node, ...(hint ? [hint] : []), error);
  node.dataset.field = field.name;
  return {
    node,
    path: field.path,
    get value() {
      return made.value();
    },
    fault: () => made.fault?.() ?? (field.required && isEmpty(made.value()) ? t("field.missing") : ""),
    complain(words) {
      error.replaceChildren(words);
      setHidden(error, !words);
      for (const control of made.controls) control.setAttribute("aria-invalid", String(Boolean(words)));
    },
    focus: () => made.controls[0].focus(),
  };
}

const KINDS = {
  text: makeText,
  long: makeText,
  number: makeNumber,
  percent: makePercent,
  time: makeTime,
  length: makeLength,
  choice: makeChoice,
  check: makeCheck,
  many: makeMany,
  names: makeNames,
};

function makeText(field, id) {
  const tag = field.kind === "long" ? "textarea" : "input";
  const input = element(tag, { id, name: field.name, value: field.value ?? "", autocomplete: "off", dir: "auto" });
  if (field.most) input.maxLength = field.most;
  if (field.mono) Object.assign(input, { dir: "ltr", spellcheck: false, autocapitalize: "none" });
  const fault = () => {
    const value = input.value.trim();
    return value && field.pattern && !field.pattern.test(value) ? field.patternWords : undefined;
  };
  return { node: input, controls: [input], value: () => input.value.trim(), fault };
}

function makeNumber(field, id) {
  const shown = Number.isFinite(field.value) ? formatPoints(field.value) : "";
  const input = element("input", { id, name: field.name, inputMode: "numeric", autocomplete: "off", value: shown });
  const node = element("div", { class: "with-unit" }, input, element("span", {}, field.unit ?? ""));
  return { node, controls: [input], value: () => readInteger(input.value), fault: () => judgeNumber(input.value, field) };
}

/** The integer that somebody typed, with its sign; null for none, NaN for what is none. */
export function readInteger(text) {
  const plain = text.replaceAll(/[\u2066-\u2069\u200e\u200f\u061c]/g, "").trim();
  if (plain === "") return null;
  const sign = /^[-−]/.test(plain) ? -1 : 1;
  return sign * parseNumber(plain.replace(/^[-−+]/, ""));
}

function judgeNumber(text, { required, least = 0, greatest = 10 ** 12 }) {
  const value = readInteger(text);
  if (value === null) return required ? t("field.missing") : "";
  if (!Number.isInteger(value)) return t("field.not_a_number");
  return value < least || value > greatest ? t("field.between", { least, greatest }) : "";
}

function makePercent(field, id) {
  const shown = Number.isFinite(field.value) ? formatHundredths(field.value) : "";
  const input = element("input", { id, name: field.name, inputMode: "decimal", autocomplete: "off", value: shown });
  const value = () => (input.value.trim() ? Math.round(parseDecimal(input.value) * 100) : null);
  const fault = () => {
    if (value() === null) return field.required ? t("field.missing") : "";
    if (!Number.isInteger(value())) return t("field.not_a_number");
    const { least = 0, greatest = 1_000_000 } = field;
    const between = { least: formatHundredths(least), greatest: formatHundredths(greatest) };
    return value() < least || value() > greatest ? t("field.between", between) : "";
  };
  return { node: element("div", { class: "with-unit" }, input, element("span", {}, "%")), controls: [input], value, fault };
}

function makeTime(field, id) {
  const zone = field.zone ?? (() => OWN_ZONE);
  const first = zone();
  const shown = field.value ? toLocal(field.value, first).slice(0, 16) : "";
  const input = element("input", { id, name: field.name, type: "datetime-local", step: 60, value: shown });
  const read = () => {
    // Seconds do not show: what is not touched keeps its own.
    if (input.value === shown && zone() === first && field.value) return field.value;
    return input.value ? fromLocal(input.value, zone()) : null;
  };
  const fault = () => (Number.isNaN(read()) ? t("zone.no_such_time", { zone: zone() }) : undefined);
  return { node: input, controls: [input], value: read, fault };
}

function makeLength(field, id) {
  const [unit, size] = [...UNITS].reverse().find(([, one]) => field.value && field.value % one === 0) ?? UNITS[1];
  const input = element("input", {
    id,
    name: field.name,
    inputMode: "numeric",
    autocomplete: "off",
    value: field.value ? formatPoints(field.value / size) : "",
  });
  const choice = element("select", { "aria-label": t("field.unit") });
  for (const [name] of UNITS) choice.append(element("option", { value: name, selected: name === unit }, t(`unit.${name}`)));
  const value = () => {
    const amount = readInteger(input.value);
    return amount === null ? null : amount * new Map(UNITS).get(choice.value);
  };
  const fault = () => judgeNumber(input.value, { required: field.required, least: field.least ?? 1, greatest: 10 ** 6 });
  return { node: element("div", { class: "with-unit" }, input, choice), controls: [input], value, fault };
}

function makeChoice(field, id) {
  const select = element("select", { id, name: field.name });
  for (const [value, words] of field.options) {
    select.append(element("option", { value, selected: value === (field.value ?? field.options[0][0]) }, words));
  }
  return { node: select, controls: [select], value: () => select.value };
}

function makeCheck(field, id) {
  const box = element("input", { id, name: field.name, type: "checkbox", checked: Boolean(field.value) });
  const node = element("label", { class: "check", for: id }, box, element("span", {}, field.label));
  return { node, controls: [box], value: () => box.checked };
}

function makeMany(field, id) {
  const chosen = new Set(field.value ?? []);
  const boxes = field.options.map(([value, words], index) => {
    const box = element("input", { type: "checkbox", id: `${id}-${index}`, value, checked: chosen.has(value) });
    return { box, node: element("label", { class: "check" }, box, element("span", {}, words)) };
  });
  const node = element("div", { class: "checks" }, ...boxes.map((one) => one.node));
  const value = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
  return { node, controls: boxes.map(({ box }) => box), value, group: true };
}

function makeNames(field, id) {
  const input = element("textarea", {
    id,
    name: field.name,
    rows: 2,
    spellcheck: false,
    dir: "ltr",
    value: (field.value ?? []).join(", "),
  });
  const value = () => [...new Set(input.value.split(/[\s,،;]+/).filter(Boolean))];
  const node = element("div", { class: "names" }, input);
  if (field.known?.length) node.append(makeKnown(field.known, input, value));
  return { node, controls: [input], value };
}

/** Adds one of the names that there are to those that are typed. */
function makeKnown(known, input, value) {
  const choice = element("select", { "aria-label": t("field.add_known") });
  choice.append(element("option", { value: "" }, t("field.add_known")));
  for (const name of known) choice.append(element("option", { value: name }, name));
  choice.addEventListener("change", () => {
    if (choice.value) input.value = [...new Set([...value(), choice.value])].join(", ");
    choice.value = "";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return choice;
}

/** A field to choose some of the names that there are, and of those that were chosen before; any where none are set. */
export function chooseNames(name, label, known, chosen = []) {
  if (!known.length) return { name, kind: "names", label, value: chosen };
  return { name, kind: "many", label, options: [...new Set([...known, ...chosen])].map((one) => [one, one]), value: chosen };
}

function isEmpty(value) {
  return value === null || value === "" || (Array.isArray(value) && !value.length);
}
