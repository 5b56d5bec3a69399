/* The rules that run, by evaluation group, each with its number to tune. */

import { now } from "../clock.js";
import { element, setText } from "../dom.js";
import { formatNumber, t } from "../words.js";

import { ForesightPanel } from "./foresight-panel.js";
import { foresee } from "./foresight.js";
import { NumberControl } from "./number-control.js";
import { makeChip, makeFacts, showEmpty, showFailure, showLoading } from "./parts.js";
import { groupRules, listNamed, mentions, readRules, watchHistory } from "./rule-set.js";
import { nameRule, sayEffect, sayWindows, showScope } from "./rule-words.js";
import { Tellings } from "./tellings.js";

/** Rules of a group that are drawn at first; the others when somebody asks for them. */
const DRAWN = 50;

export class RunningRules {
  #context;
  #set = null;
  #controls = new Map();
  #opened = new Set();
  #stop = [];
  #last = "";

  constructor(context) {
    this.#context = context;
    this.panel = new ForesightPanel(context);
    this.search = element("input", { type: "search", id: "rule-search", autocomplete: "off" });
    this.search.addEventListener("input", () => this.#draw());
    this.count = element("span", { class: "hint", role: "status" });
    this.groups = element("div", { class: "rule-groups" }, showLoading());
    const filters = element(
      "div",
      { class: "filters" },
      element("label", { for: "rule-search" }, t("tune.search"), this.search),
      this.count,
    );
    const rules = element("div", {}, filters, this.groups);
    this.told = new Tellings(context);
    const beside = element("div", { class: "beside" }, this.panel.node, this.told.node);
    this.node = element("div", { class: "with-foresight" }, rules, beside);
  }

  enter() {
    this.#read();
    const look = watchHistory(this.#context.gateway, (history) => this.#lookAgain(history));
    const again = this.#context.gateway.onReturn(() => this.#read());
    this.#stop = [look, again, this.told.watch()];
  }

  leave() {
    for (const stop of this.#stop) stop();
  }

  async #read() {
    try {
      const history = await this.#context.gateway.ask("rules.history");
      this.#set = await readRules(this.#context.gateway);
      this.#last = stampOf(history);
    } catch (error) {
      if (this.#set === null) this.groups.replaceChildren(showFailure(error, () => this.#read()));
      else this.#context.refuse(error);
      return;
    }
    this.panel.offer(listNamed(this.#set.rules, "segments"), listNamed(this.#set.rules, "channels"));
    this.#draw();
  }

  /** Another manager's tuning or revision shows here too. */
  #lookAgain(history) {
    if (this.#set !== null && stampOf(history) !== this.#last) this.#read();
  }

  #draw() {
    const found = groupRules(this.#set, (rule) => mentions(rule, this.search.value));
    const shown = found.reduce((sum, one) => sum + one.rules.length, 0);
    const all = this.#set.rules.length;
    setText(this.count, t(shown === all ? "tune.count" : "tune.count_of", { count: all, shown: formatNumber(shown) }));
    if (!all) this.groups.replaceChildren(showEmpty(t("tune.none"), t("tune.none_hint"), makeDraftsLink()));
    else if (!shown) this.groups.replaceChildren(showEmpty(t("tune.nothing_found")));
    else this.groups.replaceChildren(...found.map((one, index) => this.#makeGroup(one, index)));
  }

  #makeGroup({ group, rules }, index) {
    const title = element("h2", {}, element("bdi", {}, group.id), " ", makeChip(t(`mode.${group.mode}`), "accent"));
    const drawn = this.#opened.has(group.id) ? rules : rules.slice(0, DRAWN);
    const list = element("ul", { class: "rules" }, ...drawn.map((rule) => this.#makeRule(rule)));
    const node = element(
      "section",
      { class: "rule-group", "aria-label": t("tune.group", { group: group.id }) },
      element("header", {}, title, element("p", { class: "hint" }, t(`mode.${group.mode}_hint`, { place: index + 1 }))),
      list,
    );
    if (drawn.length < rules.length) node.append(this.#makeMore(group, rules));
    return node;
  }

  #makeMore(group, rules) {
    const more = element("button", { type: "button", class: "secondary" }, t("tune.more", { count: rules.length - DRAWN }));
    more.addEventListener("click", () => {
      this.#opened.add(group.id);
      this.#draw();
    });
    return more;
  }

  #makeRule(rule) {
    let control = this.#controls.get(rule.id);
    if (control?.operation === rule.effect.operation && control.part === rule.effect.part) control.take(rule);
    else control = this.#makeControl(rule);
    const facts = makeFacts(
      [t("rule.when"), sayWindows(rule.windows, now())],
      [t("rule.priority"), formatNumber(rule.priority)],
      [t("rule.budget"), rule.budget],
      [t("rule.limit"), rule.limit ? t("rule.limit_each", { count: rule.limit }) : ""],
    );
    const about = element("div", { class: "about" }, element("h3", {}, nameRule(rule)), showScope(rule.scope), facts);
    return element("li", { class: "rule", dataset: { rule: rule.id } }, about, control.node);
  }

  #makeControl(rule) {
    const control = new NumberControl(rule, {
      onLook: (number) => (number === null ? this.panel.rest() : this.panel.look(this.#ruleOf(rule.id), number)),
      onDone: (number) => this.#tune(rule.id, number),
    });
    Object.assign(control, { operation: rule.effect.operation, part: rule.effect.part });
    this.#controls.set(rule.id, control);
    return control;
  }

  #ruleOf(id) {
    return this.#set.rules.find((rule) => rule.id === id);
  }

  /** Changes the number of a rule; says how many prices changed, and offers to undo it. */
  async #tune(id, number, why = "") {
    const control = this.#controls.get(id);
    control.pending = true;
    const { gateway } = this.#context;
    const { known } = this.told;
    // On its way before the command is: it speaks of the prices before, unless the connection was lost meanwhile.
    const foreseen = foresee(gateway, id, number).catch(() => null);
    try {
      const done = await gateway.command("rules.tune", { rule: id, number, why });
      const rule = this.#ruleOf(id);
      this.#replace({ ...rule, effect: { ...rule.effect, number: done.after } });
      this.#tell(this.#ruleOf(id), done, { foreseen: await foreseen, known, undo: !why });
      this.#last = stampOf(await gateway.ask("rules.history"));
    } catch (error) {
      this.#context.refuse(error);
      await this.#read();
    } finally {
      control.pending = false;
      control.reset();
      this.panel.rest();
    }
  }

  #replace(rule) {
    this.#set.rules = this.#set.rules.map((one) => (one.id === rule.id ? rule : one));
    this.#controls.get(rule.id)?.take(rule);
  }

  #tell(rule, { before, after }, { foreseen, known, undo }) {
    const name = rule.title || rule.id;
    const words = t("tune.done", { rule: name, before: sayEffect(rule.effect, before), after: sayEffect(rule.effect, after) });
    const more = foreseen?.before === before ? ` ${t("tune.prices_changed", { count: foreseen.changed })}` : "";
    const action = { words: t("tune.undo"), act: () => this.#tune(rule.id, before, t("tune.undo_reason")) };
    const notice = this.#context.say("good", words + more, undo ? action : null);
    this.told.onTold({ rule: rule.id, after, by: this.#context.session.who }, known, (said) => {
      notice.firstChild.append(` ${said}`);
    });
  }
}

/** What tells whether rules changed since. */
function stampOf({ running, tunings }) {
  return `${running}/${tunings[0]?.at ?? 0}/${tunings[0]?.rule ?? ""}`;
}

function makeDraftsLink() {
  return element("a", { href: "#/tune/drafts" }, t("tune.to_drafts"));
}
