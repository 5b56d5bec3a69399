/* The answers to a redemption in words. */

import { describeOther } from "./common-words.js";
import { sayPrice } from "./money.js";
import { formatInstant, formatList, formatMinute, formatMoney, formatShare, nameOfGroup, t } from "./words.js";

/** What became of it, as `[tone, words]`; `shown` is the price that was agreed to. */
export function describeRedeemed({ status, points, cash, currency, pays_until }, { exponent }) {
  const price = sayPrice({ points, cash, currency, exponent });
  if (status === "confirmed") return ["good", t("redeemed.yours", { price })];
  if (status === "pending") return ["good", t("redeemed.booked", { price })];
  const due = { due: formatMoney(cash, currency, exponent), time: formatMinute(pays_until) };
  return ["plain", points ? t("redeemed.held", { count: points, ...due }) : t("redeemed.unpaid", due)];
}

/** Why it was not redeemed; `now` is the price that it has now, where it changed and is known. */
export function describeRefusal({ code, message, details }, now) {
  return REASONS[code]?.(details, now) ?? describeOther({ code, message });
}

const REASONS = {
  price_changed: (_, now) => (now ? t("unredeemed.price_now", { price: sayPrice(now) }) : t("unredeemed.price_changed")),
  insufficient_points: ({ missing }) => t("unredeemed.short", { count: missing }),
  sold_out: () => t("unredeemed.sold_out"),
  tier_locked: ({ tiers }) => t("unredeemed.tier", { tiers: listOf(tiers) }),
  not_in_market: ({ markets }) => t("unredeemed.market", { markets: listOf(markets) }),
  redemption_limit_reached: ({ limit, again_at }) =>
    again_at ? t("unredeemed.limit_for_now", { limit, time: formatInstant(again_at) }) : t("unredeemed.limit", { count: limit }),
  not_available_yet: ({ opens_at }) => t("unredeemed.opens", { time: formatInstant(opens_at) }),
  split_out_of_bounds: ({ least, greatest }) => t("unredeemed.share", { least: formatShare(least), greatest: formatShare(greatest) }),
  no_conversion_rate: () => t("unredeemed.no_rate"),
  unknown_experience: () => t("unredeemed.unknown"),
  staff_may_not_redeem: () => t("unredeemed.staff"),
  too_many_redemptions: () => t("unredeemed.too_many"),
  too_many_awaiting_payment: () => t("unredeemed.too_many_unpaid"),
  expired: () => t("unredeemed.expired"),
};

/** Any one of these names. */
export function listOf(names) {
  return formatList(names.map(nameOfGroup), "disjunction");
}
