/* What a member does: bids, buys, looks at bids. Every answer becomes words; nothing counts before it. */

import { count, formatPoints } from "./format.js";
import { Refused } from "./socket.js";

export class Actions {
  #store;
  #connection;

  constructor(store, connection) {
    this.#store = store;
    this.#connection = connection;
  }

  /** Bids `points` at most. */
  bid(id, points) {
    const leading = this.#store.lot(id)?.standing === "leading";
    return this.#command(id, "auction.bid", { auction: id, maximum: points }, { points, atOnce: false }, (taken) =>
      describeBid(taken, leading),
    );
  }

  /** Buys at once, at `points`. */
  buyNow(id, points) {
    return this.#command(id, "auction.buy_now", { auction: id, price: points }, { points, atOnce: true }, (bought) => [
      "good",
      `It is yours, for ${count(bought.paid, "point")}.`,
    ]);
  }

  /** What the member would pay of an auction's hammer price if it bid now, in basis points. */
  async ownFactor(id) {
    return (await this.#connection.ask("auction.get", { auction: id })).own_factor;
  }

  /** The latest bids of an auction, newest first. */
  async bids(id) {
    return (await this.#connection.ask("auction.bids", { auction: id, limit: 20 })).bids;
  }

  async #command(id, method, parameters, pending, describe) {
    const store = this.#store;
    if (store.lot(id)?.pending) return;
    store.setPending(id, { ...pending, delayed: false });
    const { member } = store.member;
    let answer;
    let minimum = Infinity;
    try {
      answer = describe(await this.#connection.command(method, parameters, () => store.delay(id)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      answer = ["bad", describeRefusal(error)];
      minimum = error.details.minimum ?? Infinity;
    }
    if (store.member.member !== member) return;
    store.setPending(id, null);
    store.setAnswer(id, ...answer, minimum);
  }
}

function describeBid(taken, wasLeading) {
  const { leading, price, maximum } = taken;
  if (!leading) {
    return ["bad", `Another member’s maximum is higher than ${formatPoints(maximum)}.`];
  }
  if (wasLeading) return ["good", `Your maximum is now ${formatPoints(maximum)}.`];
  if (maximum > price) return ["good", `You lead. We go on for you up to ${formatPoints(maximum)}.`];
  return ["good", "You lead."];
}

function describeRefusal({ code, message, details }) {
  switch (code) {
    case "bid_too_low":
      return `Not placed: it takes ${formatPoints(details.minimum)} or more now.`;
    case "insufficient_points":
      return `Not placed: you are ${count(details.missing, "point")} short.`;
    case "auction_closed":
      return "Not placed: the auction had closed.";
    case "auction_paused":
      return "Not placed: the auction is paused.";
    case "buy_now_unavailable":
      return "Not bought: somebody has bid, and the bids decide now.";
    case "expired":
      return "We were cut off for too long to tell whether it was placed. What you see here is how it stands.";
    default:
      return `Not placed: ${message}`;
  }
}
