/* The last step of a launch: what a campaign and its rules would change, and one button that does both. */

import { element } from "../dom.js";
import { Refused } from "../socket.js";
import { formatNumber, formatPoints, t } from "../words.js";

import { saySchedule } from "./campaign-words.js";
import { askForm } from "./form.js";
import { makeFacts } from "./parts.js";
import { showPreview } from "./preview.js";
import { sayFinding } from "./rule-form.js";
import { ShelfPreview } from "./shelf-preview.js";
import { formatThere, nameZone } from "./zones.js";

/** What has become of the running rules meanwhile, and a draft that is published would undo. */
const OVERTAKEN = ["base_superseded", "tuning_undone"];

/**
 * Asks whether to launch what was `made` (see launch.js): its rules are published, and the campaign is scheduled. The
 * answer is `{ awaiting }`, the draft that waits for another manager's approval; null for the way back.
 */
export function askConfirmation(context, made, clocks) {
  const { campaign, terms, title } = made;
  const parts = [showTerms(made, clocks.zone), showFindings(made.findings)];
  if (made.preview) parts.push(showPreview(made.preview));
  if (terms.shelves.length) parts.push(new ShelfPreview(context, campaign, { at: terms.starts_at || undefined, zone: clocks.there }).node);
  return askForm({
    title: t("launch.title", { title }),
    lead: t(context.program.settings.needs_approval && made.draft ? "launch.lead_approval" : "launch.lead"),
    submit: t("launch.confirm"),
    cancel: t("launch.back"),
    wide: true,
    fields: [{ name: "outlook", label: t("launch.outlook"), make: () => ({ node: element("div", { class: "stack" }, ...parts), controls: [element("span")], value: () => null, group: true }) }],
    act: () => launch(context.gateway, made),
  });
}

/** Rules first: if they are refused, nothing has changed. A campaign without its rules changes no price either. */
async function launch(gateway, { campaign, title, draft, version }) {
  let awaiting = "";
  if (draft) {
    const { findings } = await gateway.ask("rules.check", { draft });
    const overtaken = findings.find(({ code }) => OVERTAKEN.includes(code));
    if (overtaken) throw new Refused({ message: overtaken.words, data: { code: "draft_changed" } });
    ({ awaiting } = await gateway.command("rules.publish", { draft, version, why: t("launch.why", { title }) }));
  }
  await gateway.command("campaign.schedule", { campaign });
  return { awaiting };
}

function showTerms({ terms, rules }, zone) {
  const at = terms.starts_at || Date.now();
  return makeFacts(
    [t("campaign.starts_at"), terms.starts_at ? formatThere(terms.starts_at, zone) : t("launch.at_once")],
    [t("campaign.ends_at"), terms.ends_at ? formatThere(terms.ends_at, zone) : t("launch.never")],
    [t("zone.label"), nameZone(zone, at)],
    [t("campaign.times"), terms.schedule ? saySchedule(terms.schedule) : ""],
    [t("campaign.budget"), terms.budget === null ? t("campaign.no_budget") : formatPoints(terms.budget)],
    [t("launch.rules"), formatNumber(rules.length)],
    [t("shelf.label"), formatNumber(terms.shelves.length)],
  );
}

function showFindings(findings) {
  return element("ul", { class: "findings", hidden: !findings.length }, ...findings.map((one) => element("li", {}, sayFinding(one))));
}
