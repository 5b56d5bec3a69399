/*
 * The page's addresses, which stand behind the `#`: nothing, or an auction's id, for the auctions; `/rewards` and
 * `/rewards/ID` for the catalogue; `/my-rewards`; `/points`; `/raffles` and `/raffles/ID`. No id has a slash in it.
 */

/** Where an address leads: `{ view, id }`. */
export function parseAddress(hash) {
  const [first, view, id = ""] = decode(hash.slice(1)).split("/");
  if (first) return { view: "auctions", id: first };
  if (view === "my-rewards" || view === "points") return { view, id: "" };
  return view === "rewards" || view === "raffles" ? { view, id } : { view: "auctions", id: "" };
}

/** The address of a view, with the auction or experience that is open in it. */
export function addressOf(view, id) {
  const name = encodeURIComponent(id);
  if (view === "auctions") return id ? `#${name}` : location.pathname;
  return id ? `#/${view}/${name}` : `#/${view}`;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // half an escape: somebody cut the address short
  }
}
