/* What an auction of another format than English says of itself: its name, how to win, what one pays, how it stands. */

import { describeClosing, describeShort, describeWanted } from "./common-words.js";
import { heldBy } from "./format-standing.js";
import { entryLeft, nextStep, priceAt } from "./price-clock.js";
import { formatLeft, formatLength, formatPoints, formatShare, t } from "./words.js";

/** The format in a member's words. */
export function nameOf({ format, pieces }) {
  const { supply: count, pricing, sealed } = pieces;
  if (format === "dutch") return count > 1 ? t("name.dutch_pieces", { count }) : t("name.dutch");
  if (format === "clock") return count > 1 ? t("name.clock_pieces", { count }) : t("name.clock");
  if (format === "sealed") return t("name.sealed");
  const pays = pricing === "pay_as_bid" ? "own" : "same";
  return t(`name.${sealed ? "sealed" : "open"}_pieces_${pays}`, { pieces: t("count.pieces", { count }) });
}

/** How to win, and what one pays. */
export function explain(auction) {
  const { format, pieces } = auction;
  const { supply: count } = pieces;
  switch (format) {
    case "dutch":
      return count > 1 ? t("explain.dutch_pieces") : t("explain.dutch");
    case "clock":
      return count > 1 ? t("explain.clock_pieces", { count }) : t("explain.clock");
    case "sealed":
      return explainSealed(auction);
    default:
      return t("explain.pieces", { pricing: explainPricing(auction) });
  }
}

function explainSealed({ pieces, has_reserve: hasReserve }) {
  if (pieces.pricing === "first") return t("explain.sealed_first");
  return hasReserve ? t("explain.sealed_second_reserve") : t("explain.sealed_second");
}

function explainPricing({ pieces, has_reserve: hasReserve }) {
  switch (pieces.pricing) {
    case "pay_as_bid":
      return t("explain.pay_as_bid");
    case "highest_losing":
      return hasReserve ? t("explain.highest_losing_reserve") : t("explain.highest_losing");
    default:
      return t("explain.lowest_winning");
  }
}

/** The words over the price. */
export function labelOf({ pieces, status, price, minimum }) {
  if (status === "settled" && pieces.sales.length) return isOnePrice(pieces) ? t("price.sold_for") : t("price.sold_from");
  if (status === "settled" || status === "closing") return t("price.closed_at");
  if (status !== "open" && status !== "paused") return t("price.opening");
  if (pieces.clock) return t("price.now");
  if (pieces.sealed) return t("price.bids_from");
  return minimum > price ? t("price.to_be_in") : t("price.opening");
}

/** The price that is drawn at `at` ms. */
export function shownPrice(auction, at) {
  const { pieces, status } = auction;
  if (status === "settled") return pieces.sales.length ? Math.min(...pieces.sales.map((sale) => sale.price)) : auction.price;
  if (status === "closing") return auction.price;
  if (status !== "open" && status !== "paused") return auction.opening;
  if (pieces.clock) return priceAt(auction, at);
  return auction.minimum;
}

/** What a clock does next; empty for a format without one. */
export function describeStep(auction, at) {
  const { pieces, status } = auction;
  const { clock } = pieces;
  if (!clock || status === "closing" || auction.ended_at) return "";
  if (status === "paused") return t("step.paused");
  if (status === "scheduled") return describePace(auction);
  const entry = entryLeft(auction, at);
  if (entry) return t("step.joining", { left: formatLeft(entry), step: sayStep(auction), interval: formatLength(clock.interval) });
  const next = nextStep(auction, at);
  if (next === null) return clock.floor ? t("step.lowest") : "";
  const { price } = next;
  const left = formatLeft(next.left);
  return clock.floor ? t("step.falls_to", { price, left, floor: clock.floor }) : t("step.rises_to", { price, left });
}

/** How a price clock will go once it opens. */
function describePace(auction) {
  const { floor, interval } = auction.pieces.clock;
  const pace = { step: sayStep(auction), interval: formatLength(interval) };
  if (auction.format !== "dutch") return t("step.rises", pace);
  return floor ? t("step.falls_floor", { ...pace, floor }) : t("step.falls", pace);
}

/** How much a step is: points, or a share of the opening price. */
export function sayStep({ pieces }) {
  const { step, step_share: share } = pieces.clock;
  return step ? t("count.points", { count: step }) : t("step.share", { share: formatShare(share) });
}

/** How it stands, as `{ kind, words }`; `kind` chooses the colour. */
export function standingWords({ auction, own, standing }) {
  const { status, pieces } = auction;
  const running = status === "open" || status === "paused";
  switch (standing) {
    case "won":
      return { kind: "won", words: pieces.supply > 1 ? t("standing.won_pieces", { count: own.won }) : t("standing.won") };
    case "lost":
      return { kind: "over", words: t("standing.not_this_time") };
    case "leading":
      return running ? { kind: "leading", words: t("standing.in") } : { kind: "none", words: t("time.closing") };
    case "outbid":
      return running ? { kind: "outbid", words: t("standing.out_now") } : { kind: "none", words: t("time.closing") };
    case "sealed":
      return { kind: "none", words: t("standing.sealed_in") };
    case "out":
      return { kind: "over", words: t("standing.out") };
  }
  if (status === "scheduled") return { kind: "none", words: t("standing.scheduled") };
  if (!running) return { kind: "over", words: describeEnd(status) };
  return { kind: "none", words: describeField(auction) };
}

