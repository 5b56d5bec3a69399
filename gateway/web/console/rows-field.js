/* A field of several rows, each of a few small ones: prizes, bundles. */

import { CROSS, element, icon } from "../dom.js";
import { formatNumber, t } from "../words.js";

import { readInteger } from "./fields.js";

/**
 * Makes the `make` of a field (see fields.js). `columns` are `{ name, label, placeholder, number, least, required }`; the value is a
 * list of objects, `judge(rows)` gives words for what is wrong with them together.
 */
export function rowsOf(columns, { add, judge = () => "" }) {
  return (field) => {
    const rows = element("div", { class: "rows" });
    const more = element("button", { type: "button", class: "secondary small" }, add);
    more.addEventListener("click", () => {
      rows.append(makeRow(columns, {}, rows.childElementCount));
      rows.lastChild.querySelector("input").focus();
    });
    for (const row of field.value ?? []) rows.append(makeRow(columns, row, rows.childElementCount));
    const value = () => [...rows.children].map((row) => readRow(columns, row));
    const fault = () => judgeRows(columns, value()) || (field.required && !rows.childElementCount ? t("field.missing") : judge(value()));
    return { node: element("div", {}, rows, more), controls: [more], value, fault, group: true };
  };
}

function makeRow(columns, row, number) {
  const inputs = columns.map(({ name, label, placeholder = label, number: isNumber }) =>
    element("input", {
      name,
      value: isNumber && Number.isInteger(row[name]) ? formatNumber(row[name]) : (row[name] ?? ""),
      placeholder,
      inputMode: isNumber ? "numeric" : "text",
      autocomplete: "off",
      dir: isNumber ? "ltr" : "auto",
      "aria-label": t("rows.label", { label, number: number + 1 }),
    }),
  );
  const remove = element("button", { type: "button", class: "plain icon", "aria-label": t("rows.remove", { number: number + 1 }) }, icon(CROSS));
  const node = element("div", { class: "row" }, ...inputs, remove);
  remove.addEventListener("click", () => node.remove());
  node.dataset.kept = JSON.stringify(row);
  return node;
}

/** What stands in a row, and what it had that is not asked for. */
function readRow(columns, node) {
  const row = JSON.parse(node.dataset.kept);
  for (const { name, number: isNumber } of columns) {
    const { value } = node.querySelector(`[name=${name}]`);
    row[name] = isNumber ? readInteger(value) : value.trim();
  }
  return row;
}

function judgeRows(columns, rows) {
  for (const row of rows) {
    for (const { name, label, number: isNumber, least = 1, pattern, required = true } of columns) {
      const value = row[name];
      if (required && (value === "" || value === null)) return t("rows.missing", { label });
      if (isNumber && value !== null && (!Number.isInteger(value) || value < least)) return t("rows.least", { label, least });
      if (pattern && value && !pattern.test(value)) return `${label}: ${t("field.id")}`;
    }
  }
  return "";
}
