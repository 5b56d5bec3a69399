/*
 * A member's entry in the directory: who it is, beside the log. It is corrected, handed out with all that is known of
 * the member, and erased: in two steps, since nothing brings it back.
 */

import { element } from "../dom.js";
import { formatInstant, t } from "../words.js";

import { saveFile } from "./files.js";
import { askForm } from "./form.js";
import { attempt, makeButton, makeFacts, showFailure, showLoading } from "./parts.js";

/** What an entry has, and how much of it at most; an e-mail address and a phone number as the directory takes them. */
const FIELDS = [
  { name: "name", most: 200 },
  { name: "email", most: 254, pattern: /^[^@\s]+@[^@\s]+$/ },
  { name: "phone", most: 40, pattern: /^[0-9+() ./-]*$/ },
];

export class DirectoryCard {
  #context;
  #id;
  /** Whether the last erasure left older values in the server's file. */
  #unclean = false;

  constructor(context, id) {
    this.#context = context;
    this.#id = id;
    this.body = element("div", {}, showLoading());
    this.node = element("section", { class: "card directory", hidden: true }, element("h2", {}, t("member.directory")), this.body);
  }

  async read() {
    this.node.hidden = false;
    try {
      this.#draw(await this.#ask("directory.get"));
    } catch (error) {
      this.body.replaceChildren(showFailure(error, () => this.read()));
    }
  }

  #draw(entry) {
    this.body.replaceChildren(...(entry.erased_at ? this.#makeErased(entry) : this.#makeEntry(entry)));
  }

  #makeEntry(entry) {
    const known = FIELDS.some(({ name }) => entry[name]);
    const facts = makeFacts(...FIELDS.map(({ name }) => [t(`member.directory_${name}`), entry[name] && element("bdi", {}, entry[name])]));
    const actions = [
      makeButton(t("member.edit"), () => this.#edit(entry)),
      this.#makeExport(),
      makeButton(t("member.erase"), () => this.#erase(), "secondary danger"),
    ];
    return [
      known ? facts : element("p", { class: "hint" }, t("member.directory_empty")),
      element("p", { class: "hint" }, t("member.directory_hint")),
      element("div", { class: "actions" }, ...actions),
    ];
  }

  #makeErased({ erased_at: at, erased_by: by }) {
    const parts = [element("p", {}, element("strong", {}, t("member.erased", { at: formatInstant(at), by })))];
    if (this.#unclean) {
      const again = makeButton(t("member.erase_again"), (event) => attempt(this.#context, event.target, () => this.#eraseNow()));
      parts.push(element("p", { class: "form-error", role: "alert" }, t("member.file_unclean")), again);
    } else {
      parts.push(element("p", { class: "hint" }, t("member.erased_hint")));
    }
    return [...parts, element("div", { class: "actions" }, this.#makeExport())];
  }

  #makeExport() {
    const save = async () => {
      const file = await this.#context.session.fetchFile(`/v1/members/${encodeURIComponent(this.#id)}/export`);
      saveFile(file, `${this.#id}.json`);
    };
    return makeButton(t("member.export"), (event) => attempt(this.#context, event.target, save));
  }

  async #edit(entry) {
    const fields = FIELDS.map(({ name, most, pattern }) => ({
      name,
      label: t(`member.directory_${name}`),
      most,
      pattern,
      patternWords: pattern && t(`member.no_${name}`),
      value: entry[name],
    }));
    const put = await askForm({ title: t("member.edit_title", { member: this.#id }), fields, act: (values) => this.#ask("directory.put", values) });
    if (put) this.#draw(put);
  }

  /** First what goes, what stays and why; then the id, typed, so that it is this member and no slip. */
  async #erase() {
    const understood = await askForm({
      title: t("member.erase_title", { member: this.#id }),
      lead: makeConsequences(this.#id),
      danger: true,
      submit: t("member.erase_go_on"),
      act: async () => true,
    });
    if (!understood) return;
    await askForm({
      title: t("member.erase_surely", { member: this.#id }),
      lead: t("member.erase_last"),
      danger: true,
      submit: t("member.erase_now"),
      fields: [{ name: "member", label: t("member.erase_type", { member: this.#id }), required: true, mono: true }],
      check: ({ member }) => (member === this.#id ? null : { member: t("member.erase_other") }),
      act: () => this.#eraseNow(),
    });
  }

  async #eraseNow() {
    const { erased_at, erased_by, file_rewritten: rewritten } = await this.#ask("member.erase");
    this.#unclean = !rewritten;
    if (rewritten) this.#context.say("good", t("member.erase_done", { member: this.#id }));
    this.#draw({ erased_at, erased_by });
  }

  #ask(method, params = {}) {
    return this.#context.gateway.ask(method, { member: this.#id, ...params });
  }
}

function makeConsequences(member) {
  const list = (...keys) => element("ul", {}, ...keys.map((key) => element("li", {}, t(`member.${key}`, { member }))));
  return element(
    "div",
    { class: "consequences" },
    element("h3", {}, t("member.goes")),
    list("goes_entry", "goes_search"),
    element("h3", {}, t("member.stays")),
    list("stays_id", "stays_why", "stays_note"),
  );
}
