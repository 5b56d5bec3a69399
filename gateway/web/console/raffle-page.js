/* One raffle: where it stands, who takes part, who was drawn, and what a manager may do with it. */

import { element } from "/dom.js";
import { formatInstant, formatNumber, formatPoints, formatShare, t } from "/words.js";

import { makeTable } from "./data-table.js";
import { askForm, askReason } from "./form.js";
import { attempt, makeButton, makeFacts, showEmpty, showFailure, showLoading } from "./parts.js";
import { askRaffle } from "./raffle-form.js";
import { nameRaffle, sayNext, showFate, showStatus } from "./raffle-words.js";

const ALLOWED = {
  draft: ["edit", "copy", "open", "schedule"],
  scheduled: ["edit", "copy", "open"],
  open: ["copy", "grant", "close"],
  locked: ["copy"],
  drawn: ["copy", "evidence"],
  settled: ["copy", "evidence"],
  void: ["copy", "evidence"],
};

export class RafflePage {
  #context;
  #id;
  #raffle = null;
  #record = null;
  #entries = null;
  #winners = null;
  #stop = [];

  constructor(context, id) {
    this.#context = context;
    this.#id = id;
    this.head = element("div", { class: "head" });
    this.facts = element("div", { class: "card" }, showLoading());
    this.winners = this.#makeWinners();
    this.entries = this.#makeEntries();
    this.winnersPart = element("section", { class: "winners", hidden: true }, element("h2", { class: "part" }, t("raffle.winners")), this.winners);
    this.entriesPart = element("section", { class: "entries", hidden: true }, element("h2", { class: "part" }, t("raffle.entries")), this.entries);
    this.node = element("article", { class: "raffle" }, this.head, this.facts, this.winnersPart, this.entriesPart);
  }

  enter() {
    this.#read();
    this.#stop = [this.#context.gateway.onReturn(() => this.#read())];
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
    if (this.#raffle.status !== "draft" && this.#stop.length === 1) {
      this.#stop.push(gateway.watch(`raffle:${this.#id}`, (state) => state && this.#take(state)));
    }
    await Promise.all([this.#readEntries(), this.#readWinners()]);
  }

  /** What moved is looked at again where more than a figure did. */
  #take(raffle) {
    const { status, tickets, drawn } = this.#raffle;
    this.#raffle = raffle;
    if (raffle.status !== status || raffle.drawn !== drawn) this.#read();
    else {
      this.#draw();
      if (raffle.tickets !== tickets) this.#readEntries();
      else this.#readWinners();
    }
  }

  #draw() {
    const { status } = this.#raffle;
    const name = element("h1", {}, element("bdi", {}, nameRaffle(this.#raffle)), " ", showStatus(status));
    const wanted = ALLOWED[status].filter((action) => action !== "evidence" || this.#raffle.lock);
    if (this.#context.session.isOperator && !["settled", "void"].includes(status)) wanted.push("void");
    const buttons = wanted.map((action) => {
      const look = action === "void" ? "secondary danger" : action === "schedule" ? "primary" : "secondary";
      const button = makeButton(t(`raffle.do_${action}`), () => this.#do(action, button), look);
      return button;
    });
    this.head.replaceChildren(name, element("div", { class: "actions" }, ...buttons));
    this.#drawFacts();
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
      ),
    );
    if (raffle.lock) this.facts.append(makeLock(raffle.lock));
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
        { key: "forfeit", label: "", cell: (row) => this.#makeForfeit(row) },
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
      const found = await this.#context.gateway.list(method, { raffle: this.#id, limit: 100 }, { field, from: before?.cursor, most: 200 });
      const rows = [...(before?.rows ?? []), ...found.rows];
      table.show(rows, found.cursor !== null);
      return { rows, cursor: found.cursor };
    } catch (error) {
      table.fail(error, () => this.#read());
      return before;
    }
  }

  #makeForfeit({ place, member, prize, fate }) {
    if (fate !== "offered") return "";
    const act = ({ reason }) => this.#command("raffle.forfeit", { place, reason });
    const title = t("raffle.forfeit_title", { member, prize });
    const ask = () => this.#finish(askReason({ title, lead: t("raffle.forfeit_lead"), submit: t("raffle.forfeit"), act }));
    return makeButton(t("raffle.forfeit"), ask, "secondary danger small");
  }

  #do(action, button) {
    const ways = {
      edit: () => this.#finish(askRaffle(this.#context, this.#record, true)),
      copy: () => this.#copy(),
      grant: () => this.#finish(this.#grant()),
      close: () => this.#finish(this.#close()),
      void: () => this.#finish(this.#void()),
      evidence: () => attempt(this.#context, button, () => this.#save()),
    };
    const plain = () => this.#finish(attempt(this.#context, button, () => this.#command(`raffle.${action}`, {})));
    return (ways[action] ?? plain)();
  }

  async #copy() {
    const made = await askRaffle(this.#context, this.#record);
    if (made) this.#context.go("raffles", made.raffle);
  }

  #grant() {
    return askForm({
      title: t("raffle.do_grant"),
      fields: [
        { name: "member", label: t("raffle.member"), required: true, mono: true, most: 64 },
        { name: "tickets", kind: "number", label: t("raffle.tickets"), required: true, least: 1, greatest: 10_000, value: 1 },
        { name: "reason", label: t("form.reason"), hint: t("form.reason_hint"), required: true, most: 200 },
      ],
      act: (values) => this.#command("raffle.grant", values),
    });
  }

  #close() {
    const { closes_at: closes } = this.#raffle;
    return askForm({
      title: t("raffle.do_close"),
      lead: t("raffle.close_lead", { at: formatInstant(closes) }),
      danger: true,
      fields: [{ name: "closes_at", kind: "time", label: t("raffle.closes_at"), required: true, value: Date.now() + 120_000 }],
      check: (values) => (values.closes_at > closes ? { closes_at: t("raffle.only_earlier") } : null),
      act: (values) => this.#command("raffle.close", values),
    });
  }

  #void() {
    return askReason({
      title: t("raffle.void_title", { title: nameRaffle(this.#raffle) }),
      lead: t("raffle.void_lead"),
      submit: t("raffle.do_void"),
      act: ({ reason }) => this.#command("raffle.void", { reason }),
    });
  }

  async #save() {
    const { address, done } = await this.#context.session.fetchFile(`/v1/raffles/${encodeURIComponent(this.#id)}/evidence`);
    element("a", { href: address, download: `${this.#id}-evidence.json` }).click();
    setTimeout(done, 10_000);
  }

  #command(method, params) {
    return this.#context.gateway.command(method, { raffle: this.#id, ...params });
  }

  async #finish(asked) {
    const done = await asked;
    if (done) this.#context.say("good", t("raffle.done"));
    if (done !== null) await this.#read();
  }
}

function makeLock({ number, hash, signature, stamped, at }) {
  const summary = element("summary", {}, t("raffle.lock", { number }));
  return element(
    "details",
    { class: "lock" },
    summary,
    makeFacts(
      [t("raffle.locked_at"), formatInstant(at)],
      [t("raffle.signed"), t(signature ? "raffle.yes" : "raffle.not_yet")],
      [t("raffle.stamped"), t(stamped ? "raffle.yes" : "raffle.no")],
      [t("raffle.hash"), element("code", { dir: "ltr" }, hash)],
    ),
  );
}

function sayNumbers({ first, tickets }) {
  return tickets > 1 ? t("raffle.range", { first, last: first + tickets - 1 }) : formatNumber(first);
}
