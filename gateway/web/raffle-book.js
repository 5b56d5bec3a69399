/*
 * What the page knows of raffles, and what follows from it: no document, no socket.
 *
 * The list and the open raffle come as pushes; a member's own part and price as answers. Notices come from comparing
 * a member's state with the one before it, also across a reconnect.
 */

import { localise } from "./locale.js";
import { isBefore, parsePosition } from "./position.js";
import { t } from "./words.js";

export class RaffleBook {
  /** Raffles by id, those that close soonest first; they stay for as long as the page shows them. */
  raffles = new Map();
  /** Whether the list has arrived once. */
  ready = false;
  opened = "";
  /** How many raffles are live, of which the page may know but those that close soonest. */
  total = 0;
  /** Where `raffle.list` goes on with what closes later; "" if there is no more. */
  next = "";
  /** Raffles that the list of those that close soonest was too short for. */
  #later = new Set();
  /** The member's part in raffles, by id, and what a ticket costs it, as they were last asked for. */
  #parts = new Map();
  #prices = new Map();
  #live = new Map();
  #pending = new Map();
  #answers = new Map();
  #positions = new Map();
  #notify;
  #changed;

  /** `changed()` is called whenever something did, `notify(tone, title, words)` tells the member. */
  constructor(changed, notify) {
    this.#changed = changed;
    this.#notify = notify;
  }

  /** Forgets what was another member's. */
  clear() {
    for (const map of [this.#parts, this.#prices, this.#live, this.#pending, this.#answers]) map.clear();
    this.#changed();
  }

  open(id) {
    this.opened = id;
    this.#changed();
  }

  /** The topics that the page needs now. */
  get topics() {
    return ["raffles", ...(this.opened ? [`raffle:${this.opened}`] : [])];
  }

  /** Takes what was pushed: `raffles`, or one `raffle:ID` (null: it is gone). */
  take(topic, state, position) {
    const order = parsePosition(position);
    if (topic === "raffles") this.#takeList(state, order);
    else if (state === null) this.raffles.delete(topic.slice("raffle:".length));
    else this.#keep(state, order, true);
    this.#changed();
  }

  get size() {
    return this.raffles.size;
  }

  /** Takes a page of what closes later, as `raffle.list` answered. */
  takeLater({ raffles, next }, position) {
    const order = parsePosition(position);
    this.next = next;
    for (const raffle of raffles) {
      this.#later.add(raffle.id);
      this.#keep(raffle, order, false);
    }
    this.#sort();
    this.#changed();
  }

  drop(id) {
    this.raffles.delete(id);
    this.#changed();
  }

  /** The member's own part in one raffle, and its price, as the gateway answered. */
  takeOwn(raffle, position) {
    const isNew = !this.raffles.has(raffle.id);
    this.#keep(raffle, parsePosition(position), true);
    if (isNew) this.#sort();
    this.#parts.set(raffle.id, raffle.own);
    this.#prices.set(raffle.id, raffle.own_price);
    this.#changed();
  }

  /** The member's own state: its part in the raffles that are not over. */
  takeMe({ raffles }) {
    for (const own of raffles) {
      const before = this.#live.get(own.raffle);
      if (before !== undefined) this.#compare(before, own);
      this.#live.set(own.raffle, own);
      const known = this.#parts.get(own.raffle);
      // What is pushed has no ticket numbers: those stay until they are asked for anew.
      this.#parts.set(own.raffle, { ...own, ranges: known?.entries === own.entries ? known.ranges : own.ranges });
    }
    this.#changed();
  }

  /** Raffles whose own part has changed since it was asked for: their ticket numbers are not known. */
  isOutdated(id) {
    const part = this.#parts.get(id);
    return part === undefined || (part.entries > 0 && part.ranges.length === 0);
  }

  /** Raffles in which the member has a part, and which the list does not name. */
  get missing() {
    return [...this.#live.keys()].filter((id) => !this.raffles.has(id));
  }

  /** Everything about one raffle, or null: `{ raffle, own, price, pending, answer }`. */
  item(id) {
    const raffle = this.raffles.get(id);
    if (raffle === undefined) return null;
    return {
      raffle,
      own: this.#parts.get(id) ?? null,
      price: this.#prices.get(id) ?? null,
      pending: this.#pending.get(id) ?? null,
      answer: this.#answers.get(id) ?? null,
    };
  }

  setPending(id, pending) {
    if (pending === null) this.#pending.delete(id);
    else {
      this.#pending.set(id, pending);
      this.#answers.delete(id);
    }
    this.#changed();
  }

  delay(id) {
    if (this.#pending.has(id)) this.setPending(id, { ...this.#pending.get(id), delayed: true });
  }

  /** The last answer, in words; `tone` is good or bad. */
  setAnswer(id, tone, words) {
    this.#answers.set(id, { tone, words });
    this.#changed();
  }

  #takeList({ raffles, total, next }, order) {
    this.ready = true;
    this.total = total;
    const listed = new Set(raffles.map((raffle) => raffle.id));
    for (const id of listed) this.#later.delete(id);
    if (!this.#later.size) this.next = next;
    for (const raffle of raffles) this.#keep(raffle, order, false);
    for (const [id, raffle] of this.raffles) {
      // What has left the list is over, or about to say so in its own topic.
      if (!listed.has(id) && !this.#keeps(id) && !hasEnded(raffle)) this.raffles.delete(id);
    }
    this.#sort();
  }

  /** Whether a raffle is shown that the list may not name. */
  #keeps(id) {
    return this.#later.has(id) || this.#live.has(id) || id === this.opened;
  }

  #sort() {
    const soonest = [...this.raffles.values()].sort((one, other) => one.closes_at - other.closes_at || one.serial - other.serial);
    this.raffles = new Map(soonest.map((raffle) => [raffle.id, raffle]));
  }

  /** `whole`: with lock and places, which lists leave out. */
  #keep(raffle, order, whole) {
    if (isBefore(order, this.#positions.get(raffle.id))) return;
    this.#positions.set(raffle.id, order);
    const before = this.raffles.get(raffle.id);
    const { lock, places, texts } = whole || !before ? raffle : before;
    this.raffles.set(raffle.id, { ...raffle, lock, places, texts });
  }

  #compare(before, own) {
    const title = localise(own.titles)?.text ?? own.raffle;
    if (own.fate === "offered" && before.fate !== "offered") {
      this.#notify("won", t("standing.won"), t("notice.claim", { title }));
    } else if (own.status === "drawn" && before.status !== "drawn" && !own.place) {
      this.#notify("lost", t("standing.not_this_time"), t("notice.drawn", { title }));
    } else if (own.fate === "reserve" && before.fate !== "reserve") {
      this.#notify("plain", t("notice.reserve"), t("notice.reserve_words", { title }));
    } else if (own.tickets > before.tickets && !this.#pending.has(own.raffle)) {
      this.#notify("plain", t("notice.tickets"), t("notice.more_tickets", { count: own.tickets - before.tickets, title }));
    }
  }
}

export function hasEnded(raffle) {
  return raffle.status === "settled" || raffle.status === "void";
}
