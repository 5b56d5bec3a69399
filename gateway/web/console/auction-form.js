/* The form of an auction: a draft of any format, an auction that has not opened, or a copy of another. */

import { now } from "../clock.js";
import { t } from "../words.js";

import { FORMATS, nameFormat } from "./auction-words.js";
import { chooseNames } from "./fields.js";
import { askForm } from "./form.js";
import { incrementsField, readIncrements, sayIncrements } from "./increments-field.js";

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * Asks for an auction's terms, and makes a draft. `record` is another one's (see `auction.terms`), to be copied; with
 * `replace` its own terms are replaced. What the gateway answers, or null.
 */
export function askAuction(context, record = null, replace = false) {
  const terms = record?.terms ?? {};
  const format = record?.format ?? null;
  const { tiers, markets, increments } = context.program.settings;
  return askForm({
    title: replace ? t("auction.edit") : record ? t("auction.copy_title", { title: terms.title }) : t("auction.add"),
    submit: replace ? t("form.save") : t("auction.make_draft"),
    wide: true,
    fields: [
      ...fieldsOfTerms(terms, record, replace),
      incrementsField(terms.increments ?? [], { hint: sayDefault(increments), when: isEnglish }),
      ...fieldsOfFormat(format),
      ...fieldsOfClose(terms.soft_close),
      ...fieldsOfEligibility(terms, tiers, markets),
      ...fieldsOfSettlement(terms.settlement_factors ?? {}, tiers),
    ],
    check: checkAuction,
    act: (values) => {
      const auction = replace ? record.auction : values.auction;
      const wanted = { auction, terms: readTerms(values), format: readFormat(values) };
      return context.gateway.command(replace ? "auction.update" : "auction.create", wanted);
    },
  });
}

const isEnglish = ({ format }) => format === "english";
const isOneOf = (...formats) => ({ format }) => formats.includes(format);
const hasClock = isOneOf("dutch", "clock");

function fieldsOfTerms(terms, record, replace) {
  const start = replace ? terms.starts_at : nextHour();
  const length = record ? terms.ends_at - terms.starts_at : HOUR;
  const id = {
    name: "auction",
    label: t("auction.id"),
    hint: t("field.id"),
    required: true,
    mono: true,
    most: 64,
    pattern: ID,
    patternWords: t("field.id"),
    value: record ? suggestId(record.auction) : "",
  };
  return [
    { legend: t("auction.what") },
    { name: "title", label: t("auction.title"), required: true, most: 500, value: terms.title },
    ...(replace ? [] : [id]),
    { name: "campaign", label: t("auction.campaign"), hint: t("auction.campaign_hint"), mono: true, most: 64, value: terms.campaign },
    { legend: t("auction.when") },
    { name: "starts_at", kind: "time", label: t("auction.starts_at"), required: true, value: start },
    { name: "ends_at", kind: "time", label: t("auction.ends_at"), required: true, value: start + length },
    { legend: t("auction.prices") },
    { name: "opening", kind: "number", label: t("auction.opening"), required: true, least: 1, unit: t("auction.points"), value: terms.opening },
    { name: "reserve", kind: "number", label: t("auction.reserve"), hint: t("auction.reserve_hint"), unit: t("auction.points"), value: terms.reserve || null, when: isOneOf("english", "sealed", "multi_unit") },
    { name: "reserve_shown", kind: "check", label: t("auction.reserve_shown"), value: terms.reserve_shown, when: isOneOf("english", "sealed", "multi_unit") },
    { name: "buy_now", kind: "number", label: t("auction.buy_now"), hint: t("auction.buy_now_hint"), unit: t("auction.points"), value: terms.buy_now || null, when: isEnglish },
  ];
}

function fieldsOfFormat(format) {
  const { type = "english", pricing = "", order = "quantity" } = format ?? {};
  const pieces = isOneOf("dutch", "multi_unit", "clock");
  const options = (names) => names.map((name) => [name, t(`auction.pricing_${name}`)]);
  return [
    { legend: t("auction.how") },
    { name: "format", kind: "choice", label: t("auction.format"), options: FORMATS.map((one) => [one, nameFormat(one)]), value: type },
    { name: "supply", kind: "number", label: t("auction.supply"), required: true, least: 1, greatest: 1_000, value: format?.supply ?? 1, when: pieces },
    { name: "floor", kind: "number", label: t("auction.floor"), hint: t("auction.floor_hint"), required: true, least: 1, value: format?.floor, when: isOneOf("dutch") },
    { name: "step_kind", kind: "choice", label: t("auction.step_kind"), options: ["points", "share"].map((one) => [one, t(`auction.step_${one}`)]), value: format?.step_share ? "share" : "points", when: hasClock },
    { name: "step", kind: "number", label: t("auction.step"), required: true, least: 1, unit: t("auction.points"), value: format?.step || null, when: (values) => hasClock(values) && values.step_kind === "points" },
    { name: "step_share", kind: "percent", label: t("auction.step_of_opening"), required: true, least: 1, value: format?.step_share || null, when: (values) => hasClock(values) && values.step_kind === "share" },
    { name: "interval", kind: "length", label: t("auction.interval"), required: true, value: format?.interval ?? 30_000, when: hasClock },
    { name: "entry", kind: "length", label: t("auction.entry"), hint: t("auction.entry_hint"), required: true, value: format?.entry ?? MINUTE, when: isOneOf("clock") },
    { name: "sealed_pricing", path: "pricing", kind: "choice", label: t("auction.pricing"), options: options(["first", "second"]), value: type === "sealed" ? pricing : "second", when: isOneOf("sealed") },
    { name: "unit_pricing", path: "pricing", kind: "choice", label: t("auction.pricing"), options: options(["lowest_winning", "highest_losing", "pay_as_bid"]), value: type === "multi_unit" ? pricing : "lowest_winning", when: isOneOf("multi_unit") },
    { name: "order", kind: "choice", label: t("auction.order"), options: ["quantity", "time"].map((one) => [one, t(`auction.order_${one}`)]), value: order, when: isOneOf("multi_unit") },
    { name: "sealed", kind: "check", label: t("auction.sealed"), value: format?.sealed, when: isOneOf("multi_unit") },
    { name: "may_lower", kind: "check", label: t("auction.may_lower"), value: format?.may_lower, when: ({ format: one, sealed }) => one === "sealed" || (one === "multi_unit" && sealed) },
  ];
}

