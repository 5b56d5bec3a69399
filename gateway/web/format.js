/* Counted nouns, and the formats of words.js. */

import { formatPoints } from "./words.js";

export { capitalise, formatAgo, formatDay, formatLeft, formatLength, formatMinute, formatPoints, formatTime } from "./words.js";

/** `1 bid`, `2 bids`. */
export function count(number, noun) {
  return `${formatPoints(number)} ${noun}${number === 1 ? "" : "s"}`;
}
