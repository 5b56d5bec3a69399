"""What a simulation must come by now and then: events, refusals and faults that only odd histories reach.

A simulator that never gets there proves nothing about it. ``livelot simulate`` tells what was missed, and a
test demands all of it of a fixed set of seeds.
"""

EVENTS = [
    "AuctionRefunded",
    "AuctionUnsold",
    "AuctionWon",
    "BidLeft",
    "BidLost",
    "BidOvertaken",
    "BidSealed",
    "DrawKeyChanged",
    "LeadGained",
    "LeadLost",
    "LockSigned",
    "PlaceDrawn",
    "PointsExpired",
    "PointsRefunded",
    "PrizeOffered",
    "PrizeSettled",
    "RaffleLocked",
    "RuleTuned",
    "RulesTurned",
    "SecondChanceEnded",
    "SecondChanceOffered",
    "TicketsRefunded",
]

REFUSALS = [
    "already_drawn",
    "already_leading",
    "already_paid",
    "already_refunded",
    "auction_paused",
    "bid_not_raised",
    "bid_not_standing",
    "bid_sealed",
    "buy_now_unavailable",
    "clock_disagrees",
    "draft_changed",
    "draw_key_differs",
    "expired",
    "insufficient_points",
    "key_conflict",
    "lock_signed",
    "no_prize",
    "no_runner_up",
    "not_eligible",
    "not_in",
    "payment_overdue",
    "price_changed",
    "raffle_closed",
    "redemption_limit_reached",
    "refund_too_large",
    "reserve_not_lower",
    "secret_invalid",
    "sold_out",
    "supply_is_fixed",
    "ticket_cap_reached",
    "tier_locked",
    "too_many_pieces",
    "win_limit_reached",
]

FAULTS = [
    "keepers_gone",
    "killed",
    "latency",
    "leaping_clock",
    "lost_replies",
    "lost_requests",
    "lost_tail",
    "poison",
    "repeated_appends",
    "server_away",
    "stalled",
    "standing_clock",
    "torn_snapshot",
    "two_keepers",
    "wrong_clock",
]

ODDITIES = ("batch seen before", "key repeated", "entries lost by the server", "work left for later")

RARE = (*EVENTS, *REFUSALS, *(f"fault: {name}" for name in FAULTS), *ODDITIES)
"""Names as the judge counts them."""
