"""Every reason for which a request can be refused, in blocks by noun.

A rejection has a code (a stable name, and a number for JSON-RPC), words that say what would be right, and
details for programs. Codes are the contract with clients: a name is never given another meaning. The number's
block says what the refusal is about:

    1xx  the request itself, keys and time      5xx  auctions and bids
    2xx  who asks                               6xx  experiences and redemptions
    3xx  members and the program                7xx  campaigns and price rules
    4xx  points: lots, holds, balances          8xx  raffles and draws
                                                9xx  the service

Where JSON-RPC 2.0 §5.1 has a number of its own for a kind of refusal, that number is used.
"""

from typing import Any, Final

import msgspec


class Code(msgspec.Struct, frozen=True):
    """One kind of refusal: its name, its number, and its HTTP status (RFC 9110 §15)."""

    name: str
    number: int
    status: int


_TABLE: Final = (
    # name, number, HTTP status
    ("malformed", -32700, 400),
    ("unknown_operation", -32601, 404),
    ("invalid_parameters", -32602, 422),
    ("key_conflict", 110, 409),
    ("expired", 111, 409),
    ("not_after_too_far", 112, 422),
    ("too_many_keys", 113, 429),
    ("clock_disagrees", 114, 503),
    ("too_large", 120, 413),
    ("too_many_calls", 121, 429),
    ("too_many_subscriptions", 123, 429),
    ("unknown_topic", 124, 404),
    ("unauthenticated", 200, 401),
    ("token_invalid", 201, 401),
    ("token_expired", 202, 401),
    ("wrong_program", 203, 403),
    ("forbidden", 210, 403),
    ("not_yours", 211, 403),
    ("origin_not_allowed", 212, 403),
    ("unknown_member", 300, 404),
    ("unknown_tier", 301, 422),
    ("unknown_market", 302, 422),
    ("too_many_members", 303, 409),
    ("personal_id", 304, 422),
    ("member_erased", 305, 409),
    ("setting_is_fixed", 310, 409),
    ("level_unknown", 311, 409),
    ("level_too_low", 312, 409),
    ("insufficient_points", 400, 409),
    ("balance_too_large", 401, 409),
    ("too_many_lots", 402, 409),
    ("already_past", 403, 422),
    ("unknown_auction", 500, 404),
    ("auction_exists", 501, 409),
    ("auction_not_open", 502, 409),
    ("auction_paused", 503, 409),
    ("auction_closed", 504, 409),
    ("wrong_status", 505, 409),
    ("invalid_auction", 506, 422),
    ("too_many_auctions", 507, 409),
    ("not_eligible", 510, 403),
    ("staff_may_not_bid", 511, 403),
    ("win_limit_reached", 512, 409),
    ("bid_too_low", 520, 409),
    ("already_leading", 521, 409),
    ("too_many_bids", 522, 409),
    ("unknown_bid", 523, 404),
    ("bid_not_standing", 524, 409),
    ("buy_now_unavailable", 525, 409),
    ("too_many_dropouts", 526, 409),
    ("too_many_pieces", 527, 409),
    ("bid_not_raised", 528, 409),
    ("bid_sealed", 529, 409),
    ("no_runner_up", 530, 409),
    ("no_offer", 531, 409),
    ("already_refunded", 532, 409),
    ("reserve_not_lower", 533, 409),
    ("supply_is_fixed", 534, 409),
    ("which_sale", 535, 422),
    ("unknown_sale", 536, 404),
    ("entry_is_over", 540, 409),
    ("not_in", 541, 409),
    ("unknown_experience", 600, 404),
    ("invalid_experience", 601, 422),
    ("too_many_experiences", 602, 409),
    ("not_in_market", 603, 403),
    ("tier_locked", 604, 403),
    ("not_available_yet", 605, 409),
    ("sold_out", 607, 409),
    ("redemption_limit_reached", 608, 409),
    ("split_out_of_bounds", 609, 422),
    ("no_conversion_rate", 610, 409),
    ("price_changed", 611, 409),
    ("staff_may_not_redeem", 612, 403),
    ("unknown_redemption", 620, 404),
    ("wrong_redemption_status", 621, 409),
    ("payment_overdue", 622, 409),
    ("already_paid", 623, 409),
    ("payment_differs", 624, 409),
    ("reference_used", 625, 409),
    ("refund_too_large", 626, 409),
    ("too_many_redemptions", 627, 409),
    ("unknown_currency", 628, 422),
    ("too_many_awaiting_payment", 629, 409),
    ("unknown_campaign", 700, 404),
    ("invalid_campaign", 701, 422),
    ("too_many_campaigns", 702, 409),
    ("wrong_campaign_status", 703, 409),
    ("schedule_changed", 704, 409),
    ("unknown_draft", 710, 404),
    ("draft_exists", 711, 409),
    ("draft_changed", 712, 409),
    ("too_many_drafts", 713, 409),
    ("unknown_revision", 714, 404),
    ("unknown_rule", 715, 404),
    ("approval_not_asked", 716, 409),
    ("approval_by_another", 717, 403),
    ("too_many_rules", 718, 409),
    ("too_many_windows", 719, 409),
    # What is wrong with a rule set: the codes of rules/check.py.
    ("duplicate_group", 730, 422),
    ("duplicate_rule", 731, 422),
    ("unknown_group", 732, 422),
    ("unknown_mechanic", 733, 422),
    ("unknown_channel", 734, 422),
    ("unknown_segment", 735, 422),
    ("unknown_kind", 736, 422),
    ("unknown_budget", 737, 422),
    ("factor_out_of_bounds", 740, 422),
    ("number_out_of_bounds", 741, 422),
    ("window_ends_before_it_starts", 742, 422),
    ("windows_overlap", 743, 422),
    ("budget_needs_points", 744, 422),
    ("mixed_parts", 745, 422),
    ("floor_above_cap", 746, 422),
    ("settlement_needs_factor", 747, 422),
    ("unknown_zone", 750, 422),
    ("invalid_time", 751, 422),
    ("invalid_date", 752, 422),
    ("time_does_not_exist", 753, 422),
    ("invalid_recurrence", 754, 422),
    ("unknown_country", 755, 422),
    ("unknown_celebration", 756, 422),
    ("time_out_of_bounds", 757, 422),
    ("unknown_raffle", 800, 404),
    ("raffle_exists", 801, 409),
    ("invalid_raffle", 802, 422),
    ("too_many_raffles", 803, 409),
    ("wrong_raffle_status", 804, 409),
    ("raffle_not_open", 805, 409),
    ("raffle_closed", 806, 409),
    ("close_moves_later", 807, 409),
    ("staff_may_not_enter", 808, 403),
    ("tickets_not_sold", 809, 409),
    ("ticket_cap_reached", 810, 409),
    ("too_many_entries", 811, 409),
    ("too_many_prices", 812, 409),
    ("already_committed", 820, 409),
    ("unknown_lock", 821, 404),
    ("lock_signed", 822, 409),
    ("draw_key_differs", 823, 409),
    ("lock_unsigned", 824, 409),
    ("wrong_round", 825, 409),
    ("round_not_due", 826, 409),
    ("beacon_invalid", 827, 422),
    ("secret_invalid", 828, 422),
    ("already_drawn", 829, 409),
    ("no_prize", 830, 404),
    ("claim_too_late", 831, 409),
    ("already_claimed", 832, 409),
    ("prize_not_open", 833, 409),
    ("no_entry", 834, 404),
    ("no_evidence", 835, 404),
    ("no_proof", 836, 409),
    ("internal", -32603, 500),
    ("not_ready", 901, 503),
    ("unavailable", 902, 503),
    ("shutting_down", 903, 503),
)

CODES: Final = {name: Code(name, number, status) for name, number, status in _TABLE}


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """The outcome of a command that changed nothing: ``code`` is a name in ``CODES``, ``message`` says what
    would be right."""

    code: str
    message: str
    details: dict[str, Any] | None = None


class Rejection(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """Raised before anything was changed; the machine turns it into ``Rejected``."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.rejected = Rejected(code, message, details or None)
