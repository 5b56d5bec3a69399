/*
 * What a number of a rule would do to prices, before it is let go of: the gateway's `rules.foresee`, put into the
 * console's own shape. Nothing else in the console knows how the gateway answers.
 *
 * A foresight is `{ rule, number, prices, changed, dearer, cheaper, cells, clipped, seen }`. A cell is
 * `{ experience, tier, market, segment, channel, before, after, cashBefore, cashAfter }`.
 */

import { Refused } from "/socket.js";

/** What the gateway says of `number`; null where it cannot say. */
export async function foresee(gateway, rule, number) {
  try {
    return shape(rule, number, await gateway.ask("rules.foresee", { rule, number }));
  } catch (error) {
    if (error instanceof Refused && error.code === "unknown_operation") return null;
    throw error;
  }
}

function shape(rule, number, answer) {
  return {
    rule,
    number,
    prices: answer.prices,
    changed: answer.changed,
    dearer: answer.dearer,
    cheaper: answer.cheaper,
    cells: (answer.cells ?? []).map(shapeCell),
  };
}

function shapeCell(cell) {
  return {
    experience: cell.experience,
    tier: cell.tier,
    market: cell.market,
    segment: cell.segment ?? "",
    channel: cell.channel ?? "",
    before: cell.before,
    after: cell.after,
    cashBefore: cell.cash_before ?? 0,
    cashAfter: cell.cash_after ?? 0,
  };
}

/** Prices as they are, by `experience/tier/market`, to be compared with what they become: `[points, cash]`. */
export async function readPrices(gateway, { tiers, markets }) {
  const contexts = tiers.flatMap((tier) => markets.map((market) => ({ tier, market })));
  const prices = new Map();
  if (!contexts.length) return prices;
  const table = await gateway.ask("price.table", { contexts });
  table.experiences.forEach((experience, row) => {
    contexts.forEach(({ tier, market }, column) => {
      const price = [table.points[row][column], table.cash[row][column]];
      prices.set(`${experience}/${tier}/${market}`, price);
    });
  });
  return prices;
}

/** How many of the prices in `before` are others in `after`. */
export function countChanges(before, after) {
  let changed = 0;
  for (const [key, [points, cash]] of before) {
    const now = after.get(key);
    if (now && (now[0] !== points || now[1] !== cash)) changed += 1;
  }
  return changed;
}
