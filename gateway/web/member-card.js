/* The member's card: a code that a store scans. It says whom to credit, and authorises nothing. */

import { setHidden, element } from "./dom.js";
import { t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

export class MemberCard {
  #code = "";

  constructor() {
    this.picture = document.createElementNS(SVG, "svg");
    this.picture.setAttribute("role", "img");
    this.picture.setAttribute("aria-label", t("card.label"));
    const words = [element("h2", {}, t("card.title")), element("p", { class: "help" }, t("card.help"))];
    this.node = element("section", { class: "member-card", hidden: true }, this.picture, element("div", {}, ...words));
  }

  /** Draws a card as the gateway tells it, `{ code, svg }`; null: there is none. */
  update(card) {
    setHidden(this.node, card === null);
    if (card === null || card.code === this.#code) return;
    this.#code = card.code;
    const drawn = new DOMParser().parseFromString(card.svg, "image/svg+xml").documentElement;
    this.picture.setAttribute("viewBox", drawn.getAttribute("viewBox"));
    this.picture.replaceChildren(...[...drawn.querySelectorAll("path")].map(copyPath));
  }
}

/** Only an outline is taken over, whatever else stood there. */
function copyPath(from) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", from.getAttribute("d"));
  path.setAttribute("stroke", "#000");
  path.setAttribute("transform", from.getAttribute("transform") ?? "");
  return path;
}
