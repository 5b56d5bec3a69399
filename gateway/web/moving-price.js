/* A price that is seen to move: the figure, which flashes when it changes. */

import { element, replay, setText } from "./dom.js";
import { formatPoints } from "./format.js";

export class MovingPrice {
  #shown = -1;

  constructor() {
    this.node = element("span", { class: "price" });
  }

  /** Shows a price, in points. */
  show(price) {
    if (price === this.#shown) return;
    const first = this.#shown < 0;
    this.#shown = price;
    setText(this.node, formatPoints(price));
    if (!first) replay(this.node, "moved");
  }
}
