/* Who bought how many pieces at which price, by bidder number; the member's own stand out. */

import { element, setData, setHidden, setText } from "./dom.js";
import { formatPoints, t } from "./words.js";

export class SaleList {
  #drawn = "";

  constructor() {
    this.heading = element("h3", {});
    this.list = element("ol", { class: "bids sales" });
    this.node = element("section", {}, this.heading, this.list);
  }

  /** Draws the sales of an auction; `bidder` is the member's own number in it. */
  update({ pieces, ended_at: endedAt }, bidder) {
    const { sales } = pieces;
    setHidden(this.node, !sales.length);
    setText(this.heading, endedAt ? t("sales.sold") : t("sales.so_far"));
    const text = JSON.stringify([sales, bidder]);
    if (text === this.#drawn) return;
    this.#drawn = text;
    this.list.replaceChildren(...sales.map((sale) => drawSale(sale, pieces.supply, sale.bidder === bidder)));
  }
}

function drawSale({ bidder, quantity, price }, supply, isOwn) {
  const row = element(
    "li",
    {},
    element("span", { class: "who" }, isOwn ? t("who.you") : t("who.member", { number: bidder })),
    element("span", {}, supply > 1 ? t("count.pieces", { count: quantity }) : ""),
    element("span", { class: "amount" }, supply > 1 ? t("sales.each", { price }) : formatPoints(price)),
  );
  setData(row, "own", isOwn ? "yes" : "");
  return row;
}
