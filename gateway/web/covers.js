/* Pictures for the demo's experiences. An auction's id begins with its experience; what we do not know has a plain one. */

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

/** The picture's address for an auction's id. */
export function coverOf(id) {
  const slug = id.slice(0, id.lastIndexOf("-"));
  return `cover-${KNOWN.has(slug) ? slug : "default"}.svg`;
}
