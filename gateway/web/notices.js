/* What a member has to hear of: being outbid (at once, until it is settled), having won or lost (for a while). */

import { addressOf } from "./addresses.js";
import { CROSS, element, icon, setText } from "./dom.js";
import { parts, t } from "./words.js";

/** How many banners are drawn at most; the latest ones. */
const SHOWN = 3;

/** How long a notice stays, in ms. */
const STAY = 9_000;

export class Alerts {
  #store;
  #actions;
  #open;
  #shown = new Map();

  /** `node` holds the banners, `urgent` is read out as soon as it changes. */
  constructor(node, urgent, store, actions, open) {
    this.node = node;
    this.urgent = urgent;
    this.#store = store;
    this.#actions = actions;
    this.#open = open;
  }

  update() {
    const store = this.#store;
    const current = new Set(store.outbid.slice(-SHOWN));
    for (const [id, banner] of this.#shown) {
      if (current.has(id)) continue;
      banner.node.remove();
      this.#shown.delete(id);
    }
    for (const id of store.outbid.slice(-SHOWN)) this.#draw(id, store.lot(id));
    const { length } = store.outbid;
    const title = length ? t("alert.title", { count: length }) : "Livelot";
    if (document.title !== title) document.title = title;
    if (!length) setText(this.urgent, "");
  }

  #draw(id, lot) {
    if (lot === null) return;
    const { auction, pending, wanted } = lot;
    let banner = this.#shown.get(id);
    if (banner === undefined) {
      banner = this.#make(id);
      this.#shown.set(id, banner);
      this.node.prepend(banner.node);
      setText(this.urgent, t("alert.spoken", { title: auction.title, points: t("count.points", { count: auction.price }) }));
    }
    setText(banner.words, auction.title);
    setText(banner.price, t("alert.now", { price: auction.price }));
    const live = this.#store.connection.phase === "live";
    if (auction.pieces) {
      setText(banner.bid, t("button.raise_bid"));
      banner.bid.disabled = !live;
      return;
    }
    setText(banner.bid, pending ? t("button.placing") : t("button.bid", { points: auction.minimum }));
    banner.bid.disabled = !live || pending !== null || wanted.length > 0 || auction.minimum > (this.#store.me?.available ?? 0);
  }

  #make(id) {
    const back = (event) => {
      event.preventDefault();
      this.#open(id);
    };
    const words = element("a", { class: "link", dir: "auto", href: addressOf("auctions", id), onclick: back });
    const price = element("span", { class: "amount" });
    const bid = element("button", {
      type: "button",
      class: "primary",
      onclick: () => this.#answer(this.#store.lot(id).auction),
    });
    const dismiss = element(
      "button",
      { type: "button", class: "plain icon", "aria-label": t("alert.dismiss"), onclick: () => this.#store.settleOutbid(id) },
      icon(CROSS),
    );
    const text = element("p", {}, ...parts("alert.outbid", { outbid: element("strong", {}, t("alert.been_outbid")), title: words, price }));
    const node = element("div", { class: "alert", dataset: { outbid: id } }, text, bid, dismiss);
    return { node, words, price, bid };
  }

  /** A bid of the least that leads; where it is also for how many pieces, the way to it. */
  #answer({ id, minimum, pieces }) {
    if (pieces) this.#open(id, { field: true });
    else this.#actions.bid(id, minimum);
  }
}

export class Notices {
  #store;
  #open;
  #shown = new Map();

  constructor(node, store, open) {
    this.node = node;
    this.#store = store;
    this.#open = open;
  }

  update() {
    const keys = new Set(this.#store.notices.map((notice) => notice.key));
    for (const [key, node] of this.#shown) {
      if (keys.has(key)) continue;
      node.remove();
      this.#shown.delete(key);
    }
    for (const notice of this.#store.notices) {
      if (!this.#shown.has(notice.key)) this.#show(notice);
    }
  }

  #show({ key, tone, title, words, id }) {
    const node = element(
      "li",
      { class: "notice", dataset: { tone } },
      element("p", {}, element("strong", {}, title), " ", words),
      element(
        "button",
        { type: "button", class: "plain icon", "aria-label": t("alert.dismiss"), onclick: () => this.#store.dismiss(key) },
        icon(CROSS),
      ),
    );
    if (id && this.#store.lot(id)) node.firstChild.addEventListener("click", () => this.#open(id));
    this.node.append(node);
    this.#shown.set(key, node);
    this.#expire(key, node);
  }

  /** Takes a notice away after its time, unless somebody is at it. */
  #expire(key, node) {
    setTimeout(() => {
      if (node.matches(":hover, :focus-within")) this.#expire(key, node);
      else this.#store.dismiss(key);
    }, STAY);
  }
}
