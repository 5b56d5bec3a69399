/* The opened raffle: prizes, one's tickets and chance, buying, the lock, the draw as it comes, one's prize, the check. */

import { now } from "./clock.js";
import { CROSS, element, icon, setData, setDisabled, setHidden, setText } from "./dom.js";
import { DrawVerdict } from "./draw-verdict.js";
import { drawCover } from "./drawn-covers.js";
import { humanise, localise, setLocalised } from "./locale.js";
import { PlaceList } from "./place-list.js";
import { PriceTrace } from "./price-trace.js";
import {
  describeChance,
  describeNumbers,
  describePrizes,
  describeRandomness,
  describeRules,
  describeStanding,
  describeTime,
} from "./raffle-words.js";
import { TicketForm } from "./ticket-form.js";
import { formatDay, formatInstant, formatMinute, formatNumber, formatTime, t } from "./words.js";

export class RafflePanel {
  #actions;
  #close;
  #id = "";
  #raffle = null;
  #drawn = false;
  #declining = false;

  /** `node` is the place in the document; `close()` is asked for by the panel's own button and the Escape key. */
  constructor(node, actions, close) {
    this.node = node;
    this.#actions = actions;
    this.#close = close;
    node.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
    });
  }

  get id() {
    return this.#id;
  }

  open(id) {
    this.#id = id;
    this.#raffle = null;
    this.#drawn = false;
    this.#declining = false;
    this.#build(id);
    this.node.hidden = false;
    this.node.scrollTop = 0;
  }

  close() {
    this.#id = "";
    this.node.hidden = true;
    this.node.replaceChildren();
  }

  update(item, me, member, live) {
    const { raffle, own, price, pending, answer } = item;
    this.#raffle = raffle;
    setLocalised(this.heading, localise(raffle.titles), humanise(raffle.id));
    setLocalised(this.text, localise(raffle.texts));
    setHidden(this.text, !this.text.textContent);
    this.#updateList(this.prizes, describePrizes(raffle));
    const { kind, words } = describeStanding(raffle, own);
    setData(this.node, "standing", kind);
    setText(this.standing, words);
    setText(this.soFar, raffle.lock || raffle.status === "void" ? t("raffle.tickets_in_all") : t("raffle.tickets_so_far"));
    setText(this.all, t("count.tickets", { count: raffle.tickets }));
    setText(this.chance, raffle.lock ? "" : describeChance(own, raffle));
    setText(this.numbers, own?.ranges.length ? t("raffle.your_numbers", { numbers: describeNumbers(own) }) : "");
    this.form.update(item, me, member, live);
    setData(this.answer, "tone", answer?.tone ?? "");
    setText(this.answer, answer?.words ?? "");
    this.#updatePrize(raffle, own, pending, live);
    this.#updateTrace(raffle, price);
    this.#updateLock(raffle);
    setHidden(this.places.node, raffle.drawn === 0);
    this.places.update(raffle, own?.entrant);
    this.verdict.update(raffle, own, live);
    this.#updateRules(raffle);
    if (!this.#drawn) this.heading.focus({ preventScroll: true });
    this.#drawn = true;
  }

  tick(at) {
    if (this.#raffle === null) return;
    const { words, urgency } = describeTime(this.#raffle, at);
    setText(this.time, words);
    setData(this.node, "urgency", urgency);
  }

  #build(id) {
    this.form = new TicketForm(id, this.#actions);
    this.heading = element("h2", { tabIndex: -1 });
    this.time = element("span", { class: "time" });
    this.text = element("p", { class: "text" });
    this.prizes = element("ul", { class: "prizes" });
    this.standing = element("span", { class: "standing" });
    this.soFar = element("span", { class: "label" });
    this.all = element("span", { class: "price" });
    this.chance = element("p", { class: "own" });
    this.numbers = element("p", { class: "own" });
    this.answer = element("p", { class: "answer", role: "status" });
    this.trace = new PriceTrace();
    this.result = element("p", { class: "result", role: "status" });
    this.claim = element("button", { type: "button", class: "primary", onclick: () => this.#actions.claim(id) }, t("raffle.claim"));
    this.decline = element("button", { type: "button", class: "secondary", onclick: () => this.#decline(id) });
    this.prize = element("div", { class: "prize" }, this.result, element("div", { class: "quick" }, this.claim, this.decline));
    this.lock = element("dl", { class: "rules lock" });
    this.lockPart = element("section", {}, element("h3", {}, t("lock.title")), this.lock);
    this.places = new PlaceList();
    this.verdict = new DrawVerdict(id, this.#actions);
    this.rules = element("dl", { class: "rules" });
    const properties = { type: "button", class: "plain icon close", "aria-label": t("panel.close"), onclick: () => this.#close() };
    this.node.replaceChildren(
      element("div", { class: "picture" }, drawCover(id, "raffle"), this.time, element("button", properties, icon(CROSS))),
      element(
        "div",
        { class: "body" },
        this.heading,
        this.text,
        this.prizes,
        element("div", { class: "figures" }, this.soFar, this.standing, this.all),
        this.chance,
        this.numbers,
        this.prize,
        this.form.node,
        this.answer,
        this.trace.node,
        this.lockPart,
        this.places.node,
        this.verdict.node,
        element("h3", {}, t("rule.title")),
        this.rules,
      ),
    );
  }

  #updatePrize(raffle, own, pending, live) {
    const open = own?.fate === "offered" && raffle.status === "drawn";
    const title = own?.prize ? describePrize(raffle, own.prize) : "";
    setHidden(this.prize, !own?.place && raffle.status !== "void");
    setText(this.result, describeResult(raffle, own, title));
    setHidden(this.claim.parentNode, !open);
    if (!open) this.#declining = false;
    setText(this.decline, this.#declining ? t("raffle.decline_surely") : t("raffle.decline"));
    setDisabled(this.claim, !live || pending !== null);
    setDisabled(this.decline, !live || pending !== null);
  }

  /** In two taps: it cannot be had back. */
  #decline(id) {
    if (this.#declining) this.#actions.decline(id);
    this.#declining = !this.#declining;
    setText(this.decline, this.#declining ? t("raffle.decline_surely") : t("raffle.decline"));
  }

  #updateTrace(raffle, price) {
    setHidden(this.trace.node, raffle.status !== "open" || !price?.steps.length);
    if (price === null) return;
    const figures = (points) => ({ points, cash: 0, currency: "", exponent: 0, tax: 0 });
    this.trace.update({ base: price.base, share: 10_000, split: figures(price.base), price: figures(price.points), steps: price.steps });
  }

  #updateLock(raffle) {
    const { lock } = raffle;
    setHidden(this.lockPart, lock === null);
    if (lock === null) return;
    const { root, number } = JSON.parse(lock.text);
    this.#updatePairs(this.lock, [
      [t("lock.number"), formatNumber(number)],
      [t("lock.published"), formatInstant(lock.at)],
      [t("lock.root"), root],
      [t("lock.signature"), lock.signature || t("lock.not_yet")],
      [t("lock.waits_for"), raffle.signature || raffle.secret ? "" : describeRandomness(raffle)],
    ]);
  }

  #updateRules(raffle) {
    this.#updatePairs(this.rules, describeRules(raffle));
  }

  #updatePairs(list, pairs) {
    const shown = pairs.filter(([, words]) => words);
    const text = shown.flat().join("\n");
    if (list.dataset.text === text) return;
    list.dataset.text = text;
    list.replaceChildren(...shown.map(([term, words]) => element("div", {}, element("dt", {}, term), element("dd", {}, words))));
  }

  #updateList(list, lines) {
    const text = lines.join("\n");
    if (list.dataset.text === text) return;
    list.dataset.text = text;
    list.replaceChildren(...lines.map((line) => element("li", {}, line)));
  }
}

function describePrize(raffle, id) {
  const prize = raffle.prizes.find((one) => one.id === id);
  return (prize && localise(prize.titles)?.text) ?? humanise(id);
}

function describeResult(raffle, own, title) {
  if (raffle.status === "void") return t("raffle.void_because", { reason: raffle.reason.replace(/[.\s]+$/, "") });
  switch (own?.fate) {
    case "offered":
      return t("raffle.won_until", { title, time: describeDeadline(own.claim_until) });
    case "claimed":
      return t("raffle.won_yours", { title });
    case "reserve":
      return t("raffle.you_are_reserve");
    default:
      return "";
  }
}

function describeDeadline(at) {
  const left = at - now();
  if (left < 3_600_000) return formatTime(at);
  return left < 86_400_000 ? formatMinute(at) : formatDay(at);
}
