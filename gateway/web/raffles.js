/* The view of raffles: a card for each, those that close soonest first, and the panel of the open one. */

import { now } from "./clock.js";
import { setHidden, setText } from "./dom.js";
import { Later } from "./later.js";
import { RaffleCard } from "./raffle-card.js";
import { RafflePanel } from "./raffle-panel.js";
import { t } from "./words.js";

const byId = (id) => document.getElementById(id);

/** How old a price may be before it is asked for anew, in ms: rules change while a raffle is open. */
const FRESH = 15_000;

/** How long changes are gathered before the member's own part is asked for, in ms. */
const GATHER = 300;

export class RafflesView {
  #book;
  #store;
  #actions;
  #go;
  #changed;
  #cards = new Map();
  #shown = false;
  #gathering = 0;
  #asked = new Map();
  #near = new Set(); // cards that are on the screen, or nearly
  #lookout = new IntersectionObserver((changes) => this.#note(changes), { rootMargin: "25%" });

  /** `go(view, id)` leads to an address of the page; `changed()`: there is more to draw. */
  constructor(book, store, actions, go, changed) {
    this.#book = book;
    this.#store = store;
    this.#actions = actions;
    this.#go = go;
    this.#changed = changed;
    this.node = byId("raffles");
    this.grid = byId("raffles-grid");
    this.later = new Later(book, (parameters) => actions.list(parameters));
    this.grid.after(this.later.node);
    this.panel = new RafflePanel(byId("raffle-panel"), actions, () => go("raffles", ""));
  }

  enter(view, id) {
    this.node.hidden = false;
    this.#shown = true;
    if (!id) this.panel.close();
    else if (id !== this.panel.id) {
      this.panel.open(id);
      this.#asked.delete(id);
    }
    this.#book.open(id);
  }

  leave() {
    this.node.hidden = true;
    this.#shown = false;
    this.panel.close();
    this.#book.open("");
  }

  /** There is a connection (again): what is shown is asked for anew. */
  reconnect() {
    this.#asked.clear();
  }

  /** The member is another: nothing of the one before stays. */
  clear() {
    this.#asked.clear();
  }

  /** Draws everything; returns whether the panel is open. */
  update(live) {
    const book = this.#book;
    for (const [id, card] of this.#cards) {
      if (book.raffles.has(id)) continue;
      this.#lookout.unobserve(card.node);
      card.node.remove();
      this.#cards.delete(id);
      this.#near.delete(id);
    }
    let place = 0;
    for (const id of book.raffles.keys()) {
      this.#card(id, place++).update(book.item(id));
      if (live && this.#near.has(id)) this.#lookSoon(id);
    }
    if (live && book.ready) for (const id of book.missing) if (!this.#asked.has(id)) this.#look(id);
    this.later.update();
    this.grid.setAttribute("aria-busy", String(!book.ready));
    const empty = book.ready && !book.raffles.size;
    setHidden(byId("raffles-empty"), !empty);
    setText(byId("raffles-empty"), empty ? t("raffle.none") : "");
    const open = this.#updatePanel(live);
    this.tick();
    return open;
  }

  tick() {
    const at = now();
    for (const card of this.#cards.values()) card.tick(at);
    this.panel.tick(at);
  }

  #card(id, place) {
    let card = this.#cards.get(id);
    if (card === undefined) {
      if (!this.#cards.size) this.grid.replaceChildren();
      card = new RaffleCard(id, () => this.#go("raffles", id));
      this.#cards.set(id, card);
      this.#lookout.observe(card.node);
    }
    const there = this.grid.children[place];
    if (there !== card.node) this.grid.insertBefore(card.node, there ?? null);
    return card;
  }

  /** Notes which cards have come near to what is on the screen: only their prices are asked for. */
  #note(changes) {
    for (const { target, isIntersecting } of changes) {
      if (isIntersecting) this.#near.add(target.dataset.raffle);
      else this.#near.delete(target.dataset.raffle);
    }
    this.#changed();
  }

  #updatePanel(live) {
    const { id } = this.panel;
    const item = id ? this.#book.item(id) : null;
    if (item !== null) this.panel.update(item, this.#store.me, this.#store.member, live);
    else if (id && this.#book.ready && this.#asked.get(id) === "gone") {
      this.#store.notify("plain", t("notice.not_here"), t("raffle.gone"));
      this.#go("raffles", "");
    }
    if (id && live && item === null && !this.#asked.has(id)) this.#look(id);
    return id !== "" && item !== null;
  }

  /** Asks for the member's own part where what it knows of it may be old: once a raffle and status, and what it has. */
  #lookSoon(id) {
    const { raffle, own } = this.#book.item(id);
    const age = raffle.status === "open" ? Math.floor(now() / FRESH) : 0;
    const seen = [raffle.status, own?.entries, this.#store.member?.member, this.#store.me?.tier, age].join();
    if (this.#asked.get(id) === seen && !this.#book.isOutdated(id)) return;
    if (!this.#shown || this.#gathering) return;
    this.#gathering = setTimeout(async () => {
      this.#gathering = 0;
      this.#asked.set(id, seen);
      await this.#actions.look(id);
    }, this.#asked.has(id) ? GATHER : 0);
  }

  async #look(id) {
    this.#asked.set(id, "");
    await this.#actions.look(id);
    if (this.#book.item(id) === null) this.#asked.set(id, "gone");
  }
}
