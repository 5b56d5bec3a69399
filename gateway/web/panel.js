/* The opened auction: everything of the card, the full bid form, its rules and its latest bids. */

import { BidForm } from "./bid-form.js";
import { now } from "./clock.js";
import { ClockControls } from "./clock-controls.js";
import { coverOf } from "./covers.js";
import { CROSS, element, icon, setData, setHidden, setText } from "./dom.js";
import { Extension } from "./extension.js";
import { FormatForm } from "./format-form.js";
import { describeStep, explain, nameOf } from "./format-words.js";
import {
  describeEligibility,
  describeReserve,
  describeStanding,
  describeTime,
  priceLabel,
  priceOf,
} from "./lot-words.js";
import { MaximumControls } from "./maximum-controls.js";
import { MovingPrice } from "./moving-price.js";
import { OfferControls } from "./offer-controls.js";
import { describeOwn, describeSoftClose, formatRules } from "./rule-words.js";
import { SaleList } from "./sale-list.js";
import { TakePieces } from "./take-pieces.js";
import { formatAgo, formatPoints, formatShare, formatTime, t } from "./words.js";

/** The controls of each format; those of others wait for the close. */
const CONTROLS = { english: MaximumControls, dutch: TakePieces, clock: ClockControls };

/** The whole of a price, in basis points. */
const ONE = 10_000;

/** How often bids are asked for at most, in ms. */
const BIDS_PAUSE = 500;

export class Panel {
  #actions;
  #close;
  #id = "";
  #lot = null;
  #bids = -1;
  #factor = ONE;
  #asking = 0;
  #format = "";

