/* What the gateway answers to bids of other formats than English, in words. */

import { sayAmount } from "./format-words.js";
import { t } from "./words.js";

/** A bid that was taken, as `[tone, words]`; `wasIn`: its member was in the clock before. */
export function describeTaken({ format, pieces }, taken, wasIn) {
  const { maximum, quantity = 1, paid = 0, leading } = taken;
  const amount = sayAmount(maximum, quantity, pieces.supply);
  if (format === "dutch") {
    const points = t("count.points", { count: paid });
    return ["good", pieces.supply > 1 ? t("answer.pieces_yours", { count: quantity, points }) : t("answer.yours", { points })];
  }
  if (format === "clock") return ["good", wasIn ? t("answer.maximum_now", { points: maximum }) : t("answer.in_up_to", { points: maximum })];
  if (pieces.sealed) return ["good", t("answer.sealed_in", { amount })];
  return leading ? ["good", t("answer.in_with", { amount })] : ["bad", t("answer.gets_nothing")];
}

/** What a refusal means that only these formats know, or only one with a price clock; empty for any other. */
export function describeFormatRefusal({ code, details }, clocked) {
  switch (code) {
    case "bid_too_low":
      return clocked ? t("refusal.clock_moved", { price: details.price }) : "";
    case "too_many_pieces":
      return details.left ? t("refusal.pieces_left", { count: details.left }) : t("refusal.nothing_left");
    case "bid_not_raised":
      return t("refusal.not_raised", { amount: sayAmount(details.maximum, details.quantity, details.quantity) });
    case "entry_is_over":
      return details.price === undefined ? t("refusal.joining_over") : t("refusal.out_for_good");
    case "not_in":
      return t("refusal.out_already");
    case "no_offer":
      return t("refusal.offer_over");
    default:
      return "";
  }
}
