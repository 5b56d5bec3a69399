/*
 * The gateway's clock, as far as this page can tell: how long the page has run, plus an offset that pings measure. It never
 * goes back for a better measurement: it goes slower, or faster, until it agrees.
 */

const SAMPLES = 8;

/** How far (ms) samples may contradict one another; past it the device slept, and older ones count for nothing. */
const TOLERANCE = 50;

/** How much of the time that passes a correction may take. */
const PACE = 0.5;

/** An error (ms) that no slow network makes: it is put right at once. */
const WRONG = 5_000;

/** The last samples, as `{ least, most }` in ms: between them lies the offset. */
const samples = [];
let offset = performance.timeOrigin;
let learnt = false;
let shownAt = 0;
let shown = offset;

/** The gateway's time in ms since 1970. */
export function now() {
  const here = performance.now();
  const passed = here - shownAt;
  const error = here + offset - shown - passed;
  const most = learnt && Math.abs(error) < WRONG ? passed * PACE : Infinity;
  shown += passed + Math.max(-most, Math.min(most, error));
  shownAt = here;
  return shown;
}

/** Learns from a ping that left at `sent` and was back at `received` (`performance.now()`), when it was `there` there. */
export function learn(sent, received, there) {
  const sample = { least: there - received, most: there - sent };
  if (samples.some(({ least, most }) => Math.max(least - sample.most, sample.least - most) > TOLERANCE)) samples.length = 0;
  samples.push(sample);
  if (samples.length > SAMPLES) samples.shift();
  // The quickest trip leaves the least room for error.
  const best = samples.reduce((best, one) => (one.most - one.least < best.most - best.least ? one : best));
  offset = (best.least + best.most) / 2;
  if (!learnt) now();
  learnt = true;
}
