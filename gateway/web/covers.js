/*
 * Pictures. An auction's id begins with its experience; those of the demo have one drawn for them, others a plain one.
 */

import { element } from "./dom.js";

const KNOWN = new Set([
  "archipelago",
  "balloon",
  "barista",
  "chefs-table",
  "jazz",
  "lounge-year",
  "northern-lights",
  "observatory",
  "opera",
  "pace-car",
  "sauna",
  "vineyard",
]);

/** The picture for an auction's id. */
export function coverOf(id) {
  const slug = id.slice(0, id.lastIndexOf("-"));
  return coverNamed(KNOWN.has(slug) ? slug : "default");
}

/** The picture of an experience whose id begins with the same word as one that has a picture; null where none does. */
export function coverLike(id) {
  const slug = [...KNOWN].find((known) => id.startsWith(known) || id.split("-")[0] === known.split("-")[0]);
  return slug ? coverNamed(slug) : null;
}

function coverNamed(slug) {
  const { href: src } = new URL(`cover-${slug}.svg`, import.meta.url);
  return element("img", { loading: "lazy", class: "cover", src, alt: "", width: 640, height: 360, draggable: false });
}
