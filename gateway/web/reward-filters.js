/* What narrows the catalogue down: a kind, words, and what the member can have now. */

import { element, setHidden } from "./dom.js";
import { nameOfKind } from "./reward-words.js";
import { t } from "./words.js";

/** As many rewards are seen without a search. */
const FEW = 8;

export class RewardFilters {
  #catalogue;

  /** `kinds` is the place in the document for one button a kind; the others come before it. */
  constructor(kinds, catalogue) {
    this.kinds = kinds;
    this.#catalogue = catalogue;
    const narrow = () => catalogue.narrow({ words: this.search.value });
    this.search = element("input", { type: "search", placeholder: t("rewards.search"), "aria-label": t("rewards.search"), oninput: narrow });
    const toggle = () => catalogue.narrow({ reachable: !catalogue.reachable });
    this.reachable = element("button", { type: "button", onclick: toggle }, t("rewards.reachable"));
    this.finding = element("div", { class: "finding" }, this.search, this.reachable);
    kinds.before(this.finding);
  }

  update(wanted) {
    const { kinds, kind, words, reachable, offers } = this.#catalogue;
    setHidden(this.finding, !wanted || offers.size <= FEW);
    setHidden(this.kinds, !wanted || kinds.length < 2);
    if (this.search.value !== words) this.search.value = words;
    this.reachable.setAttribute("aria-pressed", String(reachable));
    if (this.kinds.dataset.kinds !== kinds.join()) this.#drawKinds(kinds);
    for (const button of this.kinds.children) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
  }

  #drawKinds(kinds) {
    this.kinds.dataset.kinds = kinds.join();
    const choose = (kind) => () => this.#catalogue.narrow({ kind });
    const name = (kind) => (kind ? nameOfKind(kind) : t("rewards.all"));
    const draw = (kind) => element("button", { type: "button", dataset: { kind }, onclick: choose(kind) }, name(kind));
    this.kinds.replaceChildren(...["", ...kinds].map(draw));
  }
}
