/* What an auction of another format than English says of itself: its name, how to win, what one pays, how it stands. */

import { capitalise, count, formatLeft, formatLength, formatPoints } from "./format.js";
import { heldBy } from "./format-standing.js";
import { entryLeft, nextStep, priceAt } from "./price-clock.js";

/** The format in a member's words. */
export function nameOf({ format, pieces }) {
  const { supply, pricing, sealed } = pieces;
  if (format === "dutch") return supply > 1 ? `${supply} pieces, the price falls` : "Price falls";
  if (format === "clock") return supply > 1 ? `Last ${supply} in win` : "Last one in wins";
  if (format === "sealed") return "Sealed bid";
  const pays = pricing === "pay_as_bid" ? "each pays their own bid" : "everyone pays the same";
  return `${sealed ? "Sealed bids, " : ""}${count(supply, "piece")}, ${pays}`;
}

/** How to win, and what one pays. */
export function explain(auction) {
  const { format, pieces } = auction;
  const several = pieces.supply > 1;
  switch (format) {
    case "dutch":
      return several
        ? "The price falls by itself. Take what you want while there is some: you pay the price of that moment, at once."
        : "The price falls by itself until somebody takes it. Whoever does pays the price of that moment, at once.";
    case "clock":
      return several
        ? `Join before the price rises; you are in until it passes your maximum, or you leave. The last ${pieces.supply} in win, and pay the price at which the one before left.`
        : "Join before the price rises; you are in until it passes your maximum, or you leave. The last one in wins, and pays the price at which the one before left.";
    case "sealed":
      return explainSealed(auction);
    default:
      return `The best bids get the pieces. ${explainPricing(auction)}`;
  }
}

function explainSealed({ pieces, has_reserve: hasReserve }) {
  if (pieces.pricing === "first") return "The highest bid wins, and pays what it bid.";
  const reserve = hasReserve ? ", or the reserve if that is more" : "";
  return `The highest bid wins, but pays only as much as the second-highest${reserve}: bid what it is worth to you.`;
}

function explainPricing({ pieces, has_reserve: hasReserve }) {
  const least = hasReserve ? "the reserve" : "the opening price";
  switch (pieces.pricing) {
    case "pay_as_bid":
      return "Everyone pays what they bid.";
    case "highest_losing":
      return `Everyone pays the highest bid that got nothing, and no less than ${least}.`;
    default:
      return "Everyone pays the lowest bid that won.";
  }
}

/** The words over the price. */
export function labelOf({ pieces, status, price, minimum }) {
  if (status === "settled" && pieces.sales.length) return isOnePrice(pieces) ? "Sold for" : "Sold from";
  if (status === "settled" || status === "closing") return "Closed at";
  if (status !== "open" && status !== "paused") return "Opening price";
  if (pieces.clock) return "Price now";
  if (pieces.sealed) return "Bids from";
  return minimum > price ? "To be in" : "Opening price";
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
  const { format, pieces, status } = auction;
  const { clock } = pieces;
  if (!clock || status === "closing" || auction.ended_at) return "";
  if (status === "paused") return "Paused: the price stands still.";
  const pace = `by ${sayStep(auction)} every ${sayLength(clock.interval)}`;
  const floor = clock.floor ? `, to ${formatPoints(clock.floor)} at the lowest` : "";
  if (status === "scheduled") return `${format === "dutch" ? "Falls" : "Rises"} ${pace}${floor}.`;
  const entry = entryLeft(auction, at);
  if (entry) return `Joining ends in ${formatLeft(entry)}; then it rises ${pace}.`;
  const next = nextStep(auction, at);
  if (next === null) return clock.floor ? "This is the lowest it gets." : "";
  const words = `${formatPoints(next.price)} in ${formatLeft(next.left)}`;
  return clock.floor ? `Falls to ${words} · lowest ${formatPoints(clock.floor)}` : `Rises to ${words}`;
}

/** How much a step is: points, or a share of the opening price. */
export function sayStep({ pieces }) {
  const { step, step_share: share } = pieces.clock;
  return step ? formatPoints(step) : `${share / 100}% of the opening price`;
}

/** How it stands, as `{ kind, words }`; `kind` chooses the colour. */
export function standingWords({ auction, own, standing }) {
  const { format, pieces, status } = auction;
  const running = status === "open" || status === "paused";
  switch (standing) {
    case "won":
      return { kind: "won", words: pieces.supply > 1 ? `You won ${formatPoints(own.won)}` : "You won" };
    case "lost":
      return { kind: "over", words: "Not this time" };
    case "leading":
      return running ? { kind: "leading", words: "You’re in" } : { kind: "none", words: "Closing" };
    case "outbid":
      return running ? { kind: "outbid", words: "You’re out now" } : { kind: "none", words: "Closing" };
    case "sealed":
      return { kind: "none", words: "Your bid is in" };
    case "out":
      return { kind: "over", words: "You’re out" };
  }
  if (status === "scheduled") return { kind: "none", words: "Not open yet" };
  if (!running) return { kind: "over", words: { settled: "Sold", unsold: "Not sold", cancelled: "Cancelled" }[status] ?? "Closing" };
  if (format === "clock") return { kind: "none", words: "You’re not in" };
  if (pieces.sealed) return { kind: "none", words: "Bids are secret" };
  if (format === "dutch") return { kind: "none", words: pieces.supply > 1 ? `${pieces.supply - pieces.sold} left` : "Not taken yet" };
  return { kind: "none", words: auction.bids ? `${count(auction.bidders, "bidder")}` : "No bids yet" };
}

