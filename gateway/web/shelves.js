/* What campaigns put in front: a row of experiences for each shelf that is up, at the same live prices. */

import { now } from "./clock.js";
import { element, setHidden, setText } from "./dom.js";
import { drawCover } from "./drawn-covers.js";
import { humanise, localise, setLocalised } from "./locale.js";
import { formatPrice } from "./money.js";
import { formatInstant, formatMinute, t } from "./words.js";

const DAY = 86_400_000;

export class Shelves {
  #open;
  #drawn = "";
  #prices = new Map();

  /** `open(id)` opens an experience. */
  constructor(node, open) {
    this.node = node;
    this.#open = open;
  }

  /** Draws the shelves of a catalogue; they are `wanted` beside all kinds only. */
  update(catalogue, wanted) {
    const shelves = catalogue.ready ? catalogue.shelves : [];
    setHidden(this.node, !wanted || catalogue.isNarrow || !shelves.length);
    if (this.node.hidden) return;
    const shown = shelves.map((shelf) => ({ ...shelf, experiences: shelf.experiences.filter((id) => catalogue.offers.has(id)) }));
    const text = JSON.stringify(shown);
    if (text !== this.#drawn) {
      this.#drawn = text;
      this.#prices.clear();
      this.node.replaceChildren(...shown.filter((one) => one.experiences.length).map((one) => this.#drawShelf(one, catalogue)));
    }
    for (const [node, id] of this.#prices) {
      const { price } = catalogue.item(id);
      setText(node, price === null ? "" : formatPrice(price));
    }
  }

  #drawShelf({ shelf, titles, turns_at, experiences }, catalogue) {
    const title = element("h2", {});
    setLocalised(title, localise(titles), humanise(shelf));
    const until = element("span", { class: "until" }, describeEnd(turns_at, now()));
    return element(
      "section",
      { class: "shelf" },
      element("div", { class: "shelf-heading" }, title, until),
      element("ul", {}, ...experiences.map((id) => element("li", {}, this.#drawPick(catalogue.offers.get(id))))),
    );
  }

  #drawPick({ experience, kind, titles }) {
    const title = element("span", { class: "pick-title" });
    setLocalised(title, localise(titles), humanise(experience));
    const price = element("span", { class: "pick-price" });
    this.#prices.set(price, experience);
    return element(
      "button",
      { type: "button", class: "pick", dataset: { pick: experience }, onclick: () => this.#open(experience) },
      element("span", { class: "thumb" }, drawCover(experience, kind)),
      element("span", { class: "about" }, title, price),
    );
  }
}

/** Until when a shelf is up, empty for good. */
function describeEnd(turnsAt, now) {
  if (!turnsAt) return "";
  return t("shelf.until", { time: turnsAt - now < DAY ? formatMinute(turnsAt) : formatInstant(turnsAt) });
}
