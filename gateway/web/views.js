/*
 * The views of the page by name. Auctions are there at once; the others arrive, with their words and styles, when they
 * are first shown, or when somebody is about to: a first visit on a slow network waits for nothing that it does not see.
 */

import { addStyle, element, setHidden } from "./dom.js";
import { addWords, t, translate } from "./words.js";

const byId = (id) => document.getElementById(id);

/** Where an address leads: a member's own rewards are a part of the rewards. */
const HOMES = { "my-rewards": "rewards" };

/** What each view needs, and how it is made of its modules and the page's own parts. */
const OTHERS = {
  raffles: {
    styles: ["panel.css", "raffles.css", "draw-check.css", "trace.css"],
    words: ["panel", "raffles", "draw"],
    fetch: ({ fetchBook }) => Promise.all([import("./raffles.js"), import("./raffle-actions.js"), fetchBook()]),
    make([{ RafflesView }, { RaffleActions }, book], { store, connection, fetchToken, go, changed }) {
      return new RafflesView(book, store, new RaffleActions(book, store, connection, fetchToken), go, changed);
    },
  },
  rewards: {
    styles: ["panel.css", "rewards.css", "shelves.css", "reward-panel.css", "trace.css"],
    words: ["panel", "rewards"],
    fetch: () => Promise.all([import("./rewards.js"), import("./catalogue.js"), import("./redeeming.js")]),
    make([{ RewardsView }, { Catalogue }, { Redeeming }], { store, connection, go, changed }) {
      const catalogue = new Catalogue(changed);
      return new RewardsView(catalogue, store, new Redeeming(catalogue, store, connection), go, changed);
    },
  },
  points: {
    styles: ["points.css"],
    words: ["panel", "raffles", "rewards", "points"],
    fetch: () => import("./points.js"),
    make({ PointsView }, { store, connection }) {
      return new PointsView(store, connection);
    },
  },
};

export class Views {
  #there = new Map();
  #coming = new Map();
  #context;
  #arrived;

  /** `arrived()` is called when a view has come that was not there before. */
  constructor(auctions, context, arrived) {
    this.#there.set("auctions", auctions);
    this.#context = context;
    this.#arrived = arrived;
  }

  /** The views that have arrived. */
  get all() {
    return [...this.#there.values()];
  }

  /** The view of an address; while it is on its way, what stands in for it. */
  get(name) {
    const home = HOMES[name] ?? name;
    if (this.#there.has(home)) return this.#there.get(home);
    this.prepare(home);
    return this.#coming.get(home);
  }

  /** Sends for a view that will be wanted soon. */
  prepare(name) {
    const home = HOMES[name] ?? name;
    if (this.#there.has(home) || this.#coming.has(home)) return;
    const coming = new ComingView(home);
    this.#coming.set(home, coming);
    this.#fetch(home).catch((error) => {
      console.warn(`The view ${home} did not arrive:`, error);
      coming.fail();
    });
  }

  async #fetch(home) {
    const { styles, words, fetch, make } = OTHERS[home];
    const spoken = words.map((folder) => addWords(new URL(`./words/${folder}/`, import.meta.url)));
    const [modules] = await Promise.all([fetch(this.#context), ...spoken, ...styles.map(addStyle)]);
    const view = make(modules, this.#context);
    const { me } = this.#context.store;
    if (me !== null) view.takeMe?.(me);
    translate(byId(home));
    this.#there.set(home, view);
    this.#arrived();
  }
}

/** A view that is on its way: its place in the document, with what shows that something will come. */
class ComingView {
  #failed = false;

  constructor(name) {
    this.node = byId(name);
    this.empty = byId(`${name}-empty`);
  }

  enter() {
    this.node.hidden = false;
  }

  leave() {
    this.node.hidden = true;
  }

  update() {
    return false;
  }

  tick() {}

  /** What did not arrive is fetched by a page that begins anew. */
  fail() {
    if (this.#failed) return;
    this.#failed = true;
    const again = element("button", { type: "button", class: "secondary", onclick: () => location.reload() }, t("app.reload"));
    this.empty.replaceChildren(t("app.part_missing"), " ", again);
    setHidden(this.empty, false);
    for (const one of this.node.querySelectorAll(".skeleton")) one.remove();
  }
}
