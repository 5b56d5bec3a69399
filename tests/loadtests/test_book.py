"""What a crowd knows and offers."""

import random

import pytest

from loadtests.book import HEADROOM, Book, Entry, choose_maximum
from loadtests.wire import AuctionState, BidTaken, Place

EARLY, LATE = Place(1, 100, 0), Place(1, 200, 0)


def state(minimum: int, price: int = 500, status: str = "open") -> AuctionState:
    return AuctionState("a1", status, price, minimum)


def taken(minimum: int, price: int) -> BidTaken:
    return BidTaken("a1", 1, 1, True, price, minimum)


def test_newer_news_replaces_older_and_not_the_other_way() -> None:
    book = Book()
    book.learn_state(state(minimum=600), LATE)
    book.learn_bid(taken(minimum=550, price=500), EARLY)
    assert book.find("a1") == Entry("a1", 600, 100, LATE)
    book.learn_bid(taken(minimum=760, price=700), LATE)
    assert book.find("a1") == Entry("a1", 760, 60, LATE)


def test_a_refusal_raises_the_minimum_and_never_lowers_it() -> None:
    book = Book()
    book.learn_refusal("unknown", "bid_too_low", 5)
    assert book.find("unknown") is None
    book.learn_state(state(minimum=600), EARLY)
    book.learn_refusal("a1", "bid_too_low", 800)
    book.learn_refusal("a1", "bid_too_low", 700)
    entry = book.find("a1")
    assert entry is not None
    assert entry.minimum == 800


@pytest.mark.parametrize("status", ["scheduled", "paused", "settled", "cancelled"])
def test_only_open_auctions_are_open(status: str) -> None:
    book = Book()
    book.learn_state(state(minimum=600, status=status), EARLY)
    entry = book.find("a1")
    assert entry is not None
    assert not entry.open


def test_an_auction_that_a_refusal_says_is_over_is_closed() -> None:
    book = Book()
    book.learn_state(state(minimum=600), EARLY)
    book.learn_refusal("a1", "auction_closed", 0)
    entry = book.find("a1")
    assert entry is not None
    assert not entry.open


@pytest.mark.parametrize(("own", "least"), [(0, 600), (599, 600), (700, 701)])
def test_an_offer_would_do_and_is_not_much_more(own: int, least: int) -> None:
    entry = Entry("a1", minimum=600, increment=50)
    offers = {choose_maximum(entry, own, 10**6, random.Random(seed)) for seed in range(100)}
    assert offers == {least + steps * 50 for steps in range(HEADROOM + 1)}


def test_nobody_offers_more_than_its_points() -> None:
    entry = Entry("a1", minimum=600, increment=50)
    assert {choose_maximum(entry, 0, 600, random.Random(seed)) for seed in range(20)} == {600}
    assert choose_maximum(entry, 0, 599, random.Random(1)) == 0
