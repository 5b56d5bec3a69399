/* One draft: its rules, what is wrong with them, what it changes, and the way to publish it. */

import { now } from "../clock.js";
import { element } from "../dom.js";
import { formatNumber, t } from "../words.js";

import { Draft } from "./draft.js";
import { showDifference } from "./difference.js";
import { askForm } from "./form.js";
import { askGroups } from "./groups-form.js";
import { attempt, makeButton, makeChip, makeFacts, showEmpty, showFailure, showLoading } from "./parts.js";
import { showPreview } from "./preview.js";
import { askRule, emptyRule, sayFinding } from "./rule-form.js";
import { groupRules, same, watchHistory } from "./rule-set.js";
import { nameRule, sayEffect, sayWindows, showScope } from "./rule-words.js";

/** Rules of a group that are drawn at first. */
const DRAWN = 50;

export class DraftEditor {
  #context;
  #draft;
  #opened = new Set();
  #stop = () => {};

  constructor(context, id) {
    this.#context = context;
    this.#draft = new Draft(context.gateway, id, context.program.settings);
    this.banner = element("div", {});
    this.findings = element("div", {});
    this.difference = element("div", {}, showLoading());
    this.preview = element("div", {});
    this.rules = element("div", { class: "rule-groups" });
    this.node = element("div", { class: "draft-editor" }, this.banner, this.findings, this.preview, this.difference, this.rules);
  }

