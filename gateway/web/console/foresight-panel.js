/* Beside the rules: what the number that is being moved would do to the catalogue, tiers and markets. */

import { now } from "/clock.js";
import { element } from "/dom.js";
import { formatInstant, formatList, t } from "/words.js";

import { foresee } from "./foresight.js";
import { makeHeatMap } from "./heat-map.js";
import { makeChip } from "./parts.js";
import { describe } from "./refusals.js";
import { sayEffect } from "./rule-words.js";

/** How long a number has to rest before it is asked about, in ms. */
const REST = 90;

/** How far ahead (ms) is still now. */
const SOON = 60_000;

const FAULTS = 3;

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
    const { changed, prices } = found;
    const summary = changed ? t("foresight.changed", { count: changed, prices }) : t("foresight.unchanged", { prices });
    this.counts.replaceChildren(words, element("span", {}, summary), ...sayWays(found));
    this.#drawMap(found);
  }

  #drawMap(found) {
    const map = makeHeatMap(found.cells, {
      tiers: [...new Set(found.cells.map((cell) => cell.tier))],
      markets: [...new Set(found.cells.map((cell) => cell.market))],
      chosen: this.#market,
      onChoose: (market) => {
        this.#market = market;
        this.#drawMap(found);
        this.body.querySelector("[aria-pressed=true]")?.focus();
      },
    });
    this.body.replaceChildren(...sayConditions(found), ...sayFaults(found), ...(found.changed ? [map] : []));
  }
}

function sayWays({ cheaper, dearer }) {
  const say = (way, key, count) => element("span", { class: "way", dataset: { way } }, t(key, { count }));
  return [
    ...(cheaper ? [say("down", "foresight.cheaper", cheaper)] : []),
    ...(dearer ? [say("up", "foresight.dearer", dearer)] : []),
  ];
}

/** As of when, and for whom, where that is not now and everybody. */
function sayConditions({ at, applies, campaigns, channel, segment }) {
  if (!applies) return [makeHint(t("foresight.never"))];
  const said = [];
  if (at > now() + SOON) said.push(t("foresight.at", { at: formatInstant(at) }));
  if (campaigns.length) said.push(t("foresight.campaigns", { campaigns: formatList(campaigns) }));
  if (segment) said.push(t("foresight.segment", { segment }));
  if (channel) said.push(t("foresight.channel", { channel }));
  return said.length ? [makeHint(said.join(" "))] : [];
}

/** Prices that fall to nothing, and those that a floor or a cap holds. */
function sayFaults({ faults }) {
  return faults.slice(0, FAULTS).map(({ kind, rule, prices }) => {
    const words = t(`foresight.fault_${kind}`, { count: prices, rule });
    return element("p", { class: "fault" }, makeChip(words, kind === "free" ? "bad" : "warn"));
  });
}

function makeHint(words) {
  return element("p", { class: "hint" }, words);
}
