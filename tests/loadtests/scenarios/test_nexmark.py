"""Nexmark's stream: its proportions, its hot auction and bidder, and its bids on real auctions."""

from collections import Counter
from collections.abc import Callable

import pytest

from loadtests.result import Result
from loadtests.scenarios.nexmark import AUCTION, BATCH, BID, CYCLE, PERSON, choose, price

Play = Callable[..., tuple[int, Result, str]]


def test_persons_auctions_and_bids_are_as_one_to_three_to_46() -> None:
    assert Counter(CYCLE) == {PERSON: 1, AUCTION: 3, BID: 46}


@pytest.mark.parametrize(("count", "hot"), [(1, 0), (60, 0), (100, 0), (101, 100), (199, 100), (250, 200)])
def test_the_first_of_the_last_hundred_is_hot(count: int, hot: int) -> None:
    made = [f"{number}" for number in range(count)]
    assert choose(made, 0, True, 0.5) == f"{hot}"


def test_the_hot_bidder_is_another_than_the_hot_seller() -> None:
    made = [f"{number}" for number in range(150)]
    assert choose(made, 1, True, 0.0) == "101"
    assert choose(made[:1], 1, True, 0.0) == "0"


def test_the_others_are_any_of_the_last_hundred() -> None:
    made = [f"{number}" for number in range(250)]
    chosen = {int(choose(made, 0, False, draw / 1000)) for draw in range(1000)}
    assert chosen == set(range(250 - BATCH, 250))
    assert {choose(["a", "b"], 0, False, draw / 10) for draw in range(10)} == {"a", "b"}


def test_prices_are_nexmarks() -> None:
    assert (price(0.0), price(0.5), price(1.0)) == (100, 100_000, 100_000_000)
    assert price(0.25) == 3162


def test_bids_of_the_stream_stand(play: Play) -> None:
    code, result, printed = play("nexmark", members=3, auctions=5, rate=150, seconds=1.2)
    assert code == 0, printed
    bid, auction, person = (result.actions[name] for name in (BID, AUCTION, PERSON))
    assert bid.due > 100
    assert bid.acknowledged > 5
    assert set(bid.refused) <= {"bid_too_low", "already_leading"}
    assert auction.acknowledged == auction.due >= 6
    assert person.acknowledged == person.due >= 2
    stand, points = result.checks
    assert stand.checked == bid.acknowledged
    assert points.checked == 1 + 3 + person.acknowledged
