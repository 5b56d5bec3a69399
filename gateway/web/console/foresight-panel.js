/* Beside the rules: what the number that is being moved would do to the catalogue, tiers and markets. */

import { now } from "../clock.js";
import { element, setHidden } from "../dom.js";
import { formatInstant, formatList, t } from "../words.js";

import { foresee } from "./foresight.js";
import { makeHeatMap } from "./heat-map.js";
import { makeButton, makeChip } from "./parts.js";
import { describe } from "./refusals.js";
import { sayEffect } from "./rule-words.js";

/** How long a number, or a word that is searched for, has to rest before it is asked about, in ms. */
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
  #again = false;

  constructor(context) {
    this.#context = context;
    this.title = element("h2", {}, t("foresight.title"));
    this.counts = element("p", { class: "counts", role: "status" });
    this.segment = this.#makeChoice("segment");
    this.channel = this.#makeChoice("channel");
    this.search = element("input", { type: "search", autocomplete: "off", maxLength: 100 });
    this.search.addEventListener("input", () => this.#askSoon());
    const search = element("label", {}, t("foresight.search"), this.search);
    this.asked = element("div", { class: "asked" }, this.segment.label, this.channel.label, search);
    this.body = element("div", {});
    const label = { class: "foresight", "aria-label": t("foresight.title") };
    this.node = element("aside", label, this.title, this.counts, this.asked, this.body);
    this.rest();
  }

  /** Takes the segments and channels that there are to choose from. */
  offer(segments, channels) {
    this.segment.offer(segments);
    this.channel.offer(channels);
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
    this.#askSoon();
  }

  /** While an answer is under way only the latest question waits: a long drag asks one at a time. */
  #askSoon() {
    clearTimeout(this.#timer);
    if (this.#looked === null) return;
    this.#again = this.#asking;
    if (!this.#asking) this.#timer = setTimeout(() => this.#ask(), REST);
  }

  async #ask() {
    const { rule, number } = this.#looked;
    const turn = ++this.#turn;
    this.#asking = true;
    this.#again = false;
    try {
      const found = await foresee(this.#context.gateway, rule.id, number, this.#wanted);
      if (turn === this.#turn) this.#show(rule, number, found);
    } catch (error) {
      if (turn === this.#turn) this.#complain(error);
    } finally {
      this.#asking = false;
      if (this.#again) this.#askSoon();
    }
  }

  get #wanted() {
    return { segment: this.segment.value, channel: this.channel.value, search: this.search.value.trim() };
  }

  #complain(error) {
    this.body.replaceChildren(element("p", { role: "alert" }, describe(error)));
  }

  #show(rule, number, found) {
    const { changed, prices } = found;
    const words = element("strong", {}, sayEffect(rule.effect, number));
    const summary = changed ? t("foresight.changed", { count: changed, prices }) : t("foresight.unchanged", { prices });
    this.counts.replaceChildren(words, element("span", {}, summary), ...sayWays(found));
    this.#draw(found);
  }

  #draw(found) {
    const parts = [...sayConditions(found), ...sayFaults(found)];
    if (found.changed && !found.found) parts.push(makeHint(t("foresight.nothing_found")));
    else if (found.changed) parts.push(this.#makeMap(found), ...this.#sayRest(found));
    this.body.replaceChildren(...parts);
  }

  #makeMap(found) {
    return makeHeatMap(found, this.#market, (market) => {
      this.#market = market;
      this.#draw(found);
      this.body.querySelector("[aria-pressed=true]")?.focus();
    });
  }

  /** How many experiences are not shown, and the way to more of them. */
  #sayRest(found) {
    const shown = found.cells.length / found.columns.length;
    const parts = [element("p", { class: "hint", role: "status" }, t("heat.shown", { count: found.found, shown }))];
    if (found.unseen) parts.push(makeHint(t("heat.unseen", { count: found.unseen })));
    if (found.next) parts.push(makeButton(t("heat.more", { count: found.found - shown }), (event) => this.#add(found, event.target), "secondary small"));
    return parts;
  }

  async #add(found, button) {
    const turn = this.#turn;
    button.disabled = true;
    try {
      const wanted = { ...this.#wanted, after: found.next };
      const { cells, next } = await foresee(this.#context.gateway, found.rule, found.number, wanted);
      if (turn === this.#turn) this.#draw({ ...found, next, cells: [...found.cells, ...cells] });
    } catch (error) {
      if (turn === this.#turn) this.#complain(error);
    }
  }

  /** A choice of a segment or a channel; it is hidden where no rule names any. */
  #makeChoice(name) {
    const select = element("select", { name }, element("option", { value: "" }, t(`foresight.any_${name}`)));
    const label = element("label", { hidden: true }, t(`foresight.choose_${name}`), select);
    select.addEventListener("change", () => this.#askSoon());
    return {
      label,
      get value() {
        return select.value;
      },
      offer(values) {
        const { value } = select;
        select.replaceChildren(select.firstChild, ...values.map((one) => element("option", { value: one }, one)));
        select.value = values.includes(value) ? value : "";
        setHidden(label, !values.length);
      },
    };
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
