/* A draft as the editor works with it: its rules, beside those that run; its findings; what may be named in it. */

import { Refused } from "../socket.js";

import { compareRules, readRules, same } from "./rule-set.js";

export class Draft {
  #gateway;
  #settings;
  #known = null;
  set = { groups: [], rules: [], version: 0 };
  running = { groups: [], rules: [], revision: 0 };
  findings = [];
  /** What the history says of it: `by`, `asked_by`, `why`, `version`, `based_on`. */
  about = {};

  constructor(gateway, id, settings) {
    this.#gateway = gateway;
    this.#settings = settings;
    this.id = id;
  }

  /** Reads it all; throws `Refused` with `unknown_draft` where it is gone. */
  async read() {
    this.about = {};
    const [set, running, history] = await Promise.all([
      readRules(this.#gateway, { draft: this.id }),
      readRules(this.#gateway),
      this.#gateway.ask("rules.history"),
    ]);
    this.set = set;
    this.running = running;
    this.about = history.drafts.find(({ draft }) => draft === this.id) ?? { version: set.version, asked_by: "", why: "" };
    this.findings = await this.#check();
  }

  /** Whether a history knows another state of the draft, or of what runs, than was read. */
  isOther({ running, drafts }) {
    const found = drafts.find(({ draft }) => draft === this.id);
    return running !== this.running.revision || found?.version !== this.about.version || found?.asked_by !== this.about.asked_by;
  }

  async #check() {
    return (await this.#gateway.ask("rules.check", { draft: this.id })).findings;
  }

  get errors() {
    return this.findings.filter(({ severity }) => severity === "error").length;
  }

  difference() {
    return compareRules(this.running, this.set);
  }

  ruleOf(id) {
    return this.set.rules.find((rule) => rule.id === id);
  }

  findingsOf(id) {
    return this.findings.filter(({ rule }) => rule === id);
  }

  put(rules, removed = []) {
    return this.#gateway.command("rules.put", { draft: this.id, rules, removed });
  }

  /** Puts a rule; throws `Refused` as `#meet` does. */
  async putRule(rule) {
    await this.#meet(({ rules }) => rules.find(({ id }) => id === rule.id));
    return this.put([rule]);
  }

  /** Puts the groups; throws `Refused` as `#meet` does. */
  async putGroups(groups) {
    await this.#meet(({ groups }) => groups);
    return this.#gateway.command("rules.put", { draft: this.id, groups });
  }

  /**
   * Throws `Refused` with `draft_moved_on` where another changed what is chosen of the set since it was read. It is
   * known from then on: who sends again all the same has been told.
   */
  async #meet(choose) {
    const { version } = await this.#gateway.ask("rules.get", { draft: this.id, limit: 1 });
    if (version === this.set.version) return;
    const known = choose(this.set);
    this.set = await readRules(this.#gateway, { draft: this.id });
    if (same(choose(this.set), known)) return;
    throw new Refused({ message: "", data: { code: "draft_moved_on" } });
  }

  /** What the form of a rule works with (see rule-form.js). */
  async desk() {
    this.#known ??= await this.#readNames();
    return {
      groups: this.set.groups,
      known: this.#known,
      isTaken: (id) => this.ruleOf(id) !== undefined,
      put: (rule) => this.putRule(rule),
      try: async (rule) => (await this.#gateway.ask("rules.try", { draft: this.id, rules: [rule] })).findings,
      isKnown: (finding) => this.findings.some((one) => one.rule === finding.rule && one.words === finding.words),
    };
  }

  async #readNames() {
    const [experiences, campaigns] = await Promise.all([
      this.#gateway.list("experience.list", { limit: 100 }, { field: "experiences" }).catch(() => ({ rows: [] })),
      this.#gateway.list("campaign.list", { limit: 100 }, { field: "campaigns" }).catch(() => ({ rows: [] })),
    ]);
    return {
      tiers: this.#settings.tiers,
      markets: this.#settings.markets,
      experiences: experiences.rows.map(({ experience }) => experience),
      kinds: [...new Set(experiences.rows.map(({ terms }) => terms.kind))].sort(),
      campaigns: campaigns.rows.map(({ campaign }) => campaign),
    };
  }
}
