/* The places of a draw as they come up: who they are, by pseudonym; the member's own stands out. */

import { element, setData, setText } from "./dom.js";
import { titleOf } from "./raffle-words.js";
import { formatNumber, t } from "./words.js";

export class PlaceList {
  #rows = [];

  constructor() {
    this.list = element("ol", { class: "places" });
    this.rest = element("p", { class: "help" });
    this.node = element("section", { class: "drawn" }, element("h3", {}, t("draw.title")), this.list, this.rest);
  }

  /** Draws a raffle's places; `entrant` is the member's own pseudonym. New ones appear one after another. */
  update(raffle, entrant) {
    const { places } = raffle;
    if (places.length < this.#rows.length) this.#clear();
    const fresh = places.length - this.#rows.length;
    for (let index = this.#rows.length; index < places.length; index++) {
      const row = new Row();
      row.node.style.setProperty("--turn", String(Math.min(index - (places.length - fresh), 12)));
      this.#rows.push(row);
      this.list.append(row.node);
    }
    const titles = new Map(raffle.prizes.map((prize) => [prize.id, titleOf(prize)]));
    places.forEach((place, index) => this.#rows[index].update(place, titles, place.entrant === entrant));
    const more = raffle.drawn - places.length;
    setText(this.rest, more > 0 ? t("draw.more_places", { count: more }) : "");
  }

  #clear() {
    this.#rows = [];
    this.list.replaceChildren();
  }
}

class Row {
  constructor() {
    this.who = element("bdi", { class: "who" });
    this.prize = element("span", { class: "what" });
    this.ticket = element("span", { class: "amount" });
    this.fate = element("span", { class: "fate" });
    this.node = element("li", {}, this.prize, this.who, this.ticket, this.fate);
  }

  update({ ticket, entrant, prize, fate }, titles, isOwn) {
    setText(this.who, isOwn ? t("who.you") : `${entrant.slice(0, 8)}…`);
    this.who.title = entrant;
    setText(this.prize, prize ? (titles.get(prize) ?? prize) : t("draw.reserve"));
    setText(this.ticket, t("draw.ticket", { number: formatNumber(ticket) }));
    setText(this.fate, fate === "reserve" ? "" : t(`fate.${fate}`)); // its name says it
    setData(this.node, "own", isOwn ? "yes" : "");
    setData(this.node, "fate", fate);
  }
}
