/* Raffles: all of them, or one. */

import { element } from "../dom.js";
import { addWords, formatNumber, formatPoints, t } from "../words.js";

import { makeTable } from "./data-table.js";
import { Listing } from "./listing.js";
import { makeButton, makeHead, showEmpty } from "./parts.js";
import { askRaffle } from "./raffle-form.js";
import { RafflePage } from "./raffle-page.js";
import { STATUSES, nameRaffle, sayNext, showStatus } from "./raffle-words.js";

// What a check of the draw says is the member's app's.
await addWords(new URL("/words/draw/", import.meta.url));

const MOST = 1_000;

/** Statuses in the order of what needs looking at. */
const ORDER = ["open", "locked", "drawn", "scheduled", "draft", "settled", "void"];

export class View {
  #context;
  #part = null;

  constructor(context) {
    this.#context = context;
    this.node = element("section", { class: "raffles" });
  }

  enter([id = ""]) {
    this.#part?.leave();
    if (id) {
      this.#part = new RafflePage(this.#context, id);
      this.node.replaceChildren(element("a", { href: "#/raffles", class: "back" }, t("raffle.back")), this.#part.node);
    } else {
      this.#part = new RaffleList(this.#context);
      this.node.replaceChildren(makeHead(t("view.raffles"), ...this.#part.actions), this.#part.node);
    }
    this.#part.enter();
  }

  leave() {
    this.#part?.leave();
  }
}

class RaffleList {
  #context;
  #listing;
  #stop = [];

  constructor(context) {
    this.#context = context;
    this.status = element("select", { id: "raffle-status" });
    this.status.append(element("option", { value: "" }, t("raffle.any_status")));
    for (const status of STATUSES) this.status.append(element("option", { value: status }, t(`raffle.status_${status}`)));
    this.status.addEventListener("change", () => this.#listing.read());
    this.table = this.#makeTable();
    this.#listing = new Listing(context, {
      table: this.table,
      key: ({ id }) => id,
      ask: (from) => this.#ask(from),
      show: () => this.#show(),
    });
    this.actions = [makeButton(t("raffle.add"), () => this.#add(), "primary")];
    const filters = element("div", { class: "filters" }, element("label", { for: "raffle-status" }, t("raffle.status"), this.status));
    this.node = element("div", {}, filters, this.table);
  }

  enter() {
    this.#listing.read();
    const { gateway } = this.#context;
    this.#stop = [gateway.onReturn(() => this.#listing.read()), gateway.watch("raffles", (state) => state && this.#take(state.raffles))];
  }

  leave() {
    this.#listing.leave();
    for (const stop of this.#stop) stop();
  }

  #makeTable() {
    return makeTable(
      [
        { key: "title", label: t("raffle.title"), title: true, cell: nameRaffle, value: nameRaffle },
        { key: "status", label: t("raffle.status"), cell: (row) => showStatus(row.status), value: (row) => ORDER.indexOf(row.status) },
        { key: "next", label: t("raffle.next"), cell: sayNext, value: (row) => row.closes_at },
        { key: "price", label: t("raffle.price"), end: true, cell: (row) => (row.price === null ? t("raffle.granted_only") : formatPoints(row.price)), value: (row) => row.price ?? -1 },
        { key: "tickets", label: t("raffle.tickets"), end: true, cell: (row) => formatNumber(row.tickets), value: (row) => row.tickets },
        { key: "drawn", label: t("raffle.drawn"), end: true, cell: (row) => (row.drawn ? formatNumber(row.drawn) : ""), value: (row) => row.drawn },
      ],
      {
        caption: t("view.raffles"),
        key: (row) => row.id,
        href: (row) => `#/raffles/${encodeURIComponent(row.id)}`,
        empty: showEmpty(t("raffle.none"), t("raffle.none_hint")),
        order: { key: "status", down: false },
        more: () => this.#listing.readMore(),
      },
    );
  }

  #ask(from) {
    const params = { status: this.status.value, limit: 100 };
    return this.#context.gateway.list("raffle.list", params, { field: "raffles", from, most: MOST });
  }

  /** Raffles that are not over move by themselves; of one that is over the topic tells nothing any more. */
  #take(raffles) {
    if (!this.#listing.ready) return;
    const listed = new Set(raffles.map(({ id }) => id));
    const moving = ["scheduled", "open", "locked", "drawn"];
    const gone = [...this.#listing.rows.values()].some((row) => moving.includes(row.status) && !listed.has(row.id));
    for (const raffle of raffles) {
      if (!this.status.value || raffle.status === this.status.value) this.#listing.rows.set(raffle.id, raffle);
      else this.#listing.rows.delete(raffle.id);
    }
    if (gone && raffles.length < 50) this.#listing.read();
    else this.#show();
  }

  #show() {
    this.table.show([...this.#listing.rows.values()], this.#listing.hasMore);
  }

  async #add() {
    const made = await askRaffle(this.#context);
    if (made) this.#context.go("raffles", made.raffle);
  }
}
