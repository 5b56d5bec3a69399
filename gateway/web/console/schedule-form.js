/*
 * The form of a campaign's schedule: windows, recurrences and celebrations, by the clocks of a time zone. What it comes
 * to stands below, as the gateway works it out.
 */

import { now } from "../clock.js";
import { element } from "../dom.js";
import { language, t } from "../words.js";

import { rowsOfFields } from "./field-rows.js";
import { askForm } from "./form.js";
import { describe } from "./refusals.js";
import { makeLocalWindows } from "./windows-field.js";
import { zoneField } from "./zone-field.js";
import { OWN_ZONE, addDays, dateOf, formatThere, isZone, sayChanges } from "./zones.js";

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const NTH = [0, 1, 2, 3, 4, 5, -1];
const AHEAD = 60 * 86_400_000;

/** Windows that are told at once. */
const TOLD = 12;

/** Days that one question about a calendar asks for, at most. */
const YEAR = 365;

/** A schedule that says nothing yet. */
export const EMPTY = { zone: "", windows: [], recurrences: [], celebrations: [] };

/** Asks for a schedule, and calls `put(schedule)`: null for one that says nothing. What that gave, or null. */
export function askSchedule({ gateway }, { title, schedule, zone = OWN_ZONE, put }) {
  const before = schedule ?? EMPTY;
  let clocks = before.zone || zone;
  const outcome = element("div", { class: "outcome", role: "status" });
  const tell = async (values) => outcome.replaceChildren(...(await sayOutcome(gateway, readSchedule(values))));
  const form = askForm({
    title,
    lead: t("schedule.lead"),
    wide: true,
    fields: [
      zoneField({ value: clocks, hint: t("schedule.zone_hint"), onChange: (chosen) => (clocks = chosen) }),
      { name: "recurrences", make: makeRecurrences(), label: t("schedule.recurrences"), value: before.recurrences },
      { name: "celebrations", make: makeCelebrations(gateway), label: t("schedule.celebrations"), hint: t("schedule.celebrations_hint"), value: before.celebrations.map((one) => ({ ...one, names: one.names.join("\n") })) },
      { name: "windows", make: makeLocalWindows, label: t("schedule.windows"), zone: () => (isZone(clocks) ? clocks : OWN_ZONE), value: before.windows },
      { name: "outcome", make: () => ({ node: outcome, controls: [element("span")], value: () => null, group: true }), label: t("schedule.outcome") },
    ],
    live: async (values) => {
      await tell(values);
      return null;
    },
    locate: (error) => (error.details?.field ? locate(error) : null),
    act: (values) => put(isEmpty(values) ? null : readSchedule(values)),
  });
  if (schedule) tell({ ...before, celebrations: before.celebrations.map((one) => ({ ...one, names: one.names.join("\n") })) });
  return form;
}

function isEmpty({ windows, recurrences, celebrations }) {
  return !windows.length && !recurrences.length && !celebrations.length;
}

function readSchedule({ zone, windows, recurrences, celebrations }) {
  return {
    zone,
    windows,
    recurrences: recurrences.map(({ minutes, nth, ...rest }) => ({ ...rest, minutes: minutes ?? 0, nth: Number(nth ?? 0) })),
    celebrations: celebrations.map((one) => ({
      ...one,
      country: one.country.toUpperCase(),
      names: one.names.split("\n").map((name) => name.trim()).filter(Boolean),
      days_before: one.days_before ?? 0,
      days_after: one.days_after ?? 0,
    })),
  };
}

/** `terms.schedule.recurrences[0].at: …` belongs to the field of recurrences. */
function locate(error) {
  const name = /schedule\.(\w+)/.exec(error.details.field)?.[1];
  return name ? { [name]: describe(error) } : null;
}

async function sayOutcome(gateway, schedule) {
  if (isEmpty(schedule)) return [element("p", { class: "hint" }, t("campaign.all_the_time"))];
  const from = Math.floor(now());
  const { windows } = await gateway.ask("calendar.windows", { schedule, from, to: from + AHEAD });
  const { zone } = schedule;
  const said = ([start, end]) => element("li", {}, t("campaign.from_to", { start: formatThere(start, zone), end: formatThere(end, zone) }));
  const list = element("ul", {}, ...windows.slice(0, TOLD).map(said));
  const count = t("schedule.comes_to", { count: windows.length });
  const changes = sayChanges(zone, from, from + AHEAD);
  return [element("p", {}, count), list, ...(changes ? [element("p", { class: "hint" }, t("schedule.clocks_change", { changes }))] : [])];
}

