/* The bids of one auction, newest first: read as they come in, and further back as somebody asks for them. */

/** Bids that are read at once, how often at most they are read again (ms), and how many at first. */
const PAGE = 100;
const PAUSE = 700;
const FIRST = 300;

export class BidBook {
  #gateway;
  #auction;
  #onChange;
  #bids = new Map();
  #cursor = null;
  #begun = false;
  #timer = 0;

  constructor(gateway, auction, onChange) {
    this.#gateway = gateway;
    this.#auction = auction;
    this.#onChange = onChange;
  }

  get rows() {
    return [...this.#bids.values()].sort((one, other) => other.number - one.number);
  }

  get hasMore() {
    return this.#cursor !== null;
  }

  /** Reads what is new, soon: of many changes at once only the last is looked at. */
  refresh() {
    if (this.#timer) return;
    this.#timer = setTimeout(() => this.#read(), this.#begun ? PAUSE : 0);
  }

  async readMore() {
    const { rows, cursor } = await this.#list(this.#cursor, FIRST);
    this.#add(rows);
    this.#cursor = cursor;
    this.#onChange();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  async #read() {
    const first = !this.#begun;
    this.#begun = true;
    try {
      const known = this.#bids.size;
      const { rows, cursor } = await this.#list(null, first ? FIRST : PAGE);
      this.#add(rows);
      if (first) this.#cursor = cursor;
      // More came in than one page holds, or bids were voided further back: what is shown is read anew.
      if (!first && rows.length && this.rows.some(({ number }, index, all) => index && all[index - 1].number - number > 1)) {
        const again = await this.#list(null, Math.max(FIRST, known));
        this.#add(again.rows);
      }
    } catch {
      this.#begun = !first; // it is asked again with the next change, and when the connection is back
    }
    this.#timer = 0;
    this.#onChange();
  }

  #list(from, most) {
    const params = { auction: this.#auction, limit: PAGE };
    return this.#gateway.list("auction.bids", params, { field: "bids", cursor: "before", from, most });
  }

  #add(rows) {
    for (const row of rows) this.#bids.set(row.number, row);
  }
}
