"""The topic ``now``: who may listen, when it is pushed, and what it says."""

from typing import Any

import pytest

from engine.commands import (
    MANAGER,
    MEMBER,
    OPERATOR,
    SERVICE,
    AuctionTerms,
    BidForPieces,
    BuyTickets,
    CampaignTerms,
    CreateFormatAuction,
    CreditPoints,
    EndCampaign,
    OpenAuction,
    PauseCampaign,
    PlaceBid,
    PutCampaign,
    Redeem,
    ScheduleCampaign,
    Sealed,
    TuneRule,
    UpsertMember,
)
from engine.errors import Rejection
from engine.units import HOUR, MINUTE, SECOND
from gateway import chances, overview
from gateway.hub import Hub
from gateway.wire import MESSAGEPACK
from tests.gateway.harness import LocalReplica, OpenWorld, Run
from tests.gateway.hearing import LIMITS, Clock, Ear, caller, listen, open_raffle, show

MARIA = caller("maria", MANAGER)
START = 1_700_000_000_000
"""The wall clock, in ms, when the test's clock shows 0."""


@pytest.fixture
def hub(replica: LocalReplica, clock: Clock) -> Hub:
    """A hub that counts, on a wall clock that the test moves."""
    hub = Hub(
        replica,
        LIMITS,
        clock,  # type: ignore[arg-type]
        clock=lambda: START + round(clock.now * SECOND),
        count_sockets=lambda: 17,
        stopwatch=clock.time,
    )
    replica.listeners += [hub.minutes.take, hub.take]
    return hub


def state(hub: Hub) -> dict[str, Any]:
    """What somebody who begins to listen now is told."""
    ear = Ear()
    topics = listen(hub, ear, MARIA, "now")
    [push] = ear.heard()
    hub.unsubscribe(ear, topics)
    found: dict[str, Any] = push["state"]
    return found


@pytest.mark.parametrize("role", [MEMBER, SERVICE])
def test_others_may_not_listen(hub: Hub, clock: Clock, role: int) -> None:
    with pytest.raises(Rejection) as refused:
        hub.subscribe(Ear(), caller("m1", role), ["auctions", "now"])
    assert refused.value.rejected.code == "forbidden"
    assert "managers and operators" in refused.value.rejected.message


def test_it_comes_at_once_and_then_once_a_second(replica: LocalReplica, hub: Hub, clock: Clock) -> None:
    ears = [Ear(), Ear(MESSAGEPACK)]
    for ear, who in zip(ears, (MARIA, caller("otto", OPERATOR)), strict=True):
        topics = listen(hub, ear, who, "now")
        assert len(ear.heard()) == 1
    clock.turn()
    assert ears[0].heard() == []
    for second in range(1, 4):
        for _ in range(16):
            replica.apply(CreditPoints("m1", 1))
            clock.pass_time(1 / 16)
        first, other = (ear.heard() for ear in ears)
        assert first == other
        assert [push["state"]["at"] for push in first] == [START + second * SECOND]
    hub.unsubscribe(ears[1], topics)
    clock.pass_time(1)
    assert [len(ear.heard()) for ear in ears] == [1, 0]


