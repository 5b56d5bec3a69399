/* Time zones: dates and times as the clocks of any zone show them, and the instants (ms) that those are. */

import { locale, t } from "../words.js";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const formats = new Map();

/** The reader's own time zone. */
export const OWN_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

export function isZone(name) {
  try {
    return Boolean(keep(name));
  } catch {
    return false;
  }
}

/** How far a zone's clocks are ahead of UTC at an instant, in ms. */
export function offsetOf(instant, zone) {
  const part = Object.fromEntries(keep(zone).formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const there = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return there - Math.floor(instant / 1000) * 1000;
}

/** An instant as a zone's clocks show it, as `datetime-local` wants it: `2026-11-24T18:00:00`. */
export function toLocal(instant, zone) {
  return new Date(instant + offsetOf(instant, zone)).toISOString().slice(0, 19);
}

/** A local time as an instant: of two, where clocks go back, the first; NaN for none, where they go forward. */
export function fromLocal(text, zone) {
  const wall = Date.parse(`${text}Z`);
  if (Number.isNaN(wall)) return NaN;
  // Whatever the zone, one of these offsets holds at that time.
  const offsets = [offsetOf(wall - DAY, zone), offsetOf(wall + DAY, zone)];
  const found = offsets.map((offset) => wall - offset).find((instant, index) => offsetOf(instant, zone) === offsets[index]);
  return found ?? NaN;
}

/** The local date of an instant: `2026-11-24`. */
export function dateOf(instant, zone) {
  return toLocal(instant, zone).slice(0, 10);
}

/** When a local date begins; where its midnight is left out, when it would have been. */
export function startOf(date, zone) {
  const midnight = `${date}T00:00:00`;
  const start = fromLocal(midnight, zone);
  return Number.isNaN(start) ? Date.parse(`${midnight}Z`) - offsetOf(Date.parse(`${midnight}Z`) - DAY, zone) : start;
}

export function addDays(date, days) {
  return new Date(Date.parse(`${date}T00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** When a zone's clocks change from one instant to another: `[{ at, by }]`, `by` in ms, above 0 where they go forward. */
export function findChanges(zone, from, to) {
  const changes = [];
  for (let day = from; day < to; day += DAY) {
    const before = offsetOf(day, zone);
    const by = offsetOf(Math.min(day + DAY, to), zone) - before;
    if (by) changes.push({ at: findChange(zone, day, day + DAY, before), by });
  }
  return changes;
}

function findChange(zone, from, to, before) {
  let low = from;
  let high = to;
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offsetOf(middle, zone) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** A zone with how far it is ahead of UTC at an instant: `Europe/Oslo (UTC+1)`. */
export function nameZone(zone, at) {
  const format = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: "shortOffset" });
  const offset = format.formatToParts(at).find(({ type }) => type === "timeZoneName").value;
  return t("zone.name", { zone, offset });
}

/** Day and time of an instant as a zone's clocks show them. */
export function formatThere(instant, zone) {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone: zone }).format(instant);
}

/** What a zone's clocks do in a stretch of time, in words; empty where they go on evenly. */
export function sayChanges(zone, from, to) {
  return findChanges(zone, from, to)
    .map(({ at, by }) => t(by > 0 ? "zone.forward" : "zone.back", { hours: Math.abs(by) / HOUR, at: formatThere(at - 1, zone) }))
    .join(" ");
}

function keep(zone) {
  if (!formats.has(zone)) {
    const numbers = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" };
    formats.set(zone, new Intl.DateTimeFormat("en-US", { timeZone: zone, calendar: "gregory", hourCycle: "h23", ...numbers }));
  }
  return formats.get(zone);
}
