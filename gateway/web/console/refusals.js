/* What a refusal means to a manager, and what to do about it: words of ours first, then the gateway's own. */

import { element } from "../dom.js";
import { Lost, Refused } from "../socket.js";
import { t } from "../words.js";

/** Refusals that are answered by doing the same thing, by what is to be done. */
const ADVICE = {
  sign_in: ["unauthenticated", "token_expired", "token_invalid"],
  wrong_program: ["wrong_program"],
  not_staff: ["not_staff"],
  no_demo: ["no_demo"],
  ask_operator: ["forbidden", "not_yours", "origin_not_allowed"],
  correct: [
    ..."invalid_parameters malformed not_after_too_far personal_id unknown_tier unknown_market already_past".split(" "),
    ..."invalid_auction invalid_experience split_out_of_bounds unknown_currency invalid_campaign".split(" "),
    ..."duplicate_group duplicate_rule unknown_group unknown_mechanic unknown_channel unknown_segment".split(" "),
    ..."unknown_kind unknown_budget factor_out_of_bounds number_out_of_bounds window_ends_before_it_starts".split(" "),
    ..."windows_overlap budget_needs_points mixed_parts floor_above_cap settlement_needs_factor".split(" "),
    ..."unknown_zone invalid_time invalid_date time_does_not_exist invalid_recurrence unknown_country".split(" "),
    ..."unknown_celebration time_out_of_bounds invalid_raffle reserve_not_lower which_sale".split(" "),
    ..."close_moves_later wrong_round beacon_invalid secret_invalid".split(" "),
  ],
  other_name: ["auction_exists", "raffle_exists", "draft_exists"],
  reload: [
    ..."unknown_auction unknown_raffle unknown_experience unknown_campaign unknown_draft unknown_revision".split(" "),
    ..."unknown_rule unknown_redemption unknown_sale unknown_bid unknown_topic no_prize".split(" "),
  ],
  moved_on: [
    ..."wrong_status auction_not_open auction_paused auction_closed bid_not_standing supply_is_fixed".split(" "),
    ..."wrong_campaign_status wrong_raffle_status raffle_not_open raffle_closed already_drawn".split(" "),
    ..."already_claimed claim_too_late prize_not_open wrong_redemption_status already_refunded".split(" "),
    "member_erased",
  ],
  draft_changed: ["draft_changed"],
  draft_moved_on: ["draft_moved_on"],
  another_manager: ["approval_by_another"],
  not_asked: ["approval_not_asked"],
  no_runner_up: ["no_runner_up", "no_offer"],
  bid_sealed: ["bid_sealed"],
  unknown_member: ["unknown_member"],
  too_few_points: ["insufficient_points", "balance_too_large", "too_many_lots"],
  fewer: [
    ..."too_large too_many_keys too_many_subscriptions too_many_members too_many_auctions too_many_bids".split(" "),
    ..."too_many_experiences too_many_redemptions too_many_campaigns too_many_drafts too_many_rules".split(" "),
    ..."too_many_windows too_many_raffles too_many_entries too_many_prices too_many_dropouts".split(" "),
  ],
  slower: ["too_many_calls"],
  level: ["level_too_low", "level_unknown", "setting_is_fixed"],
  unknown_operation: ["unknown_operation"],
  again: [
    ..."key_conflict expired clock_disagrees internal not_ready unavailable shutting_down unreachable".split(" "),
    ..."no_evidence lock_unsigned round_not_due".split(" "),
  ],
};

const ADVICE_FOR = new Map(Object.entries(ADVICE).flatMap(([advice, codes]) => codes.map((code) => [code, advice])));

/** What to do about an error, `{ code, advice, detail }`; `detail` is what the gateway says of it, in English. */
export function explain(error) {
  if (error instanceof Lost) return { code: "lost", advice: t("refusal.lost"), detail: "" };
  if (!(error instanceof Refused)) {
    console.error(error);
    return { code: "page", advice: t("refusal.page"), detail: String(error?.message ?? error) };
  }
  const { field, findings } = error.details;
  const advice = field || findings ? "correct" : (ADVICE_FOR.get(error.code) ?? "other");
  const ours = ["not_staff", "no_demo", "unreachable"].includes(error.code);
  return { code: error.code, advice: t(`refusal.${advice}`), detail: ours ? "" : error.message };
}

/** The same as a line for people: what the gateway says keeps its own language and direction. */
export function describe(error) {
  const { advice, detail } = explain(error);
  const node = element("span", { class: "refusal" }, advice);
  if (detail) node.append(" ", element("span", { class: "detail", lang: "en", dir: "ltr" }, detail));
  return node;
}
