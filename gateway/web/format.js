/* How numbers and times are written for people. */

const points = new Intl.NumberFormat("en");
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minute = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

export function formatPoints(amount) {
  return points.format(amount);
}

/** The time of day of an instant (ms). */
export function formatTime(instant) {
  return clock.format(instant);
}

/** The same to the minute. */
export function formatMinute(instant) {
  return minute.format(instant);
}

export function formatDay(instant) {
  return day.format(instant);
}

/** What is left of a time (ms): `1 h 05 min`, `4:05`, and tenths below ten seconds. */
export function formatLeft(left) {
  if (left <= 0) return "0:00";
  if (left < 10_000) return `0:0${(Math.floor(left / 100) / 10).toFixed(1)}`;
  const seconds = Math.ceil(left / 1000);
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} min`;
  return `${Math.floor(seconds / 60)}:${pad(seconds % 60)}`;
}

/** How long ago something was (ms), in words. */
export function formatAgo(ago) {
  if (ago < 5_000) return "just now";
  if (ago < 60_000) return `${Math.floor(ago / 1000)} s ago`;
  if (ago < 3_600_000) return `${Math.floor(ago / 60_000)} min ago`;
  return `${Math.floor(ago / 3_600_000)} h ago`;
}

/** A length of time (ms) in words: `20 seconds`, `3 minutes`, `7 days`. */
export function formatLength(length) {
  const seconds = Math.round(length / 1000);
  if (seconds && seconds % 86_400 === 0) return seconds === 86_400 ? "a day" : `${seconds / 86_400} days`;
  if (seconds && seconds % 3_600 === 0) return seconds === 3_600 ? "an hour" : `${seconds / 3_600} hours`;
  return seconds % 60 ? `${seconds} seconds` : seconds === 60 ? "a minute" : `${seconds / 60} minutes`;
}

/** `1 bid`, `2 bids`. */
export function count(number, noun) {
  return `${formatPoints(number)} ${noun}${number === 1 ? "" : "s"}`;
}

export function capitalise(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function pad(number) {
  return String(number).padStart(2, "0");
}
