/* The catalogue: a grid of cards at the member's prices, by kind; its own redemptions; the panel of the open one. */

import { now } from "./clock.js";
import { element, setHidden, setText } from "./dom.js";
import { humanise, localise } from "./locale.js";
import { sayPrice } from "./money.js";
import { MyRewards } from "./my-rewards.js";
import { PriceAnnouncer } from "./price-announcer.js";
import { RewardCard } from "./reward-card.js";
import { RewardPanel } from "./reward-panel.js";
import { nameOfKind } from "./reward-words.js";
import { Shelves } from "./shelves.js";
import { t } from "./words.js";

const byId = (id) => document.getElementById(id);

/** How long changes of the member's own state are gathered before its redemptions are asked for, in ms. */
const GATHER = 300;

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
  #cell = "";
  #gathering = 0;

  /** `go(view, id)` leads to an address of the page. */
  constructor(catalogue, store, redeeming, go) {
    this.#catalogue = catalogue;
    this.#store = store;
    this.#redeeming = redeeming;
    this.#go = go;
    this.node = byId("rewards");
    this.grid = byId("rewards-grid");
    this.kinds = byId("kinds");
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
    for (const [id, card] of this.#cards) {
      if (catalogue.offers.has(id)) continue;
      card.node.remove();
      this.#cards.delete(id);
    }
    let shown = 0;
    let place = 0;
    for (const id of catalogue.offers.keys()) {
      const item = catalogue.item(id);
      const card = this.#card(item.offer, place++);
      // The open panel says what became of it; twice would be read out twice.
      card.update(id === this.panel.id ? { ...item, answer: null } : item, this.#store.me, live);
      const hidden = catalogue.kind !== "" && item.offer.kind !== catalogue.kind;
      setHidden(card.node, hidden);
      shown += hidden ? 0 : 1;
    }
    if (!catalogue.ready && !catalogue.offers.size && !this.skeletons[0].isConnected) this.grid.append(...this.skeletons);
    this.grid.setAttribute("aria-busy", String(!catalogue.ready));
    if (catalogue.ready && !shown) this.grid.replaceChildren();
    this.#updateKinds();
    this.#say(catalogue.ready ? describeEnd(catalogue, shown) : "");
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

  #updateKinds() {
    const { kinds, kind } = this.#catalogue;
    setHidden(this.kinds, kinds.length < 2);
    if (this.kinds.dataset.kinds !== kinds.join()) {
      this.kinds.dataset.kinds = kinds.join();
      const choose = (one) => () => this.#catalogue.choose(one);
      const name = (one) => (one ? nameOfKind(one) : t("rewards.all"));
      const draw = (one) => element("button", { type: "button", dataset: { kind: one }, onclick: choose(one) }, name(one));
      this.kinds.replaceChildren(...["", ...kinds].map(draw));
    }
    for (const button of this.kinds.children) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
  }

  #updateOwn(live) {
    const { redemptions } = this.#catalogue;
    setHidden(this.kinds, true);
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
    const title = localise(item.offer.titles)?.text ?? humanise(id);
    return t("rewards.costs_now", { title, price: sayPrice(item.price) });
  }
}

/** What stands below the cards. */
function describeEnd({ more, offers }, shown) {
  if (more) return t("rewards.first", { count: offers.size });
  return shown ? "" : t("rewards.none");
}
