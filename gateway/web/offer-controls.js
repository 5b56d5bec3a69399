/* Bids that wait for the close: sealed ones, and those for several pieces: a price each, how many, whether fewer do. */

import { element, setHidden, setText } from "./dom.js";
import { heldBy } from "./format-standing.js";
import { PointsField } from "./points-field.js";
import { Stepper } from "./stepper.js";
import { t } from "./words.js";

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
    this.fewer = element("label", { class: "check" }, this.partial, t("bid.fewer_fine"));
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
      this.stepper.choose(own.quantity);
      this.partial.checked = own.partial;
    }
    this.stepper.update(mayLower ? 1 : own?.quantity || 1, supply);
    setHidden(this.fewer, this.#quantity === 1);
    this.offer.update({
      label: t(`bid.${own?.maximum ? "change" : "your"}${sealed ? "_sealed" : ""}${supply > 1 ? "_each" : ""}`),
      button: lot.pending ? t("button.placing") : own?.maximum ? t("button.change") : t("button.bid_plain"),
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
    if (sealed) return mayLower ? t("bid.help_sealed_lower") : t("bid.help_sealed");
    return own?.maximum ? t("bid.help_raise_only") : t("bid.help_least", { least: auction.minimum });
  }

  #drawTotal(supply) {
    const { points } = this.offer;
    const quantity = this.#quantity;
    setHidden(this.total, supply === 1 || !points);
    setText(this.total, points ? t("bid.total", { count: points * quantity }) : "");
  }

  #submit() {
    const { lot, me } = this.#state;
    const quantity = this.#quantity;
    const spare = (me?.available ?? 0) + heldBy(lot.own);
    const points = this.offer.take(this.#least, Math.floor(spare / quantity));
    if (points) this.#actions.bidForPieces(this.#id, points, quantity, quantity > 1 && this.partial.checked);
  }
}
