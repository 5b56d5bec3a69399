/*
 * Rows that are read some at a time. Only the answer to the latest question counts: one that was asked under other
 * filters, or before the page was left, changes nothing.
 */

import { attempt } from "./parts.js";

export class Listing {
  /** Rows by their key, in the order in which they came. */
  rows = new Map();
  /** Whether what is asked for has been answered. */
  ready = false;

  #context;
  #parts;
  #cursor = null;
  #turn = 0;

  /**
   * `ask(cursor)` reads `{ rows, cursor }`, from the first row on where the cursor is null; `key(row)` tells rows
   * apart; `show()` is called when there are others. `table` says that they are on their way, or why they are not.
   */
  constructor(context, parts) {
    this.#context = context;
    this.#parts = parts;
  }

  get hasMore() {
    return this.#cursor !== null;
  }

  /** Reads anew. */
  async read() {
    const { table, ask, show } = this.#parts;
    const turn = ++this.#turn;
    this.ready = false;
    table.load();
    try {
      const found = await ask(null);
      if (turn !== this.#turn) return;
      this.rows.clear();
      this.#add(found);
      this.ready = true;
      show();
    } catch (error) {
      if (turn === this.#turn) table.fail(error, () => this.read());
    }
  }

  /** Reads what follows on what is there. */
  async readMore() {
    const turn = this.#turn;
    const found = await attempt(this.#context, null, () => this.#parts.ask(this.#cursor));
    if (!found || turn !== this.#turn) return;
    this.#add(found);
    this.#parts.show();
  }

  /** The page is left: what is still on its way is not shown. */
  leave() {
    this.#turn += 1;
  }

  #add({ rows, cursor }) {
    for (const row of rows) this.rows.set(this.#parts.key(row), row);
    this.#cursor = cursor;
  }
}
