/* What an opened auction says beside its card: its rules, and the member's own part in one of another format. */

import { sayAmount, sayStep, sayWon } from "./format-words.js";
import { formatLength, formatPoints, t } from "./words.js";

/** The rule of late bids in a sentence. */
export function describeSoftClose(auction) {
  if (!auction.soft_close) return t("soft_close.none");
  const { flavour } = auction.soft_close;
  const [window, extension] = [formatLength(auction.soft_close.window), formatLength(auction.soft_close.extension)];
  return t(flavour === "append" ? "soft_close.append" : "soft_close.reset", { window, extension });
}

/** The member's own part in a sentence; empty if it has none. */
export function describeOwn({ auction, own, standing }) {
  if (own === null) return "";
  const { supply, sealed } = auction.pieces;
  if (standing === "won") return auction.status === "open" ? sayWon(auction, own) : ""; // afterwards the obstacle says it
  if (!own.maximum || auction.ended_at) return "";
  if (auction.format === "clock") return t("own.in_up_to", { points: own.maximum });
  const amount = sayAmount(own.maximum, own.quantity, supply);
  return sealed ? t("own.sealed_bid", { amount }) : t("own.bid", { amount });
}

/** The rules that only this format has, as pairs of a term and its words. */
export function formatRules(auction) {
  const { format, pieces } = auction;
  const { clock, order, sold } = pieces;
  const rules = [];
  if (pieces.supply > 1) rules.push([t("rule.pieces"), t("rule.pieces_sold", { supply: pieces.supply, count: sold })]);
  if (clock) {
    const pace = { step: sayStep(auction), interval: formatLength(clock.interval) };
    rules.push([format === "dutch" ? t("rule.falls") : t("rule.rises"), t("rule.pace", pace)]);
  }
  if (clock?.floor) rules.push([t("rule.lowest"), formatPoints(clock.floor)]);
  if (format === "clock") rules.push([t("rule.joining"), t("rule.joining_for", { length: formatLength(clock.entry) })]);
  if (format === "clock" && !auction.ended_at) rules.push([t("rule.in_now"), t("count.members", { count: pieces.bidders_in })]);
  if (format === "sealed" || format === "multi_unit") rules.push([t("rule.changing"), pieces.may_lower ? t("rule.up_or_down") : t("rule.upwards")]);
  if (format !== "dutch") rules.push([t("rule.ties"), order === "quantity" ? t("rule.ties_quantity") : t("rule.ties_earlier")]);
  return rules;
}
