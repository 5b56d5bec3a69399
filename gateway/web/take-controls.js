/* Dutch auctions: one button that takes at the price that stands on it. */

import { element, setDisabled, setText } from "./dom.js";
import { count } from "./format.js";
import { priceAt } from "./price-clock.js";
import { Stepper } from "./stepper.js";

export class TakeControls {
  problem = "";
  #id;
  #actions;
  #changed;
  #compact;
  #state = null;
  #shown = 0;

  /** `compact` takes one piece; `changed()` asks for the controls to be drawn again. */
  constructor(id, actions, changed, compact) {
    this.#id = id;
    this.#actions = actions;
    this.#changed = changed;
    this.#compact = compact;
    this.stepper = new Stepper(`take-${id}`, () => changed());
    this.button = element("button", { type: "button", class: "primary take", onclick: (event) => this.#take(event) });
    this.node = element("div", { class: "controls" }, ...(compact ? [] : [this.stepper.node]), this.button);
  }

  update({ lot, me, live }, at) {
    const { auction, pending } = lot;
    const { supply, sold } = auction.pieces;
    this.#state = { pending };
    this.stepper.update(1, supply - sold);
    this.#shown = priceAt(auction, at);
    const quantity = this.#quantity;
    const total = this.#shown * quantity;
    const short = me !== null && this.#shown > me.available;
    setText(this.button, this.#label(pending, total, supply > 1 ? `${quantity} ` : ""));
    setDisabled(this.button, !live || me === null || short);
    // While it is being taken the button stays where the keyboard is.
    this.button.setAttribute("aria-disabled", String(pending !== null));
  }

  focusField() {
    this.button.focus();
  }

  get #quantity() {
    return this.#compact ? 1 : this.stepper.value;
  }

  #label(pending, total, quantity) {
    if (pending?.delayed) return "Waiting for the connection…";
    return pending ? "Taking…" : `Take ${quantity}for ${count(total, "point")}`;
  }

  #take(event) {
    // The second click of a double click would take another piece.
    if (event.detail > 1 || this.#state.pending !== null) return;
    this.#actions.bidForPieces(this.#id, this.#shown, this.#quantity);
    this.#changed();
  }
}
