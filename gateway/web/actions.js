/* What a member does: bids, buys, looks at bids. Every answer becomes words; nothing counts before it. */

import { describeOther } from "./common-words.js";
import { describeFormatRefusal, describeTaken } from "./format-answers.js";
import { Refused } from "./socket.js";
import { t } from "./words.js";

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
      t("answer.left_at", { price }),
    ]);
  }

  acceptChance(id) {
    return this.#command(id, "auction.accept_second_chance", { auction: id }, { points: 0, atOnce: true }, (bought) => [
      "good",
      t("answer.yours", { points: t("count.points", { count: bought.paid }) }),
    ]);
  }

  declineChance(id) {
    return this.#command(id, "auction.decline_second_chance", { auction: id }, { points: 0, atOnce: true }, () => ["good", t("answer.declined")]);
  }

  /** Buys at once, at `points`. */
  buyNow(id, points) {
    return this.#command(id, "auction.buy_now", { auction: id, price: points }, { points, atOnce: true }, (bought) => [
      "good",
      t("answer.yours", { points: t("count.points", { count: bought.paid }) }),
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

function describeBid({ leading, price, maximum }, wasLeading) {
  if (!leading) return ["bad", t("answer.higher", { points: maximum })];
  if (wasLeading) return ["good", t("answer.maximum_now", { points: maximum })];
  return ["good", maximum > price ? t("answer.leading_up_to", { points: maximum }) : t("answer.leading")];
}

function describeRefusal(refusal, clocked) {
  const { code, details } = refusal;
  const words = describeFormatRefusal(refusal, clocked);
  if (words) return words;
  if (code === "bid_too_low") return t("refusal.bid_too_low", { minimum: details.minimum });
  if (code === "insufficient_points") return t("refusal.insufficient_points", { count: details.missing });
  return describeOther(refusal);
}
