/*
 * A campaign from nothing, or from another one as its template: its terms, its shelves and its price rules in one form;
 * then what it would change, and one confirmation that publishes the rules and schedules the campaign.
 *
 * Until that is given the campaign is a draft, and its rules are in a draft of their own: neither changes a price.
 */

import { Refused } from "../socket.js";
import { addWords, t } from "../words.js";

import { BLANK, checkTerms, fieldOfId, fieldsOfTerms, makeClocks, moveTerms, nextHour, readTerms } from "./campaign-form.js";
import { nameCampaign, nameStatus } from "./campaign-words.js";
import { askForm } from "./form.js";
import { askConfirmation } from "./launch-confirmation.js";
import { adaptRule, rulesOf } from "./launch-rules.js";
import { makeRules } from "./launch-rules-field.js";
import { attempt } from "./parts.js";
import { readRules } from "./rule-set.js";
import { checkShelves, fieldsOfShelves, readShelves, readTitles } from "./shelf-fields.js";
import { OWN_ZONE } from "./zones.js";

/**
 * Makes a campaign. `template` is the record of another one; with `choose` it is asked for. It starts at `start` (ms),
 * by the clocks of `zone`. It ends on the page of what was made.
 */
export async function askLaunch(context, { template = null, choose = false, start = nextHour(), zone = null } = {}) {
  const desk = await attempt(context, null, () => readDesk(context.gateway));
  if (!desk) return;
  let source = template;
  if (choose) {
    const chosen = await askTemplate(desk.campaigns);
    if (chosen === null) return;
    source = chosen.template;
  }
  const clocks = makeClocks(source?.terms.schedule?.zone ?? zone ?? OWN_ZONE);
  const plan = { source, start, clocks, rules: source ? rulesOf(desk.rules, source.campaign) : [] };
  const done = source ? await walk(context, desk, plan) : await askBlank(context, desk, plan);
  if (done) context.go("campaigns", done);
}

async function readDesk(gateway) {
  await addWords(new URL("words/tune/", import.meta.url));
  const [campaigns, running, titles] = await Promise.all([
    gateway.list("campaign.list", { limit: 100 }, { field: "campaigns" }),
    readRules(gateway),
    readTitles(gateway),
  ]);
  return { campaigns: campaigns.rows, rules: running.rules, titles };
}

function askTemplate(campaigns) {
  const options = campaigns.map((one) => [one.campaign, `${nameCampaign(one)} (${nameStatus(one)})`]);
  return askForm({
    title: t("launch.choose"),
    lead: t("launch.choose_lead"),
    submit: t("launch.on"),
    fields: [{ name: "template", kind: "choice", label: t("launch.template"), options: [...options, ["", t("launch.nothing")]] }],
    act: async ({ template }) => ({ template: campaigns.find(({ campaign }) => campaign === template) ?? null }),
  });
}

/** From nothing there are no rules, and nothing to look at: it is made, and scheduled at once where that is wanted. */
async function askBlank({ gateway }, desk, { start, clocks }) {
  const launch = { name: "launch", kind: "check", label: t("campaign.launch") };
  const made = await askForm({
    title: t("campaign.add"),
    submit: t("campaign.make"),
    wide: true,
    fields: [...fieldsOf({ ...BLANK, starts_at: start }, desk, clocks, ""), launch],
    check: (values) => check(values, desk, ""),
    act: async (values) => {
      const { campaign } = values;
      await gateway.command("campaign.put", { campaign, terms: { ...BLANK, ...readTerms(values, BLANK), ...readShelves(values) } });
      return values.launch ? gateway.command("campaign.schedule", { campaign }) : { campaign };
    },
  });
  return made?.campaign;
}

