/* Bids that wait for the close: sealed ones, and those for several pieces: a price each, how many, whether fewer do. */

import { element, setHidden, setText } from "./dom.js";
import { count, formatPoints } from "./format.js";
import { heldBy } from "./format-standing.js";
import { PointsField } from "./points-field.js";
import { Stepper } from "./stepper.js";

export class OfferControls {
  #id;
  #actions;
  #state = null;

  /** `changed()` asks for the controls to be drawn again. */
  constructor(id, actions, changed) {
    this.#id = id;
    this.#actions = actions;
    this.stepper = new Stepper(`pieces-${id}`, () => changed());
    this.partial = element("input", { type: "checkbox" });
    this.fewer = element("label", { class: "check" }, this.partial, "Fewer pieces are fine too");
    this.total = element("output", { class: "total", for: `offer-${id}` });
    const more = [this.stepper.node, this.fewer, this.total];
    this.offer = new PointsField(`offer-${id}`, { submit: () => this.#submit(), changed, more });
    this.node = element("div", { class: "controls" }, this.offer.node);
  }

  get problem() {
    return this.offer.problem;
  }

  update({ lot, me, off }) {
    const { auction, own } = lot;
    const { supply, sealed, may_lower: mayLower } = auction.pieces;
    const first = this.#state === null;
    this.#state = { lot, me };
    if (first && own?.quantity) {
      this.stepper.field.value = String(own.quantity);
      this.partial.checked = own.partial;
    }
    this.stepper.update(mayLower ? 1 : own?.quantity || 1, supply);
    setHidden(this.fewer, this.#quantity === 1);
    const kind = sealed ? "sealed bid" : "bid";
    const each = supply > 1 ? ", for each piece" : "";
    this.offer.update({
      label: own?.maximum ? `Change your ${kind}${each}` : `Your ${kind}${each}`,
      button: lot.pending ? "Placing…" : own?.maximum ? "Change" : "Bid",
      help: this.#help(lot),
      least: this.#least,
      off,
    });
    this.#drawTotal(supply);
  }

  focusField() {
    this.offer.field.focus();
  }

  get #quantity() {
    return this.stepper.value;
  }

  /** The least price that can be taken, as far as this page can tell. */
  get #least() {
    const { auction, own, standing } = this.#state.lot;
    const least = auction.pieces.sealed || standing === "leading" ? auction.opening : auction.minimum;
    if (!own?.maximum || auction.pieces.may_lower) return least;
    return Math.max(least, this.#quantity > own.quantity ? own.maximum : own.maximum + 1);
  }

  #help({ auction, own }) {
    const { sealed, may_lower: mayLower } = auction.pieces;
    const change = mayLower ? "You may raise or lower it until then." : "You may raise it until then, not lower it.";
    if (sealed) return `Nobody sees it until the close. ${change}`;
    return own?.maximum ? "A bid can be raised, not lowered." : `${formatPoints(auction.minimum)} or more is in as things stand.`;
  }

  #drawTotal(supply) {
    const { points } = this.offer;
    const quantity = this.#quantity;
    setHidden(this.total, supply === 1 || !points);
    setText(this.total, points ? `In total up to ${count(points * quantity, "point")}, which we hold until the close.` : "");
  }

  #submit() {
    const { lot, me } = this.#state;
    const quantity = this.#quantity;
    const spare = (me?.available ?? 0) + heldBy(lot.own);
    const points = this.offer.take(this.#least, Math.floor(spare / quantity));
    if (points) this.#actions.bidForPieces(this.#id, points, quantity, quantity > 1 && this.partial.checked);
  }
}
