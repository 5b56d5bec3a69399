"""What happens in a program, minute by minute."""

import msgspec
import pytest

from engine.commands import (
    MEMBER,
    AdjustPoints,
    AuctionTerms,
    BidForPieces,
    BuyTickets,
    CancelRedemption,
    CreateFormatAuction,
    CreditPoints,
    ExperienceTerms,
    OpenAuction,
    PlaceBid,
    PutExperience,
    Redeem,
    Sealed,
    Tick,
    VoidRaffle,
)
from engine.units import HOUR, MINUTE
from gateway.minutes import Minutes, MinuteView
from tests.gateway.harness import LocalReplica
from tests.gateway.hearing import open_raffle

START = 1_700_000_040_000
"""The start of a minute."""


@pytest.fixture
def minutes(replica: LocalReplica) -> Minutes:
    """Minutes that have begun to be counted just before a minute begins."""
    assert START % MINUTE == 0
    minutes = Minutes(replica)  # type: ignore[arg-type]
    replica.open_auction("a1", ends_at=START + 5 * HOUR)
    replica.apply(PutExperience("spa", ExperienceTerms("wellness", 1_000)))
    replica.listeners.append(minutes.take)
    replica.clock = START - 2_000
    replica.apply(Tick())
    return minutes


def at(replica: LocalReplica, milliseconds: int) -> None:
    """The next entry is stamped so long after ``START``."""
    replica.clock = START + milliseconds - 1


def row(minutes: Minutes, now: int = 0) -> tuple[int, ...]:
    """The figures of the last minute."""
    return msgspec.structs.astuple(minutes.view(START + now)[-1])[1:]


def test_bids_count_for_the_minute_of_their_stamp(replica: LocalReplica, minutes: Minutes) -> None:
    assert minutes.since == START - 1_999
    for when, maximum in ((-1, 600), (0, 700), (59_999, 800), (60_000, 900), (60_001, 1)):
        at(replica, when)
        replica.apply(PlaceBid("a1", maximum), actor=f"m{1 + maximum // 100 % 2}", role=MEMBER)
    assert minutes.view(START + 61_000) == [
        MinuteView(START - MINUTE, 1, 0, 0, 0, 0),
        MinuteView(START, 2, 0, 0, 0, 0),
        MinuteView(START + MINUTE, 1, 0, 0, 0, 0),
    ]


def test_minutes_in_which_nothing_happened_are_there(replica: LocalReplica, minutes: Minutes) -> None:
    at(replica, 10)
    replica.apply(PlaceBid("a1", 600), actor="m1", role=MEMBER)
    assert [(one.at - START, one.bids) for one in minutes.view(START + 3 * MINUTE)] == [
        (-MINUTE, 0),
        (0, 1),
        (MINUTE, 0),
        (2 * MINUTE, 0),
        (3 * MINUTE, 0),
    ]
    at(replica, 4 * HOUR)
    replica.apply(PlaceBid("a1", 700), actor="m2", role=MEMBER)
    found = minutes.view(START + 4 * HOUR)
    assert (len(found), sum(one.bids for one in found), found[-1].at) == (60, 1, START + 4 * HOUR)


def test_nothing_is_counted_of_what_was_before(replica: LocalReplica) -> None:
    minutes = Minutes(replica)  # type: ignore[arg-type]
    assert (minutes.since, minutes.view(START)) == (0, [])
    replica.listeners.append(minutes.take)
    replica.clock = START
    replica.apply(CreditPoints("m1", 100))
    assert row(minutes) == (0, 0, 0, 0, 0)
    replica.apply(CreditPoints("m1", 10))
    assert row(minutes) == (0, 0, 0, 10, 0)


def test_redemptions_and_points(replica: LocalReplica, minutes: Minutes) -> None:
    at(replica, 0)
    replica.apply(Redeem("spa", 1_000), actor="m1", role=MEMBER)
    replica.apply(Redeem("spa", 999), actor="m1", role=MEMBER)
    assert row(minutes) == (0, 1, 1_000, 0, 0)
    replica.apply(PutExperience("talk", ExperienceTerms("leisure", 300, fulfilment="booked")))
    redeemed = replica.apply(Redeem("talk", 300), actor="m2", role=MEMBER).redemption
    replica.apply(CancelRedemption(redeemed), actor="m2", role=MEMBER)
    # What was given back was spent all the same; a correction spends nothing.
    assert row(minutes) == (0, 2, 1_300, 0, 0)
    replica.apply(AdjustPoints("m1", -50, "an error"))
    replica.apply(AdjustPoints("m1", 7, "an error"))
    assert row(minutes) == (0, 2, 1_300, 7, 0)


def test_an_auction_is_paid_when_it_ends(replica: LocalReplica, minutes: Minutes) -> None:
    at(replica, 0)
    replica.apply(PlaceBid("a1", 900), actor="m1", role=MEMBER)
    assert row(minutes) == (1, 0, 0, 0, 0)
    at(replica, 5 * HOUR + 1)
    replica.apply(Tick())
    assert row(minutes, 5 * HOUR) == (0, 0, 500, 0, 0)


def test_tickets_and_a_void_raffle(replica: LocalReplica, minutes: Minutes) -> None:
    at(replica, 0)
    open_raffle(replica, "r", START)
    for member, tickets in (("m1", 3), ("m2", 4)):
        replica.apply(BuyTickets("r", tickets, 1_000), actor=member, role=MEMBER)
    assert row(minutes) == (0, 0, 70, 0, 7)
    replica.apply(VoidRaffle("r", "a test"))
    replica.apply(Tick())
    assert replica.program.ledger.totals.spent == 0
    assert row(minutes) == (0, 0, 70, 0, 7)


def test_sealed_bids_are_not_counted(replica: LocalReplica, minutes: Minutes) -> None:
    at(replica, 0)
    terms = AuctionTerms("a", 500, START, START + HOUR)
    replica.apply(CreateFormatAuction("s", terms, Sealed("first")))
    assert replica.apply(OpenAuction("s")).status == "open"
    assert replica.apply(BidForPieces("s", 600), actor="m1", role=MEMBER).auction == "s"
    assert row(minutes) == (0, 0, 0, 0, 0)


def test_the_last_sixty_seconds(replica: LocalReplica, minutes: Minutes) -> None:
    for when in (0, 30_000, 59_000, 61_500):
        at(replica, when)
        replica.apply(Redeem("spa", 1_000), actor="m1", role=MEMBER)
    # To the second: that of the first is over by then.
    tally = minutes.last_minute(START + 61_600)
    assert (tally.redemptions, tally.spent) == (3, 3_000)
    assert minutes.last_minute(START + 59_500).redemptions == 4
    assert minutes.last_minute(START + 10 * MINUTE).redemptions == 0
