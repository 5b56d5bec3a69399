/* The auctions: a grid of cards, all or the member's own, and the panel of the one that is open. */

import { Card } from "./card.js";
import { now } from "./clock.js";
import { addStyle, setAttribute, setHidden, setText } from "./dom.js";
import { addWords, t } from "./words.js";

const byId = (id) => document.getElementById(id);

/** Cards that nobody sees draw their times in one of so many ticks: who is read to hears nothing stale. */
const TURNS = 10;
/** How many cards that nobody sees are made or changed in one drawing; the others come in the next ones. */
const UNSEEN = 24;

export class AuctionsView {
  #store;
  #actions;
  #connection;
  #open;
  #moved;
  #changed;
  #cards = new Map();
  #wanted = { id: "", options: {} };
  #round = 0;
  #later = null; // the promise of what ends later: few lists are so long
  #lookout = new IntersectionObserver((changes) => this.#note(changes), { rootMargin: "25%" });

  /**
   * `open(id, options)` opens an auction, or closes it for an empty id; `moved()`: others are on the screen now; `changed()`:
   * there is more to draw.
   */
  constructor(store, actions, connection, { open, moved, changed }) {
    this.#store = store;
    this.#actions = actions;
    this.#connection = connection;
    this.#open = open;
    this.#moved = moved;
    this.#changed = changed;
    this.node = byId("auctions");
    this.grid = byId("grid");
    this.panel = null; // it arrives when an auction is first opened
    for (const button of document.querySelectorAll("[data-filter]")) {
      button.addEventListener("click", () => this.#filter(button.dataset.filter));
    }
    setInterval(() => store.forget(Date.now(), (id) => this.#cards.get(id)?.isBusy ?? false), 1_000);
  }

  /** Shows the view, with an auction open or none; with `field` the cursor goes to its maximum. */
  enter(_, id, options = {}) {
    this.node.hidden = false;
    this.#wanted = { id, options };
    if (this.panel !== null) this.#turn();
    else if (id) this.#fetchPanel();
    this.#store.open(id);
  }

  leave() {
    this.node.hidden = true;
    this.#wanted = { id: "", options: {} };
    this.panel?.close();
    this.#store.open("");
  }

  /** Draws everything; returns whether the panel is open. */
  update(live) {
    this.#updateCards(live);
    const { id } = this.#wanted;
    const lot = id ? this.#store.lot(id) : null;
    if (lot === null && id && this.#store.ready && !this.#store.isAwaited(id)) this.#open("");
    if (lot === null || this.panel === null) return false;
    this.panel.update(lot, this.#store.me, live);
    this.panel.tick(now());
    return true;
  }

  /** Draws times; called many times a second. */
  tick() {
    const at = now();
    this.#round = (this.#round + 1) % TURNS;
    let place = 0;
    for (const card of this.#cards.values()) {
      if (card.near || place++ % TURNS === this.#round) card.tick(at);
    }
    this.panel?.tick(at);
  }

  /** Notes which cards have come near to what is on the screen. */
  #note(changes) {
    for (const { target, isIntersecting } of changes) {
      const card = this.#cards.get(target.dataset.auction);
      if (card === undefined) continue;
      card.near = isIntersecting;
      this.#store.see(target.dataset.auction, isIntersecting);
      if (isIntersecting) card.tick(now());
    }
    this.#moved();
  }

  async #fetchPanel() {
    const words = addWords(new URL("./words/panel/", import.meta.url));
    const [{ Panel }] = await Promise.all([import("./panel.js"), words, addStyle("panel.css")]);
    this.panel ??= new Panel(byId("panel"), this.#actions, () => this.#open(""));
    this.#turn();
    this.#store.open(this.#wanted.id);
  }

  /** Turns the panel to what is wanted. */
  #turn() {
    const { id, options } = this.#wanted;
    if (id === this.panel.id && !options.field) return;
    if (id) this.panel.open(id, options);
    else this.panel.close();
  }

  #filter(filter) {
    for (const one of document.querySelectorAll("[data-filter]")) {
      one.setAttribute("aria-pressed", String(one.dataset.filter === filter));
    }
    this.#store.show(filter);
  }

  #updateCards(live) {
    const store = this.#store;
    for (const [id, card] of this.#cards) {
      if (store.auctions.has(id)) continue;
      this.#remove(card);
      this.#cards.delete(id);
      store.see(id, false);
    }
    let shown = 0;
    let unseen = 0;
    for (const id of store.auctions.keys()) {
      const lot = store.lot(id);
      const hidden = store.filter === "mine" && lot.own === null;
      shown += hidden ? 0 : 1;
      const known = this.#cards.get(id);
      if (known?.format === lot.auction.format) setHidden(known.node, hidden);
      if (known?.shows(lot, store.me, live)) continue;
      if (!known?.near && ++unseen > UNSEEN) continue;
      const card = this.#card(id, lot.auction.format);
      card.update(lot, store.me, live);
      setHidden(card.node, hidden);
    }
    if (unseen > UNSEEN) this.#changed();
    setText(byId("title"), store.filter === "mine" ? t("auctions.mine") : t("auctions.title"));
    if (store.ready) this.#settle(shown);
    if (store.next || this.#later) this.#offerMore();
  }

  /** Where the list is longer than the page, its end brings what ends later. */
  async #offerMore() {
    this.#later ??= this.#fetchLater().catch(() => (this.#later = null)); // the next drawing tries again
    (await this.#later)?.update(this.#store.filter === "all");
  }

  async #fetchLater() {
    const words = addWords(new URL("./words/panel/", import.meta.url));
    const [{ Later }] = await Promise.all([import("./later.js"), words]);
    const later = new Later(this.#store, (parameters) => this.#connection.look("auction.list", parameters));
    this.grid.after(later.node);
    return later;
  }

  #card(id, format) {
    let card = this.#cards.get(id);
    if (card?.format !== format) {
      if (!this.#cards.size) this.grid.replaceChildren();
      const before = card; // until it opens, an auction may become one of another format
      card = new Card(id, format, this.#actions, this.#open);
      card.node.classList.toggle("late", this.grid.ariaBusy === "false");
      this.#cards.set(id, card);
      if (before) before.node.replaceWith(card.node);
      else this.grid.append(card.node);
      if (before) this.#remove(before);
      this.#lookout.observe(card.node);
    }
    return card;
  }

  #remove(card) {
    this.#lookout.unobserve(card.node);
    card.node.remove();
  }

  /** The list of auctions is there: nothing is on its way any more. */
  #settle(shown) {
    setAttribute(this.grid, "aria-busy", "false");
    if (!this.#cards.size) this.grid.replaceChildren();
    setHidden(byId("auctions-empty"), shown > 0);
    setText(byId("auctions-empty"), this.#store.filter === "mine" ? t("auctions.no_bids") : t("auctions.none"));
  }
}
