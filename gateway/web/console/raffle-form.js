/* The form of a raffle: a draft, one that has not opened, or a copy of another. */

import { now } from "../clock.js";
import { LANGUAGES, t } from "../words.js";

import { askForm } from "./form.js";
import { rowsOf } from "./rows-field.js";

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** As `askAuction`, of a raffle. */
export function askRaffle(context, record = null, replace = false) {
  const terms = record?.terms ?? {};
  return askForm({
    title: t(replace ? "raffle.edit" : record ? "raffle.copy_title" : "raffle.add"),
    submit: replace ? t("form.save") : t("raffle.make_draft"),
    wide: true,
    fields: [
      ...fieldsOfNames(terms, record, replace),
      ...fieldsOfTimes(terms, record, replace),
      ...fieldsOfPrizes(terms),
      ...fieldsOfTickets(terms),
      ...fieldsOfRest(terms, context.program.settings),
    ],
    check: checkRaffle,
    act: (values) => {
      const raffle = replace ? record.raffle : values.raffle;
      const method = replace ? "raffle.update" : "raffle.create";
      return context.gateway.command(method, { raffle, terms: readTerms(values, terms) });
    },
  });
}

function fieldsOfNames(terms, record, replace) {
  const titles = Object.entries(LANGUAGES).map(([code, language]) => ({
    name: `title_${code}`,
    path: code === "en" ? "titles" : undefined,
    label: t("raffle.title_in", { language }),
    most: 500,
    value: terms.titles?.[code],
  }));
  const id = { name: "raffle", label: t("raffle.id"), hint: t("field.id"), required: true, mono: true, most: 64, pattern: ID, patternWords: t("field.id"), value: record ? `${record.raffle}-2`.slice(-64) : "" };
  return [{ legend: t("raffle.what") }, ...titles, ...(replace ? [] : [id])];
}

function fieldsOfTimes(terms, record, replace) {
  const opens = replace ? terms.opens_at : Math.ceil((now() + 60_000) / HOUR) * HOUR;
  const length = record ? terms.closes_at - terms.opens_at : DAY;
  const randomness = ["beacon", "commitment"].map((one) => [one, t(`raffle.randomness_${one}`)]);
  return [
    { legend: t("raffle.when") },
    { name: "opens_at", kind: "time", label: t("raffle.opens_at"), required: true, value: opens },
    { name: "closes_at", kind: "time", label: t("raffle.closes_at"), hint: t("raffle.closes_hint"), required: true, value: opens + length },
    { name: "claim_within", kind: "length", label: t("raffle.claim_within"), required: true, value: terms.claim_within ?? 7 * DAY },
    { name: "randomness", kind: "choice", label: t("raffle.randomness"), hint: t("raffle.randomness_hint"), options: randomness, value: terms.randomness },
  ];
}

function fieldsOfPrizes(terms) {
  const columns = [
    { name: "id", label: t("raffle.prize_id"), pattern: ID },
    { name: "quantity", label: t("raffle.quantity"), number: true },
    { name: "title", label: t("raffle.prize_title"), required: false },
  ];
  const judge = (rows) => (new Set(rows.map(({ id }) => id)).size < rows.length ? t("raffle.prizes_twice") : "");
  const prizes = terms.prizes?.map((prize) => ({ ...prize, title: prize.titles?.en ?? "" }));
  return [
    { legend: t("raffle.prizes") },
    { name: "prizes", make: rowsOf(columns, { add: t("raffle.add_prize"), judge }), label: t("raffle.prizes_label"), required: true, value: prizes ?? [{ id: "prize", quantity: 1, title: "" }] },
    { name: "reserves", kind: "number", label: t("raffle.reserves"), hint: t("raffle.reserves_hint"), greatest: 10_000, value: terms.reserves ?? 3 },
  ];
}

function fieldsOfTickets(terms) {
  const columns = [
    { name: "tickets", label: t("raffle.bundle_tickets"), number: true, least: 2 },
    { name: "pays", label: t("raffle.bundle_pays"), number: true },
  ];
  const judge = (rows) => (rows.some(({ tickets, pays }) => pays >= tickets) ? t("raffle.bundle_dear") : "");
  const sold = (values) => !values.granted_only;
  return [
    { legend: t("raffle.tickets") },
    { name: "granted_only", kind: "check", label: t("raffle.granted_only_label"), value: terms.price === null },
    { name: "price", kind: "number", label: t("raffle.price"), required: true, value: terms.price ?? null, when: sold },
    { name: "bundles", make: rowsOf(columns, { add: t("raffle.add_bundle"), judge }), label: t("raffle.bundles"), hint: t("raffle.bundles_hint"), value: terms.bundles, when: sold },
    { name: "most", kind: "number", label: t("raffle.most"), hint: t("raffle.no_limit"), least: 1, greatest: 10 ** 9, value: terms.most ?? null },
    { name: "most_each", kind: "number", label: t("raffle.most_each"), hint: t("raffle.no_limit"), least: 1, greatest: 10 ** 9, value: terms.most_each ?? null },
  ];
}

function fieldsOfRest({ eligibility, campaign }, { tiers, markets }) {
  const named = (names) => names.map((name) => [name, name]);
  return [
    { legend: t("raffle.eligibility") },
    ...(tiers.length ? [{ name: "tiers", kind: "many", label: t("raffle.tiers"), options: named(tiers), value: eligibility?.tiers }] : []),
    ...(markets.length ? [{ name: "markets", kind: "many", label: t("raffle.markets"), options: named(markets), value: eligibility?.markets }] : []),
    { name: "segments", kind: "names", label: t("raffle.segments"), value: eligibility?.segments },
    { name: "campaign", label: t("raffle.campaign"), mono: true, most: 64, value: campaign },
  ];
}

function checkRaffle(values) {
  if (!Object.keys(LANGUAGES).some((code) => values[`title_${code}`])) return { title_en: t("raffle.title_missing") };
  return values.closes_at <= values.opens_at ? { closes_at: t("raffle.ends_first") } : null;
}

/** The terms; what the form does not ask for (texts, limits by tier) stays as it was. */
function readTerms(values, before) {
  const titles = { ...before.titles };
  for (const code of Object.keys(LANGUAGES)) {
    if (values[`title_${code}`]) titles[code] = values[`title_${code}`];
    else delete titles[code];
  }
  const prizes = values.prizes.map(({ id, quantity, title, titles: others = {} }) => ({
    id,
    quantity,
    titles: title ? { ...others, en: title } : others,
  }));
  const eligibility = { tiers: values.tiers ?? [], markets: values.markets ?? [], segments: values.segments };
  const some = Object.values(eligibility).some((names) => names.length);
  return {
    titles,
    prizes,
    price: values.granted_only ? null : values.price,
    opens_at: values.opens_at,
    closes_at: values.closes_at,
    reserves: values.reserves ?? 0,
    bundles: values.granted_only ? [] : values.bundles,
    most: values.most,
    most_by_tier: before.most_by_tier ?? {},
    most_each: values.most_each,
    most_each_by_tier: before.most_each_by_tier ?? {},
    eligibility: some ? eligibility : null,
    claim_within: values.claim_within,
    randomness: values.randomness,
    campaign: values.campaign,
    texts: before.texts ?? {},
  };
}
