/* A field of several rows, each of which has fields of its own: shelves, peaks, recurrences. */

import { element } from "../dom.js";
import { t } from "../words.js";

import { makeField } from "./fields.js";
import { makeOrderButtons } from "./order-buttons.js";

/**
 * Makes the `make` of a field (see fields.js), whose value is a list of objects. `columns(row, number)` gives the
 * fields of a row; what a row has that no field asks for, it keeps. `add` is what a button says, `fresh(number)` the
 * row that it adds, `judge(rows)` gives words for what is wrong with them together.
 */
export function rowsOfFields(columns, { add, fresh = () => ({}), judge = () => "" }) {
  return (field, id) => {
    const list = element("ol", { class: "field-rows" });
    const made = new Map();
    let count = 0;
    const append = (row) => {
      count += 1;
      const fields = columns(row, count).map((one) => [one.name, makeField(one, `${id}-${count}-${one.name}`)]);
      const node = element("li", {}, element("div", { class: "row-fields" }, ...fields.map(([, one]) => one.node)));
      const number = { number: count };
      const words = { up: t("rows.up", number), down: t("rows.down", number), remove: t("rows.remove", number) };
      node.append(element("div", { class: "buttons" }, ...makeOrderButtons(node, words, () => tell(list))));
      made.set(node, { row, fields });
      list.append(node);
      return fields;
    };
    for (const row of field.value ?? []) append(row);
    const more = element("button", { type: "button", class: "secondary small" }, add);
    more.addEventListener("click", () => {
      append(fresh(list.childElementCount + 1))[0][1].focus();
      tell(list);
    });
    const rows = () => [...list.children].map((node) => made.get(node));
    const value = () => rows().map(({ row, fields }) => ({ ...row, ...Object.fromEntries(fields.map(([name, one]) => [name, one.value])) }));
    return { node: element("div", {}, list, more), controls: [more], value, fault: () => judgeRows(rows()) || judge(value()), group: true };
  };
}

/** What is wrong in a row stands at its own field. */
function judgeRows(rows) {
  let wrong = false;
  for (const [, field] of rows.flatMap(({ fields }) => fields)) {
    const words = field.fault();
    field.complain(words);
    wrong ||= Boolean(words);
  }
  return wrong ? t("rows.wrong") : "";
}

function tell(list) {
  list.dispatchEvent(new Event("input", { bubbles: true }));
}
