/* A member's own redemptions: what became of each, and cancelling what may be cancelled. */

import { element, setData, setDisabled, setHidden, setText } from "./dom.js";
import { drawCover } from "./drawn-covers.js";
import { humanise, localise, setLocalised } from "./locale.js";
import { formatPrice } from "./money.js";
import { describeRedemption, isCancellable } from "./reward-words.js";
import { formatDay, t } from "./words.js";

/** How long the second tap of cancelling may take, in ms. */
const CONFIRM_TIME = 8_000;

export class MyRewards {
  #redeeming;
  #rows = new Map();

  constructor(node, redeeming) {
    this.node = node;
    this.#redeeming = redeeming;
  }

  /** Draws the redemptions of a catalogue; `live`: whether there is a connection. */
  update(catalogue, live) {
    const current = new Set(catalogue.redemptions.map((one) => one.redemption));
    for (const [id, row] of this.#rows) {
      if (current.has(id)) continue;
      row.node.remove();
      this.#rows.delete(id);
    }
    catalogue.redemptions.forEach((redemption, index) => {
      const id = redemption.redemption;
      if (!this.#rows.has(id)) this.#rows.set(id, new Row(redemption, this.#redeeming));
      const { node } = this.#rows.get(id);
      if (this.node.children[index] !== node) this.node.insertBefore(node, this.node.children[index] ?? null);
      this.#rows.get(id).picture(catalogue.offers.get(redemption.experience)?.kind ?? "");
      this.#rows.get(id).update(redemption, catalogue.pending(id), catalogue.answer(id), live);
    });
  }
}

class Row {
  #redemption = null;
  #redeeming;
  #experience;
  #kind = null;
  #asked = false;
  #timer = 0;

  constructor({ redemption, experience }, redeeming) {
    this.#redeeming = redeeming;
    this.#experience = experience;
    this.thumb = element("div", { class: "thumb" });
    this.title = element("h2", {});
    this.price = element("span", { class: "amount" });
    this.status = element("span", { class: "standing" });
    this.more = element("p", { class: "help" });
    this.at = element("time", {});
    this.answer = element("p", { class: "answer", role: "status" });
    this.cancel = element("button", { type: "button", class: "secondary", onclick: () => this.#tap() });
    this.node = element(
      "li",
      { class: "own-reward", dataset: { redemption } },
      this.thumb,
      element(
        "div",
        { class: "about" },
        this.title,
        element("p", { class: "figures" }, this.status, this.price, this.at),
        this.more,
        this.answer,
      ),
      this.cancel,
    );
  }

  /** Draws what it is of; its kind is known once the catalogue has arrived. */
  picture(kind) {
    if (kind === this.#kind) return;
    this.#kind = kind;
    this.thumb.replaceChildren(drawCover(this.#experience, kind));
  }

  update(redemption, pending, answer, live) {
    this.#redemption = redemption;
    const { tone, words, more } = describeRedemption(redemption);
    setLocalised(this.title, localise(redemption.titles), humanise(redemption.experience));
    setData(this.node, "tone", tone);
    setText(this.status, words);
    setText(this.price, formatPrice(redemption.price));
    setText(this.at, formatDay(redemption.at));
    setText(this.more, more);
    setData(this.answer, "tone", answer?.tone ?? "");
    setText(this.answer, answer?.words ?? "");
    setHidden(this.cancel, !isCancellable(redemption));
    setDisabled(this.cancel, !live || pending !== null);
    this.#label(pending);
  }

  #label(pending) {
    setText(this.cancel, pending ? t("button.cancelling") : this.#asked ? t("button.cancel_surely") : t("button.cancel"));
    this.cancel.setAttribute("aria-label", t("button.about", { what: this.cancel.textContent, title: this.title.textContent }));
    setData(this.cancel, "confirming", this.#asked ? "yes" : "");
  }

  #tap() {
    clearTimeout(this.#timer);
    const confirmed = this.#asked;
    this.#ask(!confirmed);
    if (confirmed) this.#redeeming.cancel(this.#redemption);
    else this.#timer = setTimeout(() => this.#ask(false), CONFIRM_TIME);
  }

  #ask(asked) {
    this.#asked = asked;
    this.#label(null);
  }
}
