/*
 * The form of one rule of a draft. As soon as typing rests, the gateway is asked what would be wrong with the rule among
 * all the others; the draft is changed when the rule is saved.
 */

import { element } from "../dom.js";
import { t } from "../words.js";

import { makeChip } from "./parts.js";
import { chooseNames } from "./fields.js";
import { askForm } from "./form.js";
import { DIMENSIONS } from "./rule-set.js";
import { makeWindows } from "./windows-field.js";

const MECHANICS = ["redemption", "raffle", "auction", "earning"];
const OPERATIONS = ["factor", "add", "set", "floor", "cap"];
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** Where a finding's path ends, and the field that it is about. */
const FIELDS = { "effect.operation": "operation", "effect.part": "part", "effect.number": "number" };

/** Findings about other rules that are told. */
const OTHERS = 3;

/** A rule that is about to be made. */
export function emptyRule(groups) {
  const scope = Object.fromEntries(DIMENSIONS.map((name) => [name, []]));
  return {
    id: "",
    scope: { ...scope, mechanics: ["redemption"] },
    effect: { operation: "factor", number: 9_000, part: "points" },
    group: groups[0]?.id ?? "",
    priority: 0,
    windows: [],
    budget: "",
    limit: 0,
    title: "",
  };
}

/**
 * Asks for a rule that is `original` so far, and `typed` where somebody began to change it before. `desk` is the draft:
 * `{ groups, known, isTaken(id), put(rule), try(rule), isKnown(finding) }`; `put` writes, `try` gives the findings of
 * the draft if it had the rule. `onLeft(rule)` is told of what was typed and not saved. Whether it was saved.
 */
export async function askRule(desk, original, { isFresh, typed = original, lead = t("rule.lead"), onLeft }) {
  const read = (values) => readRule(values, original, isFresh);
  const saved = await askForm({
    title: isFresh ? t("rule.add") : t("rule.edit", { rule: original.title || original.id }),
    lead,
    submit: t("rule.save"),
    wide: true,
    fields: fieldsOf(desk, typed, isFresh),
    check: (values) => checkHere(values, desk, isFresh),
    live: async (values) => {
      try {
        return sayTrial(desk, read(values), await desk.try(read(values)));
      } catch (error) {
        const found = locate(error);
        if (found) return found;
        throw error;
      }
    },
    locate,
    act: (values) => desk.put(read(values)),
    onLeft: (values) => onLeft(read(values)),
  });
  return saved !== null;
}

function fieldsOf({ groups, known }, rule, isFresh) {
  const { effect, scope } = rule;
  const factor = (values) => values.operation === "factor";
  const identity = isFresh
    ? [{ name: "id", label: t("rule.id"), hint: t("field.id"), required: true, mono: true, most: 64, pattern: ID, patternWords: t("field.id"), value: rule.id }]
    : [];
  return [
    { legend: t("rule.what") },
    ...identity,
    { name: "title", label: t("rule.title"), hint: t("rule.title_hint"), most: 500, value: rule.title },
    { name: "operation", kind: "choice", label: t("rule.operation"), options: OPERATIONS.map((one) => [one, t(`operation.${one}`)]), value: effect.operation },
    { name: "part", kind: "choice", label: t("rule.part"), options: ["points", "cash"].map((one) => [one, t(`part.${one}`)]), value: effect.part },
    { name: "percent", path: "number", kind: "percent", label: t("rule.percent"), hint: t("rule.percent_hint"), required: true, least: 1, value: effect.operation === "factor" ? effect.number : 9_000, when: factor },
    { name: "amount", path: "number", kind: "number", label: t("rule.amount"), hint: t("rule.amount_hint"), required: true, least: -(10 ** 12), value: effect.operation === "factor" ? null : effect.number, when: (values) => !factor(values) },
    { legend: t("rule.for_whom") },
    chooseNames("tiers", t("scope.tiers"), known.tiers, scope.tiers),
    chooseNames("markets", t("scope.markets"), known.markets, scope.markets),
    { name: "segments", kind: "names", label: t("scope.segments"), value: scope.segments },
    { name: "channels", kind: "names", label: t("scope.channels"), value: scope.channels },
    { legend: t("rule.on_what") },
    { name: "mechanics", kind: "many", label: t("scope.mechanics"), options: MECHANICS.map((one) => [one, t(`mechanic.${one}`)]), value: scope.mechanics },
    { name: "kinds", kind: "names", label: t("scope.kinds"), known: known.kinds, value: scope.kinds },
    { name: "experiences", kind: "names", label: t("scope.experiences"), known: known.experiences, value: scope.experiences },
    { name: "campaigns", kind: "names", label: t("scope.campaigns"), known: known.campaigns, value: scope.campaigns },
    { legend: t("rule.when_and_how_often") },
    { name: "windows", make: makeWindows, label: t("rule.windows"), hint: t("rule.windows_hint"), value: rule.windows },
    { name: "limit", kind: "number", label: t("rule.limit"), hint: t("rule.limit_hint"), value: rule.limit || null, greatest: 1_000_000 },
    { name: "budget", label: t("rule.budget"), hint: t("rule.budget_hint"), mono: true, most: 64, value: rule.budget },
    { legend: t("rule.order") },
    { name: "group", kind: "choice", label: t("rule.group"), options: groups.map(({ id, mode }) => [id, `${id} – ${t(`mode.${mode}`)}`]), value: rule.group },
    { name: "priority", kind: "number", label: t("rule.priority"), hint: t("rule.priority_hint"), value: rule.priority, least: -1_000_000, greatest: 1_000_000 },
  ];
}

