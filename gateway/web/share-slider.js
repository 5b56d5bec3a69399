/* How much of a price is paid in points, where the member may choose; the rest is money. */

import { element, setHidden, setText } from "./dom.js";
import { hasChoice } from "./reward-words.js";
import { formatShare, t } from "./words.js";

/** Steps in basis points, the first that meets both ends. */
const STEPS = [500, 100, 1];

export class ShareSlider {
  #bounds = "";

  /** `onChange(share)` is told the share in basis points while the member slides. */
  constructor(id, onChange) {
    const name = `share-${id}`;
    this.field = element("input", { id: name, type: "range", oninput: () => onChange(Number(this.field.value)) });
    this.share = element("output", { for: name });
    this.node = element(
      "div",
      { class: "share" },
      element("label", { for: name }, t("share.label")),
      this.share,
      this.field,
      element("span", { class: "end", "aria-hidden": "true" }, t("share.money")),
      element("span", { class: "end", "aria-hidden": "true" }, t("share.points")),
    );
  }

  update(offer, share) {
    setHidden(this.node, !hasChoice(offer) || offer.locked);
    const { least, greatest } = offer;
    const bounds = `${least}-${greatest}`;
    if (bounds !== this.#bounds) {
      this.#bounds = bounds;
      Object.assign(this.field, { min: least, max: greatest, step: STEPS.find((step) => (greatest - least) % step === 0) });
    }
    if (Number(this.field.value) !== share) this.field.value = share;
    const words = formatShare(share);
    setText(this.share, words);
    this.field.setAttribute("aria-valuetext", t("share.spoken", { share: words }));
  }
}
