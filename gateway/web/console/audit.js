/* The audit: what managers and operators did, newest first; filtered, and as a file. */

import { element } from "../dom.js";
import { formatDay, formatInstant, formatNumber, formatTime, t } from "../words.js";

import { writeCsv } from "./csv.js";
import { makeTable } from "./data-table.js";
import { saveFile } from "./files.js";
import { Listing } from "./listing.js";
import { attempt, makeButton, makeChip, makeHead, showEmpty } from "./parts.js";

const KINDS = ["auction", "raffle", "experience", "campaign", "redemption", "member", "rule", "draft"];

/** Actions that are read at once, and the most that a file holds. */
const PAGE = 200;
const FILE = 10_000;

/** How long typing has to rest before it filters, in ms. */
const REST = 300;

export class View {
  #context;
  #listing;
  #timer = 0;
  #stop = () => {};

  constructor(context) {
    this.#context = context;
    this.actor = element("input", { id: "audit-actor", autocomplete: "off", dir: "ltr" });
    this.command = element("input", { id: "audit-command", autocomplete: "off", dir: "ltr", placeholder: "rules.tune" });
    this.kind = element("select", { id: "audit-kind" });
    this.kind.append(element("option", { value: "" }, t("audit.any_kind")));
    for (const kind of KINDS) this.kind.append(element("option", { value: kind }, t(`audit.kind_${kind}`)));
    this.object = element("input", { id: "audit-object", autocomplete: "off", dir: "ltr" });
    this.from = element("input", { id: "audit-from", type: "datetime-local" });
    this.to = element("input", { id: "audit-to", type: "datetime-local" });
    this.table = this.#makeTable();
    this.#listing = new Listing(context, {
      table: this.table,
      key: ({ number }) => number,
      ask: (from) => this.#list(from, PAGE),
      show: () => this.table.show([...this.#listing.rows.values()], this.#listing.hasMore),
    });
    const file = makeButton(t("audit.file"), (event) => this.#save(event.target));
    this.node = element("section", { class: "audit" }, makeHead(t("view.audit"), file), this.#makeFilters(), this.table);
  }

  /** `#/audit/ACTOR` is what one of the staff did, `#/audit//KIND/ID` what was done with one thing. */
  enter([actor = "", kind = "", object = ""]) {
    this.actor.value = actor;
    this.kind.value = kind;
    this.object.value = object;
    this.#listing.read();
    this.#stop();
    this.#stop = this.#context.gateway.onReturn(() => this.#listing.read());
  }

  leave() {
    clearTimeout(this.#timer);
    this.#listing.leave();
    this.#stop();
  }

  #makeFilters() {
    const field = (input, words) => element("label", { for: input.id }, words, input);
    const node = element(
      "form",
      { class: "filters", role: "search" },
      field(this.actor, t("audit.actor")),
      field(this.command, t("audit.command")),
      field(this.kind, t("audit.kind")),
      field(this.object, t("audit.object")),
      field(this.from, t("audit.from")),
      field(this.to, t("audit.to")),
    );
    node.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#listing.read(), REST);
    });
    node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#listing.read();
    });
    return node;
  }

  #makeTable() {
    return makeTable(
      [
        { key: "command", label: t("audit.what"), title: true, cell: (row) => nameCommand(row.command), value: (row) => row.command },
        { key: "at", label: t("audit.when"), cell: (row) => sayInstant(row.at), value: (row) => row.at },
        { key: "actor", label: t("audit.who"), cell: sayWho, value: (row) => row.actor },
        { key: "concerns", label: t("audit.concerns"), cell: sayConcerns, value: (row) => Object.values(row.concerns).join() },
        { key: "asked", label: t("audit.asked"), cell: sayAsked },
        { key: "number", label: t("audit.number"), end: true, cell: (row) => formatNumber(row.number), value: (row) => row.number },
      ],
      {
        caption: t("view.audit"),
        key: (row) => row.number,
        empty: showEmpty(t("audit.none"), t("audit.none_hint")),
        more: () => this.#listing.readMore(),
      },
    );
  }

  get #filters() {
    const instant = (input) => (input.value ? new Date(input.value).getTime() : undefined);
    const wanted = {
      actor: this.actor.value.trim(),
      command: this.command.value.trim(),
      kind: this.kind.value,
      object: this.object.value.trim(),
      from: instant(this.from),
      to: instant(this.to),
    };
    return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value));
  }

  #list(from, most) {
    return this.#context.gateway.list("audit.list", { ...this.#filters, limit: 100 }, { field: "actions", from, most });
  }

  /** Saves what the filters leave as a file, all of it up to a limit. */
  async #save(button) {
    const found = await attempt(this.#context, button, () => this.#list(null, FILE));
    if (!found) return;
    const head = ["number", "at", "actor", "role", "command", "concerns", "asked", "result", "left_out"];
    const lines = found.rows.map((row) => [
      row.number,
      new Date(row.at).toISOString(),
      row.actor,
      row.role,
      row.command,
      pairs(row.concerns),
      pairs(row.asked),
      pairs(row.result),
      row.left_out,
    ]);
    saveFile(new Blob([writeCsv([head, ...lines])], { type: "text/csv;charset=utf-8" }), "audit.csv");
    const key = found.cursor === null ? "audit.saved" : "audit.saved_part";
    this.#context.say("good", t(key, { count: found.rows.length }));
  }
}

function nameCommand(command) {
  return element("code", { dir: "ltr" }, command);
}

function sayInstant(at) {
  const words = [formatDay(at), formatTime(at)].flatMap((one) => [element("span", { class: "number" }, one), " "]);
  return element("time", { dateTime: new Date(at).toISOString() }, ...words);
}

function sayWho({ actor, role }) {
  const name = element("bdi", {}, actor);
  return role === "operator" ? element("span", {}, name, " ", makeChip(t("role.operator"))) : name;
}

function sayConcerns({ concerns }) {
  const chips = Object.entries(concerns).map(([kind, id]) => makeChip(`${t(`audit.kind_${kind}`)}: ${id}`));
  return element("span", { class: "chips" }, ...chips);
}

/** What was asked for, and what came of it where that says more. */
function sayAsked({ asked, result, left_out: left, concerns }) {
  const known = new Set(Object.values(concerns).map(String));
  const told = { ...asked, ...result };
  const words = Object.entries(told).filter(([, value]) => !known.has(String(value)));
  const node = element("span", { class: "asked", dir: "ltr" });
  for (const [name, value] of words) {
    node.append(element("span", {}, element("b", {}, name), " ", element("bdi", {}, sayValue(name, value)), " "));
  }
  if (left) node.append(makeChip(t("audit.left_out", { count: left })));
  return node;
}

/** Instants as people read them, by how the log names them. */
function sayValue(name, value) {
  return typeof value === "number" && name.endsWith("_at") && value > 0 ? formatInstant(value) : String(value);
}

function pairs(values) {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join("; ");
}
