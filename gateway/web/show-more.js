/* The end of a long list: it shows some at first, and more when a reader comes to it or presses its button. */

import { element, setHidden, setText } from "./dom.js";
import { t } from "./words.js";

/** How far from the screen (px) the end is when more is drawn. */
const AHEAD = "800px";

export class ShowMore {
  #step;
  #changed;

  /** Shows `step` at first, and so many more each time; `changed()` is called when it is time to draw them. */
  constructor(step, changed) {
    this.most = this.#step = step;
    this.#changed = changed;
    this.node = element("button", { type: "button", class: "secondary more", hidden: true, onclick: () => this.#grow() });
    const look = ([{ isIntersecting }]) => isIntersecting && this.#grow();
    new IntersectionObserver(look, { rootMargin: AHEAD }).observe(this.node);
  }

  /** Another list stands there. */
  reset() {
    this.most = this.#step;
  }

  /** Draws how many of `total` are left to show. */
  update(total) {
    this.offer(total - this.most);
  }

  /** Draws that so many are `left`. */
  offer(left) {
    setHidden(this.node, left <= 0);
    setText(this.node, t("list.more", { count: left }));
  }

  #grow() {
    this.most += this.#step;
    this.#changed();
  }
}
