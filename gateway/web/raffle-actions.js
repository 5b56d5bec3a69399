/* What a member does with raffles: looks, buys tickets, claims or declines a prize, asks for evidence. */

import { describeOther } from "./common-words.js";
import { Lost, Refused } from "./socket.js";
import { t } from "./words.js";

/** Where these purchases come from: price rules may speak for a channel. */
const CHANNEL = "web";

export class RaffleActions {
  #book;
  #store;
  #connection;
  #fetchToken;

  /** `fetchToken()` gives a token for what a socket cannot carry: evidence may be large. */
  constructor(book, store, connection, fetchToken) {
    this.#book = book;
    this.#store = store;
    this.#connection = connection;
    this.#fetchToken = fetchToken;
  }

  /** Looks at one raffle with the member's own eyes: its tickets, its price. */
  async look(id) {
    const { member } = this.#store;
    try {
      const { result, position } = await this.#connection.look("raffle.get", { raffle: id, channel: CHANNEL });
      if (this.#store.member === member) this.#book.takeOwn(result, position);
    } catch (error) {
      if (error instanceof Refused && error.code === "unknown_raffle") this.#book.drop(id);
      else if (!(error instanceof Lost || error instanceof Refused)) throw error;
    }
  }

  /** Looks at a page of the list. */
  list(parameters) {
    return this.#connection.look("raffle.list", parameters);
  }

  /** Buys tickets for at most `most` points in all. Returns what they cost where that is more now, otherwise null. */
  async buy(id, tickets, most) {
    const parameters = { raffle: id, tickets, most, channel: CHANNEL };
    const refusal = await this.#command(id, "raffle.buy", parameters, ({ first, last, points }) => {
      return t(first === last ? "bought.number" : "bought.numbers", { first, last, points: t("count.points", { count: points }) });
    });
    return refusal?.code === "price_changed" ? refusal.details.points : null;
  }

  claim(id) {
    return this.#command(id, "raffle.claim", { raffle: id }, () => t("bought.claimed"));
  }

  decline(id) {
    return this.#command(id, "raffle.decline", { raffle: id }, () => t("bought.declined"));
  }

  /** The evidence of a draw, as the file says it. Throws an `Error` with words. */
  async fetchEvidence(id) {
    const headers = { Authorization: `Bearer ${await this.#fetchToken()}` };
    const response = await fetch(`/v1/raffles/${encodeURIComponent(id)}/evidence`, { headers });
    const content = await response.json().catch(() => null);
    if (!response.ok || content === null) throw new Error(content?.detail ?? t("verdict.no_evidence"));
    return content;
  }

  /** What proves the member's own entries; null where it has none. Throws an `Error` with words. */
  async fetchProof(id, entries) {
    if (!entries) return null;
    let proof = await this.#connection.ask("raffle.proof", { raffle: id });
    while (proof.entries.length < entries) {
      const more = await this.#connection.ask("raffle.proof", { raffle: id, after: proof.entries.length });
      proof = { ...proof, entries: [...proof.entries, ...more.entries] };
    }
    return proof;
  }

  /** Does it, and puts the answer into words. Returns the refusal; null where there is none, or nothing was done. */
  async #command(id, method, parameters, describe) {
    const book = this.#book;
    if (book.item(id)?.pending) return null;
    book.setPending(id, { delayed: false });
    const { member } = this.#store.member;
    let answer;
    let refusal = null;
    try {
      const result = await this.#connection.command(method, parameters, () => book.delay(id));
      answer = ["good", describe(result)];
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refusal = error;
      answer = ["bad", describeRefusal(error)];
    }
    if (this.#store.member.member !== member) return null;
    await this.look(id);
    book.setPending(id, null);
    book.setAnswer(id, ...answer);
    return refusal;
  }
}

function describeRefusal({ code, message, details }) {
  switch (code) {
    case "price_changed":
      return t("unbought.price", { points: t("count.points", { count: details.points }) });
    case "insufficient_points":
      return t("unbought.short", { count: details.missing });
    case "ticket_cap_reached":
      return details.left ? t("unbought.left", { count: details.left }) : t("unbought.none_left");
    case "raffle_closed":
      return t("unbought.closed");
    case "staff_may_not_enter":
      return t("unbought.staff");
    case "claim_too_late":
      return t("unbought.claim_late");
    case "expired":
      return t("unbought.expired");
    default:
      return describeOther({ code, message });
  }
}
