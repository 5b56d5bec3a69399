/* What an English auction's panel has beside quick bids: an automatic maximum, and buying at once in two taps. */

import { setHidden } from "./dom.js";
import { PointsField } from "./points-field.js";
import { TwoTaps } from "./two-taps.js";
import { t } from "./words.js";

export class MaximumControls {
  #id;
  #actions;
  #state = null;

  /** `changed()` is called when `problem`, what is wrong with what was typed, is another. */
  constructor(id, actions, changed) {
    this.#id = id;
    this.#actions = actions;
    this.maximum = new PointsField(`maximum-${id}`, { submit: () => this.#submit(), changed });
    this.buy = new TwoTaps("buy", () => actions.buyNow(id, this.#state.lot.auction.buy_now));
    this.nodes = [this.maximum.node, this.buy.node];
  }

  get problem() {
    return this.maximum.problem;
  }

  update({ lot, me, off, biddable }) {
    this.#state = { lot, me };
    const { auction, own, standing } = lot;
    const leading = standing === "leading";
    setHidden(this.maximum.node, !biddable);
    this.maximum.update({
      label: leading ? t("bid.raise_maximum") : t("bid.or_maximum"),
      button: leading ? t("button.raise") : t("button.set"),
      help: leading ? t("bid.help_leading", { points: own.maximum }) : t("bid.help"),
      least: this.#least,
      off,
    });
    const price = { points: auction.buy_now };
    setHidden(this.buy.node, !biddable || !auction.buy_now);
    this.buy.update(t("button.buy_now", price), t("button.buy_surely", price), off || auction.buy_now > this.#spare);
  }

  focusField() {
    this.maximum.field.focus();
  }

  get #least() {
    const { auction, own, standing } = this.#state.lot;
    return standing === "leading" ? own.maximum + 1 : auction.minimum;
  }

  /** The points that a bid here may take: what is held for it already counts. */
  get #spare() {
    const { lot, me } = this.#state;
    return (me?.available ?? 0) + (lot.standing === "leading" ? lot.own.maximum : 0);
  }

  #submit() {
    const spare = this.#spare;
    const points = this.maximum.take(this.#least, spare, t("problem.spare", { count: spare }));
    if (points) this.#actions.bid(this.#id, points);
  }
}
