/* The opened experience: all its words and terms, how much to pay in points, and why the price is what it is. */

import { CROSS, element, icon, setHidden } from "./dom.js";
import { drawCover } from "./drawn-covers.js";
import { humanise, localise, setLocalised } from "./locale.js";
import { PriceTag } from "./price-tag.js";
import { PriceTrace } from "./price-trace.js";
import { RedeemForm } from "./redeem-form.js";
import { describeTerms } from "./reward-words.js";
import { ShareSlider } from "./share-slider.js";
import { t } from "./words.js";

/** How long the slider has to rest before its price is asked for, in ms. */
const REST = 120;

export class RewardPanel {
  #redeeming;
  #close;
  #id = "";
  #state = null;
  /** The share that the member chose, null until it does: then it is the greatest. */
  #chosen = null;
  #quote = null;
  /** What a quote has to answer now: the share, and what else its price hangs on. */
  #question = "";
  #resting = 0;

  /** `node` is the place in the document; `close()` is asked for by the panel's own button and the Escape key. */
  constructor(node, redeeming, close) {
    this.node = node;
    this.#redeeming = redeeming;
    this.#close = close;
    node.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
    });
  }

  get id() {
    return this.#id;
  }

  open(id) {
    this.#id = id;
    this.#state = this.#chosen = this.#quote = null;
    this.#question = "";
    this.node.hidden = false;
  }

  close() {
    clearTimeout(this.#resting);
    this.#id = "";
    this.node.hidden = true;
    this.node.replaceChildren();
  }

  update(item, me, live) {
    const first = this.#state === null;
    if (first) this.#build(item.offer);
    this.#state = { item, me, live };
    const { offer } = item;
    setLocalised(this.heading, localise(offer.titles), humanise(offer.experience));
    setLocalised(this.text, localise(offer.texts));
    setHidden(this.text, !this.text.textContent);
    this.#updateTerms(offer);
    this.#askForQuote(first ? 0 : REST);
    this.#updatePrice();
    if (first) this.heading.focus({ preventScroll: true });
  }

  #build({ experience, kind }) {
    this.form = new RedeemForm(experience, this.#redeeming, { onOutdated: () => this.#forgetQuote() });
    this.slider = new ShareSlider(experience, (share) => this.#choose(share));
    this.heading = element("h2", { tabIndex: -1 });
    this.text = element("p", { class: "text" });
    this.tag = new PriceTag();
    this.trace = new PriceTrace();
    this.terms = element("dl", { class: "rules" });
    const properties = { type: "button", class: "plain icon close", "aria-label": t("panel.close"), onclick: () => this.#close() };
    const close = element("button", properties, icon(CROSS));
    this.node.replaceChildren(
      element("div", { class: "picture" }, drawCover(experience, kind), close),
      element(
        "div",
        { class: "body" },
        this.heading,
        this.text,
        this.tag.node,
        this.slider.node,
        this.form.node,
        this.trace.node,
        element("h3", {}, t("term.title")),
        this.terms,
      ),
    );
    this.node.scrollTop = 0;
  }

  /** The chosen share, within what the offer allows by now. */
  get #share() {
    const { least, greatest } = this.#state.item.offer;
    return Math.max(least, Math.min(greatest, this.#chosen ?? greatest));
  }

  #choose(share) {
    this.#chosen = share;
    this.#askForQuote(REST);
    this.#updatePrice();
  }

  #updatePrice() {
    const { item, me, live } = this.#state;
    const share = this.#share;
    const isGreatest = share === item.offer.greatest;
    const quote = this.#quote?.question === this.#question ? this.#quote : null;
    const price = isGreatest ? item.price : (quote?.price ?? null);
    // While another share's price is on its way the one before stays, and cannot be agreed to.
    if (price !== null || item.price === null) this.tag.update(price, quote?.split ?? null);
    this.tag.node.setAttribute("aria-busy", String(price === null));
    this.slider.update(item.offer, share);
    this.form.update({ item, me, live, price, share: isGreatest ? null : share });
    this.trace.update(quote);
  }

  #updateTerms(offer) {
    const terms = describeTerms(offer);
    const text = terms.flat().join("\n");
    if (this.terms.dataset.text === text) return;
    this.terms.dataset.text = text;
    this.terms.replaceChildren(
      ...terms.map(([term, words]) => element("div", {}, element("dt", {}, term), element("dd", {}, words))),
    );
  }

  /** Asks anew whenever the share, the member or the price that is pushed has become another. */
  #askForQuote(rest) {
    const { item, me, live } = this.#state;
    if (!live || item.price === null) return;
    const { points, cash } = item.price;
    const question = [this.#share, me?.tier, me?.market, points, cash].join();
    if (question === this.#question) return;
    this.#question = question;
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.#takeQuote(question), rest);
  }

  async #takeQuote(question) {
    const id = this.#id;
    let quote;
    try {
      quote = await this.#redeeming.quote(id, this.#share);
    } catch {
      if (question === this.#question) this.#question = ""; // asked for again with the next state
      return;
    }
    if (id !== this.#id || question !== this.#question) return;
    this.#quote = { question, ...quote };
    this.#updatePrice();
  }

  #forgetQuote() {
    this.#question = "";
    this.#askForQuote(0);
    this.#updatePrice();
  }
}
