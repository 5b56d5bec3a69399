/* A second chance: pieces that were not sold after all, offered to the next-best bidder for a while. */

import { element, setHidden, setText } from "./dom.js";
import { count, formatPoints, formatTime } from "./format.js";
import { TwoTaps } from "./two-taps.js";

export class SecondChance {
  constructor(id, actions) {
    this.words = element("p", {});
    this.accept = new TwoTaps("primary", () => actions.acceptChance(id));
    this.decline = new TwoTaps("secondary", () => actions.declineChance(id));
    this.node = element(
      "section",
      { class: "chance", "aria-label": "Second chance" },
      element("strong", {}, "A second chance for you"),
      this.words,
      element("div", { class: "quick" }, this.accept.node, this.decline.node),
    );
  }

  update({ auction, own, pending }, off) {
    setHidden(this.node, !own?.offer);
    if (!own?.offer) return;
    const quantity = own.offered || 1;
    setText(this.words, `${sayOffer(auction.pieces.supply, own)}, until ${formatTime(own.offer_lapses_at)}.`);
    const total = count(own.offer * quantity, "point");
    this.accept.update(pending ? "Taking…" : `Take for ${total}`, `Yes, for ${total}`, off);
    this.decline.update("No, thanks", "Yes, decline", off);
  }
}

/** `2 pieces at 450 points each`. */
export function sayOffer(supply, { offer, offered }) {
  return supply > 1 ? `${count(offered || 1, "piece")} at ${formatPoints(offer)} points each` : `It is yours at ${count(offer, "point")}`;
}
