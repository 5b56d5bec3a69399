/*
 * Price clocks: what a Dutch auction and an ascending clock ask at an instant, exactly as the engine counts it, so that
 * the page needs no messages between steps. Only a falling price has a floor.
 */

const ONE = 10_000n;

/** The most points that one price may be. */
const MOST = 10 ** 12;

/** The price after so many steps: rounded half up once. */
export function priceAfter(opening, { step, step_share, floor }, steps) {
  // A share's product passes 2⁵³ before it is divided; what is inexact after that lies behind the floor or the most.
  const change = step_share
    ? Number((BigInt(opening) * BigInt(step_share) * BigInt(steps) + ONE / 2n) / ONE)
    : step * steps;
  return floor ? Math.max(floor, opening - change) : Math.min(opening + change, MOST);
}

/** How many steps the clock of an auction has made by `at` ms; none before it opens, and no more once it ends. */
export function stepsAt(auction, at) {
  const { clock } = auction.pieces;
  if (!clock.opened_at) return 0;
  const ran = standsAt(auction, at) - clock.opened_at - clock.paused_for - clock.entry;
  return Math.floor(Math.max(0, ran) / clock.interval);
}

/** What the clock of an auction shows at `at` ms; while it is paused, what it showed then. */
export function priceAt(auction, at) {
  return priceAfter(auction.opening, auction.pieces.clock, stepsAt(auction, at));
}

/** When the price moves next, and to what: `{ left, price }`, `left` in ms; null where it stands still. */
export function nextStep(auction, at) {
  const { clock } = auction.pieces;
  const price = priceAt(auction, at);
  if (!clock.opened_at || auction.status !== "open" || price === clock.floor) return null;
  const steps = stepsAt(auction, at) + 1;
  const instant = clock.opened_at + clock.paused_for + clock.entry + steps * clock.interval;
  return instant < auction.ends_at ? { left: instant - at, price: priceAfter(auction.opening, clock, steps) } : null;
}

/** How long (ms) members may still join an ascending clock; 0 once it rises. */
export function entryLeft(auction, at) {
  const { clock } = auction.pieces;
  if (!clock.entry) return 0;
  if (!clock.opened_at) return clock.entry;
  return Math.max(0, clock.opened_at + clock.paused_for + clock.entry - standsAt(auction, at));
}

function standsAt(auction, at) {
  return auction.paused_at || Math.min(at, auction.ends_at);
}
