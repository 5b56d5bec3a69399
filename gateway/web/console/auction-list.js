/* All auctions, as a table that moves: those that are live by their topic, the others as they were asked for. */

import { element } from "../dom.js";
import { formatNumber, t } from "../words.js";

import { askAuction } from "./auction-form.js";
import { RUNNING, STATUSES, nameFormat, sayEnd, sayPrice, showStatus } from "./auction-words.js";
import { makeTable } from "./data-table.js";
import { Listing } from "./listing.js";
import { makeButton, showEmpty } from "./parts.js";

/** Auctions that are read at once. */
const MOST = 1_000;

/** How often times are drawn, in ms. */
const TICK = 1_000;

/** Statuses in the order of what needs looking at. */
const ORDER = ["open", "paused", "closing", "scheduled", "draft", "unsold", "settled", "cancelled"];

/** Auctions that have ended and are asked about one by one. */
const ASKED = 20;

export class AuctionList {
  #context;
  #listing;
  #live = new Set();
  #stop = [];

  constructor(context) {
    this.#context = context;
    this.status = element("select", { id: "auction-status" });
    this.status.append(element("option", { value: "" }, t("auction.any_status")));
    for (const status of STATUSES) this.status.append(element("option", { value: status }, t(`auction.status_${status}`)));
    this.status.addEventListener("change", () => this.#listing.read());
    this.search = element("input", { id: "auction-search", type: "search", autocomplete: "off" });
    this.search.addEventListener("input", () => this.#show());
    const filters = element(
      "div",
      { class: "filters" },
      element("label", { for: "auction-status" }, t("auction.status"), this.status),
      element("label", { for: "auction-search" }, t("auction.search"), this.search),
    );
    this.table = this.#makeTable();
    this.#listing = new Listing(context, {
      table: this.table,
      key: ({ id }) => id,
      ask: (from) => this.#ask(from),
      show: () => this.#show(),
    });
    this.actions = [makeButton(t("auction.add"), () => this.#add(), "primary")];
    this.node = element("div", {}, filters, this.table);
  }

  enter() {
    this.#listing.read();
    const timer = setInterval(() => this.#show(), TICK);
    const { gateway } = this.#context;
    this.#stop = [
      () => clearInterval(timer),
      gateway.onReturn(() => this.#listing.read()),
      gateway.watch("auctions", (state) => state && this.#take(state.auctions)),
    ];
  }

  leave() {
    this.#listing.leave();
    for (const stop of this.#stop) stop();
  }

  #makeTable() {
    return makeTable(
      [
        { key: "title", label: t("auction.title"), title: true, cell: (row) => row.title, value: (row) => row.title },
        { key: "status", label: t("auction.status"), cell: (row) => showStatus(row.status), value: (row) => ORDER.indexOf(row.status) },
        { key: "format", label: t("auction.format"), cell: (row) => nameFormat(row.format), value: (row) => nameFormat(row.format) },
        { key: "price", label: t("auction.price"), end: true, cell: sayPrice, value: (row) => row.hammer_price || row.price },
        { key: "bids", label: t("auction.bids"), end: true, cell: (row) => formatNumber(row.bids), value: (row) => row.bids },
        { key: "end", label: t("auction.end"), end: true, cell: sayEnd, value: (row) => row.ended_at || row.ends_at },
        { key: "campaign", label: t("auction.campaign"), cell: (row) => row.campaign, value: (row) => row.campaign },
      ],
      {
        caption: t("view.auctions"),
        key: (row) => row.id,
        href: (row) => `#/auctions/${encodeURIComponent(row.id)}`,
        empty: showEmpty(t("auction.none"), t("auction.none_hint")),
        order: { key: "status", down: false },
        more: () => this.#listing.readMore(),
      },
    );
  }

  #ask(from) {
    const params = { status: this.status.value, limit: 100 };
    return this.#context.gateway.list("auction.list", params, { field: "auctions", from, most: MOST });
  }

  #take(auctions) {
    const now = new Set(auctions.map(({ id }) => id));
    const gone = [...this.#live].filter((id) => !now.has(id) && this.#listing.rows.has(id)).slice(0, ASKED);
    this.#live = now;
    for (const auction of auctions) this.#takeOne(auction);
    for (const id of gone) {
      const ask = this.#context.gateway.ask("auction.get", { auction: id });
      // What else may be wrong is the connection: when it is back, all is read anew.
      ask.then((auction) => this.#takeOne(auction)).catch(({ code }) => code === "unknown_auction" && this.#listing.rows.delete(id));
    }
  }

  #takeOne(auction) {
    const wanted = !this.status.value || auction.status === this.status.value;
    if (wanted) this.#listing.rows.set(auction.id, auction);
    else this.#listing.rows.delete(auction.id);
  }

  #show() {
    if (!this.#listing.ready) return;
    const text = this.search.value.trim().toLocaleLowerCase();
    const named = ({ id, title, campaign }) => [id, title, campaign].some((one) => one.toLocaleLowerCase().includes(text));
    // A copy of what moves by itself: the table draws again only rows that are others.
    const rows = [...this.#listing.rows.values()].filter(named).map((row) => (row.status === "open" ? { ...row } : row));
    rows.sort((one, other) => hurry(one) - hurry(other));
    this.table.show(rows, this.#listing.hasMore && !text);
  }

  async #add() {
    const made = await askAuction(this.#context);
    if (made) this.#context.go("auctions", made.auction);
  }
}

/** Of those that run, what ends soonest stands first; the others stay in the order of their making. */
function hurry({ status, ends_at: end }) {
  return RUNNING.includes(status) ? end : Number.MAX_SAFE_INTEGER;
}
