/* Price rules of a campaign, and what becomes of them in one that is made from it: no document, no gateway. */

const LONGEST = 64;

/** The rules that speak for a campaign, or give from its budget. */
export function rulesOf(rules, campaign) {
  return rules.filter(({ scope, budget }) => scope.campaigns.includes(campaign) || budget === campaign);
}

/**
 * A rule of the campaign `from` as one of `to`: under an id that is not `taken`, with windows that moved by `shift`
 * ms. Its budget goes along where that was its own campaign's, and the other one `hasBudget`.
 */
export function adaptRule(rule, { from, to, shift, hasBudget, taken }) {
  const budget = rule.budget === from ? to : rule.budget;
  return {
    ...rule,
    id: nameAnew(rule.id, from, to, taken),
    scope: { ...rule.scope, campaigns: rule.scope.campaigns.length ? [to] : [] },
    windows: rule.windows.map((window) => window.map((instant) => instant + shift)),
    budget: budget === to && !hasBudget ? "" : budget,
  };
}

/** `eid-table` of `eid` is `eid-2027-table` of `eid-2027`; what does not begin so has the other's name behind it. */
function nameAnew(id, from, to, taken) {
  const base = id === from || id.startsWith(`${from}-`) ? to + id.slice(from.length) : `${id}-${to}`;
  for (let number = 1; ; number += 1) {
    const end = number === 1 ? "" : `-${number}`;
    const name = base.slice(0, LONGEST - end.length) + end;
    if (!taken.has(name)) return name;
  }
}
