/* Auctions: all of them, or one. */

import { element } from "../dom.js";
import { t } from "../words.js";

import { AuctionList } from "./auction-list.js";
import { AuctionPage } from "./auction-page.js";
import { makeHead } from "./parts.js";

export class View {
  #context;
  #part = null;

  constructor(context) {
    this.#context = context;
    this.node = element("section", { class: "auctions" });
  }

  enter([id = ""]) {
    this.#part?.leave();
    if (id) {
      this.#part = new AuctionPage(this.#context, id);
      const back = element("a", { href: "#/auctions", class: "back" }, t("auction.back"));
      this.node.replaceChildren(back, this.#part.node);
    } else {
      this.#part = new AuctionList(this.#context);
      this.node.replaceChildren(makeHead(t("view.auctions"), ...this.#part.actions), this.#part.node);
    }
    this.#part.enter();
  }

  leave() {
    this.#part?.leave();
  }
}
