/* How far a raffle's draw is, from the lock to the prizes: what is done, what is waited for, and what is late. */

import { now } from "../clock.js";
import { element, setHidden, setText } from "../dom.js";
import { formatInstant, formatLeft, formatLength, formatNumber, t } from "../words.js";

import { makeFacts } from "./parts.js";
import { hasRandomness, lateBy } from "./raffle-words.js";

const SIGNS = { done: "✓", waits: "…", late: "!", ahead: "·" };

export class DrawSteps {
  #raffle = null;
  #record = null;
  #isOperator;
  #rows = new Map();

  constructor(isOperator) {
    this.#isOperator = isOperator;
    this.steps = element("ol", { class: "steps" });
    this.lock = element("details", { class: "lock" });
    this.node = element("section", { class: "card draw", hidden: true }, element("h2", {}, t("raffle.draw")), this.steps, this.lock);
  }

  update(raffle, record) {
    this.#raffle = raffle;
    this.#record = record;
    setHidden(this.node, !raffle.lock);
    if (!raffle.lock) return;
    this.#drawLock(raffle.lock);
    this.tick();
  }

  /** What is waited for is nearer, or later, than a second ago. */
  tick() {
    if (!this.#raffle?.lock) return;
    for (const [id, state, words] of listSteps(this.#raffle, this.#record, now(), this.#isOperator)) this.#tell(id, state, words);
  }

  #tell(id, state, words) {
    let row = this.#rows.get(id);
    if (!row) {
      row = { sign: element("span", { class: "sign", "aria-hidden": "true" }), words: element("span", {}) };
      row.node = element("li", {}, row.sign, row.words);
      this.#rows.set(id, row);
      this.steps.append(row.node);
    }
    row.node.dataset.state = state;
    setText(row.sign, SIGNS[state]);
    setText(row.words, words);
  }

  /** What somebody unfolded stays so. */
  #drawLock({ number, hash, signature, stamped, at }) {
    const facts = makeFacts(
      [t("raffle.locked_at"), formatInstant(at)],
      [t("raffle.signed"), t(signature ? "raffle.yes" : "raffle.not_yet")],
      [t("raffle.stamped"), t(stamped ? "raffle.yes" : "raffle.no")],
      [t("raffle.hash"), element("code", { dir: "ltr" }, hash)],
    );
    this.lock.replaceChildren(element("summary", {}, t("raffle.lock", { number })), facts);
  }
}

/** `[id, state, words]` of each step; a state is done, waits (for something), late, or ahead (of what is waited for). */
function listSteps(raffle, record, at, isOperator) {
  const { lock, entries, tickets } = raffle;
  const counts = { entries: t("count.entries", { count: entries }), tickets: t("count.tickets", { count: tickets }) };
  return [
    ["locked", "done", t("raffle.step_locked", { at: formatInstant(lock.at), ...counts })],
    ["signed", ...saySigned(raffle)],
    ["randomness", ...sayRandomness(raffle, at, isOperator)],
    ["places", ...sayPlaces(raffle)],
    ["prizes", ...sayPrizes(raffle, record)],
  ];
}

function saySigned({ lock, status }) {
  if (lock.signature) return ["done", t(lock.stamped ? "raffle.step_stamped" : "raffle.step_signed")];
  return status === "void" ? ["late", t("raffle.step_never_signed")] : ["waits", t("raffle.step_unsigned")];
}

function sayRandomness(raffle, at, isOperator) {
  const { randomness: kind, round, round_at: due, drawn_at: drawn } = raffle;
  const known = { round: String(round), at: formatInstant(hasRandomness(raffle) ? drawn : due) };
  if (hasRandomness(raffle)) return ["done", t(`raffle.step_${kind}_came`, known)];
  const late = lateBy(raffle, at);
  if (late) {
    const advice = t(isOperator ? "raffle.step_bring" : "raffle.step_ask_operator");
    return ["late", `${t(`raffle.step_${kind}_late`, { ...known, late: formatLeft(late) })} ${advice}`];
  }
  const soon = kind === "beacon" && at < due;
  return ["waits", soon ? t("raffle.step_beacon_ahead", { ...known, left: formatLeft(due - at) }) : t(`raffle.step_${kind}`, known)];
}

function sayPlaces({ status, drawn, prizes, reserves, ...raffle }) {
  const wanted = prizes.reduce((sum, { quantity }) => sum + quantity, reserves);
  if (!hasRandomness(raffle)) return ["ahead", t("raffle.step_places_ahead", { count: wanted })];
  if (status === "locked") return ["waits", t("raffle.step_drawing", { drawn, wanted })];
  return ["done", t("raffle.step_drawn", { count: drawn })];
}

function sayPrizes({ status, claim_within: within, prizes }, { offered, claimed }) {
  if (status === "void") return ["done", t("raffle.step_no_prizes")];
  const count = prizes.reduce((sum, { quantity }) => sum + quantity, 0);
  if (status === "locked") return ["ahead", t("raffle.step_prizes_ahead", { count, within: formatLength(within) })];
  const words = t("raffle.step_prizes", { count, claimed: formatNumber(claimed), offered: formatNumber(offered) });
  return [status === "settled" ? "done" : "waits", words];
}
