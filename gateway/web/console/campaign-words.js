/* What a campaign is, in words: its name, how it stands, when it is in force, what it gives away. */

import { element } from "../dom.js";
import { localise } from "../locale.js";
import { formatDay, formatList, formatPoints, formatShare, t } from "../words.js";

import { makeChip } from "./parts.js";

export const STATUSES = ["draft", "scheduled", "running", "paused", "ended", "archived"];

const TONES = { running: "good", paused: "warn", scheduled: "accent", ended: "", archived: "" };

export function nameCampaign({ campaign, terms }) {
  return localise(terms.titles)?.text ?? campaign;
}

export function nameStatus({ status }) {
  return t(`campaign.status_${status}`);
}

/** Its status, and whether it is in force just now: one that runs may be between its windows. */
export function showStatus(record) {
  const chip = makeChip(nameStatus(record), TONES[record.status] ?? "");
  if (record.status !== "running" || record.in_force) return chip;
  return element("span", { class: "chips" }, chip, makeChip(t("campaign.between"), "warn"));
}

export function sayWhen({ starts_at: start, ends_at: end }) {
  if (!start && !end) return t("campaign.always");
  if (!end) return t("campaign.from", { start: formatDay(start) });
  return start ? t("campaign.from_to", { start: formatDay(start), end: formatDay(end) }) : t("campaign.until", { end: formatDay(end) });
}

/** The part of a budget that is given away, from 0 to 1; null without a budget. */
export function shareUsed({ left, terms: { budget } }) {
  if (budget === null) return null;
  return budget ? Math.min(1, (budget - (left ?? 0)) / budget) : 1;
}

export function sayBudget(record) {
  const { given, left, terms } = record;
  if (terms.budget === null) return given ? t("campaign.given", { count: given }) : t("campaign.no_budget");
  const used = formatPoints(terms.budget - (left ?? 0));
  return t("campaign.used", { used, budget: formatPoints(terms.budget), share: formatShare(shareUsed(record) * 10_000) });
}

export function showBudget(record) {
  const label = sayBudget(record);
  if (record.terms.budget === null) return element("span", {}, label);
  const meter = element("meter", { min: 0, max: 1, high: 0.9, optimum: 0, value: shareUsed(record), "aria-label": label });
  return element("span", { class: "budget" }, meter, element("small", {}, label));
}

export function saySchedule({ zone, windows, recurrences, celebrations }) {
  const days = celebrations.map(({ names, country }) => `${names.join(", ")} (${country})`);
  const said = [t("campaign.zone", { zone })];
  if (windows.length) said.push(t("campaign.single_windows", { count: windows.length }));
  if (recurrences.length) said.push(t("campaign.recurrences", { count: recurrences.length }));
  if (days.length) said.push(t("campaign.celebrations", { days: formatList(days) }));
  return said.join(" ");
}
