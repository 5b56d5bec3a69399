/* The controls of one auction of another format than English, used by cards and the panel as `BidForm` is. */

import { now } from "./clock.js";
import { element, setData, setDisabled, setHidden, setText } from "./dom.js";
import { formatObstacle } from "./format-words.js";
import { TakeControls } from "./take-controls.js";
import { t } from "./words.js";

export class FormatForm {
  #id;
  #actions;
  #state = null;
  /** What shows a second chance arrives with the first one, which is rare; null until then, and the promise of it. */
  #chance = null;
  #coming = null;

  /**
   * `Controls` is the class of the format's controls. With `onMaximum` it is compact: what needs more than a tap is
   * elsewhere, and a button that calls `onMaximum` leads there, but a price that falls is taken here; `answer`, the
   * words about the last bid, is then for its owner to place.
   */
  constructor(id, actions, { Controls = null, format = "", onMaximum = null }) {
    this.#id = id;
    this.#actions = actions;
    const compact = onMaximum !== null;
    const changed = () => this.#draw(now());
    if (Controls) this.controls = new Controls(id, actions, changed);
    else this.controls = format === "dutch" ? new TakeControls(id, actions, changed) : new PanelLink(onMaximum);
    this.note = element("p", { class: "note", tabIndex: -1 });
    this.answer = element("p", { class: "answer", role: "status" });
    this.node = element("div", { class: "bid" }, this.controls.node, this.note);
    if (!compact) this.node.append(this.answer);
  }

  /** Draws the controls for a lot; they are off without a connection. */
  update(lot, me, live) {
    this.#state = { lot, me, live, off: !live || lot.pending !== null || me === null };
    this.#draw(now());
  }

  /** Draws what a price clock moves. */
  tick(at) {
    if (this.#state?.lot.auction.pieces.clock) this.#draw(at);
  }

  focusField() {
    if (this.controls.node.hidden) this.note.focus();
    else this.controls.focusField();
  }

  #draw(at) {
    if (this.#state === null) return;
    const { lot, me, off } = this.#state;
    const note = formatObstacle(lot, me, at);
    const focused = this.controls.node.contains(document.activeElement);
    setHidden(this.note, !note);
    setText(this.note, note);
    setHidden(this.controls.node, Boolean(note));
    if (note && focused) this.note.focus({ preventScroll: true }); // the keyboard stays where the controls were
    if (!note) this.controls.update(this.#state, at);
    if (lot.own?.offer) this.#coming ??= this.#fetchChance().catch(() => (this.#coming = null));
    this.#chance?.update(lot, off);
    this.#drawAnswer(lot);
  }

  async #fetchChance() {
    const { SecondChance } = await import("./second-chance.js");
    this.#chance = new SecondChance(this.#id, this.#actions);
    this.note.after(this.#chance.node);
    this.#draw(now());
  }

  #drawAnswer({ pending, answer }) {
    let { tone, words } = answer ?? { tone: "", words: "" };
    if (pending?.delayed) {
      [tone, words] = ["plain", t("answer.delayed")];
    } else if (pending) {
      [tone, words] = ["", ""];
    } else if (this.controls.problem) {
      [tone, words] = ["bad", this.controls.problem];
    }
    setData(this.answer, "tone", tone);
    setText(this.answer, words);
  }
}

/** What a card has instead of a form: a button that leads to it. */
class PanelLink {
  problem = "";

  constructor(onMaximum) {
    this.button = element("button", { type: "button", class: "primary", onclick: onMaximum });
    this.node = element("div", { class: "quick" }, this.button);
  }

  update({ lot, live, me }) {
    setText(this.button, lot.pending ? t("button.placing") : this.#invite(lot));
    this.button.className = lot.own?.maximum && lot.standing !== "outbid" ? "secondary" : "primary";
    setDisabled(this.button, !live || me === null);
  }

  focusField() {
    this.button.focus();
  }

  #invite({ auction, own, standing }) {
    const points = own?.maximum ?? 0;
    if (auction.format === "clock") return points ? t("button.in_up_to", { points }) : t("button.join_more");
    if (standing === "outbid") return t("button.raise_bid");
    if (points) return t("button.your_bid", { points });
    return auction.pieces.sealed ? t("button.sealed_bid") : t("button.bid_or_more", { points: auction.minimum });
  }
}
