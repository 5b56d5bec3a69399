/* A button for what cannot be taken back: the first tap asks, the second does it. */

import { element, setData, setDisabled, setText } from "./dom.js";

/** How long the second tap may take, in ms. */
const CONFIRM_TIME = 5_000;

export class TwoTaps {
  #words = { first: "", second: "" };
  #off = false;
  #timer = 0;
  #act;

  constructor(className, act) {
    this.#act = act;
    this.node = element("button", { type: "button", class: className, onclick: (event) => this.#tap(event) });
  }

  update(first, second, off) {
    if (second !== this.#words.second) this.#retract(); // the second tap agrees to what was asked, and to nothing else
    this.#words = { first, second };
    this.#off = off;
    // A button that is disabled loses the keyboard, which should stay where it is while an answer is on its way.
    setDisabled(this.node, off && document.activeElement !== this.node);
    this.node.setAttribute("aria-disabled", String(off));
    this.#draw();
  }

  #tap(event) {
    // The second click of a double click is no second thought.
    if (event.detail > 1 || this.#off) return;
    const confirmed = this.#timer !== 0;
    this.#retract();
    if (confirmed) this.#act();
    else this.#timer = setTimeout(() => this.#retract(), CONFIRM_TIME);
    this.#draw();
  }

  #retract() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#draw();
  }

  #draw() {
    setText(this.node, this.#timer ? this.#words.second : this.#words.first);
    setData(this.node, "confirming", this.#timer ? "yes" : "");
  }
}
