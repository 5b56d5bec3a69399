/* What days, bars and ends in a calendar are, in words. A date is a text, `2026-12-24`, wherever it is. */

import { formatList, locale, t } from "../words.js";

import { nameCampaign, nameStatus, sayBudget } from "./campaign-words.js";
import { nameCountry } from "./market-places.js";
import { addDays, nameZone, sayChanges, startOf } from "./zones.js";

const whole = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
const short = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
const month = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "narrow", timeZone: "UTC" });
const day = new Intl.DateTimeFormat(locale, { day: "numeric", timeZone: "UTC" });

export function sayDate(date) {
  return whole.format(Date.parse(date));
}

export function sayShortDate(date) {
  return short.format(Date.parse(date));
}

export function sayWeekday(date) {
  return weekday.format(Date.parse(date));
}

export function sayDay(date) {
  return day.format(Date.parse(date));
}

/** A period by its name: a month's, or a week's first and last day. */
export function namePeriod(period, dates) {
  return period.length === 7 ? month.format(Date.parse(dates[0])) : short.formatRange(Date.parse(dates[0]), Date.parse(dates.at(-1)));
}

/** Whose clocks a row's days go by, and what these do in the meantime. */
export function sayZone(zone, dates) {
  const from = startOf(dates[0], zone);
  return [nameZone(zone, from), sayChanges(zone, from, startOf(addDays(dates.at(-1), 1), zone))].filter(Boolean).join(". ");
}

/** What is celebrated, and where: `Christmas Day (Norway and Sweden)`. */
export function sayCelebration({ name, countries }) {
  return t("calendar.celebration", { name, country: formatList(countries.map(nameCountry)) });
}

/** A campaign's bar, all of it. */
export function sayBar({ record, first, last }, dates) {
  const when = first === last ? sayDate(dates[first]) : t("campaign.from_to", { start: sayDate(dates[first]), end: sayDate(dates[last]) });
  return t("calendar.bar", { title: nameCampaign(record), status: nameStatus(record), when, budget: sayBudget(record) });
}

/** How many auctions and raffles end on a day; empty for none. */
export function sayEnds(count) {
  if (!count) return "";
  const said = [count.auction && t("calendar.auctions_end", { count: count.auction }), count.raffle && t("calendar.raffles_end", { count: count.raffle })];
  return formatList(said.filter(Boolean));
}

/** A day of a market as whoever hears it needs it: its date, what is celebrated, what ends. */
export function sayWholeDay(date, place, { days, ends }) {
  const celebrated = days.filter(({ first, last }) => first <= place && place <= last).map(sayCelebration);
  return [sayDate(date), ...celebrated, sayEnds(ends.get(place))].filter(Boolean).join(". ");
}
