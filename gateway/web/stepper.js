/* How many pieces: a number between two buttons. */

import { countField, element, setDisabled, setHidden } from "./dom.js";
import { formatNumber, parseNumber, t } from "./words.js";

export class Stepper {
  #least = 1;
  #most = 1;
  #changed;

  constructor(id, changed) {
    this.#changed = changed;
    const listeners = { oninput: changed, onchange: () => this.#set(this.value) };
    this.field = countField({ id, value: formatNumber(1), ...listeners }, (by) => this.#set(this.value + by));
    this.fewer = this.#step(t("stepper.fewer_pieces"), "−", -1);
    this.more = this.#step(t("stepper.more_pieces"), "+", 1);
    this.node = element(
      "div",
      { class: "pieces" },
      element("label", { for: id }, t("rule.pieces")),
      element("div", { class: "stepper" }, this.fewer, this.field, this.more),
    );
  }

  /** Draws it for so many pieces; where there is no choice it is not there. */
  update(least, most) {
    this.#least = least;
    this.#most = Math.max(least, most);
    setHidden(this.node, this.#most <= 1);
    // What somebody types is put right when they are done.
    if (document.activeElement !== this.field) this.#write(this.value);
    setDisabled(this.fewer, this.value <= this.#least);
    setDisabled(this.more, this.value >= this.#most);
  }

  /** The number that is chosen, within what is allowed. */
  get value() {
    const wanted = Math.floor(parseNumber(this.field.value)) || 1;
    return Math.max(this.#least, Math.min(this.#most, wanted));
  }

  #step(label, sign, by) {
    const properties = { type: "button", class: "secondary", "aria-label": label, onclick: () => this.#set(this.value + by) };
    return element("button", properties, sign);
  }

  /** Chooses a number, or the nearest that is allowed once that is known. */
  choose(value) {
    this.#write(value);
  }

  #set(value) {
    this.#write(Math.max(this.#least, Math.min(this.#most, value)));
    this.#changed();
  }

  #write(value) {
    const text = formatNumber(value);
    if (this.field.value !== text) this.field.value = text;
  }
}
