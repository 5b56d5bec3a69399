/* Raffles in words. */

import { localise } from "/locale.js";
import { formatInstant, t } from "/words.js";

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
  if (status === "locked" && randomness === "beacon") return t("raffle.draws", { at: formatInstant(round) });
  if (status === "locked") return t("raffle.draws_soon");
  return formatInstant(ended || drawn);
}
