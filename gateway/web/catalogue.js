/*
 * What the page knows of the catalogue, and what follows from it: no document, no socket.
 *
 * Offers come as answers, prices also as pushes; each speaks for a position, and a price never gives way to an
 * older one. A price of null: it is not to be had any more, or cannot be paid in the member's market.
 */

import { localise } from "./locale.js";
import { isSamePrice } from "./money.js";
import { isBefore, parsePosition } from "./position.js";
import { describeObstacle, isCancellable, nameOfKind, titleOf } from "./reward-words.js";

export class Catalogue {
  /** Offers by experience, in the order of the catalogue. */
  offers = new Map();
  /** Whether the catalogue has arrived once. */
  ready = false;
  /** Whether there is more than the page shows. */
  more = false;
  /** What narrows it down: a kind, words, and whether the member can have it now. */
  kind = "";
  words = "";
  reachable = false;
  /** What campaigns in force have on their shelves: `{ shelf, titles, turns_at, experiences }` each. */
  shelves = [];
  /** The member's redemptions, newest first; null until they have arrived. */
  redemptions = null;

  #prices = new Map();
  #pending = new Map();
  #answers = new Map();
  #changed;

  /** `changed()` is called whenever something did. */
  constructor(changed) {
    this.#changed = changed;
  }

  /** Forgets everything: it was another member's. */
  clear() {
    this.ready = this.more = false;
    this.kind = this.words = "";
    this.reachable = false;
    this.shelves = [];
    this.redemptions = null;
    for (const map of [this.offers, this.#prices, this.#pending, this.#answers]) map.clear();
    this.#changed();
  }

  /** Narrows it down: `{ kind, words, reachable }`, those that change. */
  narrow(filters) {
    Object.assign(this, filters);
    this.#changed();
  }

  /** Whether it is narrowed down. */
  get isNarrow() {
    return this.kind !== "" || this.words.trim() !== "" || this.reachable;
  }

  /** The ids of the offers that it is narrowed down to, for a member with the state `me`. */
  find(me) {
    const words = fold(this.words).split(/\s+/);
    return [...this.offers.keys()].filter((id) => {
      const { kind } = this.offers.get(id);
      if (this.kind && kind !== this.kind) return false;
      if (this.reachable && describeObstacle(this.item(id), me)) return false;
      return !this.words || words.every((word) => this.#textOf(id).includes(word));
    });
  }

  /** Adds a page of the catalogue as it arrives. */
  addOffers(offers, position) {
    for (const offer of offers) this.#keep(offer, position);
    this.#changed();
  }

  /** The whole catalogue has arrived: what is not among `offers` is gone. */
  takeAll(offers, more) {
    this.offers = new Map(offers.map((offer) => [offer.experience, offer]));
    this.ready = true;
    this.more = more;
    if (!this.kinds.includes(this.kind)) this.kind = "";
    this.#changed();
  }

  takeShelves(shelves) {
    this.shelves = shelves;
    this.#changed();
  }

  /** When (ms) the next shelf turns; Infinity: none does. */
  get turnsAt() {
    return Math.min(...this.shelves.map((shelf) => shelf.turns_at || Infinity));
  }

  /** One offer as it is now; null: the member does not see it any more. */
  takeOffer(id, offer, position) {
    if (offer === null) this.offers.delete(id);
    else this.#keep(offer, position);
    this.#changed();
  }

  /**
   * Takes pushed prices by experience. Returns what `moved`, what has no price any more (`gone`), and what has one
   * and is not among the offers yet (`fresh`): a push also tells what others show who pay the same.
   */
  takePrices(prices, position) {
    const moved = [];
    const gone = [];
    const fresh = [];
    for (const [id, price] of Object.entries(prices)) {
      if (!this.offers.has(id)) {
        if (price !== null) fresh.push(id);
        continue;
      }
      const before = this.#prices.get(id)?.price;
      if (!this.#takePrice(id, price, parsePosition(position)) || isSamePrice(before, price)) continue;
      if (price === null) gone.push(id);
      else moved.push(id);
    }
    this.#changed();
    return { moved, gone, fresh };
  }

  /** Takes the member's redemptions; returns those that others have decided on since the last time. */
  takeRedemptions(redemptions) {
    const before = new Map((this.redemptions ?? []).map((one) => [one.redemption, one]));
    this.redemptions = redemptions;
    this.#changed();
    return redemptions.filter((one) => {
      const known = before.get(one.redemption);
      return known && isCancellable(known) && !isCancellable(one) && one.status !== "cancelled";
    });
  }

  /** Everything about one experience, or null: `{ offer, price, pending, answer }`. */
  item(id) {
    const offer = this.offers.get(id);
    if (offer === undefined) return null;
    return {
      offer,
      price: this.#prices.get(id)?.price ?? null,
      pending: this.#pending.get(id) ?? null,
      answer: this.answer(id),
    };
  }

  /** All kinds, in the order in which the catalogue has them. */
  get kinds() {
    return [...new Set([...this.offers.values()].map((offer) => offer.kind))];
  }

  /** Whether others still decide on a redemption: it waits for its payment, or to be confirmed. */
  get hasOpenRedemptions() {
    return this.redemptions?.some(isCancellable) ?? false;
  }

  /** What is on its way for an experience or a redemption, `{ delayed }`; null once it was answered. */
  setPending(id, pending) {
    if (pending === null) this.#pending.delete(id);
    else {
      this.#pending.set(id, pending);
      this.#answers.delete(id);
    }
    this.#changed();
  }

  pending(id) {
    return this.#pending.get(id) ?? null;
  }

  delay(id) {
    const pending = this.#pending.get(id);
    if (pending !== undefined && !pending.delayed) this.setPending(id, { ...pending, delayed: true });
  }

  /**
   * The last answer, in words; `tone` is good, bad or plain. What it says of a redemption is true as long as that
   * one's `status` stays: `made` is `{ redemption, status }`.
   */
  setAnswer(id, tone, words, made = null) {
    this.#answers.set(id, { tone, words, made });
    this.#changed();
  }

  answer(id) {
    const answer = this.#answers.get(id);
    const made = answer?.made && this.redemptions?.find((one) => one.redemption === answer.made.redemption);
    return answer === undefined || (made && made.status !== answer.made.status) ? null : answer;
  }

  /** What a search looks at. */
  #textOf(id) {
    const offer = this.offers.get(id);
    const { texts, kind } = offer;
    return fold([titleOf(offer), localise(texts)?.text ?? "", nameOfKind(kind)].join(" "));
  }

  #keep(offer, position) {
    this.offers.set(offer.experience, offer);
    this.#takePrice(offer.experience, offer.price, parsePosition(position));
  }

  #takePrice(id, price, order) {
    if (isBefore(order, this.#prices.get(id)?.order)) return false;
    this.#prices.set(id, { price, order });
    return true;
  }
}

/** Text without what people leave out when they search: case, accents, vowel signs. */
function fold(text) {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().trim();
}