function makeRecurrences() {
  const columns = (row) => [
    { name: "at", make: typed("time"), label: t("schedule.at"), required: true, value: row.at?.slice(0, 5) },
    { name: "minutes", kind: "number", label: t("schedule.minutes"), hint: t("schedule.minutes_hint"), greatest: 10_080, value: row.minutes || null },
    { name: "weekdays", kind: "many", label: t("schedule.weekdays"), options: WEEKDAYS.map((one, index) => [one, nameWeekday(index)]), value: row.weekdays },
    { name: "nth", kind: "choice", label: t("schedule.nth"), options: NTH.map((one) => [String(one), t(`schedule.nth_${one < 0 ? "last" : one}`)]), value: String(row.nth ?? 0) },
    { name: "since", make: typed("date"), label: t("schedule.since"), value: row.since },
    { name: "until", make: typed("date"), label: t("schedule.until"), value: row.until },
  ];
  return rowsOfFields(columns, { add: t("schedule.add_recurrence"), fresh: () => ({ at: "18:00", minutes: 120 }) });
}

/** The 5th of January 1970 was a Monday. */
function nameWeekday(index) {
  return new Intl.DateTimeFormat(document.documentElement.dataset.locale ?? language, { weekday: "short", timeZone: "UTC" }).format((4 + index) * 86_400_000);
}

function typed(type) {
  return (field, id) => {
    const input = element("input", { id, name: field.name, type, value: field.value ?? "" });
    return { node: input, controls: [input], value: () => input.value };
  };
}

function makeCelebrations(gateway) {
  const columns = (row) => [
    { name: "country", label: t("schedule.country"), hint: t("schedule.country_hint"), required: true, mono: true, most: 2, pattern: /^[A-Za-z]{2}$/, patternWords: t("schedule.country_hint"), value: row.country },
    { name: "names", make: makeNames(gateway), label: t("schedule.names"), hint: t("schedule.names_hint"), required: true, value: row.names },
    { name: "days_before", kind: "number", label: t("schedule.days_before"), greatest: 60, value: row.days_before || null },
    { name: "days_after", kind: "number", label: t("schedule.days_after"), greatest: 60, value: row.days_after || null },
    { name: "as_one", kind: "check", label: t("schedule.as_one"), value: row.as_one },
  ];
  return rowsOfFields(columns, { add: t("schedule.add_celebration") });
}

/** Names of a country's days, one a line, and those that there are to choose from. */
function makeNames(gateway) {
  return (field, id) => {
    const input = element("textarea", { id, name: field.name, rows: 2, value: field.value ?? "", dir: "ltr", spellcheck: false });
    const choice = element("select", { "aria-label": t("field.add_known") }, element("option", { value: "" }, t("field.add_known")));
    let filled = "";
    choice.addEventListener("focus", async () => {
      const country = choice.closest("li").querySelector("[name=country]").value.toUpperCase();
      if (country === filled || country.length !== 2) return;
      const names = await readNames(gateway, country).catch(() => []);
      filled = names.length ? country : "";
      choice.replaceChildren(choice.firstChild, ...names.map((name) => element("option", { value: name }, name)));
    });
    choice.addEventListener("change", () => {
      input.value = [...new Set([...input.value.split("\n"), choice.value].filter(Boolean))].join("\n");
      choice.value = "";
    });
    return { node: element("div", { class: "names" }, input, choice), controls: [input], value: () => input.value.trim() };
  };
}

/** Schedules name days in English, whatever the reader's language; what is an estimate is named without saying so. */
async function readNames(gateway, country) {
  const from = dateOf(now(), "UTC");
  const { days } = await gateway.ask("calendar.days", { country, from, to: addDays(from, YEAR), language: "en" });
  const names = days.filter(({ category }) => category === "public").map(({ name }) => name.replace(/ \((estimated|observed).*?\)/g, ""));
  return [...new Set(names)].sort();
}