function fieldsOfClose(close) {
  const closes = ({ format, flavour }) => ["english", "multi_unit"].includes(format) && flavour !== "none";
  const flavours = ["none", "append", "reset"].map((one) => [one, t(`auction.close_${one}`)]);
  return [
    { legend: t("auction.soft_close") },
    { name: "flavour", path: "soft_close", kind: "choice", label: t("auction.late_bids"), options: flavours, value: close?.flavour ?? "none", when: isOneOf("english", "multi_unit") },
    { name: "window", kind: "length", label: t("auction.window"), required: true, value: close?.window ?? MINUTE, when: closes },
    { name: "extension", kind: "length", label: t("auction.extension"), required: true, value: close?.extension ?? MINUTE, when: closes },
    { name: "hard_stop", kind: "length", label: t("auction.hard_stop"), required: true, value: close?.hard_stop ?? 15 * MINUTE, when: closes },
  ];
}

function fieldsOfEligibility({ eligibility }, tiers, markets) {
  return [
    { legend: t("auction.eligibility") },
    chooseNames("tiers", t("auction.tiers"), tiers, eligibility?.tiers),
    chooseNames("markets", t("auction.markets"), markets, eligibility?.markets),
    { name: "segments", kind: "names", label: t("auction.segments"), value: eligibility?.segments },
  ];
}

/** What winners of each tier pay of the price that they won at; tiers that the terms name are asked for too. */
function fieldsOfSettlement(factors, tiers) {
  const named = [...new Set([...tiers, ...Object.keys(factors)])];
  if (!named.length) return [];
  const field = (tier) => ({ name: factorName(tier), path: "settlement_factors", kind: "percent", label: t("auction.factor", { tier }), least: 1, value: factors[tier] ?? null });
  return [{ legend: t("auction.settlement") }, ...named.map(field)];
}

function factorName(tier) {
  return `factor_${tier}`;
}

function sayDefault(increments) {
  return increments.length ? t("auction.increments_default", { table: sayIncrements(increments) }) : t("auction.increments_none");
}

/** What can be told without asking the gateway. */
function checkAuction(values) {
  const wrong = {};
  if (values.ends_at <= values.starts_at) wrong.ends_at = t("auction.ends_first");
  if (values.format === "english" && values.buy_now && values.buy_now <= values.opening) wrong.buy_now = t("auction.buy_now_low");
  if (values.reserve && values.reserve < values.opening) wrong.reserve = t("auction.reserve_low");
  if (values.format === "dutch" && values.floor >= values.opening) wrong.floor = t("auction.floor_high");
  return Object.keys(wrong).length ? wrong : null;
}

function readTerms(values) {
  const has = (...formats) => formats.includes(values.format);
  const reserves = has("english", "sealed", "multi_unit");
  const closes = has("english", "multi_unit") && values.flavour !== "none";
  const { flavour, window, extension, hard_stop } = values;
  const eligibility = { tiers: values.tiers, markets: values.markets, segments: values.segments };
  const some = Object.values(eligibility).some((names) => names.length);
  return {
    title: values.title,
    opening: values.opening,
    starts_at: values.starts_at,
    ends_at: values.ends_at,
    reserve: reserves ? (values.reserve ?? 0) : 0,
    reserve_shown: reserves && values.reserve_shown,
    buy_now: has("english") ? (values.buy_now ?? 0) : 0,
    increments: has("english") ? readIncrements(values.increments) : [],
    soft_close: closes ? { flavour, window, extension, hard_stop } : null,
    eligibility: some ? eligibility : null,
    campaign: values.campaign,
    settlement_factors: readFactors(values),
  };
}

function readFactors(values) {
  const prefix = factorName("");
  const given = Object.entries(values).filter(([name, value]) => name.startsWith(prefix) && value !== null);
  return Object.fromEntries(given.map(([name, value]) => [name.slice(prefix.length), value]));
}

function readFormat(values) {
  const inPoints = values.step_kind === "points";
  const [step, step_share] = inPoints ? [values.step, 0] : [0, values.step_share];
  const { format: type, supply, floor, interval, entry, order, sealed, may_lower } = values;
  if (type === "dutch") return { type, floor, interval, step, step_share, supply };
  if (type === "clock") return { type, entry, interval, step, step_share, supply };
  if (type === "sealed") return { type, pricing: values.sealed_pricing, may_lower };
  if (type === "multi_unit") return { type, supply, pricing: values.unit_pricing, order, sealed, may_lower: sealed && may_lower };
  return null;
}

function nextHour() {
  return Math.ceil((now() + MINUTE) / HOUR) * HOUR;
}

function suggestId(id) {
  const [, stem, number] = /^(.*?)(?:-(\d+))?$/.exec(id);
  return `${stem}-${Number(number ?? 1) + 1}`.slice(-64);
}
