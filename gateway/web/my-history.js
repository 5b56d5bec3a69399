/* What became of a member's rewards, bids and tickets: one list, of one kind at a time. */

import { element, setHidden, setText } from "./dom.js";
import { humanise, localise } from "./locale.js";
import { formatPrice } from "./money.js";
import { describeStanding } from "./raffle-words.js";
import { describeRedemption, titleOf } from "./reward-words.js";
import { ShowMore } from "./show-more.js";
import { hasEnded } from "./store.js";
import { formatDay, formatInstant, t } from "./words.js";

const KINDS = { rewards: "redemptions", bids: "bids", raffles: "raffles" };

/** How many rows are drawn at first, and more each time. */
const STEP = 50;

const DRAW = { rewards: drawRedemption, bids: drawBid, raffles: drawTickets };

export class MyHistory {
  #kind = "rewards";
  #known = null;

  constructor() {
    this.list = element("ul", {});
    this.none = element("p", { class: "help" });
    this.more = new ShowMore(STEP, () => this.#draw());
    this.buttons = Object.keys(KINDS).map((kind) => {
      return element("button", { type: "button", dataset: { history: kind }, onclick: () => this.#show(kind) }, t(`history.${kind}`));
    });
    const heading = element("h2", {}, t("history.title"));
    const filters = element("div", { class: "filters", role: "group", "aria-label": t("history.title") }, ...this.buttons);
    this.node = element("section", { class: "points-list history" }, element("div", { class: "heading" }, heading, filters), this.list, this.more.node, this.none);
    this.#show(this.#kind);
  }

  /** Takes `{ bids, raffles, redemptions }` as the gateway answered; null: they are on their way. */
  update(known) {
    this.#known = known;
    this.#draw();
  }

  #show(kind) {
    this.#kind = kind;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.history === kind));
    this.more.reset();
    this.#draw();
  }

  #draw() {
    const rows = this.#known?.[KINDS[this.#kind]] ?? [];
    this.list.replaceChildren(...rows.slice(0, this.more.most).map(DRAW[this.#kind]));
    this.more.update(rows.length);
    setHidden(this.none, this.#known === null || rows.length > 0);
    setText(this.none, t("history.none"));
  }
}

function drawRedemption(redemption) {
  const { words, tone, more } = describeRedemption(redemption);
  const title = titleOf(redemption);
  return drawRow({ title, words, tone, more: [formatDay(redemption.at), more], amount: formatPrice(redemption.price), link: "#/my-rewards" });
}

function drawBid(own) {
  const over = hasEnded(own);
  const [words, tone] = describeBid(own, over);
  const when = over ? t("history.ended", { day: formatDay(own.ends_at) }) : t("history.ends", { time: formatInstant(own.ends_at) });
  const amount = own.paid
    ? t("history.paid", { points: t("price.points", { count: own.paid }) })
    : own.maximum
      ? t("history.bid_up_to", { points: t("price.points", { count: own.maximum }) })
      : "";
  return drawRow({ title: own.title, words, tone, more: [when], amount, link: over ? "" : `#${encodeURIComponent(own.auction)}` });
}

function describeBid(own, over) {
  if (own.refunded) return [t("notice.refunded"), "over"];
  if (own.paid) return [t("standing.won"), "good"];
  if (own.status === "cancelled") return [t("standing.cancelled"), "over"];
  if (own.status === "unsold") return [t("standing.unsold"), "over"];
  if (over) return [t("standing.not_this_time"), "over"];
  return own.leading ? [t("standing.leading"), "good"] : [t("history.bid_for"), "wait"];
}

function drawTickets(own) {
  const { kind, words } = describeStanding(own, own);
  const tone = { won: "good", leading: "wait" }[kind] ?? "over";
  const more = own.status === "open" ? [t("history.draws", { time: formatInstant(own.closes_at) })] : [formatDay(own.closes_at)];
  const title = localise(own.titles)?.text ?? humanise(own.raffle);
  const amount = t("count.tickets", { count: own.tickets });
  return drawRow({ title, words, tone, more, amount, link: `#/raffles/${encodeURIComponent(own.raffle)}` });
}

function drawRow({ title, words, tone, more, amount, link }) {
  const name = link ? element("a", { class: "name", dir: "auto", href: link }, title) : element("span", { class: "name", dir: "auto" }, title);
  const help = element("span", { class: "help" }, more.filter(Boolean).join(" · "));
  const standing = element("span", { class: "standing" }, words);
  const about = element("span", { class: "about" }, name, help);
  return element("li", { dataset: { tone } }, about, standing, element("span", { class: "amount" }, amount));
}
