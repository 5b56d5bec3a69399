/* Campaigns: which there are, what they give away, when they are in force; and how one begins from another. */

import { element } from "/dom.js";
import { localise } from "/locale.js";
import { formatDay, formatInstant, formatList, formatPoints, formatShare, t } from "/words.js";

import { askCampaign } from "./campaign-form.js";
import { makeTable } from "./data-table.js";
import { askForm } from "./form.js";
import { attempt, makeButton, makeChip, makeFacts, makeHead, showEmpty, showFailure, showLoading } from "./parts.js";

export const STATUSES = ["draft", "scheduled", "running", "paused", "ended", "archived"];

/** Statuses in the order of what needs looking at. */
const ORDER = ["running", "paused", "scheduled", "draft", "ended", "archived"];

const TONES = { running: "good", paused: "warn", scheduled: "accent", ended: "", archived: "" };

const ALLOWED = {
  draft: ["edit", "copy", "schedule"],
  scheduled: ["edit", "copy", "end"],
  running: ["edit", "copy", "pause", "end"],
  paused: ["edit", "copy", "end", "resume"],
  ended: ["copy", "archive"],
  archived: ["copy"],
};

const REASONED = ["pause", "end"];

export class View {
  #context;
  #part = null;

  constructor(context) {
    this.#context = context;
    this.node = element("section", { class: "campaigns" });
  }

