/* What the program demands of tuning and auctions. Managers see it; an operator changes it. */

import { element } from "../dom.js";
import { t } from "../words.js";

import { askForm } from "./form.js";
import { incrementsField, readIncrements, sayIncrements } from "./increments-field.js";
import { makeButton, makeFacts, showFailure, showLoading } from "./parts.js";

export class ProgramSettings {
  #context;
  #stop = () => {};

  constructor(context) {
    this.#context = context;
    this.node = element("section", { class: "card settings" }, showLoading());
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
      this.#draw((await this.#context.gateway.ask("program.get")).settings);
    } catch (error) {
      this.node.replaceChildren(showFailure(error, () => this.#read()));
    }
  }

  #draw(settings) {
    const { needs_approval: approval, increments, sealed_counts: counts } = settings;
    this.#context.program.settings = settings;
    const facts = makeFacts(
      [t("settings.needs_approval"), t(approval ? "settings.yes" : "settings.no")],
      [t("settings.increments"), increments.length ? sayIncrements(increments) : t("settings.no_increments")],
      [t("settings.sealed_counts"), t(counts ? "settings.yes" : "settings.no")],
    );
    const change = this.#context.session.isOperator
      ? makeButton(t("settings.change"), () => this.#change(settings))
      : element("p", { class: "hint" }, t("settings.operator"));
    this.node.replaceChildren(element("h2", {}, t("tune.settings")), facts, change);
  }

  async #change({ needs_approval: approval, increments, sealed_counts: counts }) {
    const { gateway } = this.#context;
    const done = await askForm({
      title: t("settings.change"),
      lead: t("settings.lead"),
      fields: [
        { name: "needs_approval", kind: "check", label: t("settings.needs_approval"), value: approval },
        { name: "sealed_counts", kind: "check", label: t("settings.sealed_counts"), value: counts },
        incrementsField(increments, { hint: t("settings.increments_hint") }),
      ],
      act: async ({ increments: rows, ...checks }) => {
        // All of them are replaced together: those that the form does not ask for are as they are by now.
        const { settings } = await gateway.ask("program.get");
        return gateway.command("program.configure", { settings: { ...settings, ...checks, increments: readIncrements(rows) } });
      },
    });
    if (!done) return;
    this.#context.say("good", t("settings.changed"));
    await this.#read();
  }
}
