"""The check of what was sold finds every way in which it can be wrong."""

import msgspec
import pytest

from loadtests.findings import HistoryBid, Verification
from loadtests.measures import Acknowledgement, Departure
from loadtests.sales import (
    Ended,
    Hold,
    OwnPoints,
    SaleRecord,
    verify_clearing,
    verify_departures,
    verify_own,
    verify_points,
    verify_takes,
)
from loadtests.verification import reveal
from loadtests.wire import AuctionState, OwnAuction, Pieces, PriceClock


def acknowledge(number: int, member: str, maximum: int, **more: int) -> Acknowledgement:
    return Acknowledgement(
        "a1", number, member, maximum, 1, more.get("price", 0), True, "1:1-0", f"k{number}", 1
    )


def ended(
    format: str, pieces: Pieces, sales: list[SaleRecord], history: list[HistoryBid] | None = None
) -> Ended:
    state = AuctionState("a1", "settled", 0, 0, opening=100, format=format, pieces=pieces)
    return Ended(state, history or [], sales)


SEALED = [acknowledge(1, "ann", 300), acknowledge(2, "bob", 500), acknowledge(3, "ann", 400)]
NUMBERS = {"ann": [1, 3], "bob": [2]}


@pytest.mark.parametrize(
    ("sales", "words"),
    [
        ([SaleRecord("bob", 2, 1, 400, 400)], ""),
        ([SaleRecord("bob", 2, 1, 300, 300)], "the sales are not what its bids make"),
        ([SaleRecord("ann", 3, 1, 400, 400)], "the sales are not what its bids make"),
        ([SaleRecord("bob", 2, 1, 400, 400)] * 2, "expected were 1"),
        ([], "sold were 0"),
    ],
)
def test_sales_are_what_the_last_bids_make(sales: list[SaleRecord], words: str) -> None:
    verification = Verification()
    auction = ended("sealed", Pieces(pricing="second", sealed=True), sales)
    verify_clearing(verification, auction, SEALED, [], NUMBERS)
    assert verification.held is (not words)
    assert all(words in finding for finding in verification.findings)


def test_a_member_whose_bids_are_not_in_the_history_is_found() -> None:
    verification = Verification()
    auction = ended("sealed", Pieces(pricing="first", sealed=True), [SaleRecord("bob", 2, 1, 500, 500)])
    verify_clearing(verification, auction, SEALED, [], {"bob": [2]})
    assert verification.findings == ["a1, ann: none of its bids is in the history"]


TAKES = [acknowledge(1, "ann", 95, price=90), acknowledge(2, "bob", 80, price=80)]
HISTORY = [HistoryBid(1, 1, 90, at=1_150), HistoryBid(2, 2, 80, at=1_200)]
SOLD = [SaleRecord("ann", 1, 1, 90, 90), SaleRecord("bob", 2, 1, 80, 80)]


@pytest.mark.parametrize(
    ("history", "sales", "sold", "words"),
    [
        (HISTORY, SOLD, 2, ""),
        ([msgspec.structs.replace(HISTORY[0], at=1_090), HISTORY[1]], SOLD, 2, "the clock showed 100"),
        (HISTORY, SOLD[:1], 1, "the sales are not what its bids make"),
        (HISTORY, SOLD, 1, "2 pieces in its sales, 1 sold"),
    ],
)
def test_takes_are_sold_at_what_the_clock_showed(
    history: list[HistoryBid], sales: list[SaleRecord], sold: int, words: str
) -> None:
    verification = Verification()
    clock = PriceClock(opened_at=1_000, entry=0, interval=100, step=10, floor=50)
    auction = ended("dutch", Pieces(supply=5, sold=sold, clock=clock), sales, history)
    verify_takes(verification, auction, TAKES)
    assert verification.held is (not words)
    assert all(words in finding for finding in verification.findings)


def test_whoever_said_out_is_out() -> None:
    departures = [Departure("a1", "ann", 120, "1:1-0", "k1")]
    for fate, held in (("left", True), ("standing", False)):
        verification = Verification()
        verify_departures(
            verification, ended("clock", Pieces(), [], [HistoryBid(1, 1, 100, fate)]), departures
        )
        assert verification.held is held


@pytest.mark.parametrize(("won", "paid", "held"), [(1, 400, True), (1, 399, False), (0, 0, False)])
def test_a_buyer_is_told_what_it_bought(won: int, paid: int, held: bool) -> None:
    verification = Verification()
    own = [OwnAuction("a1", 500, False, won=won, paid=paid), OwnAuction("other", 5, False, won=9)]
    verify_own(verification, "bob", own, {"a1": [SaleRecord("bob", 2, 1, 400, 400)]})
    assert verification.held is held


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (OwnPoints(10, 5, 2, 2, 1, [Hold("a2", 2)]), ""),
        (OwnPoints(10, 5, 2, 2, 2, [Hold("a2", 2)]), "10 points were issued, 11 are accounted for"),
        (OwnPoints(10, 5, 2, 2, 1, [Hold("a2", 1)]), "the holds are not the 2 points"),
        (OwnPoints(10, 5, 2, 2, 1, [Hold("a1/ann", 2)]), "2 points are still held for a1/ann"),
    ],
)
def test_points_add_up_and_nothing_stays_held(points: OwnPoints, words: str) -> None:
    verification = Verification()
    verify_points(verification, "ann", points, {"a1"})
    assert verification.held is (not words)
    assert all(words in finding for finding in verification.findings)


def test_sealed_bids_are_found_by_their_members_own_numbers() -> None:
    verification = Verification()
    sealed = [acknowledge(1, "ann", 300), acknowledge(1, "bob", 500), acknowledge(2, "ann", 400)]
    found = reveal(verification, sealed, NUMBERS, {7: "ann", 8: "bob"})
    assert [(bid.number, bid.bidder, bid.maximum) for bid in found] == [(1, 7, 300), (2, 8, 500), (3, 7, 400)]
    assert verification.held
    assert len(reveal(verification, sealed, {"ann": [1], "bob": [2]}, {7: "ann", 8: "bob"})) == 2
    assert verification.findings == ["a1, ann: its bid 2 (maximum 400, key k2) is not in the history"]
