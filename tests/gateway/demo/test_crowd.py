"""What the crowd bids, and that it does so over real sockets."""

import asyncio
from typing import Any

import msgspec
import pytest

from engine.commands import OpenAuction
from engine.units import MINUTE
from engine.writer import wall_clock
from gateway.demo import crowd
from gateway.demo.catalogue import EXPERIENCES, OTHER_FORMATS, terms_of, tier_of
from gateway.demo.connection import Place
from gateway.demo.crowd import CROWD, Bid, Bidder, run_crowd
from gateway.operations import BY_NAME
from tests.gateway.harness import SECRET, Eventually, OpenWorld, Run

NOW = 1_000_000_000
OPERA = next(experience for experience in EXPERIENCES if experience.slug == "opera")


def auction(**changes: Any) -> dict[str, Any]:
    """An auction as it is pushed, nearly over, so that a bidder goes to its value."""
    state = {
        "id": "opera-3",
        "status": "open",
        "minimum": OPERA.opening,
        "buy_now": 0,
        "starts_at": NOW - 9 * MINUTE,
        "ends_at": NOW + MINUTE // 2,
        "eligibility": None,
        "format": "english",
    }
    return state | changes


def me(**changes: Any) -> dict[str, Any]:
    return {"tier": "blue", "available": 50_000, "auctions": []} | changes


def keenest() -> Bidder:
    """Of the crowd, the one that values opera-3 most."""
    return Bidder(max(CROWD, key=lambda member: Bidder(member).value_of("opera-3")))


def test_the_crowd_is_of_all_tiers_and_keeps_its_tastes() -> None:
    assert {tier_of(int(member[1:])) for member in CROWD} == {"blue", "silver", "gold"}
    values = [Bidder(member).value_of("opera-3") for member in CROWD]
    assert values == [Bidder(member).value_of("opera-3") for member in CROWD]
    assert len(set(values)) > 10
    assert max(values) > OPERA.worth > min(values)
    assert Bidder(CROWD[0]).value_of("something-else-1") == 0


def test_a_bid_is_at_least_the_minimum_and_never_above_the_value_or_the_balance() -> None:
    for member in CROWD:
        bidder = Bidder(member)
        value = bidder.value_of("opera-3")
        for minimum in range(500, 12_000, 500):
            for available in (1_000, 50_000):
                bid = bidder.choose_bid([auction(minimum=minimum)], me(available=available), NOW)
                if bid is not None:
                    assert minimum <= bid.points <= min(value, available)
                else:
                    assert minimum > min(0.9 * value, available)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "scheduled"},
        {"status": "paused"},
        {"ends_at": NOW + 1_000},
        {"eligibility": {"tiers": ["silver", "gold"], "markets": [], "segments": []}},
        {"minimum": 100_000},
        {"id": "unknown-1"},
    ],
)
def test_nobody_bids_where_it_makes_no_sense(changes: dict[str, Any]) -> None:
    assert keenest().choose_bid([auction()], me(), NOW) is not None
    assert keenest().choose_bid([auction(**changes)], me(), NOW) is None


def test_nobody_bids_against_itself() -> None:
    own = {"auction": "opera-3", "leading": True}
    assert keenest().choose_bid([auction()], me(auctions=[own]), NOW) is None
    assert keenest().choose_bid([auction()], me(auctions=[own | {"leading": False}]), NOW) is not None


def test_what_costs_less_than_its_value_is_bought_at_once() -> None:
    value = keenest().value_of("opera-3")
    assert keenest().choose_bid([auction(buy_now=value)], me(), NOW) == Bid("opera-3", value, at_once=True)
    bid = keenest().choose_bid([auction(buy_now=value + 1)], me(), NOW)
    assert bid is not None
    assert not bid.at_once


def test_what_is_not_for_a_tier_is_left_to_those_whom_it_is_for() -> None:
    gold = auction(eligibility={"tiers": ["gold"], "markets": [], "segments": []})
    assert keenest().choose_bid([gold], me(tier="gold"), NOW) is not None


def test_a_crowd_bids_over_sockets_until_it_is_stopped(
    run: Run, world: OpenWorld, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "CROWD", ("m1", "m2", "m3"))
    monkeypatch.setattr(crowd, "PAUSES", (0.0, 0.01))

    async def body() -> None:
        async with world() as here:
            await here.open_auction("opera-1", opening=10)
            await here.open_auction("barista-1", opening=10)
            crowd = asyncio.create_task(run_crowd(Place(f"http://127.0.0.1:{here.port}", "demo", SECRET)))
            auctions = here.gateway.replica.program.auctions.values()
            try:
                await eventually(lambda: all(len(auction.bidders) >= 2 for auction in auctions))
            finally:
                crowd.cancel()
                await asyncio.gather(crowd, return_exceptions=True)
            for auction in auctions:
                assert auction.leader in ("m1", "m2", "m3")
                assert auction.price > 10

    run(body())


def test_the_crowd_takes_part_in_every_format(
    run: Run, world: OpenWorld, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "CROWD", ("m1", "m2", "m3"))
    monkeypatch.setattr(crowd, "PAUSES", (0.0, 0.01))

    async def body() -> None:
        async with world() as here:
            for experience in OTHER_FORMATS:
                terms = terms_of(experience, wall_clock()) | {"opening": 50, "reserve": 0, "soft_close": None}
                format = dict(experience.format or {})
                if format["type"] == "dutch":
                    format |= {"floor": 10, "step": 1, "interval": 1_000}
                wire = {"auction": f"{experience.stem}1", "terms": terms, "format": format}
                create = BY_NAME["auction.create"]
                assert create.build is not None
                await here.apply(create.build(msgspec.convert(wire, create.request), ""))
                await here.apply(OpenAuction(f"{experience.stem}1"))
            crowd = asyncio.create_task(run_crowd(Place(f"http://127.0.0.1:{here.port}", "demo", SECRET)))
            auctions = here.gateway.replica.program.auctions.values()
            try:
                await eventually(lambda: all(len(auction.bidders) == 3 for auction in auctions))
            finally:
                crowd.cancel()
                await asyncio.gather(crowd, return_exceptions=True)
            sold = {auction.id: auction.pieces.sold for auction in auctions if auction.pieces}
            assert sold.pop("archipelago-dutch1") >= 3
            assert set(sold.values()) == {0}

    run(body())
