/* One experience in the catalogue. Made once, then only what changed is touched. */

import { now } from "./clock.js";
import { LOCK, element, icon, setData, setHidden, setText } from "./dom.js";
import { drawCover } from "./drawn-covers.js";
import { humanise, localise, setLocalised } from "./locale.js";
import { PriceTag } from "./price-tag.js";
import { RedeemForm } from "./redeem-form.js";
import { describeFacts, describeGate, describeReasons, describeStock, nameOfKind } from "./reward-words.js";

export class RewardCard {
  /** What is drawn: the page draws whenever something anywhere moves, and this is one of hundreds. */
  #drawn = [];

  /** `open()` shows the experience with everything that there is to say of it. */
  constructor(offer, redeeming, open) {
    const id = offer.experience;
    this.form = new RedeemForm(id, redeeming, { onChoose: open });
    this.gateWords = element("span", {});
    this.lock = icon(LOCK);
    this.gate = element("span", { class: "gate" }, this.lock, this.gateWords);
    this.stock = element("span", { class: "time" });
    this.kind = element("span", { class: "kind" });
    this.link = element("button", { type: "button", class: "title", onclick: open });
    this.text = element("p", { class: "text" });
    this.tag = new PriceTag();
    this.facts = element("p", { class: "facts" });
    this.node = element(
      "article",
      { class: "lot reward", dataset: { experience: id } },
      element("div", { class: "picture" }, drawCover(id, offer.kind), this.gate, this.stock),
      element(
        "div",
        { class: "body" },
        this.kind,
        element("h2", {}, this.link),
        this.text,
        this.tag.node,
        element("div", { class: "notes" }, this.facts, this.form.answer),
        this.form.node,
      ),
    );
  }

  update(item, me, live) {
    const { offer, price, pending, answer } = item;
    const drawn = [offer, price, pending, answer, me, live];
    if (drawn.every((one, index) => one === this.#drawn[index])) return;
    this.#drawn = drawn;
    setLocalised(this.link, localise(offer.titles), humanise(offer.experience));
    setLocalised(this.text, localise(offer.texts));
    setHidden(this.text, !this.text.textContent);
    setText(this.kind, nameOfKind(offer.kind));
    this.tag.update(price, offer.split, describeReasons(offer));
    setHidden(this.gate, !describeGate(offer));
    setText(this.gateWords, describeGate(offer));
    this.lock.toggleAttribute("hidden", !offer.locked);
    const stock = describeStock(offer, now());
    setHidden(this.stock, !stock);
    setText(this.stock, stock);
    setText(this.facts, describeFacts(offer));
    setData(this.node, "locked", offer.locked ? "yes" : "");
    setData(this.node, "urgency", offer.left === 0 ? "over" : "");
    this.form.update({ item, me, live, price, share: null });
  }
}
