/* The answers to a redemption in words. */

import { capitalise, count, formatDay, formatMinute } from "./format.js";
import { formatMoney, sayPrice } from "./money.js";

/** What became of it, as `[tone, words]`; `shown` is the price that was agreed to. */
export function describeRedeemed({ status, points, cash, currency, pays_until }, { exponent }) {
  const price = sayPrice({ points, cash, currency, exponent });
  if (status === "confirmed") return ["good", `It is yours, for ${price}.`];
  if (status === "pending") return ["good", `Booked for ${price}. It is yours once we have confirmed it.`];
  const due = formatMoney(cash, currency, exponent);
  const held = points ? `${count(points, "point")} are held. ` : "";
  return ["plain", `${held}Waiting for your payment of ${due} until ${formatMinute(pays_until)}.`];
}

/** Why it was not redeemed; `now` is the price that it has now, where it changed and is known. */
export function describeRefusal({ code, message, details }, now) {
  const words = REASONS[code]?.(details, now);
  return code === "expired" ? words : `Not redeemed: ${words ?? message}`;
}

const REASONS = {
  price_changed: (_, now) => (now ? `it costs ${sayPrice(now)} now. Is that all right?` : "the price has changed."),
  insufficient_points: ({ missing }) => `you are ${count(missing, "point")} short.`,
  sold_out: () => "somebody else took the last one.",
  tier_locked: ({ tiers }) => `it is for ${listOf(tiers)} members.`,
  not_in_market: ({ markets }) => `it is for ${listOf(markets)} alone.`,
  redemption_limit_reached: ({ limit, again_at }) =>
    again_at
      ? `you have had your ${limit} for now; again from ${describeInstant(again_at)}.`
      : `a member may have it ${limit === 1 ? "once" : `${limit} times`}, and you have.`,
  not_available_yet: ({ opens_at }) => `it opens on ${describeInstant(opens_at)}.`,
  split_out_of_bounds: ({ least, greatest }) => `the part in points is ${least / 100} to ${greatest / 100}% now.`,
  no_conversion_rate: () => "it cannot be paid with money in your market.",
  unknown_experience: () => "it is not in the catalogue any more.",
  staff_may_not_redeem: () => "staff may not redeem.",
  too_many_redemptions: () => "no more redemptions can be taken at the moment.",
  too_many_awaiting_payment: () => "too many of your redemptions wait for their payment: pay or cancel one first.",
  expired: () => "We were cut off for too long to tell whether it was redeemed. My rewards shows how it stands.",
};

export function describeInstant(instant) {
  return `${formatDay(instant)}, ${formatMinute(instant)}`;
}

export function listOf(names) {
  return names.map(capitalise).join(" or ");
}
