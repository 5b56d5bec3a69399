/* Members: one is found by id, e-mail address or phone number. */

import { element } from "../dom.js";
import { formatPoints, t } from "../words.js";

import { makeTable } from "./data-table.js";
import { MemberPage } from "./member-page.js";
import { makeHead, showEmpty } from "./parts.js";

/** How long typing has to rest before it is looked for, in ms. */
const REST = 300;

export class View {
  #context;
  #part = null;

  constructor(context) {
    this.#context = context;
    this.node = element("section", { class: "members" });
  }

  enter([id = ""]) {
    this.#part?.leave();
    if (id) {
      this.#part = new MemberPage(this.#context, id);
      this.node.replaceChildren(element("a", { href: "#/members", class: "back" }, t("member.back")), this.#part.node);
    } else {
      this.#part = new MemberSearch(this.#context);
      this.node.replaceChildren(makeHead(t("view.members")), this.#part.node);
    }
    this.#part.enter();
  }

  leave() {
    this.#part?.leave();
  }
}

class MemberSearch {
  #context;
  #timer = 0;
  #turn = 0;

  constructor(context) {
    this.#context = context;
    this.query = element("input", { id: "member-query", type: "search", autocomplete: "off", dir: "ltr" });
    this.more = element("p", { class: "hint", role: "status" });
    this.table = makeTable(
      [
        { key: "member", label: t("member.id"), title: true, cell: (row) => row.member, value: (row) => row.member },
        { key: "tier", label: t("member.tier"), cell: (row) => row.tier, value: (row) => row.tier },
        { key: "market", label: t("member.market"), cell: (row) => row.market, value: (row) => row.market },
        { key: "available", label: t("member.available"), end: true, cell: (row) => formatPoints(row.available), value: (row) => row.available },
        { key: "held", label: t("member.held"), end: true, cell: (row) => formatPoints(row.held), value: (row) => row.held },
      ],
      {
        caption: t("view.members"),
        key: (row) => row.member,
        href: (row) => `#/members/${encodeURIComponent(row.member)}`,
        empty: showEmpty(t("member.none"), t("member.none_hint")),
      },
    );
    this.first = showEmpty(t("member.begin"), t("member.begin_hint"));
    const form = element("form", { class: "filters", role: "search" }, element("label", { for: "member-query" }, t("member.find"), this.query));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#find();
    });
    form.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#find(), REST);
    });
    this.node = element("div", {}, form, this.first, this.table, this.more);
    this.table.hidden = true;
  }

  enter() {
    this.query.focus();
  }

  leave() {
    clearTimeout(this.#timer);
    this.#turn += 1;
  }

  async #find() {
    clearTimeout(this.#timer);
    const query = this.query.value.trim();
    const turn = ++this.#turn;
    this.first.hidden = query !== "";
    this.table.hidden = query === "";
    this.more.textContent = "";
    if (!query) return;
    this.table.load();
    try {
      const found = await this.#context.gateway.ask("member.find", { query });
      if (turn !== this.#turn) return;
      this.table.show(found.members);
      if (!found.complete) this.more.textContent = t("member.more");
    } catch (error) {
      if (turn === this.#turn) this.table.fail(error, () => this.#find());
    }
  }
}
