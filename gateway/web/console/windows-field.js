/* Fields of windows: from when to when something applies, any number of times; none is always. */

import { CROSS, element, icon } from "../dom.js";
import { t } from "../words.js";

import { OWN_ZONE, fromLocal, toLocal } from "./zones.js";

/**
 * Windows as instants; see fields.js. The value is `[[start, end], …]` in ms, in the order of time. `zone()` is whose
 * clocks they are written by; the reader's own where it is left out.
 */
export function makeWindows(field, id) {
  const zone = field.zone ?? (() => OWN_ZONE);
  const rows = makeRows(id, (field.value ?? []).map((window) => window.map((instant) => toLocal(instant, zone()))));
  const value = () => rows.read().map((texts) => texts.map((text) => fromLocal(text, zone()))).sort(([one], [other]) => one - other);
  return { ...rows.field, value, fault: () => judgeTexts(rows.read(), zone()) || judgeOrder(value()) };
}

/** Windows as a zone's clocks show them, for a schedule: the value is `[{ starts, ends }, …]`. */
export function makeLocalWindows(field, id) {
  const rows = makeRows(id, (field.value ?? []).map(({ starts, ends }) => [starts, ends]));
  const value = () => rows.read().map(([starts, ends]) => ({ starts, ends }));
  return { ...rows.field, value, fault: () => judgeTexts(rows.read(), field.zone()) };
}

function makeRows(id, windows) {
  const rows = element("div", { class: "windows" });
  const append = (texts) => rows.append(makeRow(rows.childElementCount, texts));
  const add = element("button", { type: "button", class: "secondary small", onclick: () => append([]) }, t("windows.add"));
  for (const texts of windows) append(texts);
  const read = () => [...rows.children].map((row) => [...row.querySelectorAll("input")].map((input) => input.value));
  return { read, field: { node: element("div", {}, rows, add), controls: [add], group: true } };
}

function makeRow(number, [start = "", end = ""]) {
  const edge = (name, value) => {
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

function judgeTexts(rows, zone) {
  if (rows.flat().includes("")) return t("windows.incomplete");
  const missing = rows.flat().find((text) => Number.isNaN(fromLocal(text, zone)));
  return missing ? t("zone.no_such_time", { zone }) : "";
}

function judgeOrder(windows) {
  if (windows.some(([start, end]) => end <= start)) return t("windows.ends_first");
  const overlapping = windows.some(([start], index) => index > 0 && start < windows[index - 1][1]);
  return overlapping ? t("windows.overlap") : "";
}
