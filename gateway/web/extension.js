/* That an auction closes later than it was going to: told beside its time as soon as that is another. */

import { element, setHidden, setText } from "./dom.js";
import { formatLength, t } from "./words.js";

/** How long it is told, in ms. */
const STAY = 6_000;

export class Extension {
  #endsAt = Infinity;
  #until = 0;
  node = element("span", { class: "extended", role: "status", hidden: true });

  /** Draws it for an auction at an instant (ms); a pause that ends is no extension. */
  tick({ status, ends_at: endsAt }, at) {
    const isOpen = status === "open";
    const by = Math.round((endsAt - this.#endsAt) / 1_000) * 1_000;
    if (isOpen && by > 0) {
      setText(this.node, t("time.extended", { by: formatLength(by) }));
      this.#until = at + STAY;
    }
    this.#endsAt = isOpen ? endsAt : Infinity;
    setHidden(this.node, !isOpen || at >= this.#until);
  }
}
