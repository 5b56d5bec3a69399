/* The catalogue: a grid of cards at the member's prices, by kind; its own redemptions; the panel of the open one. */

import { now } from "./clock.js";
import { setHidden, setText } from "./dom.js";
import { sayPrice } from "./money.js";
import { MyRewards } from "./my-rewards.js";
import { PriceAnnouncer } from "./price-announcer.js";
import { RewardCard } from "./reward-card.js";
import { RewardFilters } from "./reward-filters.js";
import { RewardPanel } from "./reward-panel.js";
import { titleOf } from "./reward-words.js";
import { Shelves } from "./shelves.js";
import { ShowMore } from "./show-more.js";
import { t } from "./words.js";

const byId = (id) => document.getElementById(id);

/** How long changes of the member's own state are gathered before its redemptions are asked for, in ms. */
const GATHER = 300;

/** How many cards are drawn at first, and more each time. */
const STEP = 48;

/** How old the catalogue may be before it is looked at anew, in ms: others take pieces, experiences come and go. */
const FRESH = 60_000;

export class RewardsView {
  #catalogue;
  #store;
  #redeeming;
  #go;
  #cards = new Map();
  #shown = false;
  #mine = false;
  #loadedAt = -Infinity;
  #narrowed = "";
  #cell = "";
  #gathering = 0;