/** The words of the time, how pressing they are, and which share of it is left. */
export function describeFormatTime(auction, at) {
  if (auction.status === "closing") return { words: "Closing", urgency: "over", share: 0 };
  const entry = auction.format === "clock" && auction.status === "open" ? entryLeft(auction, at) : -1;
  if (entry > 0) {
    const share = entry / auction.pieces.clock.entry;
    return { words: `Join · ${formatLeft(entry)}`, urgency: entry < 10_000 ? "urgent" : entry < 60_000 ? "soon" : "calm", share };
  }
  return entry === 0 && at < auction.ends_at ? { words: "Rising", urgency: "calm", share: 0 } : null;
}

/** What there is, in a few words each. */
export function formatFacts(auction) {
  const { format, pieces } = auction;
  const facts = [];
  if (pieces.supply > 1) facts.push(pieces.sold ? `${pieces.sold} of ${count(pieces.supply, "piece")} sold` : count(pieces.supply, "piece"));
  if (format === "clock" && !auction.ended_at) facts.push(`${count(pieces.bidders_in, "member")} in`);
  if (pieces.sealed && !auction.ended_at) facts.push("Nobody sees bids until the close");
  if (format === "multi_unit" && !pieces.sealed) facts.push(count(auction.bids, "bid"));
  return facts;
}

/** The member's own part in a sentence; empty if it has none. */
export function describeOwn({ auction, own, standing }) {
  if (own === null) return "";
  const { supply, sealed } = auction.pieces;
  if (standing === "won") return auction.status === "open" ? sayWon(auction, own) : ""; // afterwards the obstacle says it
  if (!own.maximum || auction.ended_at) return "";
  if (auction.format === "clock") return `You’re in up to ${formatPoints(own.maximum)}`;
  const amount = `${formatPoints(own.maximum)}${supply > 1 ? ` each for ${count(own.quantity, "piece")}` : ""}`;
  return `Your ${sealed ? "sealed " : ""}bid: ${amount}`;
}

/** `You won 2 pieces for 960 points`. */
export function sayWon({ pieces }, own) {
  const what = pieces.supply > 1 ? ` ${count(own.won, "piece")}` : " it";
  return `You won${what} for ${count(own.paid, "point")}`;
}

/** Why the member cannot bid here at `at` ms, and what there is to say instead; empty if it can. */
export function formatObstacle({ auction, own, standing, wanted }, me, at) {
  const { format, pieces, status } = auction;
  if (standing === "won" && status !== "open") return sayWon(auction, own);
  if (status === "closing") return "Bidding is over: the winners are paying now";
  if (status === "settled") return describeSold(auction, own);
  if (status === "unsold") return describeUnsold(auction);
  if (status === "cancelled") return own?.paid ? "Called off; your points come back" : "Called off";
  if (status === "scheduled") return `Starts at ${formatPoints(auction.opening)} points`;
  if (status === "paused") return format === "dutch" || format === "clock" ? "It goes on from here" : "Bids are taken again when it goes on";
  if (wanted.length) return `For ${wanted.map(capitalise).join(" and ")} members`;
  if (standing === "out") return "You’re out; nobody comes back to a clock";
  if (format === "clock" && standing === "none" && !entryLeft(auction, at)) return "Joining is over; the last in will win";
  const least = pieces.clock ? priceAt(auction, at) : auction.minimum;
  const short = format !== "dutch" && me !== null && least > me.available + heldBy(own);
  return short ? `Takes ${formatPoints(least)} points; you have ${formatPoints(me.available)}` : "";
}

function describeSold({ pieces }, own) {
  if (own?.refunded) return "You won, and got your points back";
  const { sales } = pieces;
  if (!sales.length) return "Sold, and taken back";
  return sales.length > 1 ? `Sold to ${count(new Set(sales.map((sale) => sale.bidder)).size, "member")}` : "Sold to another member";
}

function describeUnsold({ format, has_reserve: hasReserve, bidders }) {
  if (format === "dutch") return "Nobody took it";
  if (format === "clock" && !bidders) return "Nobody joined";
  if (!bidders) return "Nobody bid";
  return hasReserve ? "The reserve was not met" : "Nobody won it";
}

/** The rules that only this format has, as pairs of a term and its words. */
export function formatRules(auction) {
  const { format, pieces } = auction;
  const { clock, order } = pieces;
  const rules = [];
  if (pieces.supply > 1) rules.push(["Pieces", `${formatPoints(pieces.supply)}, ${formatPoints(pieces.sold)} sold`]);
  if (clock) rules.push([format === "dutch" ? "Falls" : "Rises", `by ${sayStep(auction)} every ${sayLength(clock.interval)}`]);
  if (clock?.floor) rules.push(["Lowest price", formatPoints(clock.floor)]);
  if (format === "clock") rules.push(["Joining", `for the first ${sayLength(clock.entry)}`]);
  if (format === "clock" && !auction.ended_at) rules.push(["In now", count(pieces.bidders_in, "member")]);
  if (format === "sealed" || format === "multi_unit") rules.push(["Changing a bid", pieces.may_lower ? "Up or down, until the close" : "Only upwards"]);
  const ties = order === "quantity" ? "The bid for more pieces goes first, then the earlier one" : "The earlier one goes first";
  if (format !== "dutch") rules.push(["Equal bids", ties]);
  return rules;
}

/** A length of time behind `every` or `the first`: `minute`, `5 seconds`, `0.2 seconds`. */
function sayLength(length) {
  if (length < 60_000 && length !== 1_000) return `${length / 1_000} seconds`;
  return length === 1_000 ? "second" : formatLength(length).replace(/^an? /, "");
}

function isOnePrice({ sales }) {
  return sales.every((sale) => sale.price === sales[0].price);
}
