/* Dutch auctions: one button that takes at the price that stands on it. */

import { element, setDisabled, setText } from "./dom.js";
import { priceAt } from "./price-clock.js";
import { t } from "./words.js";

export class TakeControls {
  problem = "";
  #id;
  #actions;
  #changed;
  #state = null;
  #shown = 0;

  /** `changed()` asks for the controls to be drawn again; with a `stepper` more than one piece is taken. */
  constructor(id, actions, changed, stepper = null) {
    this.#id = id;
    this.#actions = actions;
    this.#changed = changed;
    this.stepper = stepper;
    this.button = element("button", { type: "button", class: "primary take", onclick: (event) => this.#take(event) });
    this.node = element("div", { class: "controls" }, ...(stepper ? [stepper.node] : []), this.button);
  }

  update({ lot, me, live }, at) {
    const { auction, pending } = lot;
    const { supply, sold } = auction.pieces;
    this.#state = { pending };
    this.stepper?.update(1, supply - sold);
    this.#shown = priceAt(auction, at);
    const quantity = this.#quantity;
    const total = this.#shown * quantity;
    const short = me !== null && this.#shown > me.available;
    setText(this.button, this.#label(pending, total, supply > 1 ? quantity : 0));
    setDisabled(this.button, !live || me === null || short);
    // While it is being taken the button stays where the keyboard is.
    this.button.setAttribute("aria-disabled", String(pending !== null));
  }

  focusField() {
    this.button.focus();
  }

  get #quantity() {
    return this.stepper?.value ?? 1;
  }

  #label(pending, total, quantity) {
    if (pending?.delayed) return t("button.waiting");
    if (pending) return t("button.taking");
    const points = t("count.points", { count: total });
    return quantity ? t("button.take_pieces", { quantity, points }) : t("button.take", { points });
  }

  #take(event) {
    // The second click of a double click would take another piece.
    if (event.detail > 1 || this.#state.pending !== null) return;
    this.#actions.bidForPieces(this.#id, this.#shown, this.#quantity);
    this.#changed();
  }
}
