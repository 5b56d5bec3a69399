/* One raffle in the list. Made once, then only what changed is touched. */

import { element, setData, setText } from "./dom.js";
import { drawCover } from "./drawn-covers.js";
import { humanise, localise, setLocalised } from "./locale.js";
import { describePrizes, describeStanding, describeTime } from "./raffle-words.js";
import { formatPoints, t } from "./words.js";

export class RaffleCard {
  #raffle = null;

  constructor(id, open) {
    this.time = element("span", { class: "time" });
    this.title = element("button", { type: "button", class: "title", onclick: open });
    this.prizes = element("p", { class: "text" });
    this.label = element("span", { class: "label" });
    this.price = element("span", { class: "price" });
    this.standing = element("span", { class: "standing" });
    this.facts = element("p", { class: "facts" });
    this.node = element(
      "article",
      { class: "lot raffle", dataset: { raffle: id } },
      element("div", { class: "picture" }, drawCover(id, "raffle"), this.time),
      element(
        "div",
        { class: "body" },
        element("h2", {}, this.title),
        this.prizes,
        element("div", { class: "figures" }, this.label, this.standing, this.price),
        this.facts,
      ),
    );
  }

  update({ raffle, own, price }) {
    this.#raffle = raffle;
    setLocalised(this.title, localise(raffle.titles), humanise(raffle.id));
    setText(this.prizes, describePrizes(raffle).join(" · "));
    const points = price?.points ?? raffle.price;
    setText(this.label, points === null ? t("raffle.tickets_earned") : t("raffle.a_ticket"));
    setText(this.price, points === null ? "" : points ? formatPoints(points) : t("raffle.free"));
    setData(this.price, "unit", points ? t("unit.points", { count: points }) : "");
    const { kind, words } = describeStanding(raffle, own);
    setData(this.node, "standing", kind);
    setText(this.standing, words);
    setText(this.facts, t("count.tickets", { count: raffle.tickets }));
  }

  tick(now) {
    if (this.#raffle === null) return;
    const { words, urgency } = describeTime(this.#raffle, now);
    setText(this.time, words);
    setData(this.node, "urgency", urgency);
  }
}
