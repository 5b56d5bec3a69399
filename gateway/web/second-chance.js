/* A second chance: pieces that were not sold after all, offered to the next-best bidder for a while. */

import { element, setHidden, setText } from "./dom.js";
import { TwoTaps } from "./two-taps.js";
import { formatTime, t } from "./words.js";

export class SecondChance {
  constructor(id, actions) {
    this.words = element("p", {});
    this.accept = new TwoTaps("primary", () => actions.acceptChance(id));
    this.decline = new TwoTaps("secondary", () => actions.declineChance(id));
    this.node = element(
      "section",
      { class: "chance", "aria-label": t("chance.label") },
      element("strong", {}, t("chance.title")),
      this.words,
      element("div", { class: "quick" }, this.accept.node, this.decline.node),
    );
  }

  update({ auction, own, pending }, off) {
    setHidden(this.node, !own?.offer);
    if (!own?.offer) return;
    const quantity = own.offered || 1;
    setText(this.words, sayOffer(auction.pieces.supply, own));
    const total = t("count.points", { count: own.offer * quantity });
    this.accept.update(pending ? t("button.taking") : t("button.take", { points: total }), t("button.yes_for", { price: total }), off);
    this.decline.update(t("button.no_thanks"), t("button.decline_surely"), off);
  }
}

/** `2 pieces at 450 points each, until 18:00:00.` */
function sayOffer(supply, { offer, offered, offer_lapses_at: lapsesAt }) {
  const values = { points: t("count.points", { count: offer }), time: formatTime(lapsesAt) };
  return supply > 1 ? t("chance.pieces", { pieces: t("count.pieces", { count: offered || 1 }), ...values }) : t("chance.one", values);
}
