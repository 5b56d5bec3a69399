"""When an auction's end moves: by late bids (soft close), by a pause, by a manager."""

import pytest

from engine.commands import (
    ExtendAuction,
    PauseAuction,
    PlaceBid,
    ResumeAuction,
    SoftClose,
)
from engine.results import AuctionSet
from engine.units import DAY, HOUR, MINUTE, SECOND
from tests.engine.harness import MIDNIGHT, Stage


@pytest.fixture
def stage():
    stage = Stage()
    stage.members("A", "B")
    return stage


# Soft close. Times are minutes after 22:00; the end is 23:10.

END = MIDNIGHT + 70 * MINUTE
APPEND = SoftClose("append", 5 * MINUTE, 5 * MINUTE, DAY)
RESET = SoftClose("reset", 2 * MINUTE, 2 * MINUTE, HOUR)


@pytest.mark.parametrize(
    ("soft_close", "bids", "end"),
    [
        # the cases
        (APPEND, [66, 69], 75),
        (RESET, [69], 71),
        # the window's first instant is in it for append, and not for reset
        (APPEND, [65], 75),
        (APPEND, [64.99], 70),
        (APPEND, [65, 70, 75], 85),
        (APPEND, [65, 69], 75),
        (APPEND, [69, 69.5, 74], 80),
        (RESET, [68], 70),
        (RESET, [68.01], 70.01),
        (RESET, [69.5], 71.5),
        (RESET, [69.5, 69.6], 71.6),
        (RESET, [10, 20, 30], 70),
        # the hard stop
        (SoftClose("append", 5 * MINUTE, 5 * MINUTE, 7 * MINUTE), [69, 74], 77),
        (SoftClose("append", 5 * MINUTE, 5 * MINUTE, 7 * MINUTE), [69, 74, 76], 77),
        (SoftClose("append", 5 * MINUTE, 5 * MINUTE, 0), [69], 70),
        (SoftClose("reset", 2 * MINUTE, 3 * MINUTE, 4 * MINUTE), [69, 71, 73], 74),
        (SoftClose("reset", 10 * MINUTE, 2 * MINUTE, HOUR), [61], 70),  # an end never comes nearer
        (None, [69], 70),
    ],
)
def test_late_bids_move_the_end(stage, soft_close, bids, end):
    auction = stage.open(ends_at=END, soft_close=soft_close)
    for number, minute in enumerate(bids):
        stage.at = MIDNIGHT + round(minute * MINUTE)
        taken = stage.bid("AB"[number % 2], auction.minimum)
    assert taken.ends_at == auction.ends_at == MIDNIGHT + round(end * MINUTE)
    stage.tick(auction.ends_at - 1)
    assert auction.status == "open"
    stage.tick(auction.ends_at)
    assert (auction.status, auction.ended_at) == ("settled", auction.ends_at)


def test_reset_never_passes_its_hard_stop(stage):
    auction = stage.open(ends_at=END, soft_close=RESET)
    stage.at = END - MINUTE
    bids = 0
    while stage.at < auction.ends_at:
        stage.bid("AB"[bids % 2], auction.minimum)
        bids += 1
        stage.at += MINUTE
    assert auction.ends_at == END + HOUR
    assert bids == 61
    assert stage.ask(PlaceBid("a", 9_999), "A").code == "auction_closed"


def test_a_bid_that_does_not_lead_moves_the_end_too(stage):
    auction = stage.open(ends_at=END, soft_close=APPEND)
    stage.bid("A", 5_000)
    stage.at = END - 1
    assert not stage.bid("B", 700).leading
    assert auction.ends_at == END + 5 * MINUTE


def test_a_refused_bid_does_not(stage):
    auction = stage.open(ends_at=END, soft_close=APPEND)
    stage.at = END - 1
    stage.refuse(PlaceBid("a", 499), "bid_too_low", "A")
    assert auction.ends_at == END


# A manager's hand on the clock.


@pytest.mark.parametrize("soft_close", [None, APPEND])
def test_a_pause_moves_end_and_hard_stop_by_its_length(stage, soft_close):
    auction = stage.open(ends_at=END, soft_close=soft_close)
    hard_stop = auction.hard_stop
    stage.wait(10 * MINUTE)
    stage.do(PauseAuction("a", "fire alarm"))
    assert auction.paused_at == MIDNIGHT + 10 * MINUTE
    stage.tick(END + DAY)
    assert auction.status == "paused"
    stage.wait(7)
    stage.do(ResumeAuction("a"))
    paused = stage.at - MIDNIGHT - 10 * MINUTE
    assert (auction.status, auction.paused_at) == ("open", 0)
    assert auction.ends_at == END + paused
    assert auction.hard_stop == (hard_stop + paused if soft_close else hard_stop)
    stage.tick(auction.ends_at - 1)
    assert auction.status == "open"
    stage.tick(auction.ends_at)
    assert auction.status == "unsold"


def test_many_short_pauses(stage):
    auction = stage.open(ends_at=END)
    for _ in range(5):
        stage.do(PauseAuction("a"))
        stage.wait(SECOND)
        stage.do(ResumeAuction("a"))
        stage.wait(SECOND)
    assert auction.ends_at == END + 5 * SECOND
    stage.tick(END)
    assert auction.status == "open"
    stage.close()
    assert auction.status == "unsold"
    assert [entry.subject for entry in stage.program.agenda.heap if entry.duty == 2] == []


def test_an_extension_moves_end_and_hard_stop(stage):
    auction = stage.open(ends_at=END, soft_close=RESET)
    assert stage.do(ExtendAuction("a", 3 * MINUTE)) == AuctionSet("a", "open", END + 3 * MINUTE)
    assert auction.hard_stop == END + HOUR + 3 * MINUTE
    stage.do(PauseAuction("a"))
    stage.do(ExtendAuction("a", MINUTE))
    stage.wait(MINUTE)
    stage.do(ResumeAuction("a"))
    assert auction.ends_at == END + 5 * MINUTE
    stage.tick(END + 4 * MINUTE)
    assert auction.status == "open"
    stage.close()
    assert auction.status == "unsold"