function describeEnd(status) {
  if (status === "settled") return t("standing.sold");
  if (status === "unsold") return t("standing.unsold");
  return status === "cancelled" ? t("standing.cancelled") : t("time.closing");
}

/** Who else is in it, for a member that is not. */
function describeField({ format, pieces, bids, bidders }) {
  if (format === "clock") return t("standing.not_in");
  if (pieces.sealed) return t("standing.secret");
  if (format === "dutch") return pieces.supply > 1 ? t("standing.left", { count: pieces.supply - pieces.sold }) : t("standing.not_taken");
  return bids ? t("count.bidders", { count: bidders }) : t("standing.no_bids");
}

/** The words of the time, how pressing they are, and which share of it is left. */
export function describeFormatTime(auction, at) {
  if (auction.status === "closing") return { words: t("time.closing"), urgency: "over", share: 0 };
  const entry = auction.format === "clock" && auction.status === "open" ? entryLeft(auction, at) : -1;
  if (entry > 0) {
    const { words, urgency } = describeClosing(entry, 0);
    return { words: t("time.join", { left: words }), urgency, share: entry / auction.pieces.clock.entry };
  }
  return entry === 0 && at < auction.ends_at ? { words: t("time.rising"), urgency: "calm", share: 0 } : null;
}

/** What there is, in a few words each. */
export function formatFacts(auction) {
  const { format, pieces } = auction;
  const { supply, sold } = pieces;
  const facts = [];
  const all = t("count.pieces", { count: supply });
  if (supply > 1) facts.push(sold ? t("facts.sold_of", { count: sold, pieces: all }) : all);
  if (format === "clock" && !auction.ended_at) facts.push(t("facts.members_in", { count: pieces.bidders_in }));
  if (pieces.sealed && !auction.ended_at) facts.push(t("facts.sealed"));
  if (format === "multi_unit" && !pieces.sealed) facts.push(t("count.bids", { count: auction.bids }));
  return facts;
}

/** A price, and where there are several pieces for how many: `1,200 each for 2 pieces`. */
export function sayAmount(price, quantity, supply) {
  return supply > 1 ? t("own.each", { price, pieces: t("count.pieces", { count: quantity }) }) : formatPoints(price);
}

/** `You won 2 pieces for 960 points`. */
export function sayWon({ pieces }, own) {
  const points = t("count.points", { count: own.paid });
  return pieces.supply > 1 ? t("own.won_pieces", { pieces: t("count.pieces", { count: own.won }), points }) : t("own.won", { points });
}

/** Why the member cannot bid here at `at` ms, and what there is to say instead; empty if it can. */
export function formatObstacle({ auction, own, standing, wanted }, me, at) {
  const { format, pieces, status } = auction;
  if (standing === "won" && status !== "open") return sayWon(auction, own);
  if (status === "closing") return t("obstacle.closing");
  if (status === "settled") return describeSold(auction, own);
  if (status === "unsold") return describeUnsold(auction);
  if (status === "cancelled") return own?.paid ? t("obstacle.called_off_paid") : t("obstacle.called_off");
  if (status === "scheduled") return t("obstacle.starts_at", { count: auction.opening });
  if (status === "paused") return format === "dutch" || format === "clock" ? t("obstacle.paused_clock") : t("obstacle.paused");
  if (wanted.length) return describeWanted(wanted);
  if (standing === "out") return t("obstacle.out");
  if (format === "clock" && standing === "none" && !entryLeft(auction, at)) return t("obstacle.joining_over");
  const least = pieces.clock ? priceAt(auction, at) : auction.minimum;
  const short = format !== "dutch" && me !== null && least > me.available + heldBy(own);
  return short ? describeShort(least, me.available) : "";
}

function describeSold({ pieces }, own) {
  if (own?.refunded) return t("obstacle.refunded");
  const { sales } = pieces;
  if (!sales.length) return t("obstacle.taken_back");
  const count = new Set(sales.map((sale) => sale.bidder)).size;
  return sales.length > 1 ? t("obstacle.sold_to", { count }) : t("obstacle.sold");
}

function describeUnsold({ format, has_reserve: hasReserve, bidders }) {
  if (format === "dutch") return t("obstacle.nobody_took");
  if (format === "clock" && !bidders) return t("obstacle.nobody_joined");
  if (!bidders) return t("obstacle.nobody_bid");
  return hasReserve ? t("obstacle.reserve_not_met") : t("obstacle.nobody_won");
}

function isOnePrice({ sales }) {
  return sales.every((sale) => sale.price === sales[0].price);
}
