/* Beside the rules: what the number that is being moved would do to the catalogue, tiers and markets. */

import { element, setHidden } from "/dom.js";
import { formatNumber, t } from "/words.js";

import { foresee } from "./foresight.js";
import { makeHeatMap } from "./heat-map.js";
import { describe } from "./refusals.js";
import { sayEffect } from "./rule-words.js";

/** How long a number has to rest before it is asked about, in ms. */
const REST = 90;

export class ForesightPanel {
  #context;
  #market = "";
  #looked = null;
  #timer = 0;
  #turn = 0;
  #asking = false;
  /** What the gateway last answered, for the number that was let go of. */
  latest = null;
  /** Whether this gateway can say beforehand; null while nobody has asked. */
  able = null;

  constructor(context) {
    this.#context = context;
    this.title = element("h2", {}, t("foresight.title"));
    this.counts = element("p", { class: "counts", role: "status" });
    this.body = element("div", {});
    this.node = element("aside", { class: "foresight", "aria-label": t("foresight.title") }, this.title, this.counts, this.body);
    this.rest();
  }

  /** Shows what it is for, as long as nothing is moved. */
  rest() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#looked = null;
    this.node.dataset.idle = "yes";
    this.counts.replaceChildren();
    this.body.replaceChildren(element("p", { class: "hint" }, t("foresight.hint")));
  }

  /** Looks at `number` for `rule` as soon as it rests. */
  look(rule, number) {
    // Where the panel lies over the rules it keeps clear of the one that is being moved.
    const at = document.activeElement?.getBoundingClientRect().top ?? 0;
    if (this.#looked === null) this.node.dataset.side = at > innerHeight / 2 ? "top" : "bottom";
    this.#looked = { rule, number };
    delete this.node.dataset.idle;
    clearTimeout(this.#timer);
    // While an answer is under way only the latest number waits: a long drag asks one question at a time.
    if (!this.#asking) this.#timer = setTimeout(() => this.#ask(), REST);
  }

  async #ask() {
    const { rule, number } = this.#looked;
    const turn = ++this.#turn;
    this.#asking = true;
    try {
      const found = await foresee(this.#context.gateway, rule.id, number);
      this.able = found !== null;
      if (turn === this.#turn) this.#show(rule, number, found);
    } catch (error) {
      if (turn === this.#turn) this.body.replaceChildren(element("p", { role: "alert" }, describe(error)));
    } finally {
      this.#asking = false;
      if (this.#looked && this.#looked.number !== number) this.look(this.#looked.rule, this.#looked.number);
    }
  }

  #show(rule, number, found) {
    this.latest = found;
    const words = element("strong", {}, sayEffect(rule.effect, number));
    if (found === null) {
      this.counts.replaceChildren(words);
      this.body.replaceChildren(element("p", { class: "hint" }, t("foresight.unable")));
      return;
    }
    const { changed, dearer, cheaper, prices } = found;
    this.counts.replaceChildren(
      words,
      element("span", {}, changed ? t("foresight.changed", { count: changed, prices }) : t("foresight.unchanged", { prices })),
    );
    if (changed) {
      this.counts.append(
        element("span", { class: "way", dataset: { way: "down" } }, t("foresight.cheaper", { count: cheaper })),
        element("span", { class: "way", dataset: { way: "up" } }, t("foresight.dearer", { count: dearer })),
      );
    }
    this.#drawMap(found);
  }

  #drawMap(found) {
    const { tiers, markets } = this.#context.program.settings;
    const map = makeHeatMap(found.cells, {
      tiers: tiers.length ? tiers : [...new Set(found.cells.map((cell) => cell.tier))],
      markets: markets.length ? markets : [...new Set(found.cells.map((cell) => cell.market))],
      chosen: this.#market,
      onChoose: (market) => {
        this.#market = market;
        this.#drawMap(found);
        this.body.querySelector("[aria-pressed=true]")?.focus();
      },
    });
    this.body.replaceChildren(map);
    const note = found.changed && !found.cells.length ? t("foresight.no_cells", { changed: formatNumber(found.changed) }) : "";
    setHidden(map, Boolean(note));
    if (note) this.body.append(element("p", { class: "hint" }, note));
  }
}
