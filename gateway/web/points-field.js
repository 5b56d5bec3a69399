/* A field for an amount of points with its button: what was typed is checked before it is sent. */

import { element, setDisabled, setText } from "./dom.js";
import { formatPoints, parseNumber, t } from "./words.js";

export class PointsField {
  /** What is wrong with what was typed, in words. */
  problem = "";
  #changed;

  /** `submit()` is asked for by the button or Enter; `changed()` whenever the text or the problem does; `more` follows. */
  constructor(id, { submit, changed, more = [] }) {
    this.#changed = changed;
    this.field = element("input", { id, type: "text", inputMode: "numeric", autocomplete: "off", oninput: () => this.complain("") });
    this.field.setAttribute("aria-describedby", `${id}-help`);
    this.button = element("button", { type: "submit", class: "primary" });
    this.label = element("label", { for: id });
    this.help = element("p", { id: `${id}-help`, class: "help" });
    this.node = element(
      "form",
      {
        class: "maximum",
        noValidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          submit();
        },
      },
      this.label,
      element("div", { class: "row" }, this.field, this.button),
      ...more,
      this.help,
    );
  }

  update({ label, button, help, least, off }) {
    setText(this.label, label);
    setText(this.button, button);
    setText(this.help, help);
    this.field.placeholder = formatPoints(least);
    setDisabled(this.button, off);
  }

  /** The amount as it is typed now; 0 for none. */
  get points() {
    const points = parseNumber(this.field.value);
    return Number.isSafeInteger(points) && points > 0 ? points : 0;
  }

  /** The amount, and the field empty again; 0 and a problem where `least` or `most` forbid it. */
  take(least, most, tooMuch = t("problem.most", { most })) {
    const { points } = this;
    if (!points) this.complain(t("problem.whole_number"));
    else if (points < least) this.complain(t("problem.least", { least }));
    else if (points > most) this.complain(tooMuch);
    else {
      this.field.value = "";
      this.complain("");
      return points;
    }
    return 0;
  }

  complain(problem) {
    this.problem = problem;
    this.field.setAttribute("aria-invalid", String(problem !== ""));
    if (problem) this.field.focus();
    this.#changed();
  }
}
