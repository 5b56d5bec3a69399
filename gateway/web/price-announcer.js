/* Price changes for those who hear the page: gathered, so that a busy campaign does not talk without a pause. */

import { t } from "./words.js";

/** How long changes are gathered, and how long it is quiet afterwards at least, in ms. */
const GATHER = 1_500;
const QUIET = 10_000;

export class PriceAnnouncer {
  #moved = new Set();
  #timer = 0;
  #spokeAt = -QUIET;

  /** `node` is a polite live region; `describe(id)` says what an experience costs now. */
  constructor(node, describe) {
    this.node = node;
    this.describe = describe;
  }

  take(ids) {
    for (const id of ids) this.#moved.add(id);
    if (!this.#moved.size || this.#timer) return;
    const wait = Math.max(GATHER, this.#spokeAt + QUIET - performance.now());
    this.#timer = setTimeout(() => this.#speak(), wait);
  }

  #speak() {
    this.#timer = 0;
    this.#spokeAt = performance.now();
    const ids = [...this.#moved];
    this.#moved.clear();
    this.node.textContent = ids.length === 1 ? this.describe(ids[0]) : t("price.changed", { count: ids.length });
  }
}
