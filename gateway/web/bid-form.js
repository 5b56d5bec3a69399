/* The controls of one English auction: quick bids, and in the panel a maximum and buying at once. */

import { element, setAttribute, setData, setDisabled, setHidden, setText } from "./dom.js";
import { describeObstacle } from "./lot-words.js";
import { formatPoints, t } from "./words.js";

export class BidForm {
  #id;
  #actions;
  #lot = null;

  /**
   * `Controls` is the class of what the panel has beside quick bids. With `onMaximum` it is compact: a button that calls
   * `onMaximum` leads there; `answer`, the words about the last bid, is then for its owner to place.
   */
  constructor(id, actions, { Controls = null, onMaximum = null }) {
    this.#id = id;
    this.#actions = actions;
    this.least = element("button", { type: "button", class: "primary", onclick: () => this.#bid(this.#steps[0]) });
    this.more = element("button", { type: "button", class: "secondary", onclick: () => this.#bid(this.#steps[1]) });
    this.quick = element("div", { class: "quick" }, this.least, this.more);
    this.note = element("p", { class: "note" });
    this.answer = element("p", { class: "answer", role: "status" });
    this.node = element("div", { class: "bid" }, this.quick, this.note);
    this.controls = Controls && new Controls(id, actions, () => this.#updateAnswer());
    if (this.controls) this.node.append(...this.controls.nodes, this.answer);
    else {
      this.open = element("button", { type: "button", class: "secondary", onclick: onMaximum });
      this.quick.append(this.open);
    }
  }

  /** Draws the controls for a lot; they are off without a connection. */
  update(lot, me, live) {
    const { standing, pending } = lot;
    this.#lot = lot;
    const leading = standing === "leading";
    const off = !live || pending !== null || me === null;
    const note = describeObstacle(lot, me);
    setHidden(this.note, !note);
    setText(this.note, note);
    setHidden(this.quick, Boolean(note) || (leading && this.controls !== null));
    this.#updateQuick(off, me?.available ?? 0);
    if (this.controls) this.controls.update({ lot, me, off, biddable: !note });
    else this.#updateOpen(off);
    this.#updateAnswer();
  }

  focusField() {
    this.controls.focusField();
  }

  #updateQuick(off, available) {
    const { pending, standing } = this.#lot;
    const [least, more] = this.#steps;
    for (const button of [this.least, this.more]) setHidden(button, standing === "leading");
    setText(this.least, pending && !pending.atOnce ? t("button.placing") : t("button.bid", { points: least }));
    setText(this.more, formatPoints(more));
    setAttribute(this.more, "aria-label", `${t("button.bid_plain")} ${formatPoints(more)}`);
    setDisabled(this.least, off);
    setDisabled(this.more, off || more > available);
  }

  #updateOpen(off) {
    const { own, standing } = this.#lot;
    const leading = standing === "leading";
    setText(this.open, leading ? t("button.your_maximum", { points: own.maximum }) : t("button.maximum"));
    setAttribute(this.open, "title", leading ? t("bid.raise_maximum") : t("bid.set_maximum"));
    setDisabled(this.open, off);
  }

  #updateAnswer() {
    if (this.#lot === null) return;
    const { pending, answer } = this.#lot;
    let { tone, words } = answer ?? { tone: "", words: "" };
    if (pending?.delayed) [tone, words] = ["plain", t("answer.delayed")];
    else if (pending) [tone, words] = ["", ""];
    else if (this.controls?.problem) [tone, words] = ["bad", this.controls.problem];
    setData(this.answer, "tone", tone);
    setText(this.answer, words);
  }

  /** The least bid, and a bolder one: two increments more. */
  get #steps() {
    const { minimum, price, bids } = this.#lot.auction;
    const increment = bids ? minimum - price : Math.max(1, Math.round(minimum / 20));
    return [minimum, minimum + 2 * increment];
  }

  #bid(points) {
    this.#actions.bid(this.#id, points);
  }
}
