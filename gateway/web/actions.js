/* What a member does: bids, buys, looks at bids. Every answer becomes words; nothing counts before it. */

import { count, formatPoints } from "./format.js";
import { describeFormatRefusal, describeTaken } from "./format-answers.js";
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

  /** Bids `points` at most for each of `quantity` pieces, in an auction of another format than English. */
  bidForPieces(id, points, quantity, partial = false) {
    const { auction, standing } = this.#store.lot(id);
    const wasIn = standing === "leading";
    const parameters = { auction: id, maximum: points, ...(quantity > 1 ? { quantity } : {}), ...(partial ? { partial } : {}) };
    const pending = { points: points * quantity, atOnce: false };
    return this.#command(id, "auction.bid", parameters, pending, (taken) => describeTaken(auction, taken, wasIn));
  }

  /** Says out of an ascending clock. */
  leave(id) {
    return this.#command(id, "auction.leave", { auction: id }, { points: 0, atOnce: false }, ({ price }) => [
      "good",
      `You left at ${formatPoints(price)}. Your points are free again.`,
    ]);
  }

  acceptChance(id) {
    return this.#command(id, "auction.accept_second_chance", { auction: id }, { points: 0, atOnce: true }, (bought) => [
      "good",
      `It is yours, for ${count(bought.paid, "point")}.`,
    ]);
  }

  declineChance(id) {
    return this.#command(id, "auction.decline_second_chance", { auction: id }, { points: 0, atOnce: true }, () => ["good", "Declined."]);
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
    const lot = store.lot(id);
    if (lot?.pending) return;
    const clocked = Boolean(lot?.auction.pieces?.clock);
    store.setPending(id, { ...pending, delayed: false });
    const { member } = store.member;
    let answer;
    let minimum = Infinity;
    try {
      answer = describe(await this.#connection.command(method, parameters, () => store.delay(id)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      answer = ["bad", describeRefusal(error, clocked)];
      // What a price clock asks is not in the auction's own state, so that does not tell when it was outdated.
      if (!clocked) minimum = error.details.minimum ?? Infinity;
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

function describeRefusal(refusal, clocked) {
  const { code, message, details } = refusal;
  const words = describeFormatRefusal(refusal, clocked);
  if (words) return words;
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
