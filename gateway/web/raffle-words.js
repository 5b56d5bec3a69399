/* What a raffle says of itself in words: its status, its time, one's chance, one's result. */

import { now } from "./clock.js";
import { capitalise, count, formatLeft, formatLength, formatPoints, formatTime } from "./format.js";
import { localise } from "./locale.js";
import { humanise } from "./reward-words.js";

/** How long after its time the beacon is late, in ms. */
const LATE = 60_000;

/** A raffle's or prize's title, as text. */
export function titleOf({ titles, id }) {
  return localise(titles)?.text ?? humanise(id);
}

/** The words of the clock, and how pressing they are. */
export function describeTime(raffle, now) {
  const { status, opens_at: opens, closes_at: closes } = raffle;
  if (status === "scheduled") return { words: opens > now ? `Opens in ${formatLeft(Math.max(opens - now, 10_000))}` : "Opening", urgency: "later" };
  if (status === "open") {
    const left = closes - now;
    if (left <= 0) return { words: "Closing", urgency: "urgent" };
    return { words: formatLeft(left), urgency: left < 10_000 ? "urgent" : left < 60_000 ? "soon" : "calm" };
  }
  return { words: { locked: "Closed", drawn: "Drawn", settled: "Over", void: "Void" }[status] ?? capitalise(status), urgency: "over" };
}

/** How it stands for the member, as `{ kind, words }`; `kind` chooses the colour. */
export function describeStanding(raffle, own) {
  const fate = describeFate(own);
  if (fate) return fate;
  if (raffle.status === "void") return { kind: "over", words: "Void: tickets are refunded" };
  if (raffle.status === "locked") return { kind: "none", words: isLate(raffle) ? "The draw is late" : "The draw is about to come" };
  if (raffle.status === "drawn" || raffle.status === "settled") {
    return own?.tickets ? { kind: "over", words: "Not this time" } : { kind: "over", words: "Drawn" };
  }
  if (own?.tickets) return { kind: "leading", words: `You have ${count(own.tickets, "ticket")}` };
  return { kind: "none", words: raffle.status === "scheduled" ? "Not open yet" : "No tickets yet" };
}

/** What became of the member's place; null where it has none. */
function describeFate(own) {
  switch (own?.place ? own.fate : "") {
    case "offered":
      return { kind: "won", words: "You won!" };
    case "claimed":
      return { kind: "won", words: "Yours" };
    case "declined":
      return { kind: "over", words: "You declined it" };
    case "lapsed":
      return { kind: "outbid", words: "Not claimed in time" };
    case "forfeited":
      return { kind: "over", words: "Given to somebody else" };
    case "reserve":
      return { kind: "leading", words: `Reserve: place ${own.place}` };
    default:
      return null;
  }
}

/** The member's chance: its tickets of all tickets. */
export function describeChance(own, raffle) {
  if (!own?.tickets || !raffle.tickets) return "";
  const odds = raffle.tickets / own.tickets;
  const words = odds < 10 ? odds.toFixed(1).replace(".0", "") : formatPoints(Math.round(odds));
  return `${formatPoints(own.tickets)} of ${count(raffle.tickets, "ticket")}: 1 in ${words} for the next place drawn`;
}

/** `1–5, 9`: the numbers of the newest entries. */
export function describeNumbers(own) {
  if (!own?.ranges.length) return "";
  const written = own.ranges.slice(-12).map(({ first, last }) => (first === last ? formatPoints(first) : `${formatPoints(first)}–${formatPoints(last)}`));
  return (own.ranges.length > 12 || own.entries > own.ranges.length ? "… " : "") + written.join(", ");
}

/** `1 × A red car`, for each prize. */
export function describePrizes(raffle) {
  return raffle.prizes.map((prize) => `${formatPoints(prize.quantity)} × ${titleOf(prize)}`);
}

export function describeBundles(raffle) {
  return raffle.bundles.map(({ tickets, pays }) => `${formatPoints(tickets)} for the price of ${formatPoints(pays)}`).join(", ");
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

/** Why the member cannot buy here now; empty if it can. */
export function describeObstacle({ raffle, own, price }, member) {
  if (raffle.status === "scheduled") return `Tickets from ${formatTime(raffle.opens_at)}`;
  if (raffle.status !== "open") return " ";
  if (raffle.price === null) return "Tickets are earned here, not bought";
  const { eligibility } = raffle;
  if (eligibility && member) {
    const { tiers, markets } = eligibility;
    if (tiers.length && !tiers.includes(member.tier)) return `For ${tiers.map(capitalise).join(" and ")} members`;
    if (markets.length && !markets.includes(member.market)) return `For members in ${markets.map(capitalise).join(" and ")}`;
  }
  if (own?.left === 0) return describeLimit(raffle, own);
  return price === null ? " " : "";
}

function describeLimit(raffle, own) {
  if (raffle.most !== null && raffle.tickets >= raffle.most) return "Sold out";
  return own.tickets ? "You have as many tickets as you may" : "No tickets are left for you";
}

/** Whether the beacon's round has been due for a while. */
function isLate(raffle) {
  return raffle.round_at > 0 && now() > raffle.round_at + LATE;
}

/** Where the randomness comes from, and what it waits for. */
export function describeRandomness(raffle) {
  if (raffle.randomness === "commitment") return "a secret that was committed to at the opening";
  const late = isLate(raffle) && !raffle.signature;
  const when = raffle.round_at ? (late ? `, awaited since ${formatTime(raffle.round_at)}` : `, due at ${formatTime(raffle.round_at)}`) : "";
  return `drand's public beacon${raffle.round ? `, round ${formatPoints(raffle.round)}${when}` : ""}`;
}

/** The rules of a raffle: pairs of term and words. */
export function describeRules(raffle) {
  const rules = [
    [raffle.status === "scheduled" ? "Opens" : "Closes", formatTime(raffle.status === "scheduled" ? raffle.opens_at : raffle.closes_at)],
    ["Drawn from", describeRandomness(raffle)],
    ["Prizes are claimed within", formatLength(raffle.claim_within)],
  ];
  if (raffle.reserves) rules.push(["Reserves", `${count(raffle.reserves, "place")} for prizes that are not claimed`]);
  if (raffle.bundles.length) rules.push(["Bundles", describeBundles(raffle)]);
  if (raffle.most_each !== null) rules.push(["Each member", `at most ${count(raffle.most_each, "ticket")}`]);
  if (raffle.most !== null) rules.push(["In all", `at most ${count(raffle.most, "ticket")}`]);
  return rules;
}
