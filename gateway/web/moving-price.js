/* A price that is seen to move: the figure, which flashes when it changes. */

import { element, replay, setData, setText } from "./dom.js";
import { formatPoints, t } from "./words.js";

export class MovingPrice {
  #shown = -1;

  constructor() {
    this.node = element("span", { class: "price" });
  }

  /** Shows a price, in points; where there are several pieces it is that of each. */
  show(price, pieces = 1) {
    setData(this.node, "unit", t(pieces > 1 ? "unit.points_each" : "unit.points", { count: price }));
    if (price === this.#shown) return;
    const first = this.#shown < 0;
    this.#shown = price;
    setText(this.node, formatPoints(price));
    if (!first) replay(this.node, "moved");
  }
}
