/* The end of a list of what is live: where that is longer than what is pushed, it brings what ends later. */

import { ShowMore } from "./show-more.js";
import { Lost, Refused } from "./socket.js";

const PAGE = 100;

export class Later {
  #known;
  #ask;
  #more = new ShowMore(PAGE, () => this.#load());
  #loading = false;

  /**
   * `known` is what the page knows: how many there are (`total`), how many of them it has (`size`), where the list goes on
   * (`next`; "" at its end), and it takes more by `takeLater(page, position)`. `ask(parameters)` looks at a page.
   */
  constructor(known, ask) {
    this.#known = known;
    this.#ask = ask;
    this.node = this.#more.node;
  }

  /** Draws whether there is more, where the list is shown as a whole. */
  update(isWhole = true) {
    const { next, total, size } = this.#known;
    this.#more.offer(isWhole && next ? Math.max(1, total - size) : 0);
  }

  /** Brings the next page that has something new; what moved meanwhile may come twice. */
  async #load() {
    if (this.#loading) return;
    this.#loading = true;
    const { size } = this.#known;
    try {
      while (this.#known.next && this.#known.size === size) {
        const { result, position } = await this.#ask({ order: "soonest", after: this.#known.next, limit: PAGE });
        this.#known.takeLater(result, position);
      }
    } catch (error) {
      // The button stays: whoever presses it asks again.
      if (!(error instanceof Lost || error instanceof Refused)) throw error;
    } finally {
      this.#loading = false;
    }
  }
}
