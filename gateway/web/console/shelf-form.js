/* The form of a campaign's shelves and how they turn, with what a member would see of them. */

import { t } from "../words.js";

import { nameCampaign } from "./campaign-words.js";
import { askForm } from "./form.js";
import { checkShelves, fieldsOfShelves, readShelves } from "./shelf-fields.js";
import { ShelfPreview } from "./shelf-preview.js";

/** Asks for other shelves of a campaign; `titles` are those of all experiences. What the gateway answers, or null. */
export function editShelves(context, record, titles, zone) {
  const { campaign, terms } = record;
  const there = () => zone;
  // What a schedule comes to stays without being sent, and may be more than fits.
  const windows = terms.schedule ? [] : terms.windows;
  let turning = null;
  const preview = new ShelfPreview(context, campaign, { zone: there, turning: () => turning });
  return askForm({
    title: t("shelf.title", { title: nameCampaign(record) }),
    lead: t("shelf.lead"),
    wide: true,
    fields: [
      ...fieldsOfShelves(terms, titles, there),
      { name: "outlook", label: t("shelf.preview"), make: () => ({ node: preview.node, controls: [preview.node], value: () => null, group: true }) },
    ],
    check: checkShelves,
    live: async (values) => {
      turning = readShelves(values);
      await preview.look();
      return null;
    },
    act: (values) => context.gateway.command("campaign.put", { campaign, terms: { ...terms, windows, ...readShelves(values) } }),
  });
}
