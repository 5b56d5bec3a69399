/* What an auction says of itself in words: its status, its standing, its rules. */

import { describeClosing, describeOpening, describeShort, describeWanted } from "./common-words.js";
import { describeFormatTime, labelOf, shownPrice, standingWords } from "./format-words.js";
import { hasEnded } from "./store.js";
import { formatList, nameOfGroup, t } from "./words.js";

/** The words over the price. */
export function priceLabel(auction) {
  if (auction.pieces) return labelOf(auction);
  if (auction.status === "settled") return t("price.sold_for");
  if (hasEnded(auction)) return auction.bids ? t("price.last_bid") : t("price.opening");
  return auction.bids ? t("price.current_bid") : t("price.opening");
}

/** The price that is drawn; only a price clock's depends on the instant `at` (ms). */
export function priceOf(auction, at) {
  if (auction.pieces) return shownPrice(auction, at);
  return auction.status === "settled" ? auction.hammer_price : auction.price;
}

/** How it stands, as `{ kind, words }`; `kind` chooses the colour. */
export function describeStanding(lot) {
  const { auction, standing } = lot;
  if (auction.pieces) return standingWords(lot);
  switch (standing) {
    case "leading":
      return { kind: "leading", words: t("standing.leading") };
    case "outbid":
      return { kind: "outbid", words: t("standing.outbid") };
    case "won":
      return { kind: "won", words: t("standing.won") };
    case "lost":
      return { kind: "over", words: t("standing.another_won") };
  }
  if (auction.status === "settled") return { kind: "over", words: t("standing.another_won") };
  if (auction.status === "unsold") return { kind: "over", words: t("standing.unsold") };
  if (auction.status === "cancelled") return { kind: "over", words: t("standing.cancelled") };
  if (auction.status === "scheduled") return { kind: "none", words: t("standing.scheduled") };
  return { kind: "none", words: auction.leader ? t("standing.another_leads") : t("standing.no_bids") };
}

/** The words of the clock, how pressing they are, and where it is not the time until the end which `share` is left. */
export function describeTime(auction, now) {
  if (hasEnded(auction)) return { words: t("time.ended"), urgency: "over" };
  if (auction.status === "paused") return { words: t("time.paused"), urgency: "over" };
  if (auction.status === "scheduled") return describeOpening(auction.starts_at, now);
  const time = auction.pieces && describeFormatTime(auction, now);
  if (time) return time;
  return describeClosing(auction.ends_at, now);
}

/** Reserve and buy-now, in a few words each. */
export function describeReserve(auction) {
  const { reserve } = auction;
  if (!auction.has_reserve) return "";
  // Whether it is met would tell what was bid.
  if (auction.pieces?.sealed && !auction.ended_at) return reserve ? t("reserve.shown", { reserve }) : t("reserve.there");
  if (auction.reserve_met) return t("reserve.met");
  return reserve ? t("reserve.shown_not_met", { reserve }) : t("reserve.not_met");
}

/** `Gold only`, for an auction that is not for everybody. */
export function describeEligibility(auction) {
  const { eligibility } = auction;
  if (!eligibility) return "";
  const names = [...eligibility.tiers, ...eligibility.markets, ...eligibility.segments];
  return names.length ? t("who.only", { names: formatList(names.map(nameOfGroup)) }) : "";
}

/** Why the member cannot bid here now, and what there is to say instead; empty if it can. */
export function describeObstacle({ auction, own, standing, wanted }, me) {
  if (standing === "won") return t("obstacle.yours_for", { points: t("count.points", { count: own.paid }) });
  if (auction.status === "settled") return t("obstacle.sold");
  if (auction.status === "unsold") return auction.bids ? t("obstacle.reserve_not_met") : t("obstacle.nobody_bid");
  if (auction.status === "cancelled") return t("obstacle.called_off");
  if (auction.status === "scheduled") return t("obstacle.bids_from", { count: auction.opening });
  if (auction.status === "paused") return t("obstacle.paused");
  if (wanted.length) return describeWanted(wanted);
  const short = me !== null && standing !== "leading" && auction.minimum > me.available;
  return short ? describeShort(auction.minimum, me.available) : "";
}
