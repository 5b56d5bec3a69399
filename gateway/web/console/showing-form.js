/* The form of when an experience is shown: to everybody, and earlier to some tiers. */

import { t } from "../words.js";

import { askForm } from "./form.js";
import { zoneField } from "./zone-field.js";
import { isZone } from "./zones.js";

/** Asks from when to when an experience (as `experience.get` answers it) is shown. What the gateway answers, or null. */
export function askShowing({ gateway, program }, { experience, terms }, title, zone) {
  let clocks = zone;
  const there = () => (isZone(clocks) ? clocks : zone);
  const early = program.settings.tiers.map((tier) => ({
    name: `early_${tier}`,
    kind: "length",
    label: t("showing.early", { tier }),
    value: terms.early_access[tier] || null,
    when: ({ visible_from: from }) => Boolean(from),
  }));
  return askForm({
    title: t("showing.title", { title }),
    fields: [
      zoneField({ value: zone, onChange: (chosen) => (clocks = chosen) }),
      { name: "visible_from", kind: "time", label: t("showing.from"), hint: t("showing.from_hint"), zone: there, value: terms.visible_from || null },
      { name: "visible_until", kind: "time", label: t("showing.until"), hint: t("showing.until_hint"), zone: there, value: terms.visible_until || null },
      ...early,
    ],
    check: ({ visible_from: from, visible_until: until }) => (from && until && until <= from ? { visible_until: t("showing.until_first") } : null),
    act: (values) => {
      const own = program.settings.tiers.map((tier) => [tier, values[`early_${tier}`]]);
      const earlier = Object.entries({ ...terms.early_access, ...Object.fromEntries(own) }).filter(([, length]) => length);
      const more = {
        visible_from: values.visible_from ?? 0,
        visible_until: values.visible_until ?? 0,
        early_access: values.visible_from ? Object.fromEntries(earlier) : {},
      };
      return gateway.command("experience.put", { experience, terms: { ...terms, ...more } });
    },
  });
}
