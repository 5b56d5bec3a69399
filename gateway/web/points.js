/* The member's points: what there is, what expires when, what is held and for what, its card, and what became of it all. */

import { element, setHidden, setText } from "./dom.js";
import { MemberCard } from "./member-card.js";
import { MyHistory } from "./my-history.js";
import { describeExpiry } from "./points-words.js";
import { titleOf } from "./reward-words.js";
import { Lost, Refused } from "./socket.js";
import { formatDay, formatPoints, t } from "./words.js";

const byId = (id) => document.getElementById(id);

/** How many lots and holds are drawn at most. */
const SHOWN = 12;

/** How long changes of the member's own state are gathered before everything is asked for anew, in ms. */
const GATHER = 400;

const TOTALS = ["available", "held", "spent", "expired"];

export class PointsView {
  #store;
  #connection;
  #shown = false;
  #gathering = 0;
  #drawn = "";

  constructor(store, connection) {
    this.#store = store;
    this.#connection = connection;
    this.node = byId("points");
    this.totals = new Map(TOTALS.map((name) => [name, element("dd", {})]));
    this.next = element("p", { class: "next", hidden: true });
    this.lots = new List(t("points.lots"), t("points.no_lots"));
    this.holds = new List(t("points.holds"), "");
    this.card = new MemberCard();
    this.history = new MyHistory();
    const totals = TOTALS.map((name) => element("div", {}, element("dt", {}, t(`points.${name}`)), this.totals.get(name)));
    this.main = element("div", { class: "points-main" }, element("dl", { class: "totals" }, ...totals), this.next, this.holds.node, this.card.node);
    this.parts = byId("points-parts");
    this.parts.className = "points-parts";
    this.parts.replaceChildren(this.main, this.lots.node, this.history.node);
    this.parts.setAttribute("aria-busy", "true");
  }

  enter() {
    this.node.hidden = false;
    this.#shown = true;
    this.#askSoon(0);
  }

  leave() {
    this.node.hidden = true;
    this.#shown = false;
  }

  reconnect() {
    this.#askSoon(0);
  }

  /** The member is another: nothing of the one before stays. */
  clear() {
    this.#drawn = "";
    for (const node of this.totals.values()) setText(node, "–");
    for (const list of [this.lots, this.holds]) list.update([]);
    setHidden(this.next, true);
    this.card.update(null);
    this.history.update(null);
    this.#askSoon(0);
  }

  /** The member's own state has changed: so may the rest. */
  takeMe() {
    this.#askSoon(GATHER);
  }

  update() {
    const { me } = this.#store;
    if (me !== null) for (const name of ["available", "held"]) setText(this.totals.get(name), formatPoints(me[name]));
    return false;
  }

  tick() {}

  #askSoon(wait) {
    if (!this.#shown || this.#gathering) return;
    this.#gathering = setTimeout(() => {
      this.#gathering = 0;
      this.#ask();
    }, wait);
  }

  async #ask() {
    const { member } = this.#store;
    try {
      const questions = ["me.points", "me.bids", "me.raffles", "me.redemptions"];
      const [points, bids, raffles, redemptions] = await Promise.all(questions.map((one) => this.#connection.ask(one, {})));
      if (this.#store.member !== member) return;
      this.#draw(points, bids.auctions, raffles.raffles, redemptions.redemptions);
      this.card.update(await this.#connection.ask("me.card", {}));
    } catch (error) {
      // What is shown stays, under the line that says how old it is; a gateway without cards shows none.
      if (!(error instanceof Lost || error instanceof Refused)) throw error;
    }
  }

  #draw(points, bids, raffles, redemptions) {
    this.parts.setAttribute("aria-busy", "false");
    const text = JSON.stringify([points, bids, raffles, redemptions]);
    if (text === this.#drawn) return;
    this.#drawn = text;
    for (const name of TOTALS) setText(this.totals.get(name), formatPoints(points[name]));
    const [soonest] = points.lots.filter((lot) => lot.expires_at).sort((one, other) => one.expires_at - other.expires_at);
    setHidden(this.next, !soonest);
    if (soonest) setText(this.next, describeExpiry(soonest, Date.now()));
    this.lots.update(sortLots(points.lots).map(drawLot));
    const known = [
      ...bids.map((own) => [own.auction, [own.title, t("points.for_auction")]]),
      ...redemptions.map((one) => [`redemption ${one.redemption}`, [titleOf(one), t("points.for_redemption")]]),
    ];
    this.holds.update(points.holds.map((hold) => drawHold(hold, new Map(known))));
    this.history.update({ bids, raffles, redemptions });
  }
}

/** Rows under a heading; with nothing to list there is `none` instead, or nothing at all. */
class List {
  constructor(heading, none) {
    this.list = element("ul", {});
    this.rest = element("p", { class: "help" });
    this.none = none;
    this.node = element("section", { class: "points-list" }, element("h2", {}, heading), this.list, this.rest);
  }

  update(rows) {
    this.list.replaceChildren(...rows.slice(0, SHOWN));
    const more = rows.length - SHOWN;
    setText(this.rest, rows.length ? (more > 0 ? t("points.more", { count: more }) : "") : this.none);
    setHidden(this.node, !rows.length && !this.none);
  }
}

/** Those that expire first; the ones that stay come last. */
function sortLots(lots) {
  const last = (lot) => lot.expires_at || Infinity;
  return [...lots].sort((one, other) => last(one) - last(other) || one.earned_at - other.earned_at);
}

function drawLot({ points, expires_at: expiresAt, earned_at: earnedAt }) {
  const when = expiresAt ? t("points.expires_on", { day: formatDay(expiresAt) }) : t("points.stays");
  return drawRow(when, t("points.earned_on", { day: formatDay(earnedAt) }), points);
}

/** `known` tells of what is held for, by its subject, what it is called and what it is. */
function drawHold({ subject, points }, known) {
  const [title, what] = known.get(subject) ?? [t("points.for_redemption"), ""];
  return drawRow(title, what, points);
}

function drawRow(title, more, points) {
  const about = element("span", { class: "about" }, element("span", { class: "name", dir: "auto" }, title), element("span", { class: "help" }, more));
  return element("li", {}, about, element("span", { class: "amount" }, t("count.points", { count: points })));
}
