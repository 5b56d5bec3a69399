/* What a calendar of campaigns shows in a period, read from the gateway: a row for all markets, and one for each. */

import { now } from "../clock.js";
import { language } from "../words.js";

import { findStretches, joinDays, listDates, marketsOf } from "./calendar-days.js";
import { findPlaces } from "./market-places.js";
import { readRules } from "./rule-set.js";
import { OWN_ZONE, addDays, dateOf, startOf } from "./zones.js";

const HOUR = 3_600_000;

/** Auctions and raffles of each status whose ends are marked. */
const MARKED = 500;

/** What does not depend on the period. */
export async function readPlan(gateway, settings) {
  const list = (method, field, status, most) => gateway.list(method, { status, limit: 100 }, { field, most });
  const [campaigns, rules, ...auctions] = await Promise.all([
    list("campaign.list", "campaigns", "", 1_000),
    readRules(gateway),
    ...["scheduled", "open"].map((status) => list("auction.list", "auctions", status, MARKED)),
  ]);
  const raffles = await Promise.all(["scheduled", "open"].map((status) => list("raffle.list", "raffles", status, MARKED)));
  const ends = [
    ...auctions.flatMap(({ rows }) => rows).map((one) => ({ kind: "auction", at: one.ends_at })),
    ...raffles.flatMap(({ rows }) => rows).map((one) => ({ kind: "raffle", at: one.closes_at })),
  ];
  return { campaigns: campaigns.rows, rules: rules.rules, ends, places: findPlaces(settings, campaigns.rows, rules.rules) };
}

/**
 * The rows of a period: `{ market, zone, countries, today, bars, days, ends }`; `market` is empty for all of them. Bars
 * are `{ record, first, last }`, days as `joinDays` gives them, `ends` counts by place what ends there.
 */
export async function readRows(gateway, plan, period, withOthers) {
  const dates = listDates(period);
  const windows = await readWindows(gateway, plan.campaigns, dates);
  const countries = [...new Set([...plan.places.values()].flatMap((place) => place.countries))];
  const days = new Map(await Promise.all(countries.map(async (country) => [country, await readDays(gateway, country, dates, withOthers)])));
  const rows = [["", { zone: OWN_ZONE, countries: [] }], ...plan.places];
  return rows.map(([market, place]) => ({
    market,
    ...place,
    today: dateOf(now(), place.zone),
    bars: plan.campaigns.filter(({ campaign }) => isIn(marketsOf(campaign, plan.rules), market)).flatMap((record) => placeBars(record, windows, dates, place.zone)),
    days: joinDays(place.countries.flatMap((country) => days.get(country)).sort((one, other) => (one.date < other.date ? -1 : 1)), dates),
    ends: market ? new Map() : countEnds(plan.ends, dates, place.zone),
  }));
}

/** What is for everybody stands in the row of all markets alone. */
function isIn(markets, market) {
  return markets === null ? market === "" : markets.has(market);
}

/** A campaign with a schedule goes by its own clocks, any other by the row's. */
function placeBars(record, windows, dates, there) {
  const zone = record.terms.schedule?.zone ?? there;
  return findStretches(record, windows.get(record.campaign) ?? null, dates, zone, now()).map((stretch) => ({ record, ...stretch }));
}

/** What schedules come to: the program knows that for some time ahead alone. */
async function readWindows(gateway, campaigns, dates) {
  // Somewhere it is the first of these days already, and elsewhere still the last.
  const from = Math.max(0, startOf(dates[0], "UTC") - 15 * HOUR);
  const to = startOf(addDays(dates.at(-1), 1), "UTC") + 15 * HOUR;
  const scheduled = campaigns.filter(({ terms }) => terms.schedule);
  const found = scheduled.map(async ({ campaign, terms }) => [campaign, (await gateway.ask("calendar.windows", { schedule: terms.schedule, from, to })).windows]);
  return new Map(await Promise.all(found));
}

/** A country's days; what most have off, or with `withOthers` all that its calendar has. None for one it has none of. */
async function readDays(gateway, country, dates, withOthers) {
  const asked = { country, from: dates[0], to: dates.at(-1), language };
  const found = await gateway.ask("calendar.days", asked).catch((error) => {
    if (error.code === "unknown_country") return { days: [], language: "" };
    throw error;
  });
  const wanted = found.days.filter(({ category }) => withOthers || category === "public");
  return wanted.map(({ date, name }) => ({ date, name, country, lang: found.language.replace("_", "-") }));
}

function countEnds(ends, dates, zone) {
  const counts = new Map();
  for (const { kind, at } of ends) {
    const place = dates.indexOf(dateOf(at, zone));
    if (place < 0) continue;
    const count = counts.get(place) ?? { auction: 0, raffle: 0 };
    count[kind] += 1;
    counts.set(place, count);
  }
  return counts;
}
