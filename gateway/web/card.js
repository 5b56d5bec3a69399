/* One auction in the grid. Made once, then only what changed is touched, so that nothing moves under a finger. */

import { BidForm } from "./bid-form.js";
import { coverOf } from "./covers.js";
import { element, replay, setData, setHidden, setText } from "./dom.js";
import { count, formatPoints } from "./format.js";
import { describeEligibility, describeReserve, describeStanding, describeTime, priceLabel, priceOf } from "./lot-words.js";

export class Card {
  #lot = null;
  #price = -1;

  constructor(id, actions, open) {
    const show = () => open(id);
    this.form = new BidForm(id, actions, () => open(id, { field: true }));
    this.cover = element("img", { class: "cover", src: coverOf(id), alt: "", width: 640, height: 360, draggable: false });
    this.time = element("span", { class: "time" });
    this.gate = element("span", { class: "gate" });
    this.bar = element("span", { class: "bar", "aria-hidden": "true" });
    this.link = element("button", { type: "button", class: "title", onclick: show });
    this.label = element("span", { class: "label" });
    this.price = element("span", { class: "price" });
    this.standing = element("span", { class: "standing" });
    this.facts = element("p", { class: "facts" });
    this.node = element(
      "article",
      { class: "lot", dataset: { auction: id } },
      element("div", { class: "picture" }, this.cover, this.gate, this.time, this.bar),
      element(
        "div",
        { class: "body" },
        element("h2", {}, this.link),
        element("div", { class: "figures" }, this.label, this.standing, this.price),
        element("div", { class: "notes" }, this.facts, this.form.answer),
        this.form.node,
      ),
    );
  }

  update(lot, me, live) {
    this.#lot = lot;
    const { auction } = lot;
    setText(this.link, auction.title);
    setText(this.label, priceLabel(auction));
    this.#updatePrice(priceOf(auction));
    const { kind, words } = describeStanding(lot);
    setData(this.node, "standing", kind);
    setText(this.standing, words);
    const gate = describeEligibility(auction);
    setHidden(this.gate, !gate);
    setText(this.gate, gate);
    const facts = [count(auction.bids, "bid"), describeReserve(auction)];
    if (auction.buy_now) facts.push(`Buy now ${formatPoints(auction.buy_now)}`);
    setText(this.facts, facts.filter(Boolean).join(" · "));
    this.form.update(lot, me, live);
  }

  /** Draws the time that is left; called many times a second. */
  tick(now) {
    const { auction } = this.#lot;
    const { words, urgency } = describeTime(auction, now);
    setText(this.time, words);
    setData(this.node, "urgency", urgency);
    const left = (auction.ends_at - now) / (auction.ends_at - auction.starts_at);
    const share = auction.status === "open" ? Math.min(1, Math.max(0, left)) : 0;
    this.bar.style.transform = `scaleX(${share.toFixed(4)})`;
  }

  get isBusy() {
    return this.node.contains(document.activeElement) || this.node.matches(":hover");
  }

  #updatePrice(price) {
    if (price === this.#price) return;
    const first = this.#price < 0;
    this.#price = price;
    setText(this.price, formatPoints(price));
    if (!first) replay(this.price, "moved");
  }
}
