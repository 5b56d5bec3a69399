/*
 * The number of a running rule: a slider and a field. Dragging shows what would come of it, letting go does it. With
 * the keyboard nothing is done before Enter, or the button, says so: every press of an arrow key would be a price.
 */

import { element, setHidden, setText } from "../dom.js";
import { formatPoints, t } from "../words.js";

import { formatHundredths, parseDecimal } from "./figures.js";
import { readInteger } from "./fields.js";
import { rangeOf } from "./rule-set.js";
import { sayEffect } from "./rule-words.js";

const MAXIMUM_FACTOR = 1_000_000;
const MAXIMUM_AMOUNT = 10 ** 12;

export class NumberControl {
  #rule;
  #onLook;
  #onDone;
  #wanted;
  #dragging = false;
  #pending = false;

  /** `onLook(number)` while it is moved (null: put back), `onDone(number)` when it is let go of elsewhere than before. */
  constructor(rule, { onLook, onDone }) {
    this.#rule = rule;
    this.#onLook = onLook;
    this.#onDone = onDone;
    this.#wanted = rule.effect.number;
    this.#build();
    this.take(rule);
  }

  /** Takes what the rule is by now; what somebody is about to change stays as it is. */
  take(rule) {
    const idle = this.#wanted === this.#rule.effect.number;
    this.#rule = rule;
    if (!idle) return;
    this.#wanted = rule.effect.number;
    this.#drawRange();
    this.#draw();
  }

  /** Puts back what is not done. */
  reset() {
    this.#dragging = false;
    this.#wanted = this.#rule.effect.number;
    this.#drawRange();
    this.#draw();
  }

  set pending(pending) {
    this.#pending = pending;
    this.slider.disabled = this.field.disabled = pending;
    this.node.setAttribute("aria-busy", String(pending));
    this.#draw();
  }

  #build() {
    const { id, title, effect } = this.#rule;
    const name = title || id;
    const factor = effect.operation === "factor";
    this.slider = element("input", { type: "range", "aria-label": t("tune.slider", { rule: name }) });
    this.field = element("input", {
      inputMode: factor || effect.operation !== "add" ? "decimal" : "text",
      autocomplete: "off",
      "aria-label": t(factor ? "tune.field_percent" : "tune.field_amount", { rule: name }),
    });
    this.words = element("output", { class: "effect" });
    this.unit = element("span", { class: "unit" }, factor ? "%" : t(effect.part === "cash" ? "tune.minor" : "tune.points"));
    this.error = element("span", { class: "field-error", role: "alert", hidden: true });
    this.set = element("button", { type: "button", class: "primary small", onclick: () => this.#finish() }, t("tune.set"));
    this.back = element("button", { type: "button", class: "plain", onclick: () => this.#putBack() }, t("tune.put_back"));
    this.staged = element("span", { class: "staged", hidden: true }, this.set, this.back);
    const entry = element("span", { class: "entry" }, this.field, this.unit);
    this.node = element("div", { class: "number-control" }, this.words, entry, this.slider, this.error, this.staged);
    this.#listen();
  }

  #listen() {
    const { slider, field, node } = this;
    slider.addEventListener("pointerdown", () => {
      this.#dragging = true;
    });
    slider.addEventListener("input", () => this.#move(Number(slider.value)));
    slider.addEventListener("change", () => {
      if (!this.#dragging) return;
      this.#dragging = false;
      this.#finish();
    });
    for (const event of ["pointerup", "pointercancel"]) {
      // A press that moves nothing has no `change` after it.
      slider.addEventListener(event, () => setTimeout(() => (this.#dragging = false)));
    }
    field.addEventListener("input", () => {
      const number = this.#readField();
      if (Number.isNaN(number)) this.#complain(t("field.not_a_number"));
      else this.#move(number, false);
    });
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target !== this.back) {
        event.preventDefault();
        this.#finish();
      } else if (event.key === "Escape") {
        this.#putBack();
      }
    });
  }

  #move(number, fromSlider = true) {
    const fault = this.#judge(number);
    this.#complain(fault);
    if (fault) return;
    this.#wanted = number;
    if (fromSlider) this.field.value = this.#write(number);
    else this.slider.value = String(number);
    this.#draw();
    this.#onLook(number);
  }

  #finish() {
    const wanted = this.#wanted;
    if (!this.error.hidden || this.#pending) return;
    if (wanted === this.#rule.effect.number) this.#putBack();
    else this.#onDone(wanted);
  }

  #putBack() {
    this.reset();
    this.#complain("");
    this.#onLook(null);
  }

  #judge(number) {
    const { operation } = this.#rule.effect;
    if (operation === "factor") {
      const between = { least: formatHundredths(1), greatest: formatHundredths(MAXIMUM_FACTOR) };
      return number >= 1 && number <= MAXIMUM_FACTOR ? "" : t("tune.percent_between", between);
    }
    const least = operation === "add" ? -MAXIMUM_AMOUNT : 0;
    if (number >= least && number <= MAXIMUM_AMOUNT) return "";
    return t("field.between", { least, greatest: MAXIMUM_AMOUNT });
  }

  #complain(words) {
    setText(this.error, words);
    setHidden(this.error, !words);
    this.field.setAttribute("aria-invalid", String(Boolean(words)));
  }

  #readField() {
    if (this.#rule.effect.operation === "factor") return Math.round(parseDecimal(this.field.value) * 100);
    return readInteger(this.field.value) ?? NaN;
  }

  #write(number) {
    return this.#rule.effect.operation === "factor" ? formatHundredths(number) : formatPoints(number);
  }

  #drawRange() {
    const { least, greatest, step } = rangeOf(this.#rule.effect);
    // Steps count from `min`, and the number itself has to be one of the slider's places.
    const offset = (((this.#wanted - least) % step) + step) % step;
    Object.assign(this.slider, { min: least + offset, max: greatest, step, value: this.#wanted });
    this.field.value = this.#write(this.#wanted);
  }

  #draw() {
    const { effect } = this.#rule;
    const words = sayEffect(effect, this.#wanted);
    setText(this.words, words);
    this.slider.setAttribute("aria-valuetext", words);
    const moved = this.#wanted !== effect.number;
    setHidden(this.staged, !moved || this.#dragging || this.#pending);
    this.words.dataset.moved = moved ? "yes" : "";
    if (moved) this.words.title = t("tune.was", { before: sayEffect(effect) });
    else this.words.removeAttribute("title");
  }
}
