/*
 * What a number of a rule would do to prices, before it is let go of: the gateway's `rules.foresee`, put into the
 * console's own shape. Nothing else in the console knows how the gateway answers.
 *
 * A foresight is `{ rule, number, at, applies, campaigns, channel, segment, prices, changed, dearer, cheaper, faults,
 * unseen, cells, more }`; `more`: there are other experiences behind those of the `cells`, which are
 * `{ experience, tier, market, before, after, cashBefore, cashAfter }` in points and minor units.
 */

import { Refused } from "/socket.js";

/** Experiences that are asked for: those that change most. */
const ROWS = 60;

/** What the gateway says of `number`; null where it cannot say. */
export async function foresee(gateway, rule, number) {
  try {
    return shape(await gateway.ask("rules.foresee", { rule, number, limit: ROWS }));
  } catch (error) {
    if (error instanceof Refused && error.code === "unknown_operation") return null;
    throw error;
  }
}

function shape({ after: number, rows, columns, next, ...answer }) {
  const cells = rows.flatMap((row) =>
    columns.map(({ tier, market }, column) => ({
      experience: row.experience,
      tier,
      market,
      before: row.before[column],
      after: row.after[column],
      cashBefore: row.cash_before?.[column] ?? 0,
      cashAfter: row.cash_after?.[column] ?? 0,
    })),
  );
  return { ...answer, number, cells, more: Boolean(next) };
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
