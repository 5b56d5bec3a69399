/* What stands where in a calendar of campaigns: no document, no gateway. A period is a month or a week, by its days. */

import { addDays, dateOf } from "./zones.js";

const WEEK = 7;

/** The dates of a period: of `2026-12` all of that month, of `2026-12-07` those of the week that it begins. */
export function listDates(period) {
  const isMonth = period.length === 7;
  const first = isMonth ? `${period}-01` : period;
  const dates = [];
  for (let date = first; isMonth ? date.startsWith(period) : dates.length < WEEK; date = addDays(date, 1)) dates.push(date);
  return dates;
}

/** Whether a text names a period; the 31st of February is another day to some browsers. */
export function isPeriod(text) {
  if (!/^\d{4}-(0[1-9]|1[0-2])(-([0-2]\d|3[01]))?$/.test(text)) return false;
  return text.length === 7 || addDays(text, 0) === text;
}

/** The period before (`by` −1) or after (1). */
export function movePeriod(period, by) {
  if (period.length > 7) return addDays(period, by * WEEK);
  return by > 0 ? addDays(`${period}-28`, 4).slice(0, 7) : addDays(`${period}-01`, -1).slice(0, 7);
}

/** The week that has a date; `firstDay` is the day on which weeks begin, 1 (Monday) to 7. */
export function weekOf(date, firstDay) {
  const weekday = (new Date(`${date}T00:00Z`).getUTCDay() + 6) % WEEK; // 0 is Monday
  return addDays(date, -((weekday - (firstDay - 1) + WEEK) % WEEK));
}

/**
 * On which of `dates` a campaign is in force, by a zone's clocks: `[{ first, last }]`, places in `dates`, both of them
 * included. `windows` are those that its schedule comes to; null: its own. One that was ended is over `at` (ms).
 */
export function findStretches({ status, terms }, windows, dates, zone, at) {
  const own = windows ?? (terms.windows.length ? terms.windows : [[0, Infinity]]);
  const over = status === "ended" || status === "archived" ? at : Infinity;
  const end = Math.min(terms.ends_at || Infinity, over);
  const stretches = [];
  for (const [from, to] of own) {
    const stretch = placeIn(dates, Math.max(from, terms.starts_at), Math.min(to, end), zone);
    const before = stretches.at(-1);
    if (!stretch) continue;
    if (before && stretch.first <= before.last + 1) before.last = Math.max(before.last, stretch.last);
    else stretches.push(stretch);
  }
  return stretches;
}

function placeIn(dates, start, end, zone) {
  if (end <= start) return null;
  const first = dateOf(start, zone);
  const last = end === Infinity ? dates.at(-1) : dateOf(end - 1, zone);
  if (first > dates.at(-1) || last < dates[0]) return null;
  const place = (date) => Math.min(dates.length - 1, Math.max(0, Math.round((Date.parse(date) - Date.parse(dates[0])) / 86_400_000)));
  return { first: place(first), last: place(last) };
}

/** Gives each of `items` (`first`, `last`) a `lane`, so that none stands on another; each takes `least` places or more. */
export function packLanes(items, least) {
  const ends = [];
  return [...items]
    .sort((one, other) => one.first - other.first || other.last - one.last)
    .map((item) => {
      let lane = ends.findIndex((end) => end < item.first);
      if (lane < 0) lane = ends.length;
      ends[lane] = Math.max(item.last, item.first + least - 1);
      return { ...item, lane };
    });
}

/**
 * Days by name, those of several countries together and those that follow on one another as one: `[{ first, last, name,
 * countries, lang }]`, places in `dates`. The days come in the order of time.
 */
export function joinDays(days, dates) {
  const joined = [];
  for (const { date, name, country, lang } of days) {
    const place = dates.indexOf(date);
    const before = joined.find((one) => one.name === name && place - one.last <= 1);
    if (before) {
      before.last = place;
      if (!before.countries.includes(country)) before.countries.push(country);
    } else if (place >= 0) {
      joined.push({ first: place, last: place, name, countries: [country], lang });
    }
  }
  return joined;
}

/** The markets that a campaign's running rules speak for; null for all of them, as it is of one without rules. */
export function marketsOf(campaign, rules) {
  const own = rules.filter(({ scope }) => scope.campaigns.includes(campaign));
  if (!own.length || own.some(({ scope }) => !scope.markets.length)) return null;
  return new Set(own.flatMap(({ scope }) => scope.markets));
}