  /** `go(view, id)` leads to an address of the page; `changed()` asks for everything to be drawn. */
  constructor(catalogue, store, redeeming, go, changed) {
    this.#catalogue = catalogue;
    this.#store = store;
    this.#redeeming = redeeming;
    this.#go = go;
    this.node = byId("rewards");
    this.grid = byId("rewards-grid");
    this.filters = new RewardFilters(byId("kinds"), catalogue);
    this.more = new ShowMore(STEP, changed);
    this.grid.after(this.more.node);
    this.skeletons = [...this.grid.children];
    this.panel = new RewardPanel(byId("reward-panel"), redeeming, () => go("rewards", ""));
    this.shelves = new Shelves(byId("shelves"), (id) => go("rewards", id));
    this.own = new MyRewards(byId("my-rewards"), redeeming);
    this.announcer = new PriceAnnouncer(byId("price-news"), (id) => this.#describePrice(id));
    byId("show-catalogue").addEventListener("click", () => go("rewards", ""));
    byId("show-mine").addEventListener("click", () => go("my-rewards", ""));
    document.addEventListener("visibilitychange", () => document.hidden || this.#load(1_000));
    setInterval(() => document.hidden || this.#load(FRESH), 5_000);
  }

  /** Shows the catalogue, with an experience open or none, or the member's own redemptions. */
  enter(view, id) {
    this.node.hidden = false;
    this.#shown = true;
    this.#mine = view === "my-rewards";
    if (!id) this.panel.close();
    else if (id !== this.panel.id) this.panel.open(id);
    this.#load(FRESH);
    if (this.#mine) this.#loadRedemptionsSoon();
  }

  leave() {
    this.node.hidden = true;
    this.#shown = this.#mine = false;
    this.panel.close();
  }

  /** There is a connection (again): whatever is shown may have changed meanwhile. */
  reconnect() {
    this.#loadedAt = -Infinity;
    this.#load(0);
  }

  /** The member is another: nothing of the one before stays. */
  clear() {
    this.#loadedAt = -Infinity;
    this.#cell = "";
    this.#catalogue.clear();
  }

  /** The member's own state: points and redemptions moved, or it is of another tier or market now. */
  takeMe({ tier, market }) {
    const cell = `${tier}/${market}`;
    if (this.#cell && cell !== this.#cell) this.reconnect();
    else if (this.#mine || this.#catalogue.hasOpenRedemptions) this.#loadRedemptionsSoon();
    this.#cell = cell;
  }

  /** Pushed prices. */
  takePrices(prices, position) {
    const { moved, gone, fresh } = this.#catalogue.takePrices(prices, position);
    if (this.#shown) this.announcer.take(moved);
    if (gone.length) this.reconnect();
    else if (fresh.length && !this.#catalogue.more) this.#load(1_000);
  }

  /** Draws everything; returns whether the panel is open. */
  update(live) {
    setText(byId("rewards-title"), this.#mine ? t("rewards.mine") : t("view.rewards"));
    byId("show-catalogue").setAttribute("aria-pressed", String(!this.#mine));
    byId("show-mine").setAttribute("aria-pressed", String(this.#mine));
    setHidden(this.grid, this.#mine);
    setHidden(this.own.node, !this.#mine);
    this.shelves.update(this.#catalogue, !this.#mine);
    this.filters.update(!this.#mine);
    setHidden(this.more.node, true);
    if (this.#mine) this.#updateOwn(live);
    else this.#updateCatalogue(live);
    return this.#updatePanel(live);
  }

  /** A shelf that has turned is looked at anew. */
  tick() {
    if (now() > this.#catalogue.turnsAt) this.#load(5_000);
  }

  async #load(age) {
    const live = this.#store.connection.phase === "live";
    if (!this.#shown || !live || performance.now() - this.#loadedAt < age) return;
    this.#loadedAt = performance.now();
    this.#redeeming.loadRedemptions();
    if (!(await this.#redeeming.load())) this.#loadedAt = -Infinity; // the next look tries again
  }

  #loadRedemptionsSoon() {
    this.#gathering ||= setTimeout(() => {
      this.#gathering = 0;
      this.#redeeming.loadRedemptions();
    }, GATHER);
  }

  #updateCatalogue(live) {
    const catalogue = this.#catalogue;
    const { me } = this.#store;
    this.#beginAnew();
    const found = catalogue.find(me);
    const shown = new Set(found.slice(0, this.more.most));
    for (const [id, card] of this.#cards) {
      if (!shown.has(id)) card.node.remove();
      if (!catalogue.offers.has(id)) this.#cards.delete(id);
    }
    for (const [place, id] of [...shown].entries()) {
      const item = catalogue.item(id);
      // The open panel says what became of it; twice would be read out twice.
      this.#card(item.offer, place).update(id === this.panel.id ? { ...item, answer: null } : item, me, live);
    }
    this.more.update(found.length);
    this.#watch(shown);
    if (!catalogue.ready && !catalogue.offers.size && !this.skeletons[0].isConnected) this.grid.append(...this.skeletons);
    this.grid.setAttribute("aria-busy", String(!catalogue.ready));
    if (catalogue.ready && !shown.size) this.grid.replaceChildren();
    this.#say(catalogue.ready ? describeEnd(catalogue, found.length, this.more.most) : "");
  }

  /** What is narrowed down otherwise is looked at from its beginning. */
  #beginAnew() {
    const { kind, words, reachable } = this.#catalogue;
    const narrowed = [kind, words, reachable].join();
    if (narrowed !== this.#narrowed) this.more.reset();
    this.#narrowed = narrowed;
  }

  /** Watches the prices of what is open, on shelves and drawn; of very many cards those that came last. */
  #watch(shown) {
    if (!this.#catalogue.ready) return;
    const others = [this.panel.id, ...this.#catalogue.shelves.flatMap((shelf) => shelf.experiences)];
    const wanted = new Set([...others.filter((id) => this.#catalogue.offers.has(id)), ...[...shown].reverse()]);
    this.#redeeming.watch([...wanted]);
  }

  /** The card of an offer, at its place in the grid. */
  #card(offer, place) {
    const id = offer.experience;
    let card = this.#cards.get(id);
    if (card === undefined) {
      if (!this.#cards.size) this.grid.replaceChildren();
      card = new RewardCard(offer, this.#redeeming, () => this.#go("rewards", id));
      this.#cards.set(id, card);
    }
    const there = this.grid.children[place];
    if (there !== card.node) this.grid.insertBefore(card.node, there ?? null);
    return card;
  }

  #updateOwn(live) {
    const { redemptions } = this.#catalogue;
    this.own.node.setAttribute("aria-busy", String(redemptions === null));
    if (redemptions !== null) this.own.update(this.#catalogue, live);
    this.#say(redemptions?.length === 0 ? t("rewards.none_yet") : "");
  }

  #updatePanel(live) {
    const item = this.panel.id ? this.#catalogue.item(this.panel.id) : null;
    if (item !== null) this.panel.update(item, this.#store.me, live);
    else if (this.panel.id && this.#catalogue.ready) {
      this.#store.notify("plain", t("notice.not_here"), t("rewards.gone"));
      this.#go("rewards", "");
    }
    return item !== null;
  }

  #say(words) {
    setHidden(byId("rewards-empty"), !words);
    setText(byId("rewards-empty"), words);
  }

  #describePrice(id) {
    const item = this.#catalogue.item(id);
    if (item === null || item.price === null) return "";
    return t("rewards.costs_now", { title: titleOf(item.offer), price: sayPrice(item.price) });
  }
}

/** What stands below the cards, where `found` of them are not more than the `most` that are drawn. */
function describeEnd({ more, offers, isNarrow }, found, most) {
  if (more && found <= most) return t("rewards.first", { count: offers.size });
  if (found) return "";
  return isNarrow ? t("rewards.none_such") : t("rewards.none");
}
