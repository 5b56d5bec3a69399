/* Rules that were tuned lately, and who was told of it when: what the topic `now` says of them. */

import { element, setHidden } from "../dom.js";
import { formatNumber, formatTime, t } from "../words.js";

/** Tunings that are listed. */
const SHOWN = 6;

/** How long somebody waits to hear of a tuning's own telling, in ms. */
const PATIENCE = 10_000;

export class Tellings {
  #context;
  #latest = [];
  #wanted = new Set();

  constructor(context) {
    this.#context = context;
    this.list = element("ol", { class: "tellings" });
    const title = element("h2", {}, t("told.title"));
    this.node = element("section", { class: "card told", hidden: true }, title, this.list);
  }

  /** Listens until the function that is returned is called. */
  watch() {
    return this.#context.gateway.watch("now", (state) => state && this.#take(state.tunes));
  }

  /** The tunings that are known so far. */
  get known() {
    return new Set(this.#latest.map(({ position }) => position));
  }

  /** Calls `say(words)` once all who listened were told of a tuning that was not `known`: `{ rule, after, by }`. */
  onTold(wanted, known, say) {
    const one = { wanted, known, say };
    this.#wanted.add(one);
    setTimeout(() => this.#wanted.delete(one), PATIENCE);
    this.#answer();
  }

  #answer() {
    for (const one of this.#wanted) {
      const { rule, after, by } = one.wanted;
      const found = this.#latest.find((tune) => tune.rule === rule && tune.after === after && tune.by === by && !one.known.has(tune.position));
      if (!found || found.waiting) continue;
      this.#wanted.delete(one);
      one.say(sayTelling(found));
    }
  }

  #take(tunes) {
    this.#latest = tunes;
    this.#answer();
    setHidden(this.node, !tunes.length);
    this.list.replaceChildren(...tunes.slice(0, SHOWN).map(makeItem));
  }
}

/** Who was told, and how soon after the log had it. */
function sayTelling({ members, at, told_at: toldAt, waiting }) {
  if (waiting) return t("told.waiting");
  if (!members) return t("told.nobody");
  return t("told.members", { count: members, time: formatNumber(Math.max(0, toldAt - at)) });
}

function makeItem(tune) {
  return element(
    "li",
    {},
    element("p", {}, element("strong", {}, element("bdi", {}, tune.rule)), ` · ${formatTime(tune.at)} · `, element("bdi", {}, tune.by)),
    element("p", { class: "hint" }, sayTelling(tune)),
  );
}
