/* The field of a rule's windows: from when to when it applies, any number of times; none is always. */

import { CROSS, element, icon } from "/dom.js";
import { t } from "/words.js";

/** See fields.js; the value is `[[start, end], …]` in ms, in the order of time. */
export function makeWindows(field, id) {
  const rows = element("div", { class: "windows" });
  const add = element(
    "button",
    { type: "button", class: "secondary small", onclick: () => rows.append(makeRow(id, rows.childElementCount)) },
    t("windows.add"),
  );
  for (const window of field.value ?? []) rows.append(makeRow(id, rows.childElementCount, window));
  const value = () => [...rows.children].map(readRow).sort(([one], [other]) => one - other);
  return { node: element("div", {}, rows, add), controls: [add], value, fault: () => judge(value()), group: true };
}

function makeRow(id, number, [start, end] = []) {
  const edge = (name, instant) => {
    const value = instant ? toLocal(instant) : "";
    const label = t(`windows.${name}_label`, { number: number + 1 });
    return element("input", { type: "datetime-local", step: 1, name, value, "aria-label": label });
  };
  const remove = element(
    "button",
    {
      type: "button",
      class: "plain icon",
      "aria-label": t("windows.remove", { number: number + 1 }),
      onclick: () => {
        const { form } = row.firstChild;
        row.remove();
        form?.dispatchEvent(new Event("input", { bubbles: true }));
      },
    },
    icon(CROSS),
  );
  const row = element("div", { class: "window" }, edge("start", start), element("span", {}, "–"), edge("end", end), remove);
  return row;
}

function readRow(row) {
  return [...row.querySelectorAll("input")].map((input) => new Date(input.value).getTime());
}

function judge(windows) {
  if (windows.some(([start, end]) => Number.isNaN(start) || Number.isNaN(end))) return t("windows.incomplete");
  if (windows.some(([start, end]) => end <= start)) return t("windows.ends_first");
  const overlapping = windows.some(([start], index) => index > 0 && start < windows[index - 1][1]);
  return overlapping ? t("windows.overlap") : "";
}

function toLocal(instant) {
  const date = new Date(instant - new Date(instant).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19);
}