  /** `node` is the place in the document; `close()` is asked for by the panel's own button and the Escape key. */
  constructor(node, actions, close) {
    this.node = node;
    this.#actions = actions;
    this.#close = close;
    node.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
    });
  }

  get id() {
    return this.#id;
  }

  /** Opens on an auction; with `field` the cursor goes to the maximum. */
  open(id, { field = false } = {}) {
    this.#id = id;
    this.#bids = -1;
    this.#factor = ONE;
    this.#lot = null;
    this.#build(id, "english");
    this.node.hidden = false;
    this.node.scrollTop = 0;
    this.wanted = field ? "field" : "heading";
  }

  close() {
    this.#id = "";
    this.node.hidden = true;
    this.node.replaceChildren();
  }

  update(lot, me, live) {
    const { auction, own } = lot;
    if (auction.format !== this.#format) this.#build(auction.id, auction.format);
    this.#lot = lot;
    setText(this.heading, auction.title);
    setText(this.label, priceLabel(auction));
    this.price.show(priceOf(auction, now()), auction.pieces?.supply);
    const { kind, words } = describeStanding(lot);
    setData(this.node, "standing", kind);
    setText(this.standing, words);
    this.form.update(lot, me, live);
    this.#updateRules(auction);
    if (auction.pieces) this.#updateFormat(lot);
    else setText(this.own, own?.maximum ? t("own.maximum", { points: own.maximum }) : "");
    if (auction.bids !== this.#bids && live) this.#askForBids(auction.bids);
    this.#moveFocus();
  }

  tick(now) {
    if (this.#lot === null) return;
    const { words, urgency } = describeTime(this.#lot.auction, now);
    setText(this.time, words);
    this.extension.tick(this.#lot.auction, now);
    setData(this.node, "urgency", urgency);
    if (this.#lot.auction.pieces?.clock) this.#tickPrice(this.#lot.auction, now);
  }

  #build(id, format) {
    this.#format = format;
    const Form = format === "english" ? BidForm : FormatForm;
    this.form = new Form(id, this.#actions, { Controls: CONTROLS[format] ?? OfferControls });
    this.heading = element("h2", { tabIndex: -1 });
    this.time = element("span", { class: "time" });
    this.extension = new Extension();
    this.label = element("span", { class: "label" });
    this.price = new MovingPrice();
    this.standing = element("span", { class: "standing" });
    this.own = element("p", { class: "own" });
    this.rules = element("dl", { class: "rules" });
    this.list = element("ol", { class: "bids" });
    this.none = element("p", { class: "help" }, t("bids.none"));
    const close = element(
      "button",
      { type: "button", class: "plain icon close", "aria-label": t("panel.close"), onclick: () => this.#close() },
      icon(CROSS),
    );
    this.node.replaceChildren(
      element("div", { class: "picture" }, coverOf(id), this.time, this.extension.node, close),
      element(
        "div",
        { class: "body" },
        this.heading,
        element("div", { class: "figures" }, this.label, this.standing, this.price.node),
        this.own,
        this.form.node,
        element("h3", {}, t("rule.title")),
        this.rules,
        element("h3", {}, t("bids.latest")),
        this.none,
        this.list,
      ),
    );
    this.node.setAttribute("aria-label", t("panel.auction"));
    if (format !== "english") this.#addFormat();
  }

  /** What other formats have: how one wins, what the price does next, and who bought instead of who bid. */
  #addFormat() {
    this.kind = element("p", { class: "kind-of-auction" });
    this.how = element("p", { class: "how" });
    this.step = element("p", { class: "step" });
    this.sales = new SaleList();
    this.heading.after(this.kind, this.how);
    this.own.before(this.step);
    this.list.previousElementSibling.previousElementSibling.remove();
    this.none.remove();
    this.list.replaceWith(this.sales.node);
  }

  #updateFormat(lot) {
    const { auction, own } = lot;
    setText(this.kind, nameOf(auction));
    setText(this.how, explain(auction));
    setText(this.step, describeStep(auction, now()));
    setText(this.own, describeOwn(lot));
    this.sales.update(auction, own?.bidder ?? 0);
  }

  #tickPrice(auction, at) {
    this.price.show(priceOf(auction, at), auction.pieces.supply);
    setText(this.step, describeStep(auction, at));
    this.form.tick(at);
  }

  #updateRules(auction) {
    const rules = [
      auction.status === "scheduled" ? [t("rule.opens"), formatTime(auction.starts_at)] : [t("rule.ends"), formatTime(auction.ends_at)],
      ...(auction.pieces && !auction.soft_close ? [] : [[t("rule.late_bids"), describeSoftClose(auction)]]),
      [t("price.opening"), formatPoints(auction.opening)],
      ...(auction.format === "dutch" ? [] : [[t("rule.reserve"), auction.has_reserve ? describeReserve(auction) : t("rule.no_reserve")]]),
      ...(auction.pieces ? formatRules(auction) : []),
      [t("rule.open_to"), describeEligibility(auction) || t("who.all")],
      ...this.#ownTerms(auction),
      ...(auction.pieces?.sealed && !auction.ended_at ? [] : [[t("rule.so_far"), describeField(auction)]]),
    ];
    const text = rules.flat().join("\n");
    if (this.rules.dataset.text === text) return;
    this.rules.dataset.text = text;
    this.rules.replaceChildren(
      ...rules.map(([term, words]) => element("div", {}, element("dt", {}, term), element("dd", {}, words))),
    );
  }

  /** What the member pays, where that is not the price itself: as its bid has fixed it, or as a bid would now. */
  #ownTerms(auction) {
    const fixed = this.#lot.own?.factor;
    const factor = fixed || this.#factor;
    if (!factor || factor === ONE || auction.ended_at) return [];
    const share = t(fixed ? "rule.share_fixed" : "rule.share", { share: formatShare(factor) });
    if (auction.pieces) return [[t("rule.you_pay"), share]];
    const price = Math.floor((priceOf(auction) * factor + ONE / 2) / ONE);
    return [[t("rule.you_pay"), t("rule.share_now", { share, price })]];
  }

  /** Asks for the latest bids, soon; while that is under way, once more afterwards. */
  #askForBids(bids) {
    this.#bids = bids;
    clearTimeout(this.#asking);
    this.#asking = setTimeout(() => this.#showBids(this.#id), this.list.children.length ? BIDS_PAUSE : 0);
  }

  async #showBids(id) {
    let bids, factor;
    try {
      [bids, factor] = await Promise.all([this.#actions.bids(id), this.#actions.ownFactor(id)]);
    } catch {
      this.#bids = -1; // asked for again with the next state
      return;
    }
    // Closed since, or opened anew: then its next state asks again.
    if (id !== this.#id || this.#lot === null) return;
    this.#factor = factor;
    this.#updateRules(this.#lot.auction);
    if (this.#lot.auction.pieces) return;
    const self = this.#lot.own?.bidder;
    setHidden(this.none, bids.length > 0);
    this.list.replaceChildren(...bids.map((bid) => drawBid(bid, bid.bidder === self)));
  }

  #moveFocus() {
    if (!this.wanted) return;
    if (this.wanted === "field") this.form.focusField();
    else this.heading.focus({ preventScroll: true });
    this.wanted = "";
  }
}

function drawBid({ bidder, price, at, fate, maximum }, isOwn) {
  const who = isOwn ? t("who.you") : t("who.member", { number: bidder });
  const words = maximum > price ? t("bids.with_maximum", { who, maximum }) : who;
  const row = element(
    "li",
    {},
    element("span", { class: "who" }, words),
    element("span", { class: "amount" }, formatPoints(price)),
    element("time", { title: formatTime(at) }, formatAgo(now() - at)),
  );
  setData(row, "own", isOwn ? "yes" : "");
  setData(row, "fate", fate === "standing" ? "" : fate);
  return row;
}

function describeField({ bids, bidders }) {
  return t("rule.bids_by", { bids: t("count.bids", { count: bids }), members: t("count.members", { count: bidders }) });
}
