/* What a member of a tier and market sees of a campaign's shelf at an instant. */

import { now } from "../clock.js";
import { element } from "../dom.js";
import { localise } from "../locale.js";
import { formatCash } from "../money.js";
import { formatPoints, t } from "../words.js";

import { makeField } from "./fields.js";
import { makeChip, showEmpty } from "./parts.js";
import { describe } from "./refusals.js";
import { formatThere, nameZone } from "./zones.js";

/** How long typing has to rest before it is looked at, in ms. */
const REST = 300;

/**
 * A section that looks by itself, and again on `look()`. `zone()` is whose clocks the instant is given by; `turning()`
 * gives other shelves and rotation than the campaign has, or null.
 */
export class ShelfPreview {
  #gateway;
  #campaign;
  #zone;
  #turning;
  #fields;
  #timer = 0;
  #turn = 0;

  constructor({ gateway, program }, campaign, { at = Math.floor(now()), zone, turning = () => null }) {
    this.#gateway = gateway;
    this.#campaign = campaign;
    this.#zone = zone;
    this.#turning = turning;
    const { tiers, markets } = program.settings;
    this.#fields = {
      tier: makeField(choiceOf("tier", t("shelf.tier"), tiers), "preview-tier"),
      market: makeField(choiceOf("market", t("shelf.market"), markets), "preview-market"),
      at: makeField({ name: "at", kind: "time", label: t("shelf.at"), zone, value: at }, "preview-at"),
    };
    const filters = element("div", { class: "filters" }, ...Object.values(this.#fields).map(({ node }) => node));
    this.shown = element("div", { class: "shelf-preview", "aria-live": "polite" });
    this.node = element("section", { class: "preview-shelf" }, element("h3", {}, t("shelf.preview")), filters, this.shown);
    // The form around it does not ask for these.
    filters.addEventListener("input", (event) => {
      event.stopPropagation();
      this.lookSoon();
    });
    this.look();
  }

  lookSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), REST);
  }

  async look() {
    const turn = ++this.#turn;
    const { tier, market, at } = this.#fields;
    if (!tier.value || !market.value || !at.value) return;
    const asked = { campaign: this.#campaign, tier: tier.value, market: market.value, at: at.value, channel: "web" };
    const turning = this.#turning();
    try {
      const found = await this.#gateway.ask("campaign.preview", turning ? { ...asked, turning } : asked);
      if (turn === this.#turn) this.shown.replaceChildren(...showShelf(found, this.#zone()));
    } catch (error) {
      if (turn === this.#turn) this.shown.replaceChildren(element("p", { class: "form-error" }, describe(error)));
    }
  }
}

function choiceOf(name, label, names) {
  return names.length ? { name, label, kind: "choice", options: names.map((one) => [one, one]) } : { name, label, mono: true, required: true };
}

function showShelf({ shelf, titles, picks, in_force: inForce, at, turns_at: turnsAt, known_until: knownUntil }, zone) {
  const isKnown = !knownUntil || at < knownUntil;
  const until = turnsAt && isKnown ? t("shelf.until", { time: formatThere(turnsAt, zone) }) : "";
  const when = element("p", { class: "hint" }, `${nameZone(zone, at)}. ${until}`);
  if (!shelf && !isKnown) return [showEmpty(t("shelf.not_known", { until: formatThere(knownUntil, zone) })), when];
  if (!shelf) return [showEmpty(t(inForce ? "shelf.none_up" : "shelf.not_in_force")), when];
  const title = element("h4", {}, element("bdi", {}, localise(titles)?.text ?? shelf));
  return [title, element("ol", { class: "picks" }, ...picks.map(showPick)), when];
}

function showPick({ experience, titles, unseen, locked, left, price }) {
  const name = element("span", {}, element("bdi", {}, localise(titles)?.text ?? experience));
  const node = element("li", { dataset: { experience, unseen } }, name);
  if (unseen) node.append(makeChip(t(`shelf.unseen_${unseen}`), "warn"));
  else if (locked) node.append(makeChip(t("shelf.locked"), "accent"));
  if (!unseen && left === 0) node.append(makeChip(t("shelf.sold_out"), "bad"));
  else if (!unseen && left !== null) node.append(makeChip(t("shelf.left", { count: left })));
  if (!unseen) node.append(element("strong", { class: "number" }, price ? sayPrice(price) : t("shelf.no_price")));
  return node;
}

function sayPrice(price) {
  const points = price.points || !price.cash ? `${formatPoints(price.points)} ${t("campaign.points")}` : "";
  return [points, formatCash(price)].filter(Boolean).join(" + ");
}
