/* Raffles in words. */

import { now } from "../clock.js";
import { localise } from "../locale.js";
import { formatInstant, t } from "../words.js";

import { makeChip } from "./parts.js";

export const STATUSES = ["draft", "scheduled", "open", "locked", "drawn", "settled", "void"];

const TONES = { open: "good", scheduled: "accent", locked: "warn", drawn: "accent", void: "bad" };
const FATES = { claimed: "good", offered: "warn", declined: "bad", forfeited: "bad", lapsed: "bad" };

export function showStatus(status) {
  return makeChip(t(`raffle.status_${status}`), TONES[status] ?? "");
}

/** What became of a prize, or of a reserve. */
export function showFate(fate) {
  return makeChip(t(`raffle.fate_${fate}`), FATES[fate] ?? "");
}

/** What it is called, in the language that the reader reads best. */
export function nameRaffle({ id, titles }) {
  return localise(titles)?.text ?? id;
}

/** What happens next, and when. */
export function sayNext({ status, opens_at: opens, closes_at: closes, round_at: round, randomness, ended_at: ended, drawn_at: drawn }) {
  if (status === "draft" || status === "scheduled") return t("raffle.opens", { at: formatInstant(opens) });
  if (status === "open") return t("raffle.closes", { at: formatInstant(closes) });
  if (status === "locked" && randomness === "beacon") return t(round > now() ? "raffle.draws" : "raffle.draw_due", { at: formatInstant(round) });
  if (status === "locked") return t("raffle.draws_soon");
  return status === "drawn" ? t("raffle.drawn_at", { at: formatInstant(drawn) }) : formatInstant(ended);
}

/** How long what a raffle is drawn from may take, in ms, before it is late: as the alarm `beacon_late` has it. */
const LATE = 120_000;

/** Whether what the raffle is drawn from is there. */
export function hasRandomness({ signature, secret }) {
  return Boolean(signature || secret);
}

/** Whether a lock stands, and its raffle could be drawn at `at` (ms) if what it is drawn from were there. */
export function awaitsRandomness(raffle, at) {
  const { lock, status } = raffle;
  if (!lock || hasRandomness(raffle)) return false;
  return (Boolean(lock.signature) || status === "void") && at >= dueAt(raffle);
}

/** For how long (ms) it is late at `at`, 0 if it is not. */
export function lateBy(raffle, at) {
  const late = at - dueAt(raffle);
  return awaitsRandomness(raffle, at) && late > LATE ? late : 0;
}

function dueAt({ randomness, round_at: round, lock }) {
  return randomness === "beacon" ? round : lock.at;
}
