/* What was done, and what was refused: said in a corner, read out, gone after a while unless somebody is at it. */

import { CROSS, element, icon } from "../dom.js";
import { t } from "../words.js";

import { describe } from "./refusals.js";

/** How long a notice stays, in ms; one that can be acted on stays longer. */
const STAY = 8_000;
const STAY_FOR_ACTION = 20_000;

export class Notices {
  #node;

  constructor(node) {
    this.#node = node;
  }

  /** Says something: `tone` is good, bad or plain; an `action` is `{ words, act }`. The notice, to take it away. */
  say(tone, words, action = null) {
    const close = element("button", { type: "button", class: "plain icon", "aria-label": t("notice.close") }, icon(CROSS));
    const node = element("li", { class: "notice", dataset: { tone } }, element("p", {}, words));
    if (tone === "bad") node.setAttribute("role", "alert");
    close.addEventListener("click", () => node.remove());
    if (action) node.append(this.#makeAction(node, action));
    node.append(close);
    this.#node.append(node);
    this.#expire(node, action ? STAY_FOR_ACTION : STAY);
    return node;
  }

  /** Says why something was not done. */
  refuse(error) {
    return this.say("bad", describe(error));
  }

  #makeAction(node, { words, act }) {
    return element(
      "button",
      {
        type: "button",
        class: "secondary",
        onclick: () => {
          node.remove();
          act();
        },
      },
      words,
    );
  }

  #expire(node, stay) {
    setTimeout(() => {
      if (node.matches(":hover, :focus-within")) this.#expire(node, STAY);
      else node.remove();
    }, stay);
  }
}
