/* What the gateway answers to bids of other formats than English, in words. */

import { count, formatPoints } from "./format.js";

/** A bid that was taken, as `[tone, words]`; `wasIn`: its member was in the clock before. */
export function describeTaken({ format, pieces }, taken, wasIn) {
  const { maximum, quantity = 1, paid = 0, leading } = taken;
  const amount = `${formatPoints(maximum)}${pieces.supply > 1 ? ` each for ${count(quantity, "piece")}` : ""}`;
  if (format === "dutch") {
    const what = pieces.supply > 1 ? `${count(quantity, "piece")} ${quantity > 1 ? "are" : "is"} yours` : "It is yours";
    return ["good", `${what}, for ${count(paid, "point")}.`];
  }
  if (format === "clock") return ["good", wasIn ? `Your maximum is now ${formatPoints(maximum)}.` : `You’re in up to ${formatPoints(maximum)}.`];
  if (pieces.sealed) return ["good", `Your sealed bid is in: ${amount}.`];
  return leading ? ["good", `You’re in with ${amount}.`] : ["bad", "Your bid is in, but gets nothing as things stand."];
}

/** What a refusal means that only these formats know, or only one with a price clock; empty for any other. */
export function describeFormatRefusal({ code, details }, clocked) {
  switch (code) {
    case "bid_too_low":
      return clocked ? `Not placed: the price is ${formatPoints(details.price)} now. Try again.` : "";
    case "too_many_pieces":
      return details.left ? `Not placed: only ${count(details.left, "piece")} left.` : "Not placed: nothing is left.";
    case "bid_not_raised":
      return details.quantity > 1
        ? `Not placed: your bid of ${formatPoints(details.maximum)} each for ${count(details.quantity, "piece")} can only be raised.`
        : `Not placed: your bid of ${formatPoints(details.maximum)} can only be raised.`;
    case "entry_is_over":
      return details.price === undefined ? "Not joined: the price rises already." : "Not placed: you are out, and nobody comes back to a clock.";
    case "not_in":
      return "You are out already.";
    case "no_offer":
      return "This offer is over.";
    default:
      return "";
  }
}
