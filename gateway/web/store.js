/*
 * What the page knows, and what follows from it: no document, no socket.
 *
 * Pushes are states, so taking one replaces what was known of its topic, unless it speaks for an older position
 * than that. Alerts and notices come from comparing a member's state with the one before it, also across a
 * reconnect: who was outbid while the connection was gone is told afterwards.
 */

import { standingOf } from "./format-standing.js";
import { isBefore, parsePosition } from "./position.js";
import { t } from "./words.js";

const ENDED = ["settled", "unsold", "cancelled"];

/** How long an auction that has ended stays on the page, in ms. */
const LINGER = 20_000;
const NOTICES = 4;

export class Store {
  /** `{ phase, words, retryAt, since }`; `since` is when what is shown was last known to be true. */
  connection = { phase: "connecting", since: 0 };
  member = null;
  me = null;
  filter = "all";
  opened = "";
  /** How many auctions are live, of which the page may know but those that end soonest. */
  total = 0;
  /** Where `auction.list` goes on with what ends later; "" if there is no more. */
  next = "";
  /** Whether the list of auctions has arrived once. */
  ready = false;
  /** Auctions by id, in the order in which they came up. */
  auctions = new Map();
  /** Auctions in which the member was outbid and has not looked since, the latest last. */
  outbid = [];
  notices = [];

  /** The member's part in auctions, by id. */
  #parts = new Map();
  /** Auctions that are on the screen, or nearly: their cards are. */
  #near = new Set();
  /** Auctions that the list of those that end soonest was too short for. */
  #later = new Set();
  /** What was opened and has not been heard of yet. */
  #awaited = "";
  #known = new Map();
  #positions = new Map();
  #pending = new Map();
  #answers = new Map();
  #endedAt = new Map();
  #leads = new Set();
  #lots = new Map();
  #noticeId = 0;
  #changed;

  /** `changed()` is called whenever something did. */
  constructor(changed) {
    this.#changed = changed;
  }

  setConnection(status, at) {
    const since = status.phase === "live" || this.connection.phase !== "live" ? this.connection.since : at;
    this.connection = { since, ...status };
    this.#changed();
  }

  /** Becomes another member: nothing of the one before stays. */
  become(member) {
    if (this.member?.member !== member.member) {
      this.me = null;
      this.#parts.clear();
      this.#lots.clear();
      this.outbid = [];
      this.#positions.delete("me");
      this.#pending.clear();
      this.#answers.clear();
      this.#leads.clear();
    }
    this.member = member;
    this.#lots.clear();
    this.#changed();
  }

  show(filter) {
    this.filter = filter;
    this.#changed();
  }

  open(id) {
    this.opened = id;
    this.#awaited = this.auctions.has(id) ? "" : id;
    this.#changed();
  }

