/* What an experience of the catalogue, and a redemption, say of themselves in words. */

import { capitalise, count, formatDay, formatPoints } from "./format.js";
import { formatMoney, sayPrice } from "./money.js";
import { describeInstant, listOf } from "./redeeming-words.js";

/** How few pieces are told on the picture. */
const FEW = 10;

/** An id as people read it: `spa-day` is Spa day. */
export function humanise(id) {
  return capitalise(id.replaceAll(/[-_.]+/g, " "));
}

/** Whether the member says how much of it to pay in points. */
export function hasChoice({ least, greatest }) {
  return least < greatest;
}

/** The words on the picture that say who it is for, empty for everybody. */
export function describeGate({ unlocked_by }) {
  return unlocked_by.length ? `${unlocked_by.map(capitalise).join(" & ")} only` : "";
}

/** The words on the picture that press; empty where nothing does. */
export function describeStock({ left, open_until }, now) {
  if (left === 0) return "Sold out";
  if (left !== null && left <= FEW) return left === 1 ? "Last one" : `${left} left`;
  return open_until && open_until - now < 7 * 86_400_000 ? `Until ${formatDay(open_until)}` : "";
}

/** Stock and limits in a few words each. */
export function describeFacts({ left, limit, had, fulfilment }) {
  const facts = [];
  if (left > FEW) facts.push(`${formatPoints(left)} left`);
  if (limit) facts.push(had ? `You have had ${had} of ${limit}` : limit === 1 ? "One per member" : `${limit} per member`);
  if (fulfilment === "booked") facts.push("To be confirmed");
  return facts.join(" · ");
}

/** Why the member cannot redeem it, empty if it can; `price` is the least that it could take. */
export function describeObstacle({ offer, price }, me) {
  if (offer.locked) return `Unlocks with ${listOf(offer.unlocked_by)}`;
  if (offer.left === 0) return "Sold out";
  if (offer.limit && offer.had >= offer.limit) return offer.limit === 1 ? "You have had yours" : `You have had all ${offer.limit}`;
  if (price === null) return "Not to be had in your market now";
  const short = me !== null && !hasChoice(offer) && price.points > me.available;
  return short ? `Takes ${formatPoints(price.points)} points; you have ${formatPoints(me.available)}` : "";
}

/** Terms and words of an experience's panel. */
export function describeTerms(offer) {
  const { kind, fulfilment, left, limit, had, open_until, unlocked_by } = offer;
  return [
    ["Kind", humanise(kind)],
    ["Fulfilment", fulfilment === "booked" ? "Booked for you, then confirmed" : "Yours at once"],
    ["For", unlocked_by.length ? `${listOf(unlocked_by)} members` : "All members"],
    ["Left", left === null ? "No limit" : left ? formatPoints(left) : "None"],
    ["A member", limit ? `May have ${limit}; you have had ${had}` : "May have any number"],
    ["Until", open_until ? describeInstant(open_until) : "No end is set"],
  ];
}

/** How a redemption stands, as `{ tone, words, more }`; the tone chooses the colour. */
export function describeRedemption({ status, price, pays_until, refunded, cash_refunded, reason }) {
  const { cash, currency, exponent } = price;
  const why = reason ? ` ${reason}` : "";
  switch (status) {
    case "confirmed":
      return { tone: "good", words: "Yours", more: refunded ? `${count(refunded, "point")} came back.${why}` : "" };
    case "pending":
      return { tone: "wait", words: "Booked", more: "It is yours once we have confirmed it." };
    case "awaiting_payment":
      return {
        tone: "wait",
        words: "Waiting for payment",
        more: `${formatMoney(cash, currency, exponent)} until ${describeInstant(pays_until)}`,
      };
    case "cancelled":
      return { tone: "over", words: "Cancelled", more: `${describeReturn(cash_refunded, price)}${why}` };
    case "lapsed":
      return { tone: "over", words: "Not paid in time", more: "What was held is yours again." };
    default:
      return { tone: "over", words: "Refunded", more: `${sayPrice({ ...price, points: refunded, cash: 0 })} came back.${why}` };
  }
}

function describeReturn(cash, { currency, exponent }) {
  return cash ? `Your points are back, and ${formatMoney(cash, currency, exponent)} will be.` : "You were not charged.";
}

/** Whether its member may still cancel it. */
export function isCancellable({ status }) {
  return status === "pending" || status === "awaiting_payment";
}
