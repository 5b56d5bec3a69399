/* The controls of one auction: quick bids, an automatic maximum, buying at once. Used by cards and the panel. */

import { element, setData, setDisabled, setHidden, setText } from "./dom.js";
import { formatPoints } from "./format.js";
import { describeObstacle } from "./lot-words.js";

/** How long the second click of buying at once may take, in ms. */
const CONFIRM_TIME = 5_000;

export class BidForm {
  #id;
  #actions;
  #compact;
  #state = null;
  #problem = "";
  #confirming = 0;

  /**
   * With `onMaximum` it is compact: the field is elsewhere, and a button that calls `onMaximum` leads there; `answer`,
   * the words about the last bid, is for its owner to place.
   */
  constructor(id, actions, onMaximum = null) {
    this.#id = id;
    this.#actions = actions;
    this.#compact = onMaximum !== null;
    this.least = element("button", { type: "button", class: "primary", onclick: () => this.#bid(this.#steps()[0]) });
    this.more = element("button", { type: "button", class: "secondary", onclick: () => this.#bid(this.#steps()[1]) });
    this.quick = element("div", { class: "quick" }, this.least, this.more);
    this.note = element("p", { class: "note" });
    this.answer = element("p", { class: "answer", role: "status" });
    this.node = element("div", { class: "bid" }, this.quick, this.note);
    if (this.#compact) {
      this.open = element("button", { type: "button", class: "secondary", onclick: onMaximum });
      this.quick.append(this.open);
    } else {
      this.#addFields();
      this.node.append(this.answer);
    }
  }

  /** Draws the controls for a lot; they are off without a connection. */
  update(lot, me, live) {
    const { standing, pending } = lot;
    this.#state = { lot, me, live };
    const leading = standing === "leading";
    const off = !live || pending !== null || me === null;
    const [least, more] = this.#steps();
    const available = me?.available ?? 0;
    const note = describeObstacle(lot, me);
    const biddable = !note;
    setHidden(this.note, biddable);
    setText(this.note, note);
    setHidden(this.quick, !biddable || (leading && !this.#compact));
    setHidden(this.least, leading);
    setHidden(this.more, leading);
    setText(this.least, pending && !pending.atOnce ? "Placing…" : `Bid ${formatPoints(least)}`);
    setText(this.more, formatPoints(more));
    this.more.setAttribute("aria-label", `Bid ${formatPoints(more)}`);
    setDisabled(this.least, off);
    setDisabled(this.more, off || more > available);
    if (this.#compact) {
      setText(this.open, leading ? `Your maximum ${formatPoints(lot.own.maximum)}…` : "Max…");
      this.open.setAttribute("aria-label", leading ? "Raise your maximum" : "Set a maximum");
      setDisabled(this.open, off);
    } else {
      this.#updateMaximum(biddable, leading, off);
      this.#updateBuy(biddable, off);
    }
    this.#updateAnswer();
  }

  focusField() {
    this.field?.focus();
  }

  #addFields() {
    const id = `maximum-${this.#id}`;
    this.field = element("input", { id, type: "text", inputMode: "numeric", autocomplete: "off", oninput: () => this.#complain("") });
    this.field.setAttribute("aria-describedby", `${id}-help`);
    this.set = element("button", { type: "submit", class: "primary" });
    this.label = element("label", { for: id });
    this.help = element("p", { id: `${id}-help`, class: "help" });
    this.maximum = element(
      "form",
      { class: "maximum", noValidate: true, onsubmit: (event) => this.#submit(event) },
      this.label,
      element("div", { class: "row" }, this.field, this.set),
      this.help,
    );
    this.buy = element("button", { type: "button", class: "buy", onclick: () => this.#buy() });
    this.node.append(this.maximum, this.buy);
  }

  #updateMaximum(biddable, leading, off) {
    const { own } = this.#state.lot;
    setHidden(this.maximum, !biddable);
    setText(this.label, leading ? "Raise your maximum" : "Or set a maximum");
    setText(this.set, leading ? "Raise" : "Set");
    setText(
      this.help,
      leading
        ? `We bid for you up to ${formatPoints(own.maximum)}. Others never see it.`
        : "We bid for you up to this, only as much as it takes. Others never see it.",
    );
    this.field.placeholder = formatPoints(this.#least());
    setDisabled(this.set, off);
  }

  #updateBuy(biddable, off) {
    const { auction } = this.#state.lot;
    const price = formatPoints(auction.buy_now);
    setHidden(this.buy, !biddable || !auction.buy_now);
    setText(this.buy, this.#confirming ? `Yes, buy it for ${price}` : `Buy now for ${price}`);
    setData(this.buy, "confirming", this.#confirming ? "yes" : "");
    setDisabled(this.buy, off || auction.buy_now > this.#spare());
  }

  #updateAnswer() {
    const { pending, answer } = this.#state.lot;
    let { tone, words } = answer ?? { tone: "", words: "" };
    if (pending?.delayed) {
      [tone, words] = ["plain", "Not placed yet: the connection is gone. It is sent again as soon as it is back."];
    } else if (pending) {
      [tone, words] = ["", ""];
    } else if (this.#problem) {
      [tone, words] = ["bad", this.#problem];
    }
    setData(this.answer, "tone", tone);
    setText(this.answer, words);
  }

  /** The least bid, and a bolder one: two increments more. */
  #steps() {
    const { minimum, price, bids } = this.#state.lot.auction;
    const increment = bids ? minimum - price : Math.max(1, Math.round(minimum / 20));
    return [minimum, minimum + 2 * increment];
  }

  #least() {
    const { auction, own, standing } = this.#state.lot;
    return standing === "leading" ? own.maximum + 1 : auction.minimum;
  }

  /** The points that a bid here may take: what is held for it already counts. */
  #spare() {
    const { lot, me } = this.#state;
    return (me?.available ?? 0) + (lot.standing === "leading" ? lot.own.maximum : 0);
  }

  #bid(points) {
    this.#actions.bid(this.#id, points);
  }

  #submit(event) {
    event.preventDefault();
    const points = Number(this.field.value.replace(/[\s,.’']/g, ""));
    const least = this.#least();
    if (!Number.isSafeInteger(points) || points <= 0) this.#complain("Enter a whole number of points.");
    else if (points < least) this.#complain(`Enter ${formatPoints(least)} or more.`);
    else if (points > this.#spare()) this.#complain(`You have ${formatPoints(this.#spare())} points for this.`);
    else {
      this.field.value = "";
      this.#complain("");
      this.#bid(points);
    }
  }

  #complain(problem) {
    this.#problem = problem;
    this.field.setAttribute("aria-invalid", String(problem !== ""));
    if (problem) this.field.focus();
    this.#updateAnswer();
  }

  #buy() {
    const confirmed = this.#confirming !== 0;
    clearTimeout(this.#confirming);
    this.#confirming = confirmed ? 0 : setTimeout(() => this.#stopConfirming(), CONFIRM_TIME);
    if (confirmed) this.#actions.buyNow(this.#id, this.#state.lot.auction.buy_now);
    else this.#redraw();
  }

  #stopConfirming() {
    this.#confirming = 0;
    this.#redraw();
  }

  #redraw() {
    const { lot, me, live } = this.#state;
    this.update(lot, me, live);
  }
}