  /** Takes the state of a topic as the gateway pushed it, at `at` ms. */
  take(topic, state, position, at) {
    const order = parsePosition(position);
    if (isBefore(order, this.#positions.get(topic))) return;
    this.#positions.set(topic, order);
    if (topic === "auctions") this.#takeLive(state, order, at);
    else if (topic === "me") this.#takeMe(state);
    else this.#takeAuction(topic.slice("auction:".length), state, order, at);
    this.#changed();
  }

  /** The gateway knows nothing of this auction any more. */
  drop(id) {
    this.#lose(id);
    this.#changed();
  }

  /**
   * The topics that the page needs now. Of auctions that nobody sees, and the member has no part in, it knows what the list
   * says: it comes less often, and costs a phone a tenth.
   */
  get topics() {
    const own = [...this.#parts.keys()].filter((id) => this.#concerns(id));
    const watched = new Set([...own, ...this.#near, ...(this.opened ? [this.opened] : [])]);
    return ["auctions", "me", ...[...watched].map((id) => `auction:${id}`)];
  }

  /** Whether an auction that is opened and not known may still come. */
  isAwaited(id) {
    return id === this.#awaited;
  }

  /** Notes whether an auction is on the screen, or nearly. */
  see(id, isNear) {
    if (isNear) this.#near.add(id);
    else this.#near.delete(id);
  }

  get size() {
    return this.auctions.size;
  }

  /** Takes a page of what ends later, as `auction.list` answered. */
  takeLater({ auctions, next }, position) {
    const order = parsePosition(position);
    this.next = next;
    for (const auction of auctions) {
      this.#later.add(auction.id);
      this.#keep(auction.id, auction, order, Date.now());
    }
    this.#changed();
  }

  /** Lets go of auctions that ended long enough ago, except the one that is open. */
  forget(at, isBusy) {
    for (const [id, endedAt] of this.#endedAt) {
      if (at - endedAt < LINGER || id === this.opened || isBusy(id) || this.#hasChance(id)) continue;
      this.#lose(id);
      this.#changed();
    }
  }

  /**
   * Everything about one auction, or null: `{ auction, own, standing, pending, answer, wanted }`, the same object for as
   * long as it is true. The member's own state comes at once and an auction's a moment later, so what the first says of
   * the auction counts until then; `wanted` see `#missing`.
   */
  lot(id) {
    if (!this.#lots.has(id)) this.#lots.set(id, this.#gather(id));
    return this.#lots.get(id);
  }

  #gather(id) {
    const pushed = this.auctions.get(id);
    if (pushed === undefined) return null;
    const own = this.#own(id);
    const newer = own !== null && isBefore(this.#known.get(id), this.#positions.get("me"));
    const auction = newer ? update(pushed, own) : pushed;
    return {
      auction,
      own,
      standing: this.#standing(auction, own, newer),
      pending: this.#pending.get(id) ?? null,
      answer: this.#answerFor(auction),
      wanted: this.#missing(auction),
    };
  }

  /** What is on its way to the gateway for an auction, `{ points, atOnce, delayed }`; null once it was answered. */
  setPending(id, pending) {
    if (pending === null) this.#pending.delete(id);
    else {
      this.#pending.set(id, pending);
      this.#answers.delete(id);
    }
    this.#lots.delete(id);
    this.#changed();
  }

  delay(id) {
    const pending = this.#pending.get(id);
    if (pending !== undefined && !pending.delayed) this.setPending(id, { ...pending, delayed: true });
  }

  /**
   * The last answer to a bid, in words; `tone` is good or bad. What it says of the `minimum` is true until that
   * has risen.
   */
  setAnswer(id, tone, words, minimum = Infinity) {
    this.#answers.set(id, { tone, words, minimum });
    this.#lots.delete(id);
    this.#changed();
  }

  notify(tone, title, words, id = "") {
    this.notices.push({ key: ++this.#noticeId, tone, title, words, id });
    this.notices.splice(0, this.notices.length - NOTICES);
    this.#changed();
  }

  dismiss(key) {
    this.notices = this.notices.filter((notice) => notice.key !== key);
    this.#changed();
  }

  /** The alert has been seen, or is not true any more. */
  settleOutbid(id) {
    if (!this.outbid.includes(id)) return;
    this.outbid = this.outbid.filter((one) => one !== id);
    this.#changed();
  }

  #takeLive(state, order, at) {
    this.ready = true;
    this.total = state.total;
    const live = new Set();
    for (const auction of state.auctions) {
      live.add(auction.id);
      this.#later.delete(auction.id);
      if (!this.#speaks(auction.id)) this.#keep(auction.id, auction, order, at);
    }
    if (!this.#later.size) this.next = state.next;
    for (const [id, auction] of this.auctions) {
      // It has ended, and its own topic has not said how yet: it will, in its next push.
      if (!live.has(id) && !this.#later.has(id) && !ENDED.includes(auction.status) && !this.#speaks(id)) this.#lose(id);
    }
  }

  /** Whether an auction's own topic says how it stands: it is the quicker one. */
  #speaks(id) {
    return this.#positions.has(`auction:${id}`) && (this.#near.has(id) || this.opened === id || this.#concerns(id));
  }

  /** Whether the member has a part in an auction that is not over. */
  #concerns(id) {
    const own = this.#own(id);
    return own !== null && (!ENDED.includes(own.status) || hasChance(own));
  }

  #takeAuction(id, auction, order, at) {
    if (auction === null) this.#lose(id);
    else this.#keep(id, auction, order, at);
  }

  #lose(id) {
    this.#positions.delete(`auction:${id}`);
    for (const one of [this.auctions, this.#lots, this.#later, this.#known, this.#endedAt, this.#answers]) one.delete(id);
    if (this.#awaited === id) this.#awaited = "";
  }

  #keep(id, auction, order, at) {
    if (isBefore(order, this.#known.get(id))) return;
    this.#known.set(id, order);
    this.auctions.set(id, auction);
    this.#lots.delete(id);
    if (ENDED.includes(auction.status) && !this.#endedAt.has(id)) this.#endedAt.set(id, at);
    this.#compareLead(id);
  }

  #takeMe(me) {
    const before = this.#parts;
    const first = this.me === null;
    this.me = me;
    this.#parts = new Map(me.auctions.map((own) => [own.auction, own]));
    this.#lots.clear();
    for (const own of me.auctions) {
      if (!first) this.#compareEnd(before.get(own.auction), own);
      this.#compareLead(own.auction);
    }
  }

  /** Notes who lost a lead since the last look, whether the auction's own state or the member's says so first. */
  #compareLead(id) {
    const standing = this.lot(id)?.standing;
    if (standing === "leading") this.#leads.add(id);
    const lost = this.#leads.has(id) && standing !== "leading";
    if (lost) {
      this.#leads.delete(id);
      // Who leaves a clock is answered that, by the answer itself.
      if (standing !== "out") this.#answers.delete(id);
      this.#lots.delete(id);
    }
    if (standing !== "outbid") this.outbid = this.outbid.filter((one) => one !== id);
    else if (lost) this.outbid = [...this.outbid, id];
  }

  #compareEnd(before, own) {
    if (own.format !== "english") return this.#compareFormatEnd(before, own);
    const { auction: id, title } = own;
    const over = before !== undefined && !ENDED.includes(before.status) && ENDED.includes(own.status);
    if (own.paid && !before?.paid) this.#tellWon(id, t("standing.won"), title, own.paid);
    else if (over && own.status === "unsold") this.notify("plain", t("standing.unsold"), t("notice.reserve_not_met", { title }), id);
    else if (over && own.status === "cancelled") this.notify("plain", t("standing.cancelled"), t("notice.called_off", { title }), id);
    else if (over) this.notify("lost", t("standing.not_this_time"), t("notice.to_another", { title }), id);
    this.#compareRefund(before, own);
    return undefined;
  }

  #compareFormatEnd(before, own) {
    const { auction: id, title, status } = own;
    const over = before !== undefined && !ENDED.includes(before.status) && ENDED.includes(status);
    const won = own.won - (before?.won ?? 0);
    if (won > 0) {
      const several = this.auctions.get(id)?.pieces?.supply !== 1;
      const what = several ? t("notice.won_pieces", { count: won }) : t("standing.won");
      this.#tellWon(id, what, title, own.paid - (before?.won ? before.paid : 0));
    } else if (over && status === "unsold") this.notify("plain", t("standing.unsold"), t("notice.unsold", { title }), id);
    else if (over && status === "cancelled") this.notify("plain", t("standing.cancelled"), t("notice.called_off", { title }), id);
    else if (over && !own.won) this.notify("lost", t("standing.not_this_time"), t("notice.to_others", { title }), id);
    const fellOut = own.format === "clock" && status === "open" && before?.maximum && !own.maximum;
    if (fellOut && !this.#pending.has(id)) this.notify("plain", t("standing.out"), t("notice.above_maximum", { title }), id);
    if (hasChance(own) && before?.offer !== own.offer) this.notify("won", t("chance.label"), t("notice.chance", { title }), id);
    this.#compareRefund(before, own);
  }

  #compareRefund(before, own) {
    if (!own.refunded || !before || before.refunded) return;
    this.notify("plain", t("notice.refunded"), t("notice.points_back", { title: own.title }), own.auction);
  }

  #tellWon(id, what, title, paid) {
    this.notify("won", what, t("notice.won", { title, points: t("count.points", { count: paid }) }), id);
  }

  #answerFor(auction) {
    const answer = this.#answers.get(auction.id);
    return answer !== undefined && auction.minimum <= answer.minimum && !ENDED.includes(auction.status) ? answer : null;
  }

  #own(id) {
    return this.#parts.get(id) ?? null;
  }

  #hasChance(id) {
    const own = this.#own(id);
    return own !== null && hasChance(own);
  }

  #standing(auction, own, newer) {
    if (auction.pieces) return standingOf(auction, own);
    if (own === null) return "none";
    const leading = newer ? own.leading : auction.leader === own.bidder;
    if (ENDED.includes(auction.status)) {
      if (auction.winner === own.bidder) return "won";
      return auction.status === "settled" ? "lost" : "over";
    }
    return leading ? "leading" : own.maximum ? "outbid" : "none";
  }

  /** Which tiers, markets or segments an auction asks for that the member is not of; empty if it may bid. */
  #missing(auction) {
    const { eligibility } = auction;
    if (!eligibility || !this.member) return [];
    const { tiers, markets } = eligibility;
    if (tiers.length && !tiers.includes(this.member.tier)) return tiers;
    if (markets.length && !markets.includes(this.member.market)) return markets;
    return [];
  }
}

export function hasEnded(auction) {
  return ENDED.includes(auction.status);
}

/** Whether the member is offered what was not sold; English auctions make such offers elsewhere. */
function hasChance({ format, offer }) {
  return format !== "english" && offer > 0;
}

/** An auction with what the member's own, newer state says of it. */
function update(auction, { status, price, minimum, ends_at, paid, bidder }) {
  if (auction.pieces) return { ...auction, status, price, minimum, ends_at };
  const winner = paid ? bidder : auction.winner;
  return { ...auction, status, price, minimum, ends_at, winner, hammer_price: price };
}
