/* The field of a time zone, which others of its form go by, and what its clocks show. */

import { now } from "../clock.js";
import { element } from "../dom.js";
import { t } from "../words.js";

import { formatThere, isZone, nameZone, sayChanges } from "./zones.js";

const YEAR = 366 * 86_400_000;

/**
 * A field (see fields.js) of a time zone; `onChange(zone)` is told of another that there is. Below it stands what
 * time it is there, and when its clocks change within a year.
 */
export function zoneField({ name = "zone", label = t("zone.label"), hint = "", value, onChange = () => {} }) {
  return { name, label, hint, required: true, make: (field, id) => makeZone(field, id, onChange), value };
}

function makeZone(field, id, onChange) {
  const input = element("input", { id, name: field.name, value: field.value, autocomplete: "off", spellcheck: false, dir: "ltr" });
  const names = element("datalist", { id: `${id}-zones` });
  input.setAttribute("list", names.id);
  input.addEventListener("focus", () => fillZones(names), { once: true });
  const clocks = element("p", { class: "hint", role: "status" });
  const show = () => {
    const zone = input.value.trim();
    clocks.replaceChildren(isZone(zone) ? sayClocks(zone) : "");
    if (isZone(zone)) onChange(zone);
  };
  input.addEventListener("input", show);
  show();
  const fault = () => (input.value.trim() && !isZone(input.value.trim()) ? t("zone.unknown") : undefined);
  return { node: element("div", {}, input, names, clocks), controls: [input], value: () => input.value.trim(), fault };
}

function fillZones(names) {
  names.append(...Intl.supportedValuesOf("timeZone").map((value) => element("option", { value })));
}

/** What time it is in a zone, and when its clocks change. */
function sayClocks(zone) {
  const at = now();
  const changes = sayChanges(zone, at, at + YEAR) || t("zone.even");
  return `${t("zone.clocks", { zone: nameZone(zone, at), time: formatThere(at, zone) })} ${changes}`;
}
