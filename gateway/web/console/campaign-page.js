/* One campaign: how it stands, when it is in force, what it shows, its price rules, and what can be done with it. */

import { element } from "../dom.js";
import { localise } from "../locale.js";
import { formatInstant, formatLength, t } from "../words.js";

import { editCampaign } from "./campaign-form.js";
import { nameCampaign, saySchedule, sayWhen, showBudget, showStatus } from "./campaign-words.js";
import { askForm } from "./form.js";
import { askLaunch } from "./launch.js";
import { attempt, makeButton, makeChip, makeFacts, showFailure, showLoading } from "./parts.js";
import { askSchedule } from "./schedule-form.js";
import { readTitles } from "./shelf-fields.js";
import { editShelves } from "./shelf-form.js";
import { ShelfPreview } from "./shelf-preview.js";
import { askShowing } from "./showing-form.js";
import { OWN_ZONE, formatThere, isZone, nameZone, sayChanges } from "./zones.js";

const ALLOWED = {
  draft: ["edit", "copy", "schedule"],
  scheduled: ["edit", "copy", "end"],
  running: ["edit", "copy", "pause", "end"],
  paused: ["edit", "copy", "end", "resume"],
  ended: ["copy", "archive"],
  archived: ["copy"],
};

const REASONED = ["pause", "end"];

/** Windows to come that are told. */
const TOLD = 10;

export class CampaignPage {
  #context;
  #id;
  #record = null;
  #titles = new Map();
  #stop = () => {};

  constructor(context, id) {
    this.#context = context;
    this.#id = id;
    this.actions = [];
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
    const { gateway } = this.#context;
    try {
      this.#record = await gateway.ask("campaign.get", { campaign: this.#id });
      if (this.#record.terms.shelves.length) this.#titles = await readTitles(gateway);
    } catch (error) {
      this.facts.replaceChildren(showFailure(error, () => this.#read()));
      return;
    }
    this.#draw();
  }

  /** Whose clocks this campaign goes by. */
  get #zone() {
    const zone = this.#record.terms.schedule?.zone;
    return zone && isZone(zone) ? zone : OWN_ZONE;
  }

  get #isOver() {
    return ["ended", "archived"].includes(this.#record.status);
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
    this.more.replaceChildren(this.#makeTimes(), this.#makeShelves());
  }

  #do(action, button) {
    if (action === "edit") return this.#finish(editCampaign(this.#context, this.#record));
    if (action === "copy") return askLaunch(this.#context, { template: this.#record });
    const method = `campaign.${action}`;
    const command = (more) => this.#context.gateway.command(method, { campaign: this.#id, ...more });
    if (!REASONED.includes(action)) return this.#finish(attempt(this.#context, button, () => command({})));
    const reason = { name: "reason", label: t("form.reason"), hint: t("form.reason_hint"), most: 200 };
    const title = t(`campaign.${action}_title`, { title: nameCampaign(this.#record) });
    const lead = t(`campaign.${action}_lead`);
    return this.#finish(askForm({ title, lead, fields: [reason], danger: true, submit: t(`campaign.do_${action}`), act: command }));
  }

  #makeTimes() {
    const { windows, schedule } = this.#record.terms;
    const zone = this.#zone;
    const card = element("section", { class: "card times" }, element("h2", {}, t("campaign.times")));
    if (schedule) card.append(element("p", {}, saySchedule(schedule)));
    const coming = windows.filter(([, end]) => end > Date.now()).slice(0, TOLD);
    const items = coming.map(([start, end]) => element("li", {}, t("campaign.from_to", { start: formatThere(start, zone), end: formatThere(end, zone) })));
    if (items.length) card.append(element("ul", {}, ...items), element("p", { class: "hint" }, sayClocks(zone, coming)));
    else card.append(element("p", { class: "hint" }, t(windows.length || schedule ? "campaign.no_more_windows" : "campaign.all_the_time")));
    if (!this.#isOver) card.append(makeButton(t("schedule.edit"), () => this.#editSchedule()));
    return card;
  }

  #makeShelves() {
    const { shelf: up, status, terms } = this.#record;
    const { shelves, rotation } = terms;
    const card = element("section", { class: "card shelves" }, element("h2", {}, t("campaign.shelves")));
    if (shelves.length) card.append(element("ol", {}, ...shelves.map((one) => this.#makeShelf(one, one.id === up))));
    else card.append(element("p", { class: "hint" }, t("campaign.no_shelves")));
    if (shelves.length > 1) card.append(element("p", { class: "hint" }, sayRotation(rotation, this.#zone)));
    if (!this.#isOver) card.append(makeButton(t("shelf.edit"), (event) => this.#editShelves(event.target)));
    if (shelves.length && status !== "archived") card.append(new ShelfPreview(this.#context, this.#id, { zone: () => this.#zone }).node);
    return card;
  }

  #makeShelf({ id, titles, experiences }, isUp) {
    const name = element("strong", {}, element("bdi", {}, localise(titles)?.text ?? id));
    const picks = experiences.map((one) => element("li", {}, makeButton(this.#titles.get(one) ?? one, () => this.#editShowing(one), "row-link")));
    const node = element("li", {}, name, element("ul", { class: "on-shelf" }, ...picks));
    if (isUp) name.after(" ", makeChip(t("campaign.up_now"), "good"));
    return node;
  }

  async #editShelves(button) {
    const titles = await attempt(this.#context, button, () => readTitles(this.#context.gateway));
    if (titles) await this.#finish(editShelves(this.#context, this.#record, titles, this.#zone));
  }

  #editSchedule() {
    const { terms } = this.#record;
    const put = (schedule) => {
      // Another schedule makes windows of its own; a campaign that has none any more keeps none of them.
      const windows = schedule || terms.schedule ? [] : terms.windows;
      return this.#context.gateway.command("campaign.put", { campaign: this.#id, terms: { ...terms, schedule, windows } });
    };
    const title = t("schedule.title", { title: nameCampaign(this.#record) });
    return this.#finish(askSchedule(this.#context, { title, schedule: terms.schedule, zone: this.#zone, put }));
  }

  async #editShowing(experience) {
    const record = await attempt(this.#context, null, () => this.#context.gateway.ask("experience.get", { experience }));
    if (record) await this.#finish(askShowing(this.#context, record, this.#titles.get(experience) ?? experience, this.#zone));
  }

  async #finish(asked) {
    const done = await asked;
    if (done) this.#context.say("good", t("campaign.done"));
    if (done !== null) await this.#read();
  }
}

function sayRotation(rotation, zone) {
  if (!rotation) return t("shelf.stays");
  const turns = t("shelf.turns_every", { period: formatLength(rotation.period) });
  const peaks = rotation.peaks.filter(({ ends_at: end }) => end > Date.now());
  const said = peaks.map((one) => t("shelf.turns_in_peak", { period: formatLength(one.period), start: formatThere(one.starts_at, zone), end: formatThere(one.ends_at, zone) }));
  return [turns, ...said].join(" ");
}

/** Whose clocks they are, and when these change before the last of the windows. */
function sayClocks(zone, windows) {
  const from = Date.now();
  return [t("campaign.zone", { zone: nameZone(zone, from) }), sayChanges(zone, from, windows.at(-1)[1])].filter(Boolean).join(" ");
}
