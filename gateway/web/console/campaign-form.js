/*
 * The form of a campaign's own terms: what it is called, when it runs, what it may give away. A copy of another one is a
 * template: its windows and peaks move along with its start.
 */

import { now } from "../clock.js";
import { LANGUAGES, t } from "../words.js";

import { askForm } from "./form.js";
import { makeWindows } from "./windows-field.js";
import { zoneField } from "./zone-field.js";
import { OWN_ZONE, isZone } from "./zones.js";

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const HOUR = 3_600_000;

/** The terms of a campaign that begins from nothing. */
export const BLANK = { titles: {}, kind: "promotional", starts_at: 0, ends_at: 0, windows: [], budget: null, shelves: [], rotation: null, schedule: null };

/** The next full hour. */
export function nextHour() {
  return Math.ceil((now() + 60_000) / HOUR) * HOUR;
}

/** Asks for other terms of a campaign. What the gateway answers, or null. */
export function editCampaign({ gateway }, { campaign, terms }) {
  const clocks = makeClocks(terms.schedule?.zone);
  return askForm({
    title: t("campaign.edit"),
    wide: true,
    fields: fieldsOfTerms(terms, clocks),
    check: checkTerms,
    act: (values) => gateway.command("campaign.put", { campaign, terms: { ...terms, ...readTerms(values, terms) } }),
  });
}

/** Whose clocks a form's times are by: its field of a zone changes them. */
export function makeClocks(zone = OWN_ZONE) {
  const clocks = { zone: isZone(zone) ? zone : OWN_ZONE, there: () => clocks.zone };
  return clocks;
}

/** The field of a campaign's id; ids in `taken` are others'. */
export function fieldOfId(value) {
  return { name: "campaign", label: t("campaign.id"), hint: t("field.id"), required: true, mono: true, most: 64, pattern: ID, patternWords: t("field.id"), value };
}

/** The fields of a form for a campaign's terms; `more` stand behind its titles. */
export function fieldsOfTerms(terms, clocks, more = []) {
  const { there: zone } = clocks;
  const kinds = ["promotional", "always_on"].map((one) => [one, t(`campaign.kind_${one}`)]);
  return [
    { legend: t("campaign.what") },
    ...Object.entries(LANGUAGES).map(([code, language]) => ({ name: `title_${code}`, label: t("campaign.title_in", { language }), most: 500, value: terms.titles[code] })),
    ...more,
    { name: "kind", kind: "choice", label: t("campaign.kind"), options: kinds, value: terms.kind },
    { legend: t("campaign.when") },
    zoneField({ value: clocks.zone, hint: t("campaign.zone_hint"), onChange: (chosen) => (clocks.zone = chosen) }),
    { name: "starts_at", kind: "time", label: t("campaign.starts_at"), hint: t("campaign.starts_hint"), zone, value: terms.starts_at || null },
    { name: "ends_at", kind: "time", label: t("campaign.ends_at"), hint: t("campaign.ends_hint"), zone, value: terms.ends_at || null },
    { name: "windows", make: makeWindows, label: t("campaign.windows"), hint: t("campaign.windows_hint"), zone, value: terms.schedule ? [] : terms.windows, when: () => !terms.schedule },
    { legend: t("campaign.money") },
    { name: "budget", kind: "number", label: t("campaign.budget"), hint: t("campaign.budget_hint"), unit: t("campaign.points"), value: terms.budget },
  ];
}

export function checkTerms(values) {
  if (!Object.keys(LANGUAGES).some((code) => values[`title_${code}`])) return { title_en: t("campaign.title_missing") };
  if (values.ends_at && values.ends_at <= Math.max(values.starts_at ?? 0, now())) return { ends_at: t("campaign.ends_first") };
  return null;
}

/** What those fields say, as a campaign's terms have it. */
export function readTerms(values, { titles: before, schedule }) {
  const titles = { ...before };
  for (const code of Object.keys(LANGUAGES)) {
    if (values[`title_${code}`]) titles[code] = values[`title_${code}`];
    else delete titles[code];
  }
  return {
    titles,
    kind: values.kind,
    starts_at: values.starts_at ?? 0,
    ends_at: values.ends_at ?? 0,
    windows: schedule ? [] : values.windows,
    budget: values.budget,
  };
}

/** A template's terms from another start on: its end, windows and peaks are as far from that as they were from its own. */
export function moveTerms(terms, start) {
  const shift = terms.starts_at ? start - terms.starts_at : 0;
  const peaks = terms.rotation?.peaks.map((peak) => ({ ...peak, starts_at: peak.starts_at + shift, ends_at: peak.ends_at + shift }));
  return {
    ...terms,
    starts_at: start,
    ends_at: terms.ends_at ? terms.ends_at + shift : 0,
    windows: terms.schedule ? [] : terms.windows.map((window) => window.map((instant) => instant + shift)),
    rotation: terms.rotation && { ...terms.rotation, peaks },
  };
}
