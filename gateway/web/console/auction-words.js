/* Auctions in words: their status, their format, what a bidder is called. */

import { now } from "../clock.js";
import { formatInstant, formatLeft, formatPoints, t } from "../words.js";

import { makeChip } from "./parts.js";

export const STATUSES = ["draft", "scheduled", "open", "paused", "closing", "settled", "unsold", "cancelled"];

/** Those in which bids count. */
export const RUNNING = ["open", "paused"];

export const FORMATS = ["english", "dutch", "sealed", "multi_unit", "clock"];

const TONES = { open: "good", paused: "warn", scheduled: "accent", unsold: "bad", cancelled: "bad" };

export function showStatus(status) {
  return makeChip(t(`auction.status_${status}`), TONES[status] ?? "");
}

export function nameFormat(format) {
  return t(`auction.format_${format || "english"}`);
}

/** Who it is: members are numbers in an auction, also to managers. */
export function nameBidder(number) {
  return number ? t("auction.bidder", { number }) : "–";
}

/** The price, and which it is: before the first bid it is what the first bid needs. */
export function sayPrice({ price, hammer_price: hammer }) {
  return formatPoints(hammer || price);
}

/** When it begins, ends, or ended. */
export function sayEnd({ status, starts_at: start, ends_at: end, ended_at: ended, paused_at: paused }) {
  if (status === "open") return formatLeft(end - now());
  if (status === "paused") return formatLeft(end - paused);
  if (status === "scheduled" || status === "draft") return t("auction.starts", { at: formatInstant(start) });
  return formatInstant(ended || end);
}