  enter() {
    this.#read();
    const { gateway } = this.#context;
    const stop = [watchHistory(gateway, (history) => this.#lookAgain(history)), gateway.onReturn(() => this.#lookAgain())];
    this.#stop = () => stop.forEach((one) => one());
  }

  leave() {
    this.#stop();
  }

  /** What another manager does to the draft shows here too, unless a form is open: it began with what there was. */
  async #lookAgain(history = null) {
    if (!this.#draft.about.version || document.querySelector("dialog[open]")) return;
    const before = this.#draft.about.version;
    if (history && !this.#draft.isOther(history)) return;
    await this.#read();
    if (this.#draft.about.version !== before) this.#context.say("plain", t("draft.changed_elsewhere"));
  }

  async #read() {
    try {
      await this.#draft.read();
    } catch (error) {
      for (const part of [this.banner, this.findings, this.preview, this.rules]) part.replaceChildren();
      this.difference.replaceChildren(showFailure(error, () => this.#read()));
      return;
    }
    this.#draw();
  }

  #draw() {
    const draft = this.#draft;
    this.preview.replaceChildren();
    this.#drawBanner();
    this.#drawFindings();
    this.difference.replaceChildren(
      element("h2", { class: "part" }, t("diff.title", { revision: draft.running.revision })),
      showDifference(draft.difference()),
    );
    const found = groupRules(draft.set);
    const title = element("h2", { class: "part" }, t("draft.its_rules", { count: draft.set.rules.length }));
    if (found.length) this.rules.replaceChildren(title, ...found.map((one) => this.#makeGroup(one)));
    else this.rules.replaceChildren(title, showEmpty(t("draft.empty"), t("draft.empty_hint")));
  }

  #drawBanner() {
    const { id, about, errors } = this.#draft;
    const asked = about.asked_by;
    const mine = asked && asked === this.#context.session.who;
    const head = element("h2", {}, element("bdi", {}, id), " ", makeChip(t("draft.version", { version: about.version })));
    const buttons = element(
      "div",
      { class: "actions" },
      makeButton(t("rule.add"), () => this.#edit(emptyRule(this.#draft.set.groups), true)),
      makeButton(t("groups.edit"), () => this.#editGroups()),
      makeButton(t("preview.show"), (event) => this.#preview(event.target)),
      makeButton(t("draft.drop"), () => this.#drop(), "secondary danger"),
    );
    if (asked && !mine) buttons.append(makeButton(t("draft.approve"), (event) => this.#approve(event.target), "primary"));
    else if (!asked) {
      const publish = makeButton(t("draft.publish"), () => this.#publish(), "primary");
      publish.disabled = errors > 0;
      if (errors) publish.title = t("draft.has_errors", { count: errors });
      buttons.append(publish);
    }
    this.banner.replaceChildren(element("div", { class: "head" }, head, buttons));
    if (!asked) return;
    const words = mine ? t("draft.waits_for_another") : t("draft.waits_for_you", { by: asked });
    this.banner.append(element("div", { class: "banner", role: "status" }, element("strong", {}, words), element("p", { dir: "auto" }, about.why)));
  }

  #drawFindings() {
    const { findings } = this.#draft;
    if (!findings.length) {
      this.findings.replaceChildren(element("p", { class: "hint" }, t("draft.no_findings")));
      return;
    }
    const items = findings.slice(0, DRAWN).map((finding) => {
      const rule = this.#draft.ruleOf(finding.rule);
      const item = element("li", {}, sayFinding(finding));
      if (rule) item.append(" ", makeButton(rule.id, () => this.#edit(rule, false), "row-link"));
      return item;
    });
    this.findings.replaceChildren(
      element("h2", { class: "part" }, t("draft.findings", { count: findings.length })),
      element("ul", { class: "findings" }, ...items),
    );
  }

  #makeGroup({ group, rules }) {
    const title = element("h3", {}, element("bdi", {}, group.id), " ", makeChip(t(`mode.${group.mode}`), "accent"));
    const drawn = this.#opened.has(group.id) ? rules : rules.slice(0, DRAWN);
    const list = element("ul", { class: "rules" }, ...drawn.map((rule) => this.#makeRule(rule)));
    const node = element("section", { class: "rule-group" }, element("header", {}, title), list);
    if (drawn.length < rules.length) {
      const more = makeButton(t("tune.more", { count: rules.length - DRAWN }), () => {
        this.#opened.add(group.id);
        this.#draw();
      });
      node.append(more);
    }
    return node;
  }

  #makeRule(rule) {
    const facts = makeFacts(
      [t("rule.when"), sayWindows(rule.windows, now())],
      [t("rule.priority"), formatNumber(rule.priority)],
      [t("rule.budget"), rule.budget],
      [t("rule.limit"), rule.limit ? t("rule.limit_each", { count: rule.limit }) : ""],
    );
    const name = element("h4", {}, nameRule(rule), " ", element("strong", { class: "effect" }, sayEffect(rule.effect)));
    const about = element("div", { class: "about" }, name, showScope(rule.scope), facts);
    const found = this.#draft.findingsOf(rule.id).map((finding) => element("p", {}, sayFinding(finding)));
    about.append(...found);
    const buttons = element(
      "div",
      { class: "buttons" },
      makeButton(t("rule.edit_short"), () => this.#edit(rule, false)),
      makeButton(t("rule.copy"), () => this.#edit({ ...rule, id: "" }, true)),
      makeButton(t("rule.remove"), (event) => this.#remove(rule, event.target), "secondary danger"),
    );
    for (const button of buttons.children) button.setAttribute("aria-description", rule.title || rule.id);
    return element("li", { class: "rule", dataset: { rule: rule.id } }, about, buttons);
  }

  /** What is typed and not saved is kept, for who closed the form by mistake: `again` is what that was. */
  async #edit(rule, isFresh, again = null) {
    if (!this.#draft.set.groups.length) {
      this.#context.say("plain", t("groups.first"));
      return;
    }
    const onLeft = (typed) => {
      const action = { words: t("rule.go_on"), act: () => this.#edit(rule, isFresh, typed) };
      this.#context.say("plain", t("rule.not_saved", { rule: typed.title || typed.id || t("rule.unnamed") }), action);
    };
    const moved = again && !isFresh && !same(this.#draft.ruleOf(rule.id), rule);
    const more = again ? { typed: again, ...(moved ? { lead: t("refusal.draft_moved_on") } : {}) } : {};
    try {
      await askRule(await this.#draft.desk(), rule, { isFresh, onLeft, ...more });
    } catch (error) {
      this.#context.refuse(error);
    }
    await this.#read();
  }

  async #remove(rule, button) {
    const done = await attempt(this.#context, button, () => this.#draft.put([], [rule.id]));
    await this.#read();
    if (!done) return;
    const act = async () => {
      await attempt(this.#context, null, () => this.#draft.put([rule]));
      await this.#read();
    };
    this.#context.say("plain", t("rule.removed", { rule: rule.title || rule.id }), { words: t("tune.undo"), act });
  }

  async #editGroups() {
    await askGroups(this.#draft.set, (groups) => this.#draft.putGroups(groups));
    await this.#read();
  }

  async #preview(button) {
    this.preview.replaceChildren(showLoading());
    const found = await attempt(this.#context, button, () => this.#context.gateway.ask("rules.preview", { draft: this.#draft.id }));
    this.preview.replaceChildren();
    if (!found) return;
    this.preview.append(showPreview(found));
    this.preview.scrollIntoView({ block: "nearest" });
  }

  async #publish() {
    const { id, about } = this.#draft;
    const why = { name: "why", label: t("form.reason"), hint: t("form.reason_hint"), required: true, most: 200 };
    const done = await askForm({
      title: t("draft.publish_title", { draft: id }),
      lead: t("draft.publish_lead"),
      submit: t("draft.publish"),
      fields: [why],
      act: (values) => this.#context.gateway.command("rules.publish", { draft: id, version: about.version, ...values }),
    });
    if (done) await this.#finish(done);
    else await this.#read();
  }

  async #approve(button) {
    const { id, about } = this.#draft;
    const approve = () => this.#context.gateway.command("rules.approve", { draft: id, version: about.version });
    const done = await attempt(this.#context, button, approve);
    if (done) await this.#finish(done);
    else await this.#read();
  }

  /** A set that is published leaves the drafts; one that waits for approval stays. */
  async #finish({ revision, awaiting }) {
    if (awaiting) {
      this.#context.say("good", t("draft.asked"));
      await this.#read();
      return;
    }
    this.#context.say("good", t("draft.published", { revision }));
    this.#context.go("tune");
  }

  async #drop() {
    const { id } = this.#draft;
    const done = await askForm({
      title: t("draft.drop_title", { draft: id }),
      lead: t("draft.drop_lead"),
      submit: t("draft.drop"),
      danger: true,
      act: () => this.#context.gateway.command("rules.drop", { draft: id }),
    });
    if (done) this.#context.go("tune", "drafts");
  }
}
