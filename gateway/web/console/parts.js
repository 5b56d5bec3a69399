/* Small parts that views are made of: headings, states, chips, tabs. */

import { element } from "../dom.js";
import { t } from "../words.js";

import { describe } from "./refusals.js";

/** A view's heading with what can be done in it. */
export function makeHead(title, ...actions) {
  return element("div", { class: "head" }, element("h1", {}, title), element("div", { class: "actions" }, ...actions));
}

export function makeButton(words, act, look = "secondary") {
  return element("button", { type: "button", class: look, onclick: act }, words);
}

/** Why something is not there, what to do about it, and a button to try again. */
export function showFailure(error, again) {
  return element(
    "div",
    { class: "state failed", role: "alert" },
    element("p", {}, element("strong", {}, t("state.failed"))),
    element("p", {}, describe(error)),
    makeButton(t("state.again"), again),
  );
}

/** That there is nothing, and how there comes to be something. */
export function showEmpty(words, hint = "", action = null) {
  const node = element("div", { class: "state" }, element("p", {}, element("strong", {}, words)));
  if (hint) node.append(element("p", {}, hint));
  if (action) node.append(action);
  return node;
}

export function showLoading() {
  const node = element("div", { class: "state loading", role: "status" });
  node.append(element("span", { class: "unseen" }, t("state.loading")), ...[0, 1, 2].map(() => element("i", {})));
  return node;
}

/** A word in a small frame; `tone` is good, bad, warn or nothing. */
export function makeChip(words, tone = "", title = "") {
  return element("span", { class: "chip", dataset: { tone }, title }, words);
}

/** Sections of a view as links: `{ name: words }` by the last part of their addresses. */
export function makeTabs(label, view, names, current) {
  const tabs = element("nav", { class: "tabs", "aria-label": label });
  for (const [name, words] of Object.entries(names)) {
    const link = element("a", { href: name ? `#/${view}/${name}` : `#/${view}` }, words);
    if (name === current) link.setAttribute("aria-current", "page");
    tabs.append(link);
  }
  return tabs;
}

/** Names with what they are, as a list: rows are `[words, value]`; those without a value are left out. */
export function makeFacts(...rows) {
  const list = element("dl", { class: "facts" });
  for (const [words, value] of rows) {
    if (value === "" || value === null || value === undefined) continue;
    list.append(element("div", {}, element("dt", {}, words), element("dd", {}, value)));
  }
  return list;
}

/** The way to what staff did with one thing. */
export function linkAudit(kind, id) {
  return element("a", { href: `#/audit//${kind}/${encodeURIComponent(id)}` }, t("view.audit_of"));
}

/** An id or a title in its own direction. */
export function makeName(text) {
  return element("bdi", {}, text);
}

/** Runs what may fail, with the button off meanwhile; what is refused is said. */
export async function attempt(context, button, act) {
  if (button) button.disabled = true;
  try {
    return await act();
  } catch (error) {
    context.refuse(error);
    return undefined;
  } finally {
    if (button) button.disabled = false;
  }
}

