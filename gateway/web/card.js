/* One auction in the grid. Made once, then only what changed is touched, so that nothing moves under a finger. */

import { BidForm } from "./bid-form.js";
import { now } from "./clock.js";
import { coverOf } from "./covers.js";
import { element, setData, setHidden, setText } from "./dom.js";
import { Extension } from "./extension.js";
import { FormatForm } from "./format-form.js";
import { describeStep, explain, formatFacts, nameOf } from "./format-words.js";
import { describeEligibility, describeReserve, describeStanding, describeTime, priceLabel, priceOf } from "./lot-words.js";
import { MovingPrice } from "./moving-price.js";
import { t } from "./words.js";

export class Card {
  /** Whether it is on the screen, or nearly. */
  near = false;
  #lot = null;
  #me = null;
  #live = null;
  #share = "";

  constructor(id, format, actions, open) {
    const show = () => open(id);
    const showField = () => open(id, { field: true });
    this.format = format;
    const Form = format === "english" ? BidForm : FormatForm;
    this.form = new Form(id, actions, { format, onMaximum: showField });
    this.cover = coverOf(id);
    this.time = element("span", { class: "time" });
    this.extension = new Extension();
    this.gate = element("span", { class: "gate" });
    this.bar = element("span", { class: "bar", "aria-hidden": "true" });
    this.link = element("button", { type: "button", class: "title", onclick: show });
    this.label = element("span", { class: "label" });
    this.price = new MovingPrice();
    this.standing = element("span", { class: "standing" });
    this.facts = element("p", { class: "facts" });
    this.node = element(
      "article",
      { class: "lot", dataset: { auction: id } },
      element("div", { class: "picture" }, this.cover, this.gate, this.time, this.extension.node, this.bar),
      element(
        "div",
        { class: "body" },
        element("h2", {}, this.link),
        element("div", { class: "figures" }, this.label, this.standing, this.price.node),
        element("div", { class: "notes" }, this.facts, this.form.answer),
        this.form.node,
      ),
    );
    if (format !== "english") this.#addFormat();
  }

  /** Whether this is what it shows already. The page draws whenever anything moves, and this is one of hundreds. */
  shows(lot, me, live) {
    return lot === this.#lot && me === this.#me && live === this.#live;
  }

  update(lot, me, live) {
    this.#lot = lot;
    this.#me = me;
    this.#live = live;
    const { auction } = lot;
    setText(this.link, auction.title);
    setText(this.label, priceLabel(auction));
    this.price.show(priceOf(auction, now()), auction.pieces?.supply);
    const { kind, words } = describeStanding(lot);
    setData(this.node, "standing", kind);
    setText(this.standing, words);
    const gate = describeEligibility(auction);
    setHidden(this.gate, !gate);
    setText(this.gate, gate);
    if (auction.pieces) this.#updateFormat(auction);
    const facts = [...(auction.pieces ? formatFacts(auction) : [t("count.bids", { count: auction.bids })]), describeReserve(auction)];
    if (auction.buy_now) facts.push(t("facts.buy_now", { points: auction.buy_now }));
    setText(this.facts, facts.filter(Boolean).join(" · "));
    this.form.update(lot, me, live);
    this.tick(now());
  }

  /** Draws the time that is left; called many times a second. */
  tick(now) {
    const { auction } = this.#lot;
    const { words, urgency, share: shareLeft } = describeTime(auction, now);
    setText(this.time, words);
    this.extension.tick(auction, now);
    setData(this.node, "urgency", urgency);
    const left = (auction.ends_at - now) / (auction.ends_at - auction.starts_at);
    const share = auction.status === "open" ? Math.min(1, Math.max(0, shareLeft ?? left)) : 0;
    this.#drawShare(share.toFixed(3));
    if (auction.pieces?.clock) this.#tickPrice(auction, now);
  }

  #drawShare(share) {
    if (share === this.#share) return;
    this.#share = share;
    this.bar.style.transform = `scaleX(${share})`;
  }

  get isBusy() {
    return this.node.contains(document.activeElement) || this.node.matches(":hover");
  }

  #addFormat() {
    this.kind = element("span", { class: "kind-of-auction" });
    this.how = element("p", { class: "how" });
    this.step = element("p", { class: "step" });
    this.cover.after(this.kind);
    this.facts.parentNode.before(this.step, this.how);
  }

  #updateFormat(auction) {
    setText(this.kind, nameOf(auction));
    setText(this.how, explain(auction));
    setText(this.step, describeStep(auction, now()));
  }

  /** Draws what moves without a message. */
  #tickPrice(auction, at) {
    this.price.show(priceOf(auction, at), auction.pieces.supply);
    setText(this.step, describeStep(auction, at));
    this.form.tick(at);
  }
}
