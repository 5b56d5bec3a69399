/* A draft as the editor works with it: its rules, beside those that run; its findings; what may be named in it. */

import { compareRules, readRules } from "./rule-set.js";

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

  async #check() {
    return (await this.#gateway.ask("rules.check", { draft: this.id })).findings;
  }

  get errors() {
    return this.findings.filter(({ severity }) => severity === "error").length;
  }

  difference() {
    return compareRules(this.running, this.set);
  }

  /** The rule that a finding's path leads to: they stand in the order of evaluation in both. */
  ruleAt(path, rules = this.set.rules) {
    const found = /^rules\[(\d+)\]/.exec(path);
    return found ? rules[Number(found[1])] : undefined;
  }

  findingsOf(id) {
    return this.findings.filter(({ path }) => this.ruleAt(path)?.id === id);
  }

  put(rules, removed, groups = null) {
    return this.#gateway.command("rules.put", { draft: this.id, rules, removed, groups });
  }

  /** What the form of a rule works with (see rule-form.js). */
  async desk() {
    this.#known ??= await this.#readNames();
    return {
      groups: this.set.groups,
      known: this.#known,
      taken: new Set(this.set.rules.map(({ id }) => id)),
      put: (rules, removed) => this.put(rules, removed),
      find: async () => {
        const [findings, { rules }] = await Promise.all([this.#check(), readRules(this.#gateway, { draft: this.id })]);
        return Map.groupBy(findings, ({ path }) => this.ruleAt(path, rules)?.id ?? "");
      },
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
