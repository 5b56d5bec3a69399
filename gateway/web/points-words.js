/* What a member's points, and its part in what is over, say in words. */

import { locale, t } from "./words.js";

const DAY = 86_400_000;

const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

/** How many points expire next, and in how many days, hours or minutes from `at` ms. */
export function describeExpiry({ points, expires_at: expiresAt }, at) {
  const left = Math.max(0, expiresAt - at);
  const [unit, size] = left >= DAY ? ["day", DAY] : left >= DAY / 24 ? ["hour", DAY / 24] : ["minute", 60_000];
  return t("points.next", { count: points, when: relative.format(Math.floor(left / size), unit) });
}
