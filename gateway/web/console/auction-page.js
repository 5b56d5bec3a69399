/* One auction, live: where it stands, its bids, its price over time, and what a manager may do with it. */

import { now } from "../clock.js";
import { element, setText } from "../dom.js";
import { formatInstant, formatNumber, formatPoints, formatTime, t } from "../words.js";

import { AuctionActions } from "./auction-actions.js";
import { RUNNING, nameBidder, nameFormat, sayEnd, showStatus } from "./auction-words.js";
import { BidBook } from "./bid-book.js";
import { makeChart } from "./chart.js";
import { makeTable } from "./data-table.js";
import { linkAudit, makeChip, makeFacts, showEmpty, showFailure, showLoading } from "./parts.js";

const TICK = 1_000;
/** What became of a bid that stands no more. */
const TONES = { void: "bad", dropped: "bad", left: "warn", replaced: "" };

export class AuctionPage {
  #context;
  #id;
  #auction = null;
  #record = null;
  #stamp = "";
  #followed = false;
  #actions;
  #book;
  #stop = [];

  constructor(context, id) {
    this.#context = context;
    this.#id = id;
    this.#actions = new AuctionActions(context, () => this.#read());
    this.#book = new BidBook(context.gateway, id, () => this.#drawBids());
    this.head = element("div", { class: "head" });
    this.facts = element("div", { class: "card" }, showLoading());
    this.chart = element("div", { class: "card", hidden: true });
    this.bids = this.#makeBids();
    this.sales = this.#makeSales();
    this.salesPart = element("section", { class: "sales", hidden: true }, element("h2", { class: "part" }, t("auction.sales")), this.sales);
    const bids = element("section", { class: "ladder" }, element("h2", { class: "part" }, t("auction.ladder")), this.bids);
    this.bidsPart = element("div", { hidden: true }, this.chart, this.salesPart, bids);
    this.node = element("article", { class: "auction" }, this.head, this.facts, this.bidsPart);
  }