/** Form and confirmation by turns, until one is closed or the campaign launched: its id, or null. */
async function walk(context, desk, plan) {
  let before = null;
  let own = "";
  for (;;) {
    const made = await askTerms(context, desk, plan, before, own);
    if (made === null) {
      if (own) context.say("plain", t("launch.kept", { campaign: own }));
      return own;
    }
    own = made.campaign;
    const launched = await askConfirmation(context, made, plan.clocks);
    if (launched) {
      context.say("good", t(launched.awaiting ? "launch.awaits" : "launch.done", { title: made.title }));
      return own;
    }
    if (made.draft) await context.gateway.command("rules.drop", { draft: made.draft }).catch(() => {});
    before = made.values;
  }
}

function askTerms({ gateway }, desk, { source, start, clocks, rules }, before, own) {
  const terms = moveTerms(source.terms, start);
  const fields = [
    ...fieldsOf(terms, desk, clocks, suggestId(source.campaign, desk.campaigns)),
    { legend: t("launch.rules") },
    { name: "rules", make: makeRules, label: t("launch.rules_label"), hint: t(rules.length ? "launch.rules_hint" : "launch.no_rules"), value: rules.map((rule) => ({ rule, kept: true, number: rule.effect.number })) },
  ];
  for (const field of fields) if (before && field.name in before) field.value = before[field.name];
  return askForm({
    title: t("campaign.copy_title"),
    lead: t("campaign.copy_lead"),
    submit: t("launch.look"),
    wide: true,
    fields,
    check: (values) => check(values, desk, own),
    act: (values) => prepare(gateway, source, values),
  });
}

function fieldsOf(terms, { titles }, clocks, id) {
  return [...fieldsOfTerms(terms, clocks, [fieldOfId(id)]), ...fieldsOfShelves(terms, titles, clocks.there)];
}

/** `eid-2` from `eid`, or from `eid-1`; the first that is not there. */
function suggestId(id, campaigns) {
  const taken = new Set(campaigns.map(({ campaign }) => campaign));
  const stem = id.replace(/-\d{1,2}$/, "").slice(0, 61);
  let number = 2;
  while (taken.has(`${stem}-${number}`)) number += 1;
  return `${stem}-${number}`;
}

/** An id that another campaign has would give that one these terms. */
function check(values, { campaigns }, own) {
  const taken = values.campaign !== own && campaigns.some(({ campaign }) => campaign === values.campaign);
  return taken ? { campaign: t("campaign.taken") } : (checkTerms(values) ?? checkShelves(values));
}

/** Puts the campaign and its rules as drafts, and looks at what they would change. */
async function prepare(gateway, source, values) {
  const { campaign } = values;
  const terms = { ...source.terms, ...readTerms(values, source.terms), ...readShelves(values) };
  await gateway.command("campaign.put", { campaign, terms });
  const running = await readRules(gateway);
  const rules = adaptRules(running.rules, source, values);
  const made = { campaign, values, terms, rules, title: nameCampaign({ campaign, terms }), draft: "", findings: [], preview: null };
  return rules.length ? { ...made, ...(await draftRules(gateway, campaign, rules, running.revision)) } : made;
}

async function draftRules(gateway, campaign, rules, revision) {
  const draft = `launch-${campaign}`.slice(0, 64);
  // An earlier walk may have been left in the middle.
  await gateway.command("rules.drop", { draft }).catch((error) => {
    if (!(error instanceof Refused) || error.code !== "unknown_draft") throw error;
  });
  await gateway.command("rules.begin", { draft, revision });
  const { version } = await gateway.command("rules.put", { draft, rules });
  const [{ findings }, preview] = await Promise.all([
    gateway.ask("rules.check", { draft }),
    gateway.ask("rules.preview", { draft, scheduled: campaign }),
  ]);
  return { draft, version, findings, preview };
}

function adaptRules(running, source, values) {
  const taken = new Set(running.map(({ id }) => id));
  const shift = source.terms.starts_at && values.starts_at ? values.starts_at - source.terms.starts_at : 0;
  const how = { from: source.campaign, to: values.campaign, shift, hasBudget: values.budget !== null, taken };
  return values.rules
    .filter(({ kept }) => kept)
    .map(({ rule, number }) => {
      const made = adaptRule({ ...rule, effect: { ...rule.effect, number } }, how);
      taken.add(made.id);
      return made;
    });
}
