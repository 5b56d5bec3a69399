/* What a member does with raffles: looks, buys tickets, claims or declines a prize, asks for evidence. */

import { count, formatPoints } from "./format.js";
import { Lost, Refused } from "./socket.js";

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

  /** Buys tickets for at most `most` points in all. Returns what they cost where that is more now, otherwise null. */
  async buy(id, tickets, most) {
    const parameters = { raffle: id, tickets, most, channel: CHANNEL };
    const refusal = await this.#command(id, "raffle.buy", parameters, ({ first, last, points }) => {
      const numbers = first === last ? `Number ${formatPoints(first)} is` : `Numbers ${formatPoints(first)} to ${formatPoints(last)} are`;
      return `${numbers} yours, for ${count(points, "point")}.`;
    });
    return refusal?.code === "price_changed" ? refusal.details.points : null;
  }

  claim(id) {
    return this.#command(id, "raffle.claim", { raffle: id }, () => "It is yours. We will be in touch.");
  }

  decline(id) {
    return this.#command(id, "raffle.decline", { raffle: id }, () => "Declined: it goes to somebody else.");
  }

  /** The evidence of a draw, as the file says it. Throws an `Error` with words. */
  async fetchEvidence(id) {
    const headers = { Authorization: `Bearer ${await this.#fetchToken()}` };
    const response = await fetch(`/v1/raffles/${encodeURIComponent(id)}/evidence`, { headers });
    const content = await response.json().catch(() => null);
    if (!response.ok || content === null) throw new Error(content?.detail ?? "The evidence cannot be had now.");
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
      return `Not bought: it costs ${count(details.points, "point")} now.`;
    case "insufficient_points":
      return `Not bought: you are ${count(details.missing, "point")} short.`;
    case "ticket_cap_reached":
      return details.left ? `Not bought: only ${count(details.left, "ticket")} left for you.` : "Not bought: no tickets are left for you.";
    case "raffle_closed":
      return "Not bought: the raffle had closed.";
    case "staff_may_not_enter":
      return "Not bought: staff may not take part.";
    case "claim_too_late":
      return "The time to claim is over.";
    case "expired":
      return "We were cut off for too long to tell whether it was done. What you see here is how it stands.";
    default:
      return message;
  }
}
