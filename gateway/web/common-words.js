/* Words that auctions, raffles and rewards share. */

import { formatLeft, formatList, hasWord, nameOfGroup, t } from "./words.js";

/** The words of the clock before something opens, and how pressing they are. */
export function describeOpening(opensAt, now) {
  const left = opensAt - now;
  const words = left > 0 ? t("time.opens_in", { left: formatLeft(Math.max(left, 10_000)) }) : t("time.opening");
  return { words, urgency: "later" };
}

/** The same while it is open. */
export function describeClosing(endsAt, now) {
  const left = endsAt - now;
  if (left <= 0) return { words: t("time.closing"), urgency: "urgent" };
  return { words: formatLeft(left), urgency: left < 10_000 ? "urgent" : left < 60_000 ? "soon" : "calm" };
}

/** For whom it is, where it is not for the member. */
export function describeWanted(names) {
  return t("who.members", { names: formatList(names.map(nameOfGroup)) });
}

export function describeShort(points, available) {
  return t("obstacle.short", { points: t("count.points", { count: points }), available });
}

/** Why something was refused, where no other words are known: the gateway's own are in English. */
export function describeOther({ code, message }) {
  const key = `refusal.${code}`;
  return hasWord(key) ? t(key) : t("refusal.other", { message });
}