  enter() {
    this.#read();
    const timer = setInterval(() => this.#tick(), TICK);
    this.#stop = [() => clearInterval(timer), this.#context.gateway.onReturn(() => this.#read())];
  }

  leave() {
    for (const stop of this.#stop) stop();
    this.#book.stop();
  }

  async #read() {
    const { gateway } = this.#context;
    try {
      const [auction, record] = await Promise.all([
        gateway.ask("auction.get", { auction: this.#id }),
        gateway.ask("auction.terms", { auction: this.#id }),
      ]);
      this.#record = record;
      this.#take(auction);
    } catch (error) {
      this.facts.replaceChildren(showFailure(error, () => this.#read()));
      return;
    }
    if (this.#auction.status !== "draft" && this.#stop.length === 2) {
      this.#stop.push(gateway.watch(`auction:${this.#id}`, (state) => state && this.#follow(state)));
    }
    await this.#readSales();
  }

  /** What moves without a bid is somebody's doing: what only staff sees may be something else by now. */
  #follow(auction) {
    const { bids, status } = this.#auction;
    const moved = this.#followed && bids === auction.bids && status === auction.status;
    this.#followed = true;
    this.#take(auction);
    if (moved) this.#read();
  }

  #take(auction) {
    const before = this.#auction;
    this.#auction = auction;
    this.#drawHead();
    this.#drawFacts();
    this.bidsPart.hidden = auction.status === "draft" || auction.status === "scheduled";
    if (!before || before.bids !== auction.bids || before.price !== auction.price || before.status !== auction.status) {
      this.#book.refresh();
    }
    if (before && before.status !== auction.status) this.#read();
  }

  /** Buttons under somebody's finger stay, unless what can be done is something else by now. */
  #drawHead() {
    const { title, status, bids, reserve_met: met, winner, pieces } = this.#auction;
    const stamp = JSON.stringify([title, status, bids > 0, met, winner, pieces?.supply, pieces?.sold, this.#record]);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    const name = element("h1", {}, element("bdi", {}, title), " ", showStatus(status));
    this.head.replaceChildren(name, this.#actions.make(this.#auction, this.#record));
  }

  #drawFacts() {
    const auction = this.#auction;
    const { terms } = this.#record;
    const ended = auction.hammer_price > 0;
    this.left = element("span", {}, sayEnd(auction));
    const points = (amount) => (amount ? t("auction.amount", { count: amount }) : "");
    this.facts.replaceChildren(
      makeFacts(
        [t(ended ? "auction.hammer" : "auction.price"), element("span", { class: "large" }, formatPoints(auction.hammer_price || auction.price))],
        [t(ended ? "auction.winner" : "auction.leader"), auction.pieces ? "" : nameBidder(auction.winner || auction.leader)],
        [t("auction.bids"), this.#sayBids()],
        [t(RUNNING.includes(auction.status) ? "auction.left" : "auction.end"), this.left],
        [t("auction.ends_at"), RUNNING.includes(auction.status) ? formatInstant(auction.ends_at) : ""],
        [t("auction.reserve"), this.#sayReserve(this.#record)],
        [t("auction.second_chance"), sayOffer(this.#record.offer)],
        [t("auction.opening"), points(terms.opening)],
        [t("auction.buy_now"), points(terms.buy_now)],
        [t("auction.format"), nameFormat(auction.format)],
        [t("auction.supply"), auction.pieces ? t("auction.sold_of", { sold: auction.pieces.sold, supply: auction.pieces.supply }) : ""],
        [t("auction.campaign"), auction.campaign],
        [t("auction.id"), element("bdi", {}, auction.id)],
        [t("view.audit"), linkAudit("auction", auction.id)],
      ),
    );
  }

  /** Sealed ones are not even counted, unless the program says so. */
  #sayBids() {
    const { bids, bidders, pieces, status } = this.#auction;
    const { sealed_bidders: sealed } = this.#record;
    if (!pieces?.sealed || !RUNNING.includes(status)) return t("auction.bids_by", { bids, count: bidders });
    return sealed === null ? t("auction.sealed_now") : t("auction.sealed_bidders", { count: sealed });
  }

  /** The one in force, and what it was lowered from. */
  #sayReserve({ reserve, terms }) {
    if (!terms.reserve) return "";
    const { reserve_met: isMet } = this.#auction;
    const met = reserve ? makeChip(t(isMet ? "auction.met" : "auction.not_met"), isMet ? "good" : "warn") : "";
    const node = element("span", {}, reserve ? formatPoints(reserve) : t("auction.reserve_gone"), " ", met);
    if (reserve < terms.reserve) node.append(" ", element("small", { class: "hint" }, t("auction.reserve_was", { reserve: terms.reserve })));
    return node;
  }

  #tick() {
    if (this.left && this.#auction) setText(this.left, sayEnd(this.#auction));
  }

  #makeBids() {
    return makeTable(
      [
        { key: "number", label: t("auction.bid"), title: true, cell: (row) => t("auction.bid_number", { number: row.number }), value: (row) => row.number },
        { key: "bidder", label: t("auction.bidder_label"), cell: (row) => nameBidder(row.bidder), value: (row) => row.bidder },
        { key: "price", label: t("auction.price_after"), end: true, cell: (row) => formatPoints(row.price), value: (row) => row.price },
        { key: "at", label: t("auction.at"), cell: (row) => formatTime(row.at), value: (row) => row.at },
        { key: "fate", label: t("auction.fate"), cell: (row) => this.#sayFate(row), value: (row) => row.fate },
        { key: "void", label: "", cell: (row) => this.#makeVoid(row) },
      ],
      {
        caption: t("auction.ladder"),
        key: (row) => row.number,
        empty: showEmpty(t("auction.no_bids")),
        more: () => this.#book.readMore(),
      },
    );
  }

  #sayFate({ fate, bidder, number }) {
    if (fate !== "standing") return makeChip(t(`auction.fate_${fate}`), TONES[fate]);
    const { leader, status } = this.#auction;
    const newest = this.#book.rows.find((row) => row.bidder === bidder && row.fate === "standing");
    return leader === bidder && newest?.number === number && RUNNING.includes(status) ? makeChip(t("auction.leads"), "good") : "";
  }

  #makeVoid(row) {
    const { status, pieces } = this.#auction;
    if (row.fate !== "standing" || !RUNNING.includes(status) || pieces?.sealed) return "";
    return this.#actions.makeVoid(this.#auction, row);
  }

  #drawBids() {
    const rows = this.#book.rows.map((row) => ({ ...row }));
    this.bids.show(rows, this.#book.hasMore);
    const standing = rows.filter(({ fate }) => fate === "standing");
    this.chart.hidden = standing.length < 2;
    if (this.chart.hidden) return;
    const points = standing.map(({ at, price }) => [at, price]).reverse();
    const to = Math.max(points.at(-1)[0], Math.min(now(), this.#auction.ended_at || this.#auction.ends_at));
    const labels = {
      name: t("auction.chart", { from: formatPoints(points[0][1]), to: formatPoints(points.at(-1)[1]), count: points.length }),
      top: formatPoints(Math.max(...points.map(([, price]) => price))),
      bottom: formatPoints(Math.min(...points.map(([, price]) => price))),
      start: formatTime(points[0][0]),
      end: formatTime(to),
    };
    const title = element("h2", {}, t("auction.price_over_time"));
    this.chart.replaceChildren(title, makeChart(points, { from: points[0][0], to, stairs: true, labels }));
  }

  #makeSales() {
    return makeTable(
      [
        { key: "member", label: t("auction.member"), title: true, cell: (row) => row.member, value: (row) => row.member },
        { key: "quantity", label: t("auction.quantity"), end: true, cell: (row) => formatNumber(row.quantity), value: (row) => row.quantity },
        { key: "price", label: t("auction.hammer"), end: true, cell: (row) => formatPoints(row.price), value: (row) => row.price },
        { key: "paid", label: t("auction.paid"), end: true, cell: (row) => formatPoints(row.paid), value: (row) => row.paid },
        { key: "refund", label: "", cell: (row) => this.#actions.makeRefund(this.#auction, row) },
      ],
      { caption: t("auction.sales"), key: (row) => `${row.member}/${row.bid}`, href: (row) => `#/members/${encodeURIComponent(row.member)}` },
    );
  }

  async #readSales() {
    const params = { auction: this.#id, limit: 100 };
    const found = await this.#context.gateway.list("auction.sales", params, { field: "sales" }).catch(() => ({ rows: [] }));
    this.salesPart.hidden = !found.rows.length;
    this.sales.show(found.rows);
  }
}

/** To whom, for how much, until when. */
function sayOffer(offer) {
  if (offer === null) return "";
  const { bidder, price, quantity, lapses_at: until } = offer;
  return t("auction.offered", { bidder: nameBidder(bidder), quantity, price, until: formatInstant(until) });
}
