/* What a raffle says of itself in words: its status, its time, one's chance, one's result. */

import { now } from "./clock.js";
import { describeClosing, describeOpening, describeWanted } from "./common-words.js";
import { humanise, localise } from "./locale.js";
import { formatInstant, formatLength, formatList, formatNumber, formatTime, isolate, locale, nameOfGroup, t } from "./words.js";

/** How long after its time the beacon is late, in ms. */
const LATE = 60_000;

const odds = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });

/** A raffle's or prize's title, as text. */
export function titleOf({ titles, id }) {
  return localise(titles)?.text ?? humanise(id);
}

/** The words of the clock, and how pressing they are. */
export function describeTime(raffle, now) {
  const { status } = raffle;
  if (status === "scheduled") return describeOpening(raffle.opens_at, now);
  if (status === "open") return describeClosing(raffle.closes_at, now);
  return { words: t(`raffle.time_${status}`), urgency: "over" };
}

/** How it stands for the member, as `{ kind, words }`; `kind` chooses the colour. */
export function describeStanding(raffle, own) {
  const fate = describeFate(own);
  if (fate) return fate;
  if (raffle.status === "void") return { kind: "over", words: t("raffle.void") };
  if (raffle.status === "locked") return { kind: "none", words: isLate(raffle) ? t("raffle.late") : t("raffle.about_to_draw") };
  if (raffle.status === "drawn" || raffle.status === "settled") {
    return { kind: "over", words: own?.tickets ? t("standing.not_this_time") : t("raffle.time_drawn") };
  }
  if (own?.tickets) return { kind: "leading", words: t("raffle.you_have", { count: own.tickets }) };
  return { kind: "none", words: raffle.status === "scheduled" ? t("standing.scheduled") : t("raffle.no_tickets") };
}

/** What became of the member's place; null where it has none. */
function describeFate(own) {
  switch (own?.place ? own.fate : "") {
    case "offered":
      return { kind: "won", words: t("standing.won") };
    case "claimed":
      return { kind: "won", words: t("raffle.yours") };
    case "declined":
      return { kind: "over", words: t("raffle.declined") };
    case "lapsed":
      return { kind: "outbid", words: t("raffle.lapsed") };
    case "forfeited":
      return { kind: "over", words: t("raffle.forfeited") };
    case "reserve":
      return { kind: "leading", words: t("raffle.reserve_place", { place: own.place }) };
    default:
      return null;
  }
}

/** The member's chance: its tickets of all tickets. */
export function describeChance(own, raffle) {
  if (!own?.tickets || !raffle.tickets) return "";
  const one = raffle.tickets / own.tickets;
  const values = { own: own.tickets, tickets: t("count.tickets", { count: raffle.tickets }) };
  return t("raffle.chance", { ...values, odds: odds.format(one < 10 ? one : Math.round(one)) });
}

/** `1–5, 9`: the numbers of the newest entries. */
export function describeNumbers(own) {
  if (!own?.ranges.length) return "";
  const written = own.ranges.slice(-12).map(({ first, last }) => {
    return first === last ? formatNumber(first) : t("raffle.range", { first, last });
  });
  const numbers = formatList(written, "unit");
  return own.ranges.length > 12 || own.entries > own.ranges.length ? `… ${numbers}` : numbers;
}

/** `1 × A red car`, for each prize. */
export function describePrizes(raffle) {
  return raffle.prizes.map((prize) => `${formatNumber(prize.quantity)} × ${isolate(titleOf(prize))}`);
}

export function describeBundles(raffle) {
  return formatList(raffle.bundles.map(({ tickets, pays }) => t("raffle.bundle_price", { tickets, pays })));
}

/** How many of `tickets` are paid: the largest bundle that fits counts first, as often as it fits. */
export function countPaid(raffle, tickets) {
  let left = tickets;
  let paid = 0;
  for (const bundle of [...raffle.bundles].sort((one, other) => other.tickets - one.tickets)) {
    const times = Math.floor(left / bundle.tickets);
    paid += times * bundle.pays;
    left -= times * bundle.tickets;
  }
  return paid + left;
}

/** Why the member cannot buy here now; empty if it can, and a space where there is nothing to say. */
export function describeObstacle({ raffle, own, price }, member) {
  if (raffle.status === "scheduled") return t("raffle.tickets_from", { time: formatInstant(raffle.opens_at) });
  if (raffle.status !== "open") return " ";
  if (raffle.price === null) return t("raffle.earned");
  const { eligibility } = raffle;
  if (eligibility && member) {
    const { tiers, markets } = eligibility;
    if (tiers.length && !tiers.includes(member.tier)) return describeWanted(tiers);
    if (markets.length && !markets.includes(member.market)) return t("raffle.members_in", { markets: formatList(markets.map(nameOfGroup)) });
  }
  if (own?.left === 0) return describeLimit(raffle, own);
  return price === null ? " " : "";
}

function describeLimit(raffle, own) {
  if (raffle.most !== null && raffle.tickets >= raffle.most) return t("raffle.sold_out");
  return own.tickets ? t("raffle.at_limit") : t("raffle.none_left");
}

/** Whether the beacon's round has been due for a while. */
function isLate(raffle) {
  return raffle.round_at > 0 && now() > raffle.round_at + LATE;
}

/** Where the randomness comes from, and what it waits for. */
export function describeRandomness(raffle) {
  if (raffle.randomness === "commitment") return t("raffle.from_secret");
  const { round, round_at: at } = raffle;
  if (!round) return t("raffle.from_beacon");
  if (!at) return t("raffle.from_round", { round });
  const late = isLate(raffle) && !raffle.signature;
  return t(late ? "raffle.from_late_round" : "raffle.from_due_round", { round, time: formatTime(at) });
}

/** The rules of a raffle: pairs of term and words. */
export function describeRules(raffle) {
  const rules = [
    raffle.status === "scheduled" ? [t("rule.opens"), formatInstant(raffle.opens_at)] : [t("rule.closes"), formatInstant(raffle.closes_at)],
    [t("raffle.drawn_from"), describeRandomness(raffle)],
    [t("raffle.claimed_within"), formatLength(raffle.claim_within)],
  ];
  if (raffle.reserves) rules.push([t("raffle.reserves"), t("raffle.reserve_places", { count: raffle.reserves })]);
  if (raffle.bundles.length) rules.push([t("raffle.bundles"), describeBundles(raffle)]);
  if (raffle.most_each !== null) rules.push([t("raffle.each_member"), t("raffle.at_most_tickets", { count: raffle.most_each })]);
  if (raffle.most !== null) rules.push([t("raffle.in_all"), t("raffle.at_most_tickets", { count: raffle.most })]);
  return rules;
}
