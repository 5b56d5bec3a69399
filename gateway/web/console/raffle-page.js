/* One raffle: where it stands, how far its draw is, who takes part, who was drawn, and what becomes of the prizes. */

import { now } from "../clock.js";
import { element } from "../dom.js";
import { DrawVerdict } from "../draw-verdict.js";
import { formatInstant, formatNumber, formatPoints, formatShare, t } from "../words.js";

import { makeTable } from "./data-table.js";
import { linkAudit, makeFacts, showEmpty, showFailure, showLoading } from "./parts.js";
import { RaffleActions } from "./raffle-actions.js";
import { DrawSteps } from "./raffle-draw.js";
import { awaitsRandomness, hasRandomness, nameRaffle, sayNext, showFate, showStatus } from "./raffle-words.js";

/** Entries and places that are read at once. */
const SOME = 200;

/** How often times are drawn, in ms. */
const TICK = 1_000;

export class RafflePage {
  #context;
  #id;
  #raffle = null;
  #record = null;
  #stamp = "";
  #followed = false;
  #entries = null;
  #winners = null;
  #actions;
  #stop = [];

  constructor(context, id) {
    this.#context = context;
    this.#id = id;
    this.#actions = new RaffleActions(context, () => this.#read());
    this.head = element("div", { class: "head" });
    this.facts = element("div", { class: "card" }, showLoading());
    this.steps = new DrawSteps(context.session.isOperator);
    this.verdict = this.#makeVerdict();
    this.winners = this.#makeWinners();
    this.entries = this.#makeEntries();
    this.winnersPart = element("section", { class: "winners", hidden: true }, element("h2", { class: "part" }, t("raffle.winners")), this.winners);
    this.entriesPart = element("section", { class: "entries", hidden: true }, element("h2", { class: "part" }, t("raffle.entries")), this.entries);
    const draw = element("div", { class: "columns" }, this.steps.node, this.verdict.node);
    this.node = element("article", { class: "raffle" }, this.head, this.facts, draw, this.winnersPart, this.entriesPart);
  }

