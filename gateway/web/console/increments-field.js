/* The rows of an increment table: below which price the next bid is higher by how much. */

import { t } from "../words.js";

import { rowsOf } from "./rows-field.js";

/** The field of a form (see fields.js). A row without `below` has no upper end; tables have their own last. */
export function incrementsField(steps, more) {
  const columns = [
    { name: "below", label: t("increments.below"), placeholder: t("increments.no_end"), number: true, required: false },
    { name: "increment", label: t("increments.increment"), number: true },
  ];
  const value = steps.map(({ below, increment }) => ({ below: below || null, increment }));
  return { name: "increments", label: t("increments.table"), make: rowsOf(columns, { add: t("increments.add"), judge }), value, ...more };
}

/** What stands in the field, as the gateway has it. */
export function readIncrements(rows) {
  return rows.map(({ below, increment }) => ({ below: below ?? 0, increment }));
}

/** A table as a line: `below 1,000 pts: 25, …`. */
export function sayIncrements(steps) {
  return steps.map(({ below, increment }) => t(below ? "increments.step" : "increments.last", { below, increment })).join(t("increments.comma"));
}

function judge(rows) {
  const ends = rows.map(({ below }) => below ?? Infinity);
  if (rows.length && ends.at(-1) !== Infinity) return t("increments.needs_last");
  return ends.every((end, number) => !number || end > ends[number - 1]) ? "" : t("increments.rising");
}
