/* Tuning: the rules that run, drafts of other ones, what ran before, and what the program demands. */

import { element } from "../dom.js";
import { t } from "../words.js";

import { makeHead, makeTabs } from "./parts.js";
import { RunningRules } from "./running-rules.js";

export class View {
  #context;
  #part = null;

  constructor(context) {
    this.#context = context;
    this.node = element("section", { class: "tune" });
  }

  async enter([name = "", id = ""]) {
    this.#part?.leave();
    const part = await this.#makePart(name, id);
    this.#part = part;
    const tabs = { "": t("tune.running"), drafts: t("tune.drafts"), history: t("tune.history"), settings: t("tune.settings") };
    const current = name in tabs ? name : "";
    this.node.replaceChildren(makeHead(t("view.tune")), makeTabs(t("tune.parts"), "tune", tabs, current), part.node);
    part.enter();
  }

  leave() {
    this.#part?.leave();
  }

  async #makePart(name, id) {
    if (name === "drafts" && id) return new (await import("./draft-editor.js")).DraftEditor(this.#context, id);
    if (name === "drafts") return new (await import("./drafts.js")).Drafts(this.#context);
    if (name === "history") return new (await import("./rule-history.js")).RuleHistory(this.#context);
    if (name === "settings") return new (await import("./program-settings.js")).ProgramSettings(this.#context);
    return new RunningRules(this.#context);
  }
}
