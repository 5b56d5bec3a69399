"""The check at a storm's end finds every way in which an acknowledgement can be broken."""

import msgspec
import pytest

from loadtests.findings import HistoryBid, Verification
from loadtests.measures import Acknowledgement
from loadtests.verification import verify_history, verify_maxima
from loadtests.wire import OwnAuction

HISTORY = [HistoryBid(1, 1, 500), HistoryBid(2, 2, 600), HistoryBid(3, 1, 701)]


def acknowledge(number: int, **changes: object) -> Acknowledgement:
    """An acknowledgement of bid ``number`` of ``HISTORY``."""
    shown = HISTORY[number - 1]
    bid = Acknowledgement(
        auction="a1",
        number=number,
        member=f"m{shown.bidder}",
        maximum=shown.price + 50,
        bidder=shown.bidder,
        price=shown.price,
        leading=True,
        position=f"1:{100 * number}-0",
        key=f"k{number}",
    )
    return msgspec.structs.replace(bid, **changes)


def verify(
    acknowledged: list[Acknowledgement], history: list[HistoryBid] = HISTORY, strays: int | None = 0
) -> list[str]:
    verification = Verification()
    verify_history(verification, "a1", acknowledged, history, strays)
    assert verification.held is (verification.findings == [])
    assert (verification.acknowledged, verification.auctions) == (len(acknowledged), 1)
    return verification.findings


ALL = [acknowledge(1), acknowledge(2), acknowledge(3)]


def test_what_is_as_acknowledged_holds() -> None:
    assert verify(ALL) == []
    assert verify(ALL[::-1]) == []


@pytest.mark.parametrize(
    ("acknowledged", "history", "words"),
    [
        (ALL, HISTORY[:2], "bid 3 of m1 (maximum 751, key k3): not in the history"),
        (ALL, [HISTORY[0], HISTORY[2]], "the history's numbers are not 1 to 2"),
        (
            [*ALL[:2], acknowledge(3, price=700)],
            HISTORY,
            "acknowledged to bidder 1 at 700; the history says bidder 1 at 701",
        ),
        (
            [*ALL[:2], acknowledge(3, bidder=9)],
            HISTORY,
            "acknowledged to bidder 9 at 701; the history says bidder 1",
        ),
        ([*ALL, acknowledge(3, key="k4", member="m7")], HISTORY, "was acknowledged to m1 (key k3) as well"),
        ([*ALL[:2], acknowledge(3, position="1:150-0")], HISTORY, "bid 3 at 1:150-0, but bid 2 at 1:200-0"),
        (ALL[:2], HISTORY, "3 bids, though 2 were acknowledged and 0 have no answer"),
    ],
)
def test_what_is_broken_is_found(
    acknowledged: list[Acknowledgement], history: list[HistoryBid], words: str
) -> None:
    findings = verify(acknowledged, history)
    assert any(words in finding for finding in findings), findings


def test_a_bid_that_was_sent_again_may_be_answered_at_a_later_position() -> None:
    assert verify([ALL[0], acknowledge(2, position="1:999-0", sent=2), ALL[2]]) == []


def test_bids_without_an_answer_may_have_been_applied() -> None:
    assert verify(ALL[:2], strays=1) == []
    assert verify(ALL[:1], strays=1) != []


def test_others_bids_are_nobodys_business() -> None:
    assert verify(ALL[:1], strays=None) == []


@pytest.mark.parametrize(
    ("maximum", "voided", "held"),
    [(751, set(), True), (900, set(), True), (750, set(), False), (0, {"a1"}, True)],
)
def test_a_members_own_maximum_is_the_highest_acknowledged(
    maximum: int, voided: set[str], held: bool
) -> None:
    verification = Verification()
    own = [OwnAuction("a1", maximum, True), OwnAuction("other", 0, False)]
    verify_maxima(verification, "m1", [ALL[0], ALL[2]], own, voided)
    assert verification.held is held
