/*
 * The form of a campaign. A copy of another one is a template: its windows and peaks move along with its start, its
 * schedule, shelves and budget come with it.
 */

import { now } from "/clock.js";
import { LANGUAGES, t } from "/words.js";

import { askForm } from "./form.js";
import { makeWindows } from "./windows-field.js";

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const HOUR = 3_600_000;

/** As `askAuction`, of a campaign; one that is copied may be scheduled at once. */
export function askCampaign(context, record = null, replace = false) {
  const terms = record?.terms ?? { titles: {}, windows: [], shelves: [], schedule: null, rotation: null };
  const start = replace ? terms.starts_at : Math.ceil((now() + 60_000) / HOUR) * HOUR;
  const end = terms.ends_at ? (replace ? terms.ends_at : start + (terms.ends_at - (terms.starts_at || start))) : null;
  const launch = { name: "launch", kind: "check", label: t("campaign.launch"), value: record !== null };
  const id = { name: "campaign", label: t("campaign.id"), hint: t("field.id"), required: true, mono: true, most: 64, pattern: ID, patternWords: t("field.id"), value: record ? `${record.campaign}-2`.slice(-64) : "" };
  return askForm({
    title: t(replace ? "campaign.edit" : record ? "campaign.copy_title" : "campaign.add"),
    lead: record && !replace ? t("campaign.copy_lead") : "",
    submit: replace ? t("form.save") : t("campaign.make"),
    wide: true,
    fields: [
      { legend: t("campaign.what") },
      ...Object.entries(LANGUAGES).map(([code, language]) => ({ name: `title_${code}`, label: t("campaign.title_in", { language }), most: 500, value: terms.titles[code] })),
      ...(replace ? [] : [id]),
      { name: "kind", kind: "choice", label: t("campaign.kind"), options: ["promotional", "always_on"].map((one) => [one, t(`campaign.kind_${one}`)]), value: terms.kind },
      { legend: t("campaign.when") },
      { name: "starts_at", kind: "time", label: t("campaign.starts_at"), hint: t("campaign.starts_hint"), value: start || null },
      { name: "ends_at", kind: "time", label: t("campaign.ends_at"), hint: t("campaign.ends_hint"), value: end },
      { name: "windows", make: makeWindows, label: t("campaign.windows"), hint: t(terms.schedule ? "campaign.windows_scheduled" : "campaign.windows_hint"), value: terms.schedule ? [] : moveWindows(terms, start, replace) },
      { legend: t("campaign.money") },
      { name: "budget", kind: "number", label: t("campaign.budget"), hint: t("campaign.budget_hint"), unit: t("campaign.points"), value: terms.budget ?? null },
      ...(replace ? [] : [launch]),
    ],
    check: checkCampaign,
    act: async (values) => {
      const campaign = replace ? record.campaign : values.campaign;
      const made = await context.gateway.command("campaign.put", { campaign, terms: readTerms(values, terms, start, replace) });
      return values.launch ? context.gateway.command("campaign.schedule", { campaign }) : made;
    },
  });
}

function checkCampaign(values) {
  if (!Object.keys(LANGUAGES).some((code) => values[`title_${code}`])) return { title_en: t("campaign.title_missing") };
  if (values.ends_at && values.ends_at <= Math.max(values.starts_at ?? 0, now())) return { ends_at: t("campaign.ends_first") };
  return null;
}

/** A template's windows, as far from the new start as they were from its own. */
function moveWindows({ windows, starts_at: from }, start, replace) {
  if (replace || !from) return windows;
  return windows.map(([one, other]) => [one - from + start, other - from + start]);
}

/** The terms; what the form does not ask for (shelves, rotation, schedule) stays as it was, or moves along. */
function readTerms(values, before, start, replace) {
  const titles = { ...before.titles };
  for (const code of Object.keys(LANGUAGES)) {
    if (values[`title_${code}`]) titles[code] = values[`title_${code}`];
    else delete titles[code];
  }
  const shift = replace || !before.starts_at ? 0 : (values.starts_at ?? start) - before.starts_at;
  const rotation = before.rotation && {
    ...before.rotation,
    peaks: before.rotation.peaks.map((peak) => ({ ...peak, starts_at: peak.starts_at + shift, ends_at: peak.ends_at + shift })),
  };
  return {
    titles,
    kind: values.kind,
    starts_at: values.starts_at ?? 0,
    ends_at: values.ends_at ?? 0,
    windows: before.schedule ? [] : values.windows,
    budget: values.budget,
    shelves: before.shelves,
    rotation,
    schedule: before.schedule,
  };
}
