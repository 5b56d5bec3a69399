"""What auctions come to, by the storm's own calculation."""

import pytest

from loadtests.outcomes import FinalBid, Sold, expect_sales, price_of_take
from loadtests.wire import AuctionState, Pieces, PriceClock


def final(number: int, maximum: int, quantity: int = 1, **more: bool) -> FinalBid:
    return FinalBid(f"m{number}", maximum, number, number, quantity, **more)


def auction(format: str, pieces: Pieces, ends_at: int = 0) -> AuctionState:
    return AuctionState("a1", "settled", 0, 0, ends_at=ends_at, opening=100, format=format, pieces=pieces)


@pytest.mark.parametrize(
    ("pricing", "bids", "sales"),
    [
        ("first", [final(1, 300), final(2, 500)], [Sold("m2", 2, 1, 500)]),
        ("second", [final(1, 300), final(2, 500)], [Sold("m2", 2, 1, 300)]),
        ("second", [final(1, 500), final(2, 500)], [Sold("m1", 1, 1, 500)]),
        ("second", [final(1, 500)], [Sold("m1", 1, 1, 100)]),
        ("second", [], []),
    ],
)
def test_sealed(pricing: str, bids: list[FinalBid], sales: list[Sold]) -> None:
    assert expect_sales(auction("sealed", Pieces(pricing=pricing, sealed=True)), bids) == sales


BIDS = [final(1, 300, 2), final(2, 500, 1), final(3, 300, 3, partial=True), final(4, 200, 1)]


@pytest.mark.parametrize(
    ("pricing", "supply", "sales"),
    [
        ("lowest_winning", 3, [("m2", 1, 300), ("m3", 2, 300)]),
        ("highest_losing", 5, [("m2", 1, 300), ("m3", 3, 300)]),
        ("highest_losing", 6, [("m2", 1, 200), ("m3", 3, 200), ("m1", 2, 200)]),
        ("lowest_winning", 9, [("m2", 1, 200), ("m3", 3, 200), ("m1", 2, 200), ("m4", 1, 200)]),
        ("pay_as_bid", 6, [("m2", 1, 500), ("m3", 3, 300), ("m1", 2, 300)]),
    ],
)
def test_several_pieces(pricing: str, supply: int, sales: list[tuple[str, int, int]]) -> None:
    pieces = Pieces(pricing=pricing, order="quantity", supply=supply)
    found = expect_sales(auction("multi_unit", pieces), list(BIDS))
    assert [(sale.member, sale.quantity, sale.price) for sale in found] == sales


def test_order_by_time_alone() -> None:
    pieces = Pieces(pricing="lowest_winning", order="time", supply=3)
    found = expect_sales(auction("multi_unit", pieces), list(BIDS))
    assert [(sale.member, sale.quantity) for sale in found] == [("m2", 1), ("m1", 2)]


@pytest.mark.parametrize(
    ("maxima", "supply", "lifted", "sales"),
    [
        ([100, 130, 180], 1, 0, {"m3": 140}),
        ([100, 130, 180, 200], 2, 0, {"m3": 140, "m4": 140}),
        ([150, 155, 155], 1, 0, {"m2": 150}),
        ([150], 2, 0, {"m1": 100}),
        ([150], 1, 130, {"m1": 130}),
        ([900, 900], 1, 0, {"m1": 200}),
    ],
)
def test_clocks(maxima: list[int], supply: int, lifted: int, sales: dict[str, int]) -> None:
    clock = PriceClock(opened_at=1_000, entry=500, interval=100, step=10, floor=0)
    state = auction("clock", Pieces(supply=supply, clock=clock), ends_at=2_500)
    bids = [final(number, maximum) for number, maximum in enumerate(maxima, 1)]
    bids.append(final(9, 999, gone=True))
    found = expect_sales(state, bids, lifted)
    assert {sale.member: sale.price for sale in found} == sales


@pytest.mark.parametrize(("at", "price"), [(0, 100), (1_099, 100), (1_100, 90), (1_250, 80), (9_999, 35)])
def test_a_falling_price_stays_at_its_floor(at: int, price: int) -> None:
    clock = PriceClock(opened_at=1_000, entry=0, interval=100, step=10, floor=35)
    assert price_of_take(auction("dutch", Pieces(clock=clock)), clock, at) == price
    assert clock.price_at(100, at) == price