/** What can be told without asking the gateway. */
function checkHere(values, { isTaken }, isFresh) {
  const wrong = {};
  if (isFresh && isTaken(values.id)) wrong.id = t("rule.taken");
  const { operation, mechanics, part, budget, limit } = values;
  if (["set", "floor", "cap"].includes(operation) && values.amount < 0) wrong.amount = t("rule.not_negative");
  if (mechanics.includes("auction") && (operation !== "factor" || budget || limit)) wrong.operation = t("rule.settlement");
  if (mechanics.includes("auction") && part === "cash") wrong.part = t("rule.settlement_points");
  if (budget && part === "cash") wrong.budget = t("rule.budget_points");
  return Object.keys(wrong).length ? wrong : null;
}

function readRule(values, original, isFresh) {
  return {
    id: isFresh ? values.id : original.id,
    scope: Object.fromEntries(DIMENSIONS.map((name) => [name, values[name]])),
    effect: {
      operation: values.operation,
      number: values.operation === "factor" ? values.percent : values.amount,
      part: values.part,
    },
    group: values.group,
    priority: values.priority ?? 0,
    windows: values.windows,
    budget: values.budget,
    limit: values.limit ?? 0,
    title: values.title,
  };
}

/** A rule with errors of its own is not even put into the draft: the refusal has what is wrong with it. */
function locate(error) {
  return error.details?.findings ? sayFindings(error.details.findings.map((one) => ({ severity: "error", ...one }))) : null;
}

/** What is wrong with the rule, at its fields, and what comes to be wrong with others, below the form. */
function sayTrial({ isKnown }, { id }, findings) {
  const [own, others] = [findings.filter(({ rule }) => rule === id), findings.filter(({ rule }) => rule && rule !== id)];
  const fresh = others.filter((finding) => !isKnown(finding));
  const said = sayFindings(own);
  if (fresh.length) said[""] = element("span", {}, t("rule.others"), ...fresh.slice(0, OTHERS).map(sayOther));
  return said;
}

function sayOther(finding) {
  return element("span", { class: "other" }, element("bdi", {}, finding.rule), " ", sayFinding(finding));
}

/** Findings by the form's field; what belongs to none stands below the form. */
function sayFindings(findings) {
  const said = {};
  for (const finding of findings) {
    const path = finding.path.replace(/^rules\[\d+\]\.?/, "").replace(/\[\d+\]/g, "");
    const name = (FIELDS[path] ?? path).replace(/^scope\./, "");
    for (const field of name === "number" ? ["percent", "amount"] : [name]) said[field] = sayFinding(finding);
  }
  return said;
}

/** One finding: how bad it is, and what the gateway says of it, in English. */
export function sayFinding({ severity, words }) {
  const chip = makeChip(t(`severity.${severity}`), severity === "error" ? "bad" : "warn");
  return element("span", {}, chip, " ", element("span", { lang: "en", dir: "ltr" }, words));
}
