/* What ran before: revisions, to roll back to, and numbers that were tuned. */

import { element } from "../dom.js";
import { formatInstant, formatNumber, t } from "../words.js";

import { makeTable } from "./data-table.js";
import { showDifference } from "./difference.js";
import { askReason } from "./form.js";
import { attempt, makeButton, makeChip, showEmpty } from "./parts.js";
import { compareRules, readRules } from "./rule-set.js";
import { sayNumber } from "./rule-words.js";

export class RuleHistory {
  #context;
  #running = 0;
  #effects = new Map();
  #stop = () => {};

  constructor(context) {
    this.#context = context;
    this.revisions = this.#makeRevisions();
    this.tunings = this.#makeTunings();
    this.difference = element("div", {});
    this.node = element(
      "div",
      {},
      element("h2", { class: "part" }, t("history.revisions")),
      this.revisions,
      this.difference,
      element("h2", { class: "part" }, t("history.tunings")),
      this.tunings,
    );
  }

  enter() {
    this.#read();
    this.#stop = this.#context.gateway.onReturn(() => this.#read());
  }

  leave() {
    this.#stop();
  }

  async #read() {
    this.revisions.load();
    this.tunings.load();
    try {
      const history = await this.#context.gateway.ask("rules.history");
      const { rules } = await readRules(this.#context.gateway);
      this.#running = history.running;
      this.#effects = new Map(rules.map((rule) => [rule.id, rule.effect]));
      this.revisions.show(history.revisions);
      this.tunings.show(history.tunings.map((one, index) => ({ ...one, index })));
    } catch (error) {
      for (const table of [this.revisions, this.tunings]) table.fail(error, () => this.#read());
    }
  }

  #makeRevisions() {
    return makeTable(
      [
        { key: "revision", label: t("history.revision"), title: true, cell: (row) => this.#nameRevision(row), value: (row) => row.revision },
        { key: "at", label: t("history.at"), cell: (row) => formatInstant(row.at), value: (row) => row.at },
        { key: "by", label: t("history.by"), cell: (row) => sayWho(row), value: (row) => row.by },
        { key: "why", label: t("history.why"), cell: (row) => element("bdi", {}, row.why) },
        { key: "source", label: t("history.source"), cell: (row) => row.source },
        { key: "rules", label: t("draft.rules"), end: true, cell: (row) => formatNumber(row.rules), value: (row) => row.rules },
        { key: "actions", label: "", cell: (row) => this.#makeActions(row) },
      ],
      { caption: t("history.revisions"), key: (row) => row.revision, empty: showEmpty(t("history.no_revisions")) },
    );
  }

  #makeTunings() {
    return makeTable(
      [
        { key: "rule", label: t("history.rule"), title: true, cell: (row) => row.rule, value: (row) => row.rule },
        { key: "at", label: t("history.at"), cell: (row) => formatInstant(row.at), value: (row) => row.at },
        { key: "by", label: t("history.by"), cell: (row) => row.by, value: (row) => row.by },
        { key: "change", label: t("history.change"), cell: (row) => this.#sayTuning(row) },
        { key: "why", label: t("history.why"), cell: (row) => element("bdi", {}, row.why) },
        { key: "revision", label: t("history.in_revision"), end: true, cell: (row) => formatNumber(row.revision), value: (row) => row.revision },
      ],
      { caption: t("history.tunings"), key: (row) => `${row.at}/${row.index}`, empty: showEmpty(t("history.no_tunings")) },
    );
  }

  #nameRevision({ revision }) {
    const name = element("span", {}, formatNumber(revision));
    if (revision === this.#running) name.append(" ", makeChip(t("tune.running"), "good"));
    return name;
  }

  /** By its effect as it is now: a rule that is gone has bare numbers. */
  #sayTuning({ rule, before, after }) {
    const effect = this.#effects.get(rule);
    const say = (number) => (effect ? sayNumber(effect, number) : formatNumber(number));
    return `${say(before)} → ${say(after)}`;
  }

  #makeActions(row) {
    if (row.revision === this.#running) return "";
    const compare = makeButton(t("history.compare"), (event) => this.#compare(row, event.target), "plain");
    const back = makeButton(t("history.roll_back"), () => this.#rollBack(row), "secondary small");
    return element("span", { class: "buttons" }, compare, back);
  }

  async #compare({ revision }, button) {
    const read = () => Promise.all([readRules(this.#context.gateway), readRules(this.#context.gateway, { revision })]);
    const sets = await attempt(this.#context, button, read);
    if (!sets) return;
    this.difference.replaceChildren(
      element("h2", { class: "part" }, t("history.would_change", { revision })),
      showDifference(compareRules(...sets)),
    );
    this.difference.scrollIntoView({ block: "nearest" });
  }

  async #rollBack({ revision }) {
    const done = await askReason({
      title: t("history.roll_back_title", { revision }),
      lead: t("history.roll_back_lead"),
      submit: t("history.roll_back"),
      act: ({ reason }) => this.#context.gateway.command("rules.roll_back", { revision, why: reason }),
    });
    if (!done) return;
    this.#context.say("good", t("draft.published", { revision: done.revision }));
    this.difference.replaceChildren();
    await this.#read();
  }
}

function sayWho({ by, approved_by: approver }) {
  return approver ? t("history.by_and", { by, approver }) : by;
}
