/* What an experience of the catalogue, and a redemption, say of themselves in words. */

import { describeShort } from "./common-words.js";
import { humanise, localise } from "./locale.js";
import { listOf } from "./redeeming-words.js";
import { formatDay, formatInstant, formatList, formatMoney, formatNumber, hasWord, nameOfGroup, t } from "./words.js";

/** How few pieces are told on the picture. */
const FEW = 10;

/** What an offer or a redemption is called, as text. */
export function titleOf({ titles, experience }) {
  return localise(titles)?.text ?? humanise(experience);
}

/** A kind in the reader's words, where it is one of the common ones. */
export function nameOfKind(kind) {
  return hasWord(`kind.${kind}`) ? t(`kind.${kind}`) : humanise(kind);
}

/** What the rules are called that make a price what it is, each that moves it. */
export function describeReasons({ steps }) {
  const moving = steps.filter(({ before, after }) => before !== after);
  return [...new Set(moving.map(({ title, rule }) => title || humanise(rule)))];
}

/** Whether the member says how much of it to pay in points. */
export function hasChoice({ least, greatest }) {
  return least < greatest;
}

/** The words on the picture that say who it is for, empty for everybody. */
export function describeGate({ unlocked_by }) {
  return unlocked_by.length ? t("who.only", { names: formatList(unlocked_by.map(nameOfGroup)) }) : "";
}

/** The words on the picture that press; empty where nothing does. */
export function describeStock({ left, open_until }, now) {
  if (left === 0) return t("reward.sold_out");
  if (left !== null && left <= FEW) return left === 1 ? t("reward.last_one") : t("reward.left", { count: left });
  return open_until && open_until - now < 7 * 86_400_000 ? t("reward.until", { day: formatDay(open_until) }) : "";
}

/** Stock and limits in a few words each. */
export function describeFacts({ left, limit, had, fulfilment }) {
  const facts = [];
  if (left > FEW) facts.push(t("reward.left", { count: left }));
  if (limit) facts.push(had ? t("reward.had_of", { had, limit }) : t("reward.per_member", { count: limit }));
  if (fulfilment === "booked") facts.push(t("reward.to_be_confirmed"));
  return facts.join(" · ");
}

/** Why the member cannot redeem it, empty if it can; `price` is the least that it could take. */
export function describeObstacle({ offer, price }, me) {
  if (offer.locked) return t("reward.unlocks_with", { tiers: listOf(offer.unlocked_by) });
  if (offer.left === 0) return t("reward.sold_out");
  if (offer.limit && offer.had >= offer.limit) return t("reward.had_all", { count: offer.limit });
  if (price === null) return t("reward.not_in_market");
  const short = me !== null && !hasChoice(offer) && price.points > me.available;
  return short ? describeShort(price.points, me.available) : "";
}

/** Terms and words of an experience's panel. */
export function describeTerms(offer) {
  const { kind, fulfilment, left, limit, had, open_until, unlocked_by } = offer;
  return [
    [t("term.kind"), nameOfKind(kind)],
    [t("term.fulfilment"), fulfilment === "booked" ? t("term.booked") : t("term.at_once")],
    [t("term.for"), unlocked_by.length ? t("who.members_of", { names: listOf(unlocked_by) }) : t("who.all")],
    [t("term.left"), left === null ? t("term.no_limit") : left ? formatNumber(left) : t("term.none")],
    [t("term.a_member"), limit ? t("term.may_have", { limit, had }) : t("term.any_number")],
    [t("term.until"), open_until ? formatInstant(open_until) : t("term.no_end")],
  ];
}

/** How a redemption stands, as `{ tone, words, more }`; the tone chooses the colour. */
export function describeRedemption({ status, price, pays_until, refunded, cash_refunded, reason }) {
  const { cash, currency, exponent } = price;
  const because = (words) => (words && reason ? t("redemption.because", { words, reason }) : words);
  switch (status) {
    case "confirmed":
      return { tone: "good", words: t("redemption.yours"), more: because(refunded ? t("redemption.came_back", { count: refunded }) : "") };
    case "pending":
      return { tone: "wait", words: t("redemption.booked"), more: t("redemption.to_be_confirmed") };
    case "awaiting_payment": {
      const due = { due: formatMoney(cash, currency, exponent), time: formatInstant(pays_until) };
      return { tone: "wait", words: t("redemption.unpaid"), more: t("redemption.pay_until", due) };
    }
    case "cancelled":
      return { tone: "over", words: t("standing.cancelled"), more: because(describeReturn(cash_refunded, price)) };
    case "lapsed":
      return { tone: "over", words: t("redemption.lapsed"), more: t("redemption.free_again") };
    default:
      return {
        tone: "over",
        words: t("redemption.refunded"),
        more: because(refunded ? t("redemption.came_back", { count: refunded }) : describeReturn(cash_refunded, price)),
      };
  }
}

function describeReturn(cash, { currency, exponent }) {
  return cash ? t("redemption.money_comes_back", { money: formatMoney(cash, currency, exponent) }) : t("redemption.not_charged");
}

/** Whether a redemption at this price may be cancelled at first: it waits to be confirmed, or for its payment. */
export function isReversible({ fulfilment }, { cash }) {
  return fulfilment === "booked" || cash > 0;
}

/** Whether its member may still cancel it. */
export function isCancellable({ status }) {
  return status === "pending" || status === "awaiting_payment";
}