  enter() {
    this.#read();
    const timer = setInterval(() => this.#tick(), TICK);
    this.#stop = [() => clearInterval(timer), this.#context.gateway.onReturn(() => this.#read())];
  }

  leave() {
    for (const stop of this.#stop) stop();
  }

  async #read() {
    const { gateway } = this.#context;
    const named = { raffle: this.#id };
    try {
      [this.#raffle, this.#record] = await Promise.all([gateway.ask("raffle.get", named), gateway.ask("raffle.terms", named)]);
    } catch (error) {
      this.facts.replaceChildren(showFailure(error, () => this.#read()));
      return;
    }
    this.#draw();
    if (this.#raffle.status !== "draft" && this.#stop.length === 2) {
      this.#stop.push(gateway.watch(`raffle:${this.#id}`, (state) => state && this.#take(state)));
    }
    await Promise.all([this.#readEntries(), this.#readWinners()]);
  }

  /** Tickets move by themselves; of whatever else did the rest is asked for. */
  #take(raffle) {
    const { status, tickets } = this.#raffle;
    const isFirst = !this.#followed;
    this.#followed = true;
    this.#raffle = raffle;
    if (raffle.status !== status || (raffle.tickets === tickets && !isFirst)) {
      this.#read();
      return;
    }
    this.#draw();
    if (raffle.tickets !== tickets) this.#readEntries();
  }

  #draw() {
    this.#drawHead();
    this.#drawFacts();
    this.steps.update(this.#raffle, this.#record);
    if (hasRandomness(this.#raffle)) this.verdict.update(this.#raffle, null, true);
  }

  /** Buttons under somebody's finger stay, unless what can be done is something else by now. */
  #drawHead() {
    const raffle = this.#raffle;
    const { status, titles, tickets, lock } = raffle;
    const stamp = JSON.stringify([status, titles, tickets, lock?.number, awaitsRandomness(raffle, now()), this.#record]);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    const name = element("h1", {}, element("bdi", {}, nameRaffle(raffle)), " ", showStatus(status));
    this.head.replaceChildren(name, this.#actions.make(raffle, this.#record));
  }

  #tick() {
    if (!this.#record) return;
    this.#drawHead();
    this.steps.tick();
  }

  #drawFacts() {
    const raffle = this.#raffle;
    const { terms, tickets_by_tier: tiers, refunded } = this.#record;
    const byTier = Object.entries(tiers).map(([tier, count]) => `${tier} ${formatNumber(count)}`);
    const places = terms.prizes.reduce((sum, { quantity }) => sum + quantity, 0);
    const odds = raffle.tickets ? formatShare(Math.min(10_000, (places / raffle.tickets) * 10_000)) : "";
    this.facts.replaceChildren(
      makeFacts(
        [t("raffle.tickets"), element("span", { class: "large" }, formatNumber(raffle.tickets))],
        [t("raffle.entries"), formatNumber(raffle.entries)],
        [t("raffle.by_tier"), byTier.join(" · ")],
        [t(["settled", "void"].includes(raffle.status) ? "raffle.ended" : "raffle.next"), sayNext(raffle)],
        [t("raffle.price"), raffle.price === null ? t("raffle.granted_only") : formatPoints(raffle.price)],
        [t("raffle.prizes_count"), t("raffle.prizes_and_reserves", { prizes: places, reserves: terms.reserves })],
        [t("raffle.odds"), odds],
        [t("raffle.randomness"), t(`raffle.randomness_${raffle.randomness}`)],
        [t("raffle.closes_at"), formatInstant(raffle.closes_at)],
        [t("raffle.refunded"), refunded ? formatNumber(refunded) : ""],
        [t("raffle.reason"), raffle.reason],
        [t("raffle.campaign"), raffle.campaign],
        [t("raffle.id"), element("bdi", {}, raffle.id)],
        [t("view.audit"), linkAudit("raffle", raffle.id)],
      ),
    );
  }

  /** Everybody can check a draw; staff has no tickets of its own in it. */
  #makeVerdict() {
    const fetchEvidence = async (id) => JSON.parse(await (await this.#context.session.fetchFile(`/v1/raffles/${encodeURIComponent(id)}/evidence`)).text());
    const verdict = new DrawVerdict(this.#id, { fetchEvidence, fetchProof: async () => null });
    verdict.node.classList.add("card");
    verdict.node.hidden = true;
    return verdict;
  }

  #makeWinners() {
    return makeTable(
      [
        { key: "place", label: t("raffle.place"), end: false, cell: (row) => formatNumber(row.place), value: (row) => row.place },
        { key: "member", label: t("raffle.member"), title: true, cell: (row) => row.member, value: (row) => row.member },
        { key: "ticket", label: t("raffle.ticket"), end: true, cell: (row) => formatNumber(row.ticket), value: (row) => row.ticket },
        { key: "prize", label: t("raffle.prize"), cell: (row) => row.prize, value: (row) => row.prize },
        { key: "fate", label: t("raffle.fate"), cell: (row) => showFate(row.fate), value: (row) => row.fate },
        { key: "until", label: t("raffle.claim_until"), cell: (row) => (row.fate === "offered" ? formatInstant(row.claim_until) : ""), value: (row) => row.claim_until },
        { key: "reason", label: t("raffle.reason"), cell: (row) => row.reason },
        { key: "forfeit", label: "", cell: (row) => this.#actions.makeForfeit(this.#raffle, row) },
      ],
      { caption: t("raffle.winners"), key: (row) => row.place, href: (row) => `#/members/${encodeURIComponent(row.member)}`, more: () => this.#readWinners(true) },
    );
  }

  #makeEntries() {
    return makeTable(
      [
        { key: "entry", label: t("raffle.entry"), cell: (row) => formatNumber(row.entry + 1), value: (row) => row.entry },
        { key: "member", label: t("raffle.member"), title: true, cell: (row) => row.member, value: (row) => row.member },
        { key: "tickets", label: t("raffle.tickets"), end: true, cell: (row) => formatNumber(row.tickets), value: (row) => row.tickets },
        { key: "numbers", label: t("raffle.numbers"), end: true, cell: sayNumbers, value: (row) => row.first },
        { key: "points", label: t("raffle.paid"), end: true, cell: (row) => formatPoints(row.points), value: (row) => row.points },
        { key: "at", label: t("raffle.at"), cell: (row) => formatInstant(row.at), value: (row) => row.at },
        { key: "reason", label: t("raffle.reason"), cell: (row) => (row.reason ? t("raffle.granted_by", { by: row.by, reason: row.reason }) : "") },
      ],
      { caption: t("raffle.entries"), key: (row) => row.entry, href: (row) => `#/members/${encodeURIComponent(row.member)}`, empty: showEmpty(t("raffle.no_entries")), more: () => this.#readEntries(true) },
    );
  }

  async #readEntries(more = false) {
    if (["draft", "scheduled"].includes(this.#raffle.status)) return;
    this.#entries = await this.#readPart("raffle.entries", "entries", this.entries, this.entriesPart, more ? this.#entries : null);
  }

  async #readWinners(more = false) {
    if (!this.#raffle.drawn) return;
    this.#winners = await this.#readPart("raffle.winners", "winners", this.winners, this.winnersPart, more ? this.#winners : null);
  }

  async #readPart(method, field, table, part, before) {
    part.hidden = false;
    if (!before) table.load();
    try {
      const most = Math.max(SOME, before ? 0 : table.rows.length);
      const found = await this.#context.gateway.list(method, { raffle: this.#id, limit: 100 }, { field, from: before?.cursor, most });
      const rows = [...(before?.rows ?? []), ...found.rows];
      table.show(rows, found.cursor !== null);
      return { rows, cursor: found.cursor };
    } catch (error) {
      table.fail(error, () => this.#read());
      return before;
    }
  }
}

function sayNumbers({ first, tickets }) {
  return tickets > 1 ? t("raffle.range", { first, last: first + tickets - 1 }) : formatNumber(first);
}
