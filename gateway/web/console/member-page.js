/* One member: its points by lot, what is held, its bids, tickets and redemptions, and why these cost what they did. */

import { element } from "../dom.js";
import { formatDay, formatInstant, formatMoney, formatNumber, formatPoints, t } from "../words.js";
import { localise } from "../locale.js";

import { makeTable } from "./data-table.js";
import { askForm } from "./form.js";
import { formatSigned } from "./figures.js";
import { DirectoryCard } from "./member-directory.js";
import { linkAudit, makeButton, makeChip, makeFacts, makeName, showEmpty, showFailure, showLoading } from "./parts.js";

/** What there is of a member beside itself: the operation, and the field of its answer. */
const PARTS = { bids: "auctions", raffles: "raffles", redemptions: "redemptions" };

export class MemberPage {
  #context;
  #id;
  #experiences = new Map();
  #stop = () => {};

  constructor(context, id) {
    this.#context = context;
    this.#id = id;
    this.head = element("div", { class: "head" });
    this.facts = element("div", { class: "card" }, showLoading());
    this.directory = new DirectoryCard(context, id);
    this.points = element("div", { class: "columns" });
    this.tables = { bids: makeBids(), raffles: makeRaffles(), redemptions: this.#makeRedemptions() };
    const parts = Object.entries(this.tables).map(([name, table]) =>
      element("section", { class: name, hidden: true }, element("h2", { class: "part" }, t(`member.${name}`)), table),
    );
    this.parts = parts;
    this.quote = this.#makeQuote();
    this.node = element("article", { class: "member" }, this.head, this.facts, this.directory.node, this.points, this.quote, ...parts);
  }

  enter() {
    this.#read();
    this.#stop = this.#context.gateway.onReturn(() => this.#read());
  }

  leave() {
    this.#stop();
  }

  async #read() {
    const { gateway } = this.#context;
    const named = { member: this.#id };
    try {
      const [member, points] = await Promise.all([gateway.ask("member.get", named), gateway.ask("member.points", named)]);
      this.#draw(member, points);
    } catch (error) {
      this.facts.replaceChildren(showFailure(error, () => this.#read()));
      return;
    }
    await Promise.all([...Object.keys(PARTS).map((name) => this.#readPart(name)), this.directory.read(), this.#readExperiences()]);
  }

  async #readPart(name) {
    const table = this.tables[name];
    table.closest("section").hidden = false;
    table.load();
    try {
      const found = await this.#context.gateway.ask(`member.${name}`, { member: this.#id });
      table.show(found[PARTS[name]]);
    } catch (error) {
      table.fail(error, () => this.#readPart(name));
    }
  }

  #draw(member, points) {
    const name = element("h1", {}, makeName(member.member));
    if (member.staff) name.append(" ", makeChip(t("member.staff"), "warn"));
    const adjust = makeButton(t("member.adjust"), () => this.#adjust(points.available), "primary");
    this.head.replaceChildren(name, element("div", { class: "actions" }, adjust));
    this.facts.replaceChildren(
      makeFacts(
        [t("member.available"), element("span", { class: "large" }, formatPoints(points.available))],
        [t("member.held"), formatPoints(points.held)],
        [t("member.issued"), formatPoints(points.issued)],
        [t("member.spent"), formatPoints(points.spent)],
        [t("member.expired"), formatPoints(points.expired)],
        [t("member.tier"), member.tier],
        [t("member.market"), member.market],
        [t("member.segments"), member.segments.join(", ")],
        [t("view.audit"), linkAudit("member", member.member)],
      ),
    );
    this.points.replaceChildren(makeLots(points), makeHolds(points));
  }

  async #adjust(available) {
    const done = await askForm({
      title: t("member.adjust_title", { member: this.#id }),
      lead: t("member.adjust_lead", { available }),
      danger: true,
      submit: t("member.adjust"),
      fields: [
        { name: "amount", kind: "number", label: t("member.amount"), hint: t("member.amount_hint"), required: true, least: -(10 ** 12) },
        { name: "reason", label: t("form.reason"), hint: t("form.reason_hint"), required: true, most: 200 },
      ],
      check: ({ amount }) => (amount === 0 ? { amount: t("member.not_zero") } : null),
      act: (values) => this.#context.gateway.command("points.adjust", { member: this.#id, ...values }).then((found) => ({ ...found, ...values })),
    });
    if (!done) return;
    this.#context.say("good", t("member.adjusted", { amount: formatSigned(done.amount), available: done.available }));
    await this.#read();
  }

  #makeRedemptions() {
    return makeTable(
      [
        { key: "experience", label: t("member.experience"), title: true, cell: (row) => row.experience, value: (row) => row.experience },
        { key: "status", label: t("member.status"), cell: (row) => makeChip(t(`member.redemption_${row.status}`), row.status === "confirmed" ? "good" : ""), value: (row) => row.status },
        { key: "paid", label: t("member.paid"), end: true, cell: (row) => sayPrice(row.price), value: (row) => row.price.points },
        { key: "why", label: t("member.why"), cell: (row) => saySteps(row.base, row.steps) },
        { key: "at", label: t("member.at"), cell: (row) => formatInstant(row.at), value: (row) => row.at },
        { key: "id", label: t("member.redemption"), cell: (row) => row.redemption, value: (row) => row.redemption },
      ],
      { caption: t("member.redemptions"), key: (row) => row.redemption, empty: showEmpty(t("member.no_redemptions")) },
    );
  }

  /** What something would cost this member's tier and market now, and why. */
  #makeQuote() {
    this.choice = element("select", { id: "quote-experience" });
    this.choice.append(element("option", { value: "" }, t("member.choose")));
    this.choice.addEventListener("change", () => this.#ask());
    this.answer = element("div", { role: "status" });
    return element(
      "section",
      { class: "card quote", hidden: true },
      element("h2", {}, t("member.quote")),
      element("label", { for: "quote-experience", class: "hint" }, t("member.quote_lead")),
      this.choice,
      this.answer,
    );
  }

  async #readExperiences() {
    const found = await this.#context.gateway.list("experience.list", { limit: 100 }, { field: "experiences" }).catch(() => ({ rows: [] }));
    this.#experiences = new Map(found.rows.map((row) => [row.experience, row.terms]));
    const options = found.rows.map(({ experience, terms }) => {
      const title = localise(terms.titles)?.text ?? experience;
      return element("option", { value: experience }, `${title} (${experience})`);
    });
    const { value } = this.choice;
    this.choice.replaceChildren(this.choice.firstChild, ...options);
    this.choice.value = value;
    this.quote.hidden = !options.length;
  }

  async #ask() {
    const experience = this.choice.value;
    if (!experience) {
      this.answer.replaceChildren();
      return;
    }
    const { gateway } = this.#context;
    try {
      const { tier, market, segments } = await gateway.ask("member.get", { member: this.#id });
      const context = { tier, market, segments };
      const quote = await gateway.ask("price.quote", { experience, context, why_not: true });
      if (experience === this.choice.value) this.answer.replaceChildren(showQuote(quote));
    } catch (error) {
      this.answer.replaceChildren(showFailure(error, () => this.#ask()));
    }
  }
}

function showQuote({ price, split, steps, not_applied: others }) {
  const lines = steps.map(({ rule, part, before, after, title }) =>
    element("li", {}, element("bdi", {}, title || rule), ` ${formatPoints(before)} → ${formatPoints(after)}${part === "cash" ? ` (${t("member.cash")})` : ""}`),
  );
  const reasons = others.map(({ rule, reason }) => element("li", {}, element("bdi", {}, rule), `: ${t(`member.not_${reason}`)}`));
  const node = element("div", {}, element("p", { class: "large" }, sayPrice(price)), element("p", { class: "hint" }, t("member.before_rules", { price: sayPrice(split) })), element("ul", {}, ...lines));
  if (!lines.length) node.append(element("p", { class: "hint" }, t("member.no_rule")));
  if (reasons.length) {
    node.append(element("details", { class: "hint" }, element("summary", {}, t("member.not_applied", { count: reasons.length })), element("ul", {}, ...reasons)));
  }
  return node;
}

function makeLots({ lots, hidden_until: hidden }) {
  const card = element("section", { class: "card lots" }, element("h2", {}, t("member.lots")));
  if (lots === null) {
    card.append(element("p", { class: "hint" }, t("member.lots_hidden", { until: formatInstant(hidden) })));
    return card;
  }
  const table = makeTable(
    [
      { key: "points", label: t("member.points"), end: true, title: true, cell: (row) => formatPoints(row.points), value: (row) => row.points },
      { key: "earned", label: t("member.earned"), cell: (row) => formatDay(row.earned_at), value: (row) => row.earned_at },
      { key: "expires", label: t("member.expires"), cell: (row) => (row.expires_at ? formatDay(row.expires_at) : t("member.never")), value: (row) => row.expires_at || Infinity },
    ],
    { caption: t("member.lots"), key: (row) => `${row.earned_at}/${row.expires_at}`, empty: showEmpty(t("member.no_points")) },
  );
  table.show(lots);
  card.append(table);
  return card;
}

function makeHolds({ holds }) {
  const items = holds.map(({ subject, points }) => {
    const words = subject === "auctions" ? t("member.held_auctions") : subject;
    return element("li", {}, element("bdi", {}, words), " ", element("strong", { class: "number" }, formatPoints(points)));
  });
  const list = items.length ? element("ul", {}, ...items) : element("p", { class: "hint" }, t("member.no_holds"));
  return element("section", { class: "card holds" }, element("h2", {}, t("member.holds")), list);
}

function makeBids() {
  return makeTable(
    [
      { key: "title", label: t("member.auction"), title: true, cell: (row) => row.title, value: (row) => row.title },
      { key: "status", label: t("member.status"), cell: (row) => makeChip(t(`member.auction_${row.status}`)), value: (row) => row.status },
      { key: "price", label: t("member.price"), end: true, cell: (row) => formatPoints(row.price), value: (row) => row.price },
      { key: "maximum", label: t("member.maximum"), end: true, cell: (row) => (row.maximum ? formatPoints(row.maximum) : ""), value: (row) => row.maximum },
      { key: "paid", label: t("member.paid"), end: true, cell: (row) => (row.paid ? formatPoints(row.paid) : ""), value: (row) => row.paid },
      { key: "refunded", label: "", cell: (row) => (row.refunded ? makeChip(t("member.refunded"), "warn") : "") },
    ],
    { caption: t("member.bids"), key: (row) => row.auction, href: (row) => `#/auctions/${encodeURIComponent(row.auction)}`, empty: showEmpty(t("member.no_bids")) },
  );
}

function makeRaffles() {
  const name = ({ raffle, titles }) => localise(titles)?.text ?? raffle;
  return makeTable(
    [
      { key: "title", label: t("member.raffle"), title: true, cell: name, value: name },
      { key: "tickets", label: t("member.tickets"), end: true, cell: (row) => formatNumber(row.tickets), value: (row) => row.tickets },
      { key: "of", label: t("member.of_all"), end: true, cell: (row) => formatNumber(row.all_tickets), value: (row) => row.all_tickets },
      { key: "place", label: t("member.place"), end: true, cell: (row) => (row.place ? formatNumber(row.place) : ""), value: (row) => row.place },
      { key: "prize", label: t("member.prize"), cell: (row) => row.prize, value: (row) => row.prize },
    ],
    { caption: t("member.raffles"), key: (row) => row.raffle, href: (row) => `#/raffles/${encodeURIComponent(row.raffle)}`, empty: showEmpty(t("member.no_raffles")) },
  );
}

function saySteps(base, steps) {
  const parts = steps.map(({ rule, title, before, after }) => `${title || rule} ${formatPoints(before)} → ${formatPoints(after)}`);
  return [t("member.base", { base }), ...parts].join("; ");
}

function sayPrice({ points, cash, currency, exponent }) {
  const parts = [points || !cash ? t("member.points_amount", { count: points }) : "", cash ? formatMoney(cash, currency, exponent) : ""];
  return parts.filter(Boolean).join(" + ");
}
