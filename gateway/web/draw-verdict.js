/* Checking a draw on the page: a button, the steps as they are gone through, and what remains to be believed. */

import { element, setData, setDisabled, setHidden, setText } from "./dom.js";
import { checkDraw, describeTrust } from "./draw-check.js";
import { Lost, Refused } from "./socket.js";
import { t } from "./words.js";

const SIGNS = { running: "…", passed: "✓", failed: "✗", left: "–" };

export class DrawVerdict {
  #id;
  #actions;
  #rows = new Map();
  #state = null;
  #running = false;

  constructor(id, actions) {
    this.#id = id;
    this.#actions = actions;
    const properties = { type: "button", class: "secondary", disabled: true, onclick: () => this.#run() };
    this.button = element("button", properties, t("verdict.check"));
    this.words = element("p", { class: "help" }, t("verdict.how"));
    this.steps = element("ol", { class: "steps", role: "status" });
    this.verdict = element("p", { class: "verdict", role: "status" });
    this.trust = element("ul", { class: "trust" });
    this.node = element(
      "section",
      { class: "draw-check" },
      element("h3", {}, t("verdict.title")),
      this.words,
      this.button,
      this.steps,
      this.verdict,
      this.trust,
    );
  }

  /** `raffle` with its lock; nothing can be checked before the draw. */
  update(raffle, own, live) {
    this.#state = { raffle, own };
    const drawn = Boolean(raffle.signature || raffle.secret);
    setHidden(this.node, !raffle.lock || (raffle.status === "void" && !drawn));
    setHidden(this.button, !drawn);
    setDisabled(this.button, !live || this.#running || !raffle.lock || !drawn);
    setHidden(this.words, this.#rows.size > 0);
  }

  async #run() {
    const { raffle, own } = this.#state;
    this.#running = true;
    this.#rows.clear();
    this.steps.replaceChildren();
    this.trust.replaceChildren();
    this.#say("", "");
    setDisabled(this.button, true);
    try {
      const [evidence, proof] = await Promise.all([
        this.#actions.fetchEvidence(this.#id),
        this.#actions.fetchProof(this.#id, own?.entries ?? 0),
      ]);
      const known = { key: raffle.lock.key || evidence.key, lock: raffle.lock.text };
      const holds = await checkDraw({ evidence, known, proof }, (step) => this.#tell(step));
      this.#say(holds ? "good" : "bad", describeVerdict(holds, evidence.void !== null));
      this.trust.replaceChildren(...describeTrust({ evidence }).map((words) => element("li", {}, words)));
    } catch (error) {
      const expected = error instanceof Lost || error instanceof Refused || error instanceof Error;
      if (!expected) throw error;
      const reason = error instanceof Lost ? t("verdict.lost") : error.message;
      this.#say("bad", t("verdict.failed", { reason }));
    } finally {
      this.#running = false;
      setDisabled(this.button, false);
    }
  }

  #tell({ id, state, words }) {
    let row = this.#rows.get(id);
    if (row === undefined) {
      row = { sign: element("span", { class: "sign" }), words: element("span", {}) };
      row.node = element("li", { dataset: { step: id } }, row.sign, row.words);
      this.#rows.set(id, row);
      this.steps.append(row.node);
    }
    setText(row.sign, SIGNS[state]);
    setText(row.words, words);
    setData(row.node, "state", state);
  }

  #say(tone, words) {
    setData(this.verdict, "tone", tone);
    setText(this.verdict, words);
  }
}

function describeVerdict(holds, isVoid) {
  if (!holds) return t("verdict.does_not_hold");
  return isVoid ? t("verdict.holds_void") : t("verdict.holds");
}
