/* Evaluation groups of a draft: which there are, in which order, and how each chooses among its rules. */

import { element } from "../dom.js";
import { t } from "../words.js";

import { askForm } from "./form.js";
import { makeOrderButtons } from "./order-buttons.js";

const MODES = ["stack", "best", "first"];
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** Asks for the groups; groups that have rules stay. What `put(groups)` gave, or null. */
export function askGroups({ groups, rules }, put) {
  const used = new Set(rules.map((rule) => rule.group));
  const make = (field, id) => makeGroups(groups, used, id);
  return askForm({
    title: t("groups.edit"),
    lead: t("groups.lead"),
    fields: [{ name: "groups", make, label: t("groups.label") }],
    act: (values) => put(values.groups),
  });
}

function makeGroups(groups, used) {
  const rows = element("ol", { class: "groups" });
  const add = element("button", { type: "button", class: "secondary small" }, t("groups.add"));
  add.addEventListener("click", () => {
    rows.append(makeRow({ id: "", mode: "stack" }, false));
    rows.lastChild.querySelector("input").focus();
  });
  for (const group of groups) rows.append(makeRow(group, used.has(group.id)));
  const value = () =>
    [...rows.children].map((row) => ({
      id: row.querySelector("input").value.trim(),
      mode: row.querySelector("select").value,
    }));
  return { node: element("div", {}, rows, add), controls: [add], value, fault: () => judge(value()), group: true };
}

function makeRow({ id, mode }, fixed) {
  const input = element("input", { value: id, readOnly: fixed, dir: "ltr", spellcheck: false, "aria-label": t("groups.id") });
  const choice = element("select", { "aria-label": t("groups.mode") });
  for (const one of MODES) choice.append(element("option", { value: one, selected: one === mode }, t(`mode.${one}`)));
  const row = element("li", {}, input, choice);
  const buttons = makeOrderButtons(row, { up: t("groups.up"), down: t("groups.down"), remove: t("groups.remove") });
  const remove = buttons.at(-1);
  remove.disabled = fixed;
  if (fixed) remove.title = t("groups.used");
  row.append(...buttons);
  return row;
}

function judge(groups) {
  if (groups.some(({ id }) => !ID.test(id))) return t("field.id");
  return new Set(groups.map(({ id }) => id)).size < groups.length ? t("groups.twice") : "";
}
