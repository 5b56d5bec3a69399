/* Files that are handed to whoever uses the page. */

import { element } from "../dom.js";

/** How long the browser may take to begin with a file, in ms. */
const BEGIN = 10_000;

export function saveFile(blob, name) {
  const address = URL.createObjectURL(blob);
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), BEGIN);
}
