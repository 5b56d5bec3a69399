/*
 * Forms in a dialog. A field has its label, its hint, and what is wrong with it right beside it: what the page sees,
 * and what the gateway refuses.
 */

import { CROSS, element, icon, setHidden } from "../dom.js";
import { t } from "../words.js";

import { makeField } from "./fields.js";
import { describe } from "./refusals.js";

/** How long typing has to rest before `live` is asked, in ms. */
const REST = 400;

let number = 0;

/**
 * Asks for what `fields` say (see fields.js), and calls `act(values)` with it; the dialog stays open, and says why,
 * where that is refused. What `act` gives, or null if the dialog was closed.
 *
 * `title`, `submit` and `cancel` are words, `lead` may be a node; `danger`: it cannot be taken back. `check(values)` may give words for the
 * whole form, or `{ name: words }` for its fields. `live(values)` is asked whenever typing rests and nothing is wrong
 * so far; it gives `{ name: words }` too, which stand there without keeping anybody from sending. `locate(error)` may
 * say of a refusal at which fields it belongs, in the same way. `onLeft(values)` is told of what somebody typed and did
 * not send.
 */
export function askForm(options) {
  return new Promise((resolve) => {
    const form = new Form({ lead: "", fields: [], check: () => null, onLeft: () => {}, ...options, done: resolve });
    document.body.append(form.node);
    form.node.showModal();
  });
}

/** Asks whether to do something, with a reason that is kept. */
export function askReason({ title, lead, submit, label = t("form.reason"), danger = true, act }) {
  const reason = { name: "reason", kind: "text", label, hint: t("form.reason_hint"), required: true, most: 200 };
  return askForm({ title, lead, submit, danger, fields: [reason], act });
}

class Form {
  #fields = new Map();
  #options;
  #result = null;
  #busy = false;
  #touched = false;
  #timer = 0;
  #turn = 0;

  constructor(options) {
    this.#options = options;
    const id = `form-${++number}`;
    this.error = element("p", { class: "form-error", role: "alert", hidden: true });
    this.submit = element(
      "button",
      { type: "submit", class: options.danger ? "primary danger" : "primary" },
      options.submit ?? t("form.save"),
    );
    const body = element("div", { class: "form-body" });
    if (options.lead) body.append(element("div", { class: "lead" }, options.lead));
    this.#addFields(body, id);
    const form = element("form", { noValidate: true }, this.#makeTitle(id), body, this.error, this.#makeButtons());
    form.addEventListener("submit", (event) => this.#submit(event));
    form.addEventListener("input", () => {
      if (!this.#touched) addEventListener("beforeunload", keep);
      this.#touched = true;
      this.#adapt();
      if (options.live) this.#lookSoon();
    });
    this.node = element("dialog", { class: options.wide ? "sheet wide" : "sheet", "aria-labelledby": `${id}-title` }, form);
    this.node.addEventListener("close", () => this.#end());
    this.#adapt();
  }

  get values() {
    return Object.fromEntries([...this.#fields].map(([name, field]) => [name, field.value]));
  }

  /** A tab in the background hears of `close` only when it is looked at again: what closes here ends at once. */
  #end() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    removeEventListener("beforeunload", keep);
    if (this.#result === null && this.#touched) this.#options.onLeft(this.values);
    this.#touched = false;
    if (this.node.open) this.node.close();
    this.node.remove();
    this.#options.done(this.#result);
  }

  #makeTitle(id) {
    const close = element(
      "button",
      { type: "button", class: "plain icon", "aria-label": t("form.close"), onclick: () => this.#end() },
      icon(CROSS),
    );
    return element("div", { class: "form-title" }, element("h2", { id: `${id}-title` }, this.#options.title), close);
  }

  #makeButtons() {
    const cancel = element("button", { type: "button", class: "secondary", onclick: () => this.#end() }, this.#options.cancel ?? t("form.cancel"));
    return element("div", { class: "form-buttons" }, cancel, this.submit);
  }

  #addFields(body, id) {
    let group = body;
    for (const field of this.#options.fields) {
      if (field.legend) {
        group = element("fieldset", {}, element("legend", {}, field.legend));
        body.append(group);
        continue;
      }
      const made = makeField(field, `${id}-${field.name}`);
      made.when = field.when ?? null;
      this.#fields.set(field.name, made);
      group.append(made.node);
    }
  }

  /** Hides what does not belong to what is chosen. */
  #adapt() {
    const { values } = this;
    for (const field of this.#fields.values()) if (field.when) setHidden(field.node, !field.when(values));
    for (const group of this.node.querySelectorAll("fieldset:not(.field)")) {
      setHidden(group, [...group.querySelectorAll(":scope > .field")].every((one) => one.hidden));
    }
  }

  #lookSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), REST);
  }

  async #look() {
    if (this.#busy) return;
    const turn = ++this.#turn;
    const shown = [...this.#fields].filter(([, field]) => !field.node.hidden);
    const faults = new Map(shown.map(([name, field]) => [name, field.fault()]));
    const wrong = [...faults.values()].some(Boolean);
    const { values } = this;
    const own = wrong ? null : this.#options.check(values);
    const found = wrong || own ? own : await this.#options.live(values).catch((error) => ({ "": describe(error) }));
    if (turn !== this.#turn) return;
    // What was not touched yet is not blamed for being empty.
    for (const [name, field] of shown) field.complain(found?.[name] ?? (field.value === null || field.value === "" ? "" : faults.get(name)));
    if (found?.[""]) this.#show(found[""]);
    else setHidden(this.error, true);
  }

  async #submit(event) {
    event.preventDefault();
    if (this.#busy || !this.#isRight()) return;
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#busy = true;
    this.submit.setAttribute("aria-disabled", "true");
    setHidden(this.error, true);
    try {
      this.#result = (await this.#options.act(this.values)) ?? true;
      this.#end();
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#busy = false;
      this.submit.removeAttribute("aria-disabled");
    }
  }

  #isRight() {
    let first = null;
    for (const field of this.#fields.values()) {
      const words = field.node.hidden ? "" : field.fault();
      field.complain(words);
      if (words) first ??= field;
    }
    const more = first ? {} : (this.#options.check(this.values) ?? {});
    if (typeof more === "string") {
      this.#show(more);
      return false;
    }
    for (const [name, words] of Object.entries(more)) {
      this.#fields.get(name).complain(words);
      first ??= this.#fields.get(name);
    }
    first?.focus();
    return first === null;
  }

  /** A refusal that names a field stands at that field. */
  #refuse(error) {
    const located = Object.entries(this.#options.locate?.(error) ?? {});
    if (located.length) {
      for (const [name, words] of located) this.#fields.get(name)?.complain(words);
      this.#fields.get(located[0][0])?.focus();
      return;
    }
    const path = String(error.details?.field ?? "");
    const found = [...this.#fields].find(([name, field]) => !field.node.hidden && matches(path, field.path ?? name));
    if (path && found) {
      found[1].complain(describe(error));
      found[1].focus();
    } else {
      this.#show(describe(error));
    }
  }

  #show(words) {
    this.error.replaceChildren(words);
    setHidden(this.error, false);
    this.error.scrollIntoView({ block: "nearest" });
  }
}

/** The browser asks before a page with something typed is left. */
function keep(event) {
  event.preventDefault();
}

/** `terms.increments[0].below` is the field `increments`'s, and so is `increments`. */
function matches(path, name) {
  return path.split(/[.[\]]/).includes(name);
}
