/* Buttons that move a row among its neighbours, or take it away. */

import { CROSS, element, icon } from "../dom.js";

const UP = "M6 15l6-6 6 6";
const DOWN = "M6 9l6 6 6-6";

/** Three buttons for `row`: up, down, remove; `words` are `{ up, down, remove }`, `changed()` is told of what they did. */
export function makeOrderButtons(row, words, changed = () => {}) {
  const button = (name, path, act) =>
    element("button", { type: "button", class: "plain icon", "aria-label": words[name], onclick: act }, icon(path));
  const move = (pressed, place) => () => {
    place();
    pressed().focus();
    changed();
  };
  const up = button("up", UP, move(() => up, () => row.previousElementSibling?.before(row)));
  const down = button("down", DOWN, move(() => down, () => row.nextElementSibling?.after(row)));
  const remove = button("remove", CROSS, () => {
    row.remove();
    changed();
  });
  return [up, down, remove];
}
