/* Ascending clocks: joining up to a maximum, raising it, and leaving, which cannot be taken back. */

import { element, setHidden } from "./dom.js";
import { heldBy } from "./format-standing.js";
import { PointsField } from "./points-field.js";
import { priceAt } from "./price-clock.js";
import { TwoTaps } from "./two-taps.js";
import { t } from "./words.js";

export class ClockControls {
  #id;
  #actions;
  #state = null;

  /** `changed()` asks for the controls to be drawn again. */
  constructor(id, actions, changed) {
    this.#id = id;
    this.#actions = actions;
    this.join = new PointsField(`join-${id}`, { submit: () => this.#submit(), changed });
    this.leave = new TwoTaps("buy", () => actions.leave(id));
    this.node = element("div", { class: "controls" }, this.join.node, this.leave.node);
  }

  get problem() {
    return this.join.problem;
  }

  update({ lot, me, off }, at) {
    const { auction, own, pending } = lot;
    const isIn = lot.standing === "leading";
    const least = isIn ? own.maximum + 1 : priceAt(auction, at);
    this.#state = { lot, me, least };
    this.join.update({
      label: isIn ? t("bid.raise_maximum") : t("bid.join_up_to"),
      button: pending ? t("button.placing") : isIn ? t("button.raise") : t("button.join"),
      help: isIn ? t("bid.help_in", { points: own.maximum }) : t("bid.help_join"),
      least,
      off,
    });
    setHidden(this.leave.node, !isIn);
    this.leave.update(t("button.leave"), t("button.leave_surely"), off);
  }

  focusField() {
    this.join.field.focus();
  }

  #submit() {
    const { lot, me, least } = this.#state;
    const points = this.join.take(least, (me?.available ?? 0) + heldBy(lot.own));
    if (points) this.#actions.bidForPieces(this.#id, points, 1);
  }
}
