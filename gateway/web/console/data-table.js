/*
 * <data-table>: rows that stay quick and readable when there are a thousand of them. It draws a page of them at a time;
 * sorts by any column that has a `value`; moves between rows with the arrow keys; and is a list of cards on a phone.
 *
 * Roles stand beside the table's own elements, because a table that is laid out as cards is none to a screen reader.
 */

import { element, setHidden, setText } from "../dom.js";
import { formatNumber, t } from "../words.js";

import { showEmpty, showFailure } from "./parts.js";

/** Rows that are drawn at once. */
const PAGE = 50;
const SKELETONS = 6;

export class DataTable extends HTMLElement {
  #columns = [];
  #options = {};
  #rows = [];
  #sorted = [];
  #order = null;
  #page = 0;
  #drawn = new Map();
  #parts = null;

  /**
   * `columns`: `{ key, label, cell(row), value(row), end, title, wide }`; `cell` gives a text or a node, `value` what
   * it is sorted by, `end` stands at the end of the line as numbers do, `title` is what a card is called. `options`:
   * `caption`, `key(row)` (its identity), `open(row)` or `href(row)`, `empty` (a node), `order` (`{ key, down }`),
   * and `more`, asked for the rows behind those that are there.
   */
  set(columns, options) {
    this.#columns = columns;
    this.#options = options;
    this.#order = options.order ?? null;
    this.#build();
    return this;
  }

  /** Shows that rows are on their way; rows that are there already stay. */
  load() {
    this.setAttribute("aria-busy", "true");
    if (this.#drawn.size) return;
    const cells = () => this.#columns.map(() => element("td", { role: "cell" }, element("i", {})));
    const rows = Array.from({ length: SKELETONS }, () => element("tr", { role: "row", class: "skeleton" }, ...cells()));
    this.#parts.body.replaceChildren(...rows);
    this.#toggle("table");
  }

  /** Shows why there are none. */
  fail(error, again) {
    this.removeAttribute("aria-busy");
    this.#state(showFailure(error, again));
  }

  /** Shows these rows; `hasMore`: there are others behind them. */
  show(rows, hasMore = false) {
    this.removeAttribute("aria-busy");
    this.#rows = rows;
    this.#parts.hasMore = hasMore;
    this.#sort();
    this.#draw();
  }

  get rows() {
    return this.#rows;
  }

  #build() {
    const caption = element("caption", { class: "unseen" }, this.#options.caption ?? "");
    const heads = element("tr", { role: "row" });
    for (const column of this.#columns) heads.append(this.#makeHead(column));
    const body = element("tbody", { role: "rowgroup" });
    const table = element(
      "table",
      { role: "table" },
      caption,
      element("thead", { role: "rowgroup" }, heads),
      body,
    );
    table.addEventListener("keydown", (event) => this.#move(event));
    const state = element("div", { hidden: true });
    const pager = this.#makePager();
    const scroll = element("div", { class: "scroll", tabIndex: -1 }, table);
    this.#parts = { heads, body, scroll, state, pager, hasMore: false };
    this.#drawn.clear();
    this.replaceChildren(this.#makeSorter(), scroll, state, pager.node);
    this.#tellOrder();
  }

  #makeHead(column) {
    const head = element("th", { scope: "col", role: "columnheader", dataset: { key: column.key } });
    if (column.end) head.classList.add("end");
    if (column.value) head.append(element("button", { type: "button", onclick: () => this.#orderBy(column) }, column.label));
    else head.append(column.label || element("span", { class: "unseen" }, t("table.actions")));
    return head;
  }

  /** Cards have no heads to sort by. */
  #makeSorter() {
    const choice = element("select", { class: "sorter", "aria-label": t("table.sort_by") });
    choice.append(element("option", { value: "" }, t("table.sort_by")));
    for (const { key, label, value } of this.#columns) {
      if (!value) continue;
      choice.append(element("option", { value: `${key}/up` }, t("table.ascending", { column: label })));
      choice.append(element("option", { value: `${key}/down` }, t("table.descending", { column: label })));
    }
    choice.addEventListener("change", () => {
      const [key, way] = choice.value.split("/");
      this.#order = key ? { key, down: way === "down" } : null;
      this.#reorder();
    });
    return choice;
  }

  #makePager() {
    const turn = (words, step) =>
      element("button", { type: "button", class: "plain", onclick: () => this.#turn(step) }, words);
    const where = element("span", { role: "status" });
    const back = turn(t("table.back"), -1);
    const on = turn(t("table.on"), 1);
    return { node: element("div", { class: "pager", hidden: true }, back, where, on), back, on, where };
  }

  #orderBy({ key }) {
    this.#order = { key, down: this.#order?.key === key && !this.#order.down };
    this.#reorder();
  }

  #reorder() {
    this.#page = 0;
    this.#tellOrder();
    this.#sort();
    this.#draw();
  }

  #tellOrder() {
    for (const head of this.#parts.heads.children) {
      if (head.dataset.key !== this.#order?.key) head.removeAttribute("aria-sort");
      else head.setAttribute("aria-sort", this.#order.down ? "descending" : "ascending");
    }
  }

  #sort() {
    this.#sorted = [...this.#rows];
    const column = this.#columns.find(({ key }) => key === this.#order?.key);
    if (!column) return;
    const sign = this.#order.down ? -1 : 1;
    const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
    const byValue = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : compare(String(a), String(b)));
    this.#sorted.sort((a, b) => sign * byValue(column.value(a), column.value(b)));
  }

  #draw() {
    if (!this.#rows.length) {
      this.#drawn.clear();
      this.#parts.body.replaceChildren();
      this.#state(this.#options.empty ?? showEmpty(t("table.empty")));
      return;
    }
    this.#toggle("table");
    this.#page = Math.min(this.#page, Math.ceil(this.#sorted.length / PAGE) - 1);
    const from = this.#page * PAGE;
    const shown = this.#sorted.slice(from, from + PAGE);
    const kept = new Map();
    const nodes = shown.map((row) => {
      const key = this.#options.key(row);
      const drawn = this.#drawn.get(key) ?? this.#makeRow();
      kept.set(key, drawn);
      if (drawn.row !== row) this.#fill(drawn, row);
      return drawn.node;
    });
    this.#drawn = kept;
    this.#place(nodes);
    this.#drawPager(from, shown.length);
  }

  /** Moves only what stands elsewhere: a row that is moved loses the focus in it. */
  #place(nodes) {
    const { body } = this.#parts;
    const wanted = new Set(nodes);
    for (const node of [...body.children]) if (!wanted.has(node)) node.remove();
    nodes.forEach((node, index) => {
      if (body.children[index] !== node) body.insertBefore(node, body.children[index] ?? null);
    });
  }

  #drawPager(from, shown) {
    const { pager, hasMore } = this.#parts;
    const all = this.#sorted.length;
    setHidden(pager.node, all <= PAGE && !hasMore);
    const key = hasMore ? "table.where_more" : "table.where";
    setText(pager.where, t(key, { from: from + 1, to: from + shown, all: formatNumber(all) }));
    pager.back.disabled = this.#page === 0;
    pager.on.disabled = from + shown >= all && !hasMore;
  }

