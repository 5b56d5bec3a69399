"""The outcome of an English auction, by design.md's worked example and by hand, and sales that differ."""

import pytest

from loadtests.findings import HistoryBid, Verification
from loadtests.hammer import Hammer, check_sales, play_bids, verify_last_price
from loadtests.measures import Acknowledgement
from loadtests.sales import Ended, SaleRecord
from loadtests.wire import AuctionState

EXAMPLE = (("A", 500, 500), ("B", 601, 600), ("A", 800, 701), ("B", 1500, 900), ("A", 1502, 1502))
"""design.md §4: bidder, maximum, and the price after it; an increment of 100, opening at 500."""


def test_the_worked_example_comes_out_after_every_bid() -> None:
    for count in range(1, len(EXAMPLE) + 1):
        member, _, price = EXAMPLE[count - 1]
        bids = [(bidder, maximum) for bidder, maximum, _ in EXAMPLE[:count]]
        assert play_bids(500, 100, bids) == Hammer(member, price)


@pytest.mark.parametrize(
    ("bids", "expected"),
    [
        ([], Hammer()),
        ([("A", 900)], Hammer("A", 500)),
        ([("A", 900), ("B", 700)], Hammer("A", 800)),
        ([("A", 900), ("B", 900)], Hammer("A", 900)),
        ([("A", 900), ("A", 2000), ("B", 950)], Hammer("A", 1050)),
        ([("A", 601), ("B", 690), ("B", 900)], Hammer("B", 690)),
    ],
)
def test_leaders_raise_and_challengers_fail(bids: list[tuple[str, int]], expected: Hammer) -> None:
    assert play_bids(500, 100, bids) == expected


def ended(winner: str, price: int, paid: int | None = None) -> Ended:
    history = [HistoryBid(number, 1, one[2]) for number, one in enumerate(EXAMPLE, 1)]
    sales = [SaleRecord(winner, 5, 1, price, price if paid is None else paid)] if winner else []
    return Ended(AuctionState("a", "settled", price, 0, opening=500), history, sales)


def acknowledged() -> list[Acknowledgement]:
    return [
        Acknowledgement("a", number, member, maximum, 1, price, True, "1:1-0", f"{number}")
        for number, (member, maximum, price) in enumerate(EXAMPLE, 1)
    ]


def findings(one: Ended, known: bool = True) -> list[str]:
    return check_sales([one], [one] if known else [], acknowledged(), 100).findings


def test_a_sale_that_its_bids_make_is_well() -> None:
    assert findings(ended("A", 1502)) == []
    assert check_sales([ended("A", 1502)], [], [], 100).checked == 1


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (ended("B", 1502), "its bids make it A for 1502, it was sold to B for 1502"),
        (ended("A", 1501), "its bids make it A for 1502, it was sold to A for 1501"),
        (ended("", 0), "its bids make it A for 1502, it was sold to nobody"),
    ],
)
def test_a_sale_that_they_do_not_make_is_found(one: Ended, words: str) -> None:
    assert findings(one)[0] == f"a: {words}"


def test_where_others_bid_too_the_last_price_counts() -> None:
    assert findings(ended("B", 1502), known=False) == []
    (finding,) = findings(ended("A", 1502, paid=1500), known=False)
    assert finding == "a: the price after its last bid was 1502, it was sold for 1502, and 1500 were paid"
    verification = Verification()
    verify_last_price(verification, Ended(ended("", 0).state, [], []))
    assert verification.held
