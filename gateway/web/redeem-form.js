/*
 * The controls of one experience. What the member may take back is redeemed in one tap, with a button that takes it back;
 * all else in two, the second one at the price that stands on the button.
 */

import { element, setData, setDisabled, setHidden, setText } from "./dom.js";
import { formatPrice, isSamePrice } from "./money.js";
import { describeObstacle, hasChoice, isCancellable, isReversible } from "./reward-words.js";
import { t } from "./words.js";

/** How long the second tap may take, in ms. */
const CONFIRM_TIME = 8_000;

/** How long (ms) a price has to stand before one tap agrees to it. */
const STEADY = 700;

export class RedeemForm {
  #id;
  #redeeming;
  #state = null;
  /** The price that the second tap agrees to, the one shown when it was asked about, and when that is over. */
  #asked = null;
  #seen = null;
  #movedAt = -Infinity;
  #timer = 0;
  #note = "";
  #outdated;

  /**
   * With `onChoose` it is compact: how much to pay in points is chosen elsewhere, and a button leads there.
   * `onOutdated()` is told when the gateway knew another price than the one shown.
   */
  constructor(id, redeeming, { onChoose = null, onOutdated = () => {} } = {}) {
    this.#id = id;
    this.#redeeming = redeeming;
    this.#outdated = onOutdated;
    this.button = element("button", { type: "button", class: "primary", onclick: (event) => this.#tap(event) });
    this.quick = element("div", { class: "quick" }, this.button);
    this.note = element("p", { class: "note" });
    this.answer = element("p", { class: "answer", role: "status" });
    this.undo = element("button", { type: "button", class: "secondary undo", hidden: true, onclick: () => this.#takeBack() }, t("button.undo"));
    this.node = element("div", { class: "redeem" }, this.quick, this.note);
    if (onChoose) {
      this.choose = element("button", { type: "button", class: "secondary", onclick: onChoose }, t("button.part_in_money"));
      this.quick.append(this.choose);
    } else this.node.append(this.answer);
    this.node.append(this.undo);
  }

  /**
   * Draws the controls: `item` from the catalogue, the `price` to agree to (null while it is not known) at a
   * `share` in points (null: the greatest). Without a connection they are off.
   */
  update({ item, me, live, price, share }) {
    const before = this.#state;
    this.#state = { item, me, live, price, share };
    const { offer, pending } = item;
    if (before?.price && price && share === before.share && !isSamePrice(price, before.price)) this.#movedAt = performance.now();
    if (this.#asked !== null) this.#reconsider(before);
    const note = describeObstacle(item, me);
    const short = price !== null && me !== null && price.points > me.available;
    setHidden(this.note, !note);
    setText(this.note, note);
    setHidden(this.quick, Boolean(note));
    setText(this.button, this.#label(pending, short));
    setData(this.button, "confirming", this.#asked ? "yes" : "");
    setDisabled(this.button, !live || me === null || pending !== null || price === null || short);
    if (this.choose) {
      setHidden(this.choose, !hasChoice(offer) || this.#asked !== null);
      setDisabled(this.choose, !live);
    }
    this.#updateUndo();
    this.#updateAnswer();
  }

  /** What a tap agrees to never moves under the finger: with another price, or share, the question is taken back. */
  #reconsider(before) {
    const { price, share } = this.#state;
    if (share !== before.share) this.#retract("");
    else if (price === null) return;
    else if (isSamePrice(price, this.#asked)) this.#seen = this.#asked;
    else if (!isSamePrice(price, this.#seen)) this.#retract(t("redeem.moved"));
  }

  #label(pending, short) {
    const { price } = this.#state;
    if (pending) return pending.undoing ? t("button.cancelling") : t("button.redeeming");
    if (this.#asked !== null) return t("button.yes_for", { price: formatPrice(this.#asked) });
    return short && price ? t("redeem.too_few") : t("button.redeem");
  }

  /** The keyboard stays at the controls when there is nothing to take back any more. */
  #updateUndo() {
    const { pending, answer } = this.#state.item;
    const focused = document.activeElement === this.undo;
    const made = answer?.made;
    setHidden(this.undo, !(made && isCancellable(made)) && !pending?.undoing);
    setText(this.undo, pending?.undoing ? t("button.cancelling") : t("button.undo"));
    if (focused && this.undo.hidden) this.button.focus();
  }

  #updateAnswer() {
    const { pending, answer } = this.#state.item;
    let { tone, words } = answer ?? { tone: "plain", words: this.#note };
    if (pending?.delayed) {
      [tone, words] = ["plain", pending.undoing ? t("redeem.undo_delayed") : t("redeem.delayed")];
    } else if (this.#note && !pending) [tone, words] = ["plain", this.#note];
    setData(this.answer, "tone", tone);
    setText(this.answer, words);
  }

  #tap(event) {
    // The second click of a double click is no second thought.
    if (event.detail > 1) return;
    const { item, price, share } = this.#state;
    const steady = performance.now() - this.#movedAt > STEADY;
    if (this.#asked === null && steady && isReversible(item.offer, price)) this.#redeem(price, share);
    else if (this.#asked === null) this.#ask(price);
    else {
      const asked = this.#asked;
      this.#retract("");
      this.#redeem(asked, share);
    }
  }

  async #redeem(price, share) {
    const other = await this.#redeeming.redeem(this.#id, price, share);
    if (other === null) return;
    // The push with the new price may be a moment behind: what is asked about is what the gateway answered.
    if (this.#state.share === share) this.#ask(other);
    this.#outdated();
  }

  #takeBack() {
    const { item } = this.#state;
    if (item.answer?.made) this.#redeeming.undo(this.#id, item.answer.made);
  }

  #ask(price) {
    clearTimeout(this.#timer);
    this.#asked = price;
    this.#seen = this.#state.price;
    this.#note = "";
    this.#timer = setTimeout(() => {
      this.#retract("");
      this.update(this.#state);
    }, CONFIRM_TIME);
    this.update(this.#state);
  }

  #retract(note) {
    clearTimeout(this.#timer);
    this.#asked = null;
    this.#note = note;
  }
}
