/* Fields of a form that say what a campaign shows: its shelves, what is on them, and how they turn. */

import { element } from "../dom.js";
import { localise } from "../locale.js";
import { LANGUAGES, language, t } from "../words.js";

import { rowsOfFields } from "./field-rows.js";
import { makeOrderButtons } from "./order-buttons.js";

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const HOUR = 3_600_000;
const MINUTE = 60_000;

/** What a shelf may have on it, and how many of them a campaign may have. */
const PICKS = 200;

/** The titles of all experiences by their ids. */
export async function readTitles(gateway) {
  const { rows } = await gateway.list("experience.list", { limit: 100 }, { field: "experiences", most: 5_000 });
  return new Map(rows.map(({ experience, terms }) => [experience, localise(terms.titles)?.text ?? experience]));
}

/** The fields of a form for what turns in a campaign's terms; times are by the clocks of `zone()`. */
export function fieldsOfShelves({ shelves, rotation }, titles, zone) {
  const turns = ({ rotates }) => rotates;
  return [
    { legend: t("campaign.shelves") },
    { name: "shelves", make: makeShelves(titles), label: t("shelf.label"), hint: t("shelf.hint"), value: shelves.map(asRow) },
    { legend: t("shelf.rotation") },
    { name: "rotates", kind: "check", label: t("shelf.rotates"), hint: t("shelf.rotates_hint"), value: rotation !== null },
    { name: "period", kind: "length", label: t("shelf.period"), required: true, value: rotation?.period ?? 24 * HOUR, when: turns },
    { name: "peaks", make: makePeaks(zone), label: t("shelf.peaks"), hint: t("shelf.peaks_hint"), value: rotation?.peaks ?? [], when: turns },
  ];
}

/** What those fields say, as a campaign's terms have it. */
export function readShelves({ shelves, rotates, period, peaks }) {
  const turning = { period, peaks: [...peaks].sort((one, other) => one.starts_at - other.starts_at) };
  return { shelves: shelves.map(asShelf), rotation: rotates ? turning : null };
}

/** What is wrong with them, by field; null for nothing. */
export function checkShelves({ rotates, period, peaks }) {
  if (!rotates) return null;
  if (period < MINUTE) return { period: t("shelf.too_short") };
  return peaks.some((one) => one.period < MINUTE) ? { peaks: t("shelf.too_short") } : null;
}

function asRow({ id, titles, experiences }) {
  return { id, experiences, titles, ...Object.fromEntries(Object.keys(LANGUAGES).map((code) => [`title_${code}`, titles[code] ?? ""])) };
}

/** Titles in other languages than the pages' stay as they are. */
function asShelf(row) {
  const titles = { ...row.titles };
  for (const code of Object.keys(LANGUAGES)) {
    if (row[`title_${code}`]) titles[code] = row[`title_${code}`];
    else delete titles[code];
  }
  return { id: row.id, experiences: row.experiences, titles };
}

function makeShelves(titles) {
  const codes = [language, ...Object.keys(LANGUAGES).filter((code) => code !== language)];
  const columns = (row) => [
    { name: "id", label: t("shelf.id"), required: true, mono: true, most: 64, pattern: ID, patternWords: t("field.id"), value: row.id },
    ...codes.map((code) => ({ name: `title_${code}`, label: t("campaign.title_in", { language: LANGUAGES[code] }), most: 500, value: row[`title_${code}`] })),
    { name: "experiences", make: makePicks(titles), label: t("shelf.picks"), value: row.experiences },
  ];
  const twice = (rows) => (new Set(rows.map(({ id }) => id)).size < rows.length ? t("shelf.twice") : "");
  return rowsOfFields(columns, { add: t("shelf.add"), fresh: (number) => ({ ...asRow({ id: `shelf-${number}`, titles: {}, experiences: [] }) }), judge: twice });
}

/** Experiences in their order; another one is named by its id. */
function makePicks(titles) {
  return (field, id) => {
    const list = element("ol", { class: "picks" });
    const tell = () => list.dispatchEvent(new Event("input", { bubbles: true }));
    const append = (experience) => {
      const node = element("li", { dataset: { experience } }, element("span", {}, element("bdi", {}, titles.get(experience) ?? experience)));
      const name = { title: titles.get(experience) ?? experience };
      node.append(...makeOrderButtons(node, { up: t("shelf.up", name), down: t("shelf.down", name), remove: t("shelf.remove", name) }, tell));
      list.append(node);
    };
    for (const experience of field.value ?? []) append(experience);
    const value = () => [...list.children].map((node) => node.dataset.experience);
    const choice = element("select", { id, name: "add-pick" });
    const fill = () => {
      const chosen = new Set(value());
      const options = [...titles].filter(([one]) => !chosen.has(one)).map(([one, title]) => element("option", { value: one }, title));
      choice.replaceChildren(element("option", { value: "" }, t("shelf.add_pick")), ...options);
    };
    choice.addEventListener("focus", fill);
    choice.addEventListener("change", (event) => {
      event.stopPropagation();
      if (choice.value) append(choice.value);
      fill();
      tell();
    });
    fill();
    const fault = () => (value().length > PICKS ? t("field.between", { least: 0, greatest: PICKS }) : undefined);
    return { node: element("div", {}, list, choice), controls: [choice], value, fault };
  };
}

function makePeaks(zone) {
  const columns = (row) => [
    { name: "starts_at", kind: "time", label: t("campaign.starts_at"), required: true, zone, value: row.starts_at },
    { name: "ends_at", kind: "time", label: t("campaign.ends_at"), required: true, zone, value: row.ends_at },
    { name: "period", kind: "length", label: t("shelf.period"), required: true, value: row.period ?? HOUR },
  ];
  const ordered = (rows) => (rows.some((one) => one.ends_at <= one.starts_at) ? t("windows.ends_first") : "");
  return rowsOfFields(columns, { add: t("shelf.add_peak"), judge: ordered });
}
