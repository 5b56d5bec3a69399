/* What a draft changes of the rules that run. */

import { element } from "../dom.js";
import { t } from "../words.js";

import { makeChip, showEmpty } from "./parts.js";
import { nameRule, sayEffect, sayField, showScope } from "./rule-words.js";

/** Rules of each kind of change that are drawn. */
const SHOWN = 100;

/** The difference (see `compareRules`), as a list. */
export function showDifference({ groups, added, removed, changed }) {
  const items = [
    ...(groups ? [element("li", {}, makeChip(t("diff.groups"), "accent"))] : []),
    ...added.slice(0, SHOWN).map((rule) => makeWhole(rule, "added", "good")),
    ...removed.slice(0, SHOWN).map((rule) => makeWhole(rule, "removed", "bad")),
    ...changed.slice(0, SHOWN).map(makeChanged),
  ];
  if (!items.length) return showEmpty(t("diff.none"));
  const count = t("diff.count", { added: added.length, removed: removed.length, changed: changed.length });
  return element("div", {}, element("p", { class: "hint" }, count), element("ul", { class: "difference" }, ...items));
}

function makeWhole(rule, kind, tone) {
  return element(
    "li",
    { dataset: { kind } },
    makeChip(t(`diff.${kind}`), tone),
    " ",
    nameRule(rule),
    " ",
    element("strong", {}, sayEffect(rule.effect)),
    " ",
    showScope(rule.scope),
  );
}

function makeChanged({ before, after, fields }) {
  const lines = fields.map((field) =>
    element(
      "div",
      {},
      element("dt", {}, sayFieldName(field)),
      element("dd", {}, element("del", {}, sayField(before, field)), " → ", element("ins", {}, sayField(after, field))),
    ),
  );
  return element(
    "li",
    { dataset: { kind: "changed" } },
    makeChip(t("diff.changed"), "warn"),
    " ",
    nameRule(after),
    element("dl", {}, ...lines),
  );
}

function sayFieldName(field) {
  if (field.startsWith("scope.")) return t(field);
  return t({ effect: "rule.effect", windows: "rule.windows" }[field] ?? `rule.${field}`);
}
