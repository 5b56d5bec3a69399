/* The auctions: a grid of cards, all or the member's own, and the panel of the one that is open. */

import { Card } from "./card.js";
import { now } from "./clock.js";
import { addStyle, setHidden, setText } from "./dom.js";
import { addWords, t } from "./words.js";

const byId = (id) => document.getElementById(id);

export class AuctionsView {
  #store;
  #actions;
  #open;
  #cards = new Map();
  #wanted = { id: "", options: {} };

  /** `open(id, options)` opens an auction, or closes it for an empty id. */
  constructor(store, actions, open) {
    this.#store = store;
    this.#actions = actions;
    this.#open = open;
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
    if (lot === null && id && this.#store.ready) this.#open("");
    if (lot === null || this.panel === null) return false;
    this.panel.update(lot, this.#store.me, live);
    return true;
  }

  /** Draws times; called many times a second. */
  tick() {
    const at = now();
    for (const card of this.#cards.values()) card.tick(at);
    this.panel?.tick(at);
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
      card.node.remove();
      this.#cards.delete(id);
    }
    let shown = 0;
    for (const id of store.auctions.keys()) {
      const lot = store.lot(id);
      const card = this.#card(id, lot.auction.format);
      card.update(lot, store.me, live);
      const hidden = store.filter === "mine" && lot.own === null;
      setHidden(card.node, hidden);
      shown += hidden ? 0 : 1;
    }
    setText(byId("title"), store.filter === "mine" ? t("auctions.mine") : t("auctions.title"));
    if (store.ready) this.#settle(shown);
  }

  #card(id, format) {
    let card = this.#cards.get(id);
    if (card?.format !== format) {
      if (!this.#cards.size) this.grid.replaceChildren();
      const before = card?.node; // until it opens, an auction may become one of another format
      card = new Card(id, format, this.#actions, this.#open);
      this.#cards.set(id, card);
      if (before) before.replaceWith(card.node);
      else this.grid.append(card.node);
    }
    return card;
  }

  /** The list of auctions is there: nothing is on its way any more. */
  #settle(shown) {
    this.grid.setAttribute("aria-busy", "false");
    if (!this.#cards.size) this.grid.replaceChildren();
    setHidden(byId("auctions-empty"), shown > 0);
    setText(byId("auctions-empty"), this.#store.filter === "mine" ? t("auctions.no_bids") : t("auctions.none"));
  }
}
