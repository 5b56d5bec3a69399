/* The gateway's clock, as far as this page can tell: our own, plus an offset that pings measure. */

const SAMPLES = 8;

/** The last samples, as `{ trip, offset }` in ms. */
const samples = [];
let offset = 0;

/** The gateway's time in ms since 1970. */
export function now() {
  return Date.now() + offset;
}

/** Learns from a ping that left at `sent` and was back at `received` (both on our clock), when it was `there` there. */
export function learn(sent, received, there) {
  samples.push({ trip: received - sent, offset: there - (sent + received) / 2 });
  if (samples.length > SAMPLES) samples.shift();
  // The quickest trip leaves the least room for error.
  offset = samples.reduce((best, one) => (one.trip < best.trip ? one : best)).offset;
}
