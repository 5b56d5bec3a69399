/* Drafts of price rules: those that there are, and how another begins. */

import { element } from "../dom.js";
import { formatInstant, formatNumber, t } from "../words.js";

import { makeTable } from "./data-table.js";
import { askForm } from "./form.js";
import { makeButton, makeChip, showEmpty } from "./parts.js";
import { watchHistory } from "./rule-set.js";

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

export class Drafts {
  #context;
  #history = null;
  #stop = () => {};

  constructor(context) {
    this.#context = context;
    this.table = makeTable(
      [
        { key: "draft", label: t("draft.name"), title: true, cell: (row) => row.draft, value: (row) => row.draft },
        { key: "by", label: t("draft.by"), cell: (row) => row.by, value: (row) => row.by },
        { key: "based", label: t("draft.based_on"), cell: sayBase, value: (row) => row.based_on },
        { key: "rules", label: t("draft.rules"), end: true, cell: (row) => formatNumber(row.rules), value: (row) => row.rules },
        { key: "changed", label: t("draft.changed_at"), cell: (row) => formatInstant(row.changed_at), value: (row) => row.changed_at },
        { key: "state", label: t("draft.state"), cell: (row) => this.#sayState(row) },
      ],
      {
        caption: t("tune.drafts"),
        key: (row) => row.draft,
        href: (row) => `#/tune/drafts/${encodeURIComponent(row.draft)}`,
        empty: showEmpty(t("draft.none"), t("draft.none_hint")),
        order: { key: "changed", down: true },
      },
    );
    const begin = makeButton(t("draft.begin"), () => this.#begin(), "primary");
    this.node = element("div", {}, element("div", { class: "filters" }, begin), this.table);
  }

  enter() {
    this.#read();
    const { gateway } = this.#context;
    const stop = [watchHistory(gateway, (history) => this.#show(history)), gateway.onReturn(() => this.#read())];
    this.#stop = () => stop.forEach((one) => one());
  }

  leave() {
    this.#stop();
  }

  async #read() {
    this.table.load();
    try {
      this.#show(await this.#context.gateway.ask("rules.history"));
    } catch (error) {
      this.table.fail(error, () => this.#read());
    }
  }

  #show(history) {
    this.#history = history;
    this.table.show(history.drafts);
  }

  #sayState({ asked_by: by }) {
    if (!by) return makeChip(t("draft.open"));
    return by === this.#context.session.who ? makeChip(t("draft.asked_by_you"), "warn") : makeChip(t("draft.asked_by", { by }), "accent");
  }

  async #begin() {
    const revisions = (this.#history?.revisions ?? []).map(({ revision }) => revision);
    const running = this.#history?.running ?? 0;
    const sources = [
      ...(running ? [[String(running), t("draft.from_running", { revision: running })]] : []),
      ...revisions.filter((one) => one !== running).map((one) => [String(one), t("draft.from_revision", { revision: one })]),
      ["0", t("draft.from_nothing")],
    ];
    const made = await askForm({
      title: t("draft.begin"),
      submit: t("draft.begin"),
      fields: [
        { name: "draft", label: t("draft.name"), hint: t("field.id"), required: true, mono: true, most: 64, pattern: ID, patternWords: t("field.id") },
        { name: "revision", kind: "choice", label: t("draft.from"), options: sources },
      ],
      act: ({ draft, revision }) => this.#context.gateway.command("rules.begin", { draft, revision: Number(revision) }),
    });
    if (made) this.#context.go("tune", "drafts", made.draft);
  }
}

function sayBase({ based_on: revision }) {
  return revision ? t("draft.revision", { revision }) : t("draft.from_nothing");
}
