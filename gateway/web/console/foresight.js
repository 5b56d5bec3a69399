/*
 * What a number of a rule would do to prices, before it is let go of: the gateway's `rules.foresee`, put into the
 * console's own shape. Nothing else in the console knows how the gateway answers.
 *
 * A foresight is `{ rule, number, at, applies, campaigns, channel, segment, prices, changed, dearer, cheaper, faults,
 * unseen, columns, cells, found, next }`. `columns` are `{ tier, market, changed }`; `found` counts the experiences that
 * were searched for, those that change most come first, and `next` asks for those behind the `cells`, which are
 * `{ experience, tier, market, before, after, cashBefore, cashAfter }` in points and minor units.
 */

/** Experiences that one answer brings. */
const ROWS = 25;

/**
 * What the gateway says of `number`, for members of the `segment` in the `channel` (empty: the first that the rule
 * names), of experiences that have `search` in their name, behind the first `after`.
 */
export async function foresee(gateway, rule, number, { channel = "", segment = "", search = "", after = 0 } = {}) {
  return shape(await gateway.ask("rules.foresee", { rule, number, channel, segment, search, after, limit: ROWS }));
}

function shape({ after: number, rows, columns, ...answer }) {
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
  return { ...answer, number, columns, cells };
}
