/* Rule sets as the console works with them: read page by page, compared, described by what they do. */

/** How often it is looked what others did, in ms. */
const LOOK_AGAIN = 5_000;

/** Rules that one answer brings, at most. */
const PAGE = 200;

/** Dimensions of a scope, in the order in which they are shown. */
export const DIMENSIONS = [
  "mechanics",
  "tiers",
  "markets",
  "channels",
  "segments",
  "campaigns",
  "kinds",
  "experiences",
];

/** Everything of a rule set: `which` is `{ draft }`, `{ revision }`, or nothing for the running one. */
export async function readRules(gateway, which = {}) {
  const rules = [];
  let page;
  let after = 0;
  do {
    page = await gateway.ask("rules.get", { ...which, after, limit: PAGE });
    rules.push(...page.rules);
    after = page.next;
  } while (after);
  const { revision, draft, version, groups } = page;
  return { revision, draft, version, groups, rules };
}

/** Groups with their rules, in the order of evaluation: `[{ group, rules }]`; groups without any are left out. */
export function groupRules({ groups, rules }, wanted = () => true) {
  const found = groups.map((group) => ({ group, rules: rules.filter((rule) => rule.group === group.id && wanted(rule)) }));
  return found.filter((one) => one.rules.length);
}

/** The names that rules have in a dimension of their scopes, in order. */
export function listNamed(rules, dimension) {
  return [...new Set(rules.flatMap((rule) => rule.scope[dimension]))].sort();
}

/** Tells `take(history)` every few seconds what others did, until the function that is returned is called. */
export function watchHistory(gateway, take) {
  let stopped = false;
  const look = async () => {
    if (document.hidden || !gateway.live) return;
    const history = await gateway.ask("rules.history").catch(() => null);
    if (history && !stopped) take(history);
  };
  const timer = setInterval(look, LOOK_AGAIN);
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}

/** Whether a text is in what a rule is called or speaks for. */
export function mentions(rule, text) {
  const wanted = text.trim().toLocaleLowerCase();
  if (!wanted) return true;
  const names = [rule.id, rule.title, rule.group, rule.budget, ...DIMENSIONS.flatMap((name) => rule.scope[name])];
  return names.some((name) => name.toLocaleLowerCase().includes(wanted));
}

/** What `draft` changes of `running`: groups in another order or mode, rules added, removed, changed. */
export function compareRules(running, draft) {
  const before = new Map(running.rules.map((rule) => [rule.id, rule]));
  const after = new Map(draft.rules.map((rule) => [rule.id, rule]));
  const changed = [];
  for (const [id, rule] of after) {
    const fields = before.has(id) ? compareFields(before.get(id), rule) : [];
    if (fields.length) changed.push({ id, before: before.get(id), after: rule, fields });
  }
  return {
    groups: !same(running.groups, draft.groups),
    added: draft.rules.filter(({ id }) => !before.has(id)),
    removed: running.rules.filter(({ id }) => !after.has(id)),
    changed,
  };
}

/** The fields in which two rules differ, scopes by dimension: `scope.tiers`. */
function compareFields(before, after) {
  const plain = ["title", "group", "effect", "priority", "windows", "budget", "limit"];
  return [
    ...plain.filter((field) => !same(before[field], after[field])),
    ...DIMENSIONS.filter((field) => !same(before.scope[field], after.scope[field])).map((field) => `scope.${field}`),
  ];
}

/** Whether two rules, or parts of some, are the same. */
export function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Between which numbers a slider goes, and in what steps; the number itself is always between them. */
export function rangeOf({ operation, number }) {
  const reach = (least) => roundUp(Math.max(least, Math.abs(number) * 2));
  if (operation === "factor") return { least: 100, greatest: Math.max(20_000, reach(0)), step: 100 };
  if (operation === "add") {
    const greatest = reach(200);
    return { least: -greatest, greatest, step: stepOf(greatest) };
  }
  const greatest = reach(200);
  return { least: 0, greatest, step: stepOf(greatest) };
}

/** Two hundred steps, each a round number. */
function stepOf(greatest) {
  return Math.max(1, 10 ** Math.floor(Math.log10(greatest / 100)));
}

function roundUp(number) {
  const unit = Math.max(1, 10 ** (Math.floor(Math.log10(Math.max(1, number))) - 1));
  return Math.ceil(number / unit) * unit;
}
