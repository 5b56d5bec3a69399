/*
 * Where a market is: the time zone that its days go by, and the countries whose days its calendar marks.
 *
 * The program knows neither. What its markets are called and pay in, and what their campaigns go by, is a first guess; what somebody
 * chooses instead stays in this browser.
 */

import { element } from "../dom.js";
import { formatList, locale, t } from "../words.js";

import { askForm } from "./form.js";
import { zoneField } from "./zone-field.js";
import { OWN_ZONE, isZone } from "./zones.js";

const KEPT = "console-market-places";
const COUNTRY = /^[A-Z]{2}$/;

/** What markets of several countries are called: their zone, where there is one that counts, and their countries. */
const REGIONS = {
  baltics: ["Europe/Riga", "EE", "LV", "LT"],
  benelux: ["Europe/Brussels", "BE", "NL", "LU"],
  dach: ["Europe/Berlin", "DE", "AT", "CH"],
  gcc: ["Asia/Riyadh", "SA", "AE", "KW", "QA", "BH", "OM"],
  gulf: ["Asia/Dubai", "AE", "SA", "KW", "QA", "BH", "OM"],
  iberia: ["Europe/Madrid", "ES", "PT"],
  maghreb: ["Africa/Casablanca", "MA", "DZ", "TN"],
  nordics: ["Europe/Stockholm", "SE", "NO", "DK", "FI"],
};

/** Countries that one market's calendar shows. */
const MOST = 8;

/** `{ zone, countries }` of each market, by its name. */
export function findPlaces(settings, campaigns, rules) {
  const kept = readKept();
  return new Map(settings.markets.map((market) => [market, kept[market] ?? guessPlace(market, settings, campaigns, rules)]));
}

/** A market's place as its currency, its name and the schedules of the campaigns that are for it alone tell. */
export function guessPlace(market, { money }, campaigns, rules) {
  const own = new Set(rules.filter(({ scope }) => String(scope.markets) === market).flatMap(({ scope }) => scope.campaigns));
  const schedules = campaigns.filter(({ campaign }) => own.has(campaign)).flatMap(({ terms }) => terms.schedule ?? []);
  const celebrated = schedules.flatMap(({ celebrations }) => celebrations.map(({ country }) => country));
  const [regional, ...named] = REGIONS[market.toLowerCase()] ?? [undefined, ...(COUNTRY.test(market.toUpperCase()) ? [market.toUpperCase()] : [])];
  const countries = [...new Set([...named, ...countryOf(money[market]?.currency), ...celebrated])].slice(0, MOST);
  const zone = schedules.find((one) => isZone(one.zone))?.zone ?? regional ?? zoneOf(countries[0]) ?? OWN_ZONE;
  return { zone, countries };
}

/** ISO 4217 begins a currency with its country's letters, but for those of several countries. */
function countryOf(currency = "") {
  return !currency || currency.startsWith("X") || currency === "EUR" ? [] : [currency.slice(0, 2)];
}

/** A country's zone, where it has one alone; the reader's own where that is among several. */
function zoneOf(country) {
  if (!country) return null;
  const region = new Intl.Locale(`und-${country}`);
  const zones = region.getTimeZones?.() ?? region.timeZones ?? [];
  return zones.includes(OWN_ZONE) ? OWN_ZONE : zones[0];
}

/** The countries of a market, or that none is chosen. */
export function sayCountries(countries) {
  return countries.length ? formatList(countries.map(nameCountry)) : t("place.none");
}

/** A country as the reader calls it. */
export function nameCountry(country) {
  return new Intl.DisplayNames(locale, { type: "region" }).of(country);
}

/** Asks for a market's place, and keeps it. Whether there is another one. */
export function askPlace(gateway, market, { zone, countries }) {
  return askForm({
    title: t("place.title", { market }),
    lead: t("place.lead"),
    fields: [
      zoneField({ value: zone }),
      { name: "countries", make: makeCountries, label: t("place.countries"), hint: t("place.countries_hint"), value: countries },
    ],
    act: async (values) => {
      // Whether there is such a calendar is the gateway's to say.
      for (const country of values.countries) await gateway.ask("calendar.days", { country, from: "2026-01-01", to: "2026-01-01" });
      localStorage.setItem(KEPT, JSON.stringify({ ...readKept(), [market]: values }));
    },
  });
}

function makeCountries(field, id) {
  const input = element("input", { id, name: field.name, value: field.value.join(", "), dir: "ltr", autocomplete: "off", spellcheck: false });
  const value = () => [...new Set(input.value.toUpperCase().split(/[\s,،;]+/).filter(Boolean))];
  const fault = () => (value().some((one) => !COUNTRY.test(one)) || value().length > MOST ? t("place.countries_wrong", { most: MOST }) : undefined);
  return { node: input, controls: [input], value, fault };
}

function readKept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {}; // somebody else's
  }
}