  enter([id = ""]) {
    this.#part?.leave();
    if (id) {
      this.#part = new CampaignPage(this.#context, id);
      this.node.replaceChildren(element("a", { href: "#/campaigns", class: "back" }, t("campaign.back")), this.#part.node);
    } else {
      this.#part = new CampaignList(this.#context);
      this.node.replaceChildren(makeHead(t("view.campaigns"), ...this.#part.actions), this.#part.node);
    }
    this.#part.enter();
  }

  leave() {
    this.#part?.leave();
  }
}

class CampaignList {
  #context;
  #turn = 0;
  #stop = () => {};

  constructor(context) {
    this.#context = context;
    this.status = element("select", { id: "campaign-status" });
    this.status.append(element("option", { value: "" }, t("campaign.any_status")));
    for (const status of STATUSES) this.status.append(element("option", { value: status }, t(`campaign.status_${status}`)));
    this.status.addEventListener("change", () => this.#read());
    this.table = makeTable(
      [
        { key: "title", label: t("campaign.title"), title: true, cell: nameCampaign, value: nameCampaign },
        { key: "status", label: t("campaign.status"), cell: showStatus, value: (row) => ORDER.indexOf(row.status) },
        { key: "when", label: t("campaign.when"), cell: (row) => sayWhen(row.terms), value: (row) => row.terms.starts_at },
        { key: "next", label: t("campaign.turns"), cell: (row) => (row.turns_at ? formatInstant(row.turns_at) : ""), value: (row) => row.turns_at || Infinity },
        { key: "budget", label: t("campaign.budget"), cell: showBudget, value: (row) => row.given },
        { key: "shelf", label: t("campaign.shelf"), cell: (row) => row.shelf, value: (row) => row.shelf },
      ],
      {
        caption: t("view.campaigns"),
        key: (row) => row.campaign,
        href: (row) => `#/campaigns/${encodeURIComponent(row.campaign)}`,
        empty: showEmpty(t("campaign.none"), t("campaign.none_hint")),
        order: { key: "status", down: false },
      },
    );
    this.actions = [makeButton(t("campaign.add"), () => this.#add(), "primary")];
    const filters = element("div", { class: "filters" }, element("label", { for: "campaign-status" }, t("campaign.status"), this.status));
    this.node = element("div", {}, filters, this.table);
  }

  enter() {
    this.#read();
    this.#stop = this.#context.gateway.onReturn(() => this.#read());
  }

  leave() {
    this.#turn += 1;
    this.#stop();
  }

  async #read() {
    const turn = ++this.#turn;
    this.table.load();
    try {
      const params = { status: this.status.value, limit: 100 };
      const { rows } = await this.#context.gateway.list("campaign.list", params, { field: "campaigns" });
      if (turn === this.#turn) this.table.show(rows);
    } catch (error) {
      if (turn === this.#turn) this.table.fail(error, () => this.#read());
    }
  }

  async #add() {
    const made = await askCampaign(this.#context);
    if (made) this.#context.go("campaigns", made.campaign);
  }
}

class CampaignPage {
  #context;
  #id;
  #record = null;
  #stop = () => {};

  constructor(context, id) {
    this.#context = context;
    this.#id = id;
    this.head = element("div", { class: "head" });
    this.facts = element("div", { class: "card" }, showLoading());
    this.more = element("div", { class: "columns" });
    this.node = element("article", { class: "campaign" }, this.head, this.facts, this.more);
  }

  enter() {
    this.#read();
    this.#stop = this.#context.gateway.onReturn(() => this.#read());
  }

  leave() {
    this.#stop();
  }

  async #read() {
    try {
      this.#record = await this.#context.gateway.ask("campaign.get", { campaign: this.#id });
    } catch (error) {
      this.facts.replaceChildren(showFailure(error, () => this.#read()));
      return;
    }
    this.#draw();
  }

  #draw() {
    const record = this.#record;
    const { terms } = record;
    const name = element("h1", {}, element("bdi", {}, nameCampaign(record)), " ", showStatus(record));
    const buttons = ALLOWED[record.status].map((action) => {
      const look = { end: "secondary danger", schedule: "primary", resume: "primary" }[action];
      const button = makeButton(t(`campaign.do_${action}`), () => this.#do(action, button), look);
      return button;
    });
    this.head.replaceChildren(name, element("div", { class: "actions" }, ...buttons));
    this.facts.replaceChildren(
      makeFacts(
        [t("campaign.when"), sayWhen(terms)],
        [t("campaign.turns"), record.turns_at ? formatInstant(record.turns_at) : ""],
        [t("campaign.budget"), showBudget(record)],
        [t("campaign.kind"), t(`campaign.kind_${terms.kind}`)],
        [t("campaign.shelf"), record.shelf],
        [t("campaign.reason"), record.reason],
        [t("campaign.id"), element("bdi", {}, record.campaign)],
      ),
    );
    this.more.replaceChildren(makeTimes(terms), makeShelves(record));
  }

  #do(action, button) {
    if (action === "edit") return this.#finish(askCampaign(this.#context, this.#record, true));
    if (action === "copy") return this.#copy();
    const method = `campaign.${action}`;
    const command = (more) => this.#context.gateway.command(method, { campaign: this.#id, ...more });
    if (!REASONED.includes(action)) return this.#finish(attempt(this.#context, button, () => command({})));
    const reason = { name: "reason", label: t("form.reason"), hint: t("form.reason_hint"), most: 200 };
    const title = t(`campaign.${action}_title`, { title: nameCampaign(this.#record) });
    const lead = t(`campaign.${action}_lead`);
    return this.#finish(askForm({ title, lead, fields: [reason], danger: true, submit: t(`campaign.do_${action}`), act: command }));
  }

  async #copy() {
    const made = await askCampaign(this.#context, this.#record);
    if (made) this.#context.go("campaigns", made.campaign);
  }

  async #finish(asked) {
    const done = await asked;
    if (done) this.#context.say("good", t("campaign.done"));
    if (done !== null) await this.#read();
  }
}

function nameCampaign({ campaign, terms }) {
  return localise(terms.titles)?.text ?? campaign;
}

/** Its status, and whether it is in force just now: one that runs may be between its windows. */
function showStatus({ status, in_force: inForce }) {
  const chip = makeChip(t(`campaign.status_${status}`), TONES[status] ?? "");
  if (status !== "running" || inForce) return chip;
  return element("span", { class: "chips" }, chip, makeChip(t("campaign.between"), "warn"));
}

function sayWhen({ starts_at: start, ends_at: end }) {
  if (!start && !end) return t("campaign.always");
  if (!end) return t("campaign.from", { start: formatDay(start) });
  return start ? t("campaign.from_to", { start: formatDay(start), end: formatDay(end) }) : t("campaign.until", { end: formatDay(end) });
}

function showBudget({ given, left, terms: { budget } }) {
  if (budget === null) return element("span", {}, given ? t("campaign.given", { count: given }) : t("campaign.no_budget"));
  const used = budget - (left ?? 0);
  const share = budget ? Math.min(1, used / budget) : 1;
  const label = t("campaign.used", { used: formatPoints(used), budget: formatPoints(budget), share: formatShare(share * 10_000) });
  return element("span", { class: "budget" }, element("meter", { min: 0, max: 1, high: 0.9, optimum: 0, value: share, "aria-label": label }), element("small", {}, label));
}

function makeTimes({ windows, schedule }) {
  const card = element("section", { class: "card times" }, element("h2", {}, t("campaign.times")));
  if (schedule) card.append(element("p", {}, saySchedule(schedule)));
  const coming = windows.filter(([, end]) => end > Date.now()).slice(0, 10);
  const items = coming.map(([start, end]) => element("li", {}, t("campaign.from_to", { start: formatInstant(start), end: formatInstant(end) })));
  if (items.length) card.append(element("ul", {}, ...items));
  else card.append(element("p", { class: "hint" }, t(windows.length || schedule ? "campaign.no_more_windows" : "campaign.all_the_time")));
  return card;
}

function saySchedule({ zone, recurrences, celebrations }) {
  const days = celebrations.map(({ names, country }) => `${names.join(", ")} (${country})`);
  const said = [t("campaign.zone", { zone })];
  if (recurrences.length) said.push(t("campaign.recurrences", { count: recurrences.length }));
  if (days.length) said.push(t("campaign.celebrations", { days: formatList(days) }));
  return said.join(" ");
}

function makeShelves({ shelf, terms: { shelves } }) {
  const card = element("section", { class: "card shelves" }, element("h2", {}, t("campaign.shelves")));
  if (!shelves.length) {
    card.append(element("p", { class: "hint" }, t("campaign.no_shelves")));
    return card;
  }
  const items = shelves.map(({ id, titles, experiences }) => {
    const name = element("strong", {}, element("bdi", {}, localise(titles)?.text ?? id));
    const node = element("li", {}, name, " ", t("campaign.shelf_holds", { names: formatList(experiences) }));
    if (id === shelf) node.append(" ", makeChip(t("campaign.up_now"), "good"));
    return node;
  });
  card.append(element("ol", {}, ...items));
  return card;
}
