/* How a member stands in an auction of another format than English; no words, no document. */

const OVER = ["settled", "unsold", "cancelled"];

/**
 * `won` (also while more can be won), `lost`, `over`; `leading`: would win something as things stand; `outbid`: would
 * not, but may bid more; `sealed`: has a bid that nobody sees; `out`: has left a clock; `none`.
 */
export function standingOf(auction, own) {
  if (own === null) return "none";
  if (auction.status === "cancelled") return "over";
  if (own.won) return "won";
  if (auction.status === "settled") return own.refunded ? "over" : "lost";
  if (OVER.includes(auction.status)) return "over";
  if (auction.format === "clock") return own.maximum ? "leading" : "out";
  if (!own.maximum || auction.format === "dutch") return "none";
  if (auction.pieces.sealed) return "sealed";
  return own.leading ? "leading" : "outbid";
}

/** The points that the member's bid holds, on the terms that it has fixed. */
export function heldBy(own) {
  if (!own?.maximum) return 0;
  const due = Math.floor((own.maximum * own.factor + 5_000) / 10_000);
  return Math.max(own.maximum, due) * (own.quantity || 1);
}