  #makeRow() {
    const drawn = { node: element("tr", { role: "row" }), cells: [], link: null, row: null };
    const { open, href } = this.#options;
    for (const column of this.#columns) {
      const cell = element("td", { role: "cell", dataset: { label: column.label, key: column.key } });
      if (column.end) cell.classList.add("end");
      if (column.title) cell.classList.add("title");
      let target = cell;
      if (column.title && (open || href)) {
        target = drawn.link = href
          ? element("a", { class: "row-link" })
          : element("button", { type: "button", class: "row-link", onclick: () => open(drawn.row) });
        cell.append(target);
      }
      drawn.cells.push(target);
      drawn.node.append(cell);
    }
    return drawn;
  }

  #fill(drawn, row) {
    drawn.row = row;
    if (drawn.link?.tagName === "A") drawn.link.href = this.#options.href(row);
    this.#columns.forEach((column, index) => {
      const content = column.cell(row);
      if (typeof content === "string") setText(drawn.cells[index], content);
      else drawn.cells[index].replaceChildren(content);
    });
  }

  async #turn(step) {
    const { pager } = this.#parts;
    if (step > 0 && (this.#page + 1) * PAGE >= this.#sorted.length) {
      pager.on.disabled = true;
      await this.#options.more();
    }
    this.#page = Math.max(0, this.#page + step);
    this.#draw();
    this.scrollIntoView({ block: "nearest" });
  }

  /** The arrow keys go from row to row, PageUp and PageDown from page to page. */
  #move(event) {
    const links = [...this.#drawn.values()].map(({ link }) => link).filter(Boolean);
    const at = links.indexOf(document.activeElement);
    if (at < 0) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.#parts.body.querySelectorAll(".row-link")[to]?.focus();
    } else if (event.key === "PageDown" || event.key === "PageUp") {
      event.preventDefault();
      const { on, back } = this.#parts.pager;
      const button = event.key === "PageDown" ? on : back;
      if (!button.disabled && !this.#parts.pager.node.hidden) {
        this.#turn(event.key === "PageDown" ? 1 : -1).then(() => this.querySelector(".row-link")?.focus());
      }
    }
  }

  #state(node) {
    this.#parts.state.replaceChildren(node);
    this.#toggle("state");
    setHidden(this.#parts.pager.node, true);
  }

  #toggle(which) {
    setHidden(this.#parts.scroll, which !== "table");
    setHidden(this.#parts.state, which === "table");
    setHidden(this.firstChild, which !== "table");
  }
}

customElements.define("data-table", DataTable);

/** A table, set up. */
export function makeTable(columns, options) {
  return document.createElement("data-table").set(columns, options);
}
