/* What an auction says of itself in words: its status, its standing, its rules. */

import { capitalise, count, formatLeft, formatLength, formatPoints } from "./format.js";
import { describeFormatTime, labelOf, shownPrice, standingWords } from "./format-words.js";
import { hasEnded } from "./store.js";

/** The words over the price. */
export function priceLabel(auction) {
  if (auction.pieces) return labelOf(auction);
  if (auction.status === "settled") return "Sold for";
  if (hasEnded(auction)) return auction.bids ? "Last bid" : "Opening price";
  return auction.bids ? "Current bid" : "Opening price";
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
      return { kind: "leading", words: "You lead" };
    case "outbid":
      return { kind: "outbid", words: "You’re outbid" };
    case "won":
      return { kind: "won", words: "You won" };
    case "lost":
      return { kind: "over", words: "Another member won" };
  }
  if (auction.status === "settled") return { kind: "over", words: "Another member won" };
  if (auction.status === "unsold") return { kind: "over", words: "Not sold" };
  if (auction.status === "cancelled") return { kind: "over", words: "Cancelled" };
  if (auction.status === "scheduled") return { kind: "none", words: "Not open yet" };
  return { kind: "none", words: auction.leader ? "Another member leads" : "No bids yet" };
}

/** The words of the clock, how pressing they are, and where it is not the time until the end which `share` is left. */
export function describeTime(auction, now) {
  if (hasEnded(auction)) return { words: "Ended", urgency: "over" };
  if (auction.status === "paused") return { words: "Paused", urgency: "over" };
  if (auction.status === "scheduled") {
    const left = auction.starts_at - now;
    return left > 0 ? { words: `Opens in ${formatLeft(Math.max(left, 10_000))}`, urgency: "later" } : { words: "Opening", urgency: "later" };
  }
  const time = auction.pieces && describeFormatTime(auction, now);
  if (time) return time;
  const left = auction.ends_at - now;
  if (left <= 0) return { words: "Closing", urgency: "urgent" };
  return { words: formatLeft(left), urgency: left < 10_000 ? "urgent" : left < 60_000 ? "soon" : "calm" };
}

/** Reserve and buy-now, in a few words each. */
export function describeReserve(auction) {
  if (!auction.has_reserve) return "";
  // Whether it is met would tell what was bid.
  if (auction.pieces?.sealed && !auction.ended_at) return auction.reserve ? `Reserve ${formatPoints(auction.reserve)}` : "With a reserve";
  if (auction.reserve_met) return "Reserve met";
  return auction.reserve ? `Reserve ${formatPoints(auction.reserve)} not met` : "Reserve not met";
}

/** `Gold only`, for an auction that is not for everybody. */
export function describeEligibility(auction) {
  const { eligibility } = auction;
  if (!eligibility) return "";
  const names = [...eligibility.tiers, ...eligibility.markets, ...eligibility.segments];
  return names.length ? `${names.map(capitalise).join(" & ")} only` : "";
}

/** Why the member cannot bid here now, and what there is to say instead; empty if it can. */
export function describeObstacle({ auction, own, standing, wanted }, me) {
  if (standing === "won") return `Yours for ${count(own.paid, "point")}`;
  if (auction.status === "settled") return "Sold to another member";
  if (auction.status === "unsold") return auction.bids ? "The reserve was not met" : "Nobody bid";
  if (auction.status === "cancelled") return "Called off";
  if (auction.status === "scheduled") return `Bids from ${formatPoints(auction.opening)} points`;
  if (auction.status === "paused") return "Bids are taken again when it goes on";
  if (wanted.length) return `For ${wanted.map(capitalise).join(" and ")} members`;
  const short = me !== null && standing !== "leading" && auction.minimum > me.available;
  return short ? `Takes ${formatPoints(auction.minimum)} points; you have ${formatPoints(me.available)}` : "";
}

/** The rule of late bids in a sentence. */
export function describeSoftClose(auction) {
  if (!auction.soft_close) return "Ends on time, whatever happens.";
  const { flavour, window, extension } = auction.soft_close;
  return flavour === "append"
    ? `A bid in the last ${formatLength(window)} adds ${formatLength(extension)}.`
    : `A bid in the last ${formatLength(window)} sets the clock back to ${formatLength(extension)}.`;
}