def test_nothing_is_made_while_nobody_listens(
    replica: LocalReplica, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear = Ear()
    topics = listen(hub, ear, MARIA, "now")
    hub.unsubscribe(ear, topics)
    with pytest.raises(Rejection):
        hub.subscribe(ear, MARIA, ["now", "auction:none"])
    clock.pass_time(1)

    def fail(*_: Any) -> None:
        raise AssertionError("nobody asked")

    with monkeypatch.context() as nobody:
        nobody.setattr(overview, "find_alarms", fail)
        clock.pass_time(60)
    assert not clock._calls
    listen(hub, ear, MARIA, "now")
    ear.heard()
    clock.pass_time(1)
    assert len(ear.heard()) == 1


def test_it_goes_on_after_a_view_that_fails(hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    ear = Ear()
    listen(hub, ear, MARIA, "now")
    ear.heard()

    def fail(*_: Any) -> None:
        raise RuntimeError("a test")

    with monkeypatch.context() as broken:
        broken.setattr(overview, "find_alarms", fail)
        clock.pass_time(1)
    assert ear.heard() == []
    clock.pass_time(1)
    assert len(ear.heard()) == 1


def test_auctions(replica: LocalReplica, hub: Hub, clock: Clock) -> None:
    replica.open_auction("late", ends_at=START + 2 * HOUR)
    replica.open_auction("soon", title="Lisbon", ends_at=START + HOUR, reserve=900)
    clock.now = 70
    for at, member, maximum in ((5, "m1", 600), (30, "m2", 700), (69, "m1", 800)):
        replica.clock = START + at * SECOND
        replica.apply(PlaceBid("soon", maximum), actor=member, role=MEMBER)
    for member in ("m1", "m2"):
        listen(hub, Ear(), caller(member), "auction:soon", "auctions")
    told = state(hub)
    assert told["auctions_live"] == 2
    assert told["watchers"] == 17
    assert [auction["id"] for auction in told["auctions"]] == ["soon", "late"]
    assert told["auctions"][0] == {
        "id": "soon",
        "title": "Lisbon",
        "format": "english",
        "status": "open",
        "price": 750,
        "leader": 1,
        "bids": 3,
        "bids_a_minute": 2,
        "watchers": 2,
        "ends_at": START + HOUR,
        "has_reserve": True,
        "reserve_met": False,
    }
    assert told["auctions"][1]["watchers"] == 0


def test_sealed_auctions_say_nothing(replica: LocalReplica, hub: Hub) -> None:
    terms = AuctionTerms("a", 500, START, START + HOUR)
    replica.apply(CreateFormatAuction("s", terms, Sealed("first")))
    replica.apply(OpenAuction("s"))
    before = state(hub)
    assert replica.apply(BidForPieces("s", 600), actor="m1", role=MEMBER).auction == "s"
    after = state(hub)
    assert (after["auctions"], after["minutes"]) == (before["auctions"], before["minutes"])
    assert after["auctions"][0]["bids_a_minute"] == 0


def test_raffles(replica: LocalReplica, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    open_raffle(replica, "r", START)
    [empty] = state(hub)["raffles"]
    assert (empty["entrants"], empty["tickets_most"], empty["chance_most"]) == (0, 0, 0)
    for member, tickets in (("m1", 5), ("m2", 1), ("m3", 2)):
        replica.apply(BuyTickets("r", tickets, 50), actor=member, role=MEMBER)
    assert state(hub)["raffles"] == [
        {
            "id": "r",
            "titles": {"en": "r"},
            "status": "open",
            "tickets": 8,
            "entrants": 3,
            "closes_at": START + HOUR,
            "tickets_least": 1,
            "tickets_most": 5,
            "chance_least": 1_250,
            "chance_most": 6_250,
        }
    ]
    # Of more entries than a slice takes it says nothing until the next second: one for the view, and ten.
    monkeypatch.setattr(chances, "ENTRIES_AT_ONCE", 1)
    for _ in range(11):
        replica.apply(BuyTickets("r", 1, 10), actor="m1", role=MEMBER)
    ear = Ear()
    listen(hub, ear, MARIA, "now")
    assert ear.heard()[0]["state"]["raffles"][0]["chance_most"] is None
    clock.pass_time(1)
    assert ear.heard()[0]["state"]["raffles"][0]["tickets_most"] == 16


def test_campaigns(replica: LocalReplica, hub: Hub) -> None:
    for id, starts_at, ends_at, budget in (
        ("later", START + HOUR, START + 9 * HOUR, 5),
        ("good", START, 0, None),
        ("ends", START, START + 2 * HOUR, 800),
        ("pause", START, START + HOUR, 7),
        ("draft", START, START + HOUR, 7),
        ("over", START, START + HOUR, 7),
    ):
        terms = CampaignTerms({"en": id}, starts_at=starts_at, ends_at=ends_at, budget=budget)
        replica.apply(PutCampaign(id, terms))
        if id != "draft":
            replica.apply(ScheduleCampaign(id))
    replica.apply(PauseCampaign("pause", "a test"))
    replica.apply(EndCampaign("over", "a test"))
    told = state(hub)["campaigns"]
    assert [(one["id"], one["status"]) for one in told] == [
        ("ends", "running"),
        ("good", "running"),
        ("pause", "paused"),
        ("later", "scheduled"),
    ]
    assert told[0] == {
        "id": "ends",
        "titles": {"en": "ends"},
        "status": "running",
        "ends_at": START + 2 * HOUR,
        "budget": 800,
        "used": 0,
    }
    assert (told[1]["ends_at"], told[1]["budget"]) == (0, None)


def test_what_happens_and_what_is_wrong(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    priced.apply(UpsertMember("m9", "gold", "north"))
    since = state(hub)["since"]
    assert since == hub.minutes.since > START
    priced.open_auction("a", reserve=900, ends_at=START + 3 * MINUTE)
    for member, maximum in (("m1", 600), ("m2", 700)):
        priced.apply(PlaceBid("a", maximum), actor=member, role=MEMBER)
    priced.apply(Redeem("spa", 900), actor="m1", role=MEMBER)
    priced.apply(CreditPoints("m1", 40))
    show(hub, "m2", "spa")
    clock.pass_time(1)
    priced.apply(TuneRule("gold", 8_000), actor="maria")
    clock.pass_time(1)
    told = state(hub)
    [minute] = told["minutes"]
    assert minute == {
        "at": START - START % MINUTE,
        "bids": 2,
        "redemptions": 1,
        "points_spent": 900,
        "points_issued": 40,
        "tickets": 0,
    }
    assert (told["redemptions_a_minute"], told["points_a_minute"]) == (1, 900)
    [tune] = told["tunes"]
    assert (tune["rule"], tune["after"], tune["by"], tune["members"]) == ("gold", 8_000, "maria", 1)
    assert tune["told_at"] == START + 2 * SECOND
    assert told["alarms"] == []
    clock.now = 170
    told = state(hub)
    assert [(one["kind"], one["id"], one["figures"]["reserve"]) for one in told["alarms"]] == [
        ("reserve_not_met", "a", 900)
    ]
    assert [one["bids"] for one in told["minutes"]] == [2, 0, 0, 0]
    assert (told["redemptions_a_minute"], told["points_a_minute"]) == (0, 0)


@pytest.mark.parametrize("subprotocol", ["livelot.v1", "livelot.v1.msgpack"])
def test_over_a_socket(run: Run, world: OpenWorld, subprotocol: str) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            async with (
                here.socket("m1") as member,
                here.socket("maria", "manager", subprotocol=subprotocol) as manager,
            ):
                refused = await member.call("subscribe", topics=["now"])
                assert refused["error"]["data"]["code"] == "forbidden"
                assert (await manager.call("subscribe", topics=["now"]))["result"]["topics"] == ["now"]
                first = await manager.push("now")
                assert (first["state"]["watchers"], first["state"]["auctions"][0]["id"]) == (2, "a1")
                await member.call("subscribe", topics=["auction:a1"])
                assert "result" in await member.call("auction.bid", auction="a1", maximum=600)
                told = await manager.push("now", lambda state: state["auctions"][0]["bids"] == 1)
                [auction] = told["state"]["auctions"]
                assert (auction["leader"], auction["bids_a_minute"], auction["watchers"]) == (1, 1, 1)
                assert sum(minute["bids"] for minute in told["state"]["minutes"]) == 1
                assert told["state"]["alarms"] == []

    run(body())
