"""Topics without sockets: what an event makes dirty, conflation, slow listeners, slices."""

import asyncio
from hashlib import sha256

import pytest

from engine.commands import (
    MANAGER,
    MEMBER,
    AuctionTerms,
    BuyTickets,
    CancelAuction,
    CommitSecret,
    CreateAuction,
    CreateRaffle,
    CreditPoints,
    Draw,
    MoveClose,
    OpenRaffle,
    PlaceBid,
    Prize,
    PublishDrawKey,
    RaffleTerms,
    ScheduleAuction,
    SignLock,
    Tick,
)
from engine.errors import Rejection
from engine.units import HOUR
from gateway import deliveries, topics as topics_module
from gateway.hub import LIVE_PACE, Hub
from gateway.identity import Caller
from gateway.wire import MESSAGEPACK
from tests.engine.raffling import KEY, SECRET, SIGNER
from tests.gateway.harness import LocalReplica
from tests.gateway.hearing import LIMITS, Clock, Ear, caller, listen


def test_the_latest_state_comes_at_once(replica: LocalReplica, hub: Hub) -> None:
    replica.open_auction("a1")
    json, msgpack = Ear(), Ear(MESSAGEPACK)
    for ear in (json, msgpack):
        listen(hub, ear, caller("m1"), "auctions", "auction:a1", "me")
    pushes = json.heard()
    assert [push["topic"] for push in pushes] == ["auctions", "auction:a1", "me"]
    assert {push["position"] for push in pushes} == {str(replica.position)}
    assert pushes[1]["state"]["price"] == 500
    assert pushes[2]["state"]["available"] == 1_000_000
    assert msgpack.heard() == pushes


def test_auctions_are_conflated(replica: LocalReplica, hub: Hub, clock: Clock) -> None:
    replica.open_auction("a1")
    ear = Ear()
    listen(hub, ear, caller("m3"), "auction:a1", "auctions")
    ear.heard()
    clock.pass_time(10)
    for amount in range(600, 1_600, 100):
        replica.apply(PlaceBid("a1", amount), actor=f"m{1 + amount // 100 % 2}", role=MEMBER)
    clock.turn()
    assert [(push["topic"], push["state"].get("price")) for push in ear.heard()] == [
        ("auction:a1", 1_450),
        ("auctions", None),
    ]
    replica.apply(PlaceBid("a1", 2_000), actor="m1", role=MEMBER)
    clock.pass_time(0.049)
    assert ear.heard() == []
    clock.pass_time(0.002)
    assert [push["topic"] for push in ear.heard()] == ["auction:a1"]
    clock.pass_time(0.5)
    assert [push["topic"] for push in ear.heard()] == ["auctions"]
    clock.pass_time(60)
    assert ear.heard() == []


def test_a_long_list_comes_as_many_bytes_a_second_as_a_short_one(
    replica: LocalReplica, hub: Hub, clock: Clock
) -> None:
    for number in range(100):
        replica.open_auction(f"a{number}")
    ear = Ear()
    listen(hub, ear, caller("m3"), "auctions")
    pause = len(ear.wire.frames[0]) / LIVE_PACE
    assert pause > 1
    for _ in range(3):
        replica.apply(PlaceBid("a1", 600), actor="m1", role=MEMBER)
        clock.pass_time(pause + 1)
        ear.heard()
    replica.apply(CancelAuction("a1", "broken"))
    clock.turn()
    assert len(ear.heard()) == 1
    replica.apply(CancelAuction("a2", "broken"))
    clock.pass_time(pause * 0.9)
    assert ear.heard() == []
    clock.pass_time(pause * 0.2)
    assert [len(push["state"]["auctions"]) for push in ear.heard()] == [98]


def test_what_concerns_a_member_goes_at_the_end_of_the_turn(
    replica: LocalReplica, hub: Hub, clock: Clock
) -> None:
    replica.open_auction("a1")
    ears = {member: Ear() for member in ("m1", "m2", "m3")}
    for member, ear in ears.items():
        listen(hub, ear, caller(member), "me")
        ear.heard()
    replica.apply(PlaceBid("a1", 600), actor="m1", role=MEMBER)
    assert ears["m1"].heard() == []
    clock.turn()
    assert ears["m1"].heard()[0]["state"]["auctions"][0]["leading"] is True
    replica.apply(PlaceBid("a1", 700), actor="m2", role=MEMBER)
    assert ears["m1"].heard() == []
    clock.turn()
    [outbid], [leads] = ears["m1"].heard(), ears["m2"].heard()
    assert (outbid["state"]["held"], outbid["state"]["auctions"][0]["leading"]) == (0, False)
    assert (leads["state"]["held"], leads["state"]["auctions"][0]["leading"]) == (700, True)
    assert ears["m3"].heard() == []
    replica.apply(CreditPoints("m3", 5))
    clock.turn()
    assert ears["m3"].heard()[0]["state"]["available"] == 1_000_005


def test_an_auctions_end_reaches_everybody_who_bid(replica: LocalReplica, hub: Hub, clock: Clock) -> None:
    replica.open_auction("a1")
    replica.apply(PlaceBid("a1", 600), actor="m1", role=MEMBER)
    replica.apply(PlaceBid("a1", 700), actor="m2", role=MEMBER)
    ears = {member: Ear() for member in ("m1", "m2", "m3")}
    for member, ear in ears.items():
        listen(hub, ear, caller(member), "me")
        ear.heard()
    replica.apply(CancelAuction("a1", "broken"))
    clock.turn()
    assert ears["m1"].heard()[0]["state"]["auctions"][0]["status"] == "cancelled"
    assert ears["m2"].heard()[0]["state"]["held"] == 0
    assert ears["m3"].heard() == []


def test_a_draw_reaches_everybody_who_has_tickets(replica: LocalReplica, hub: Hub, clock: Clock) -> None:
    terms = RaffleTerms({}, (Prize("car"),), 10, replica.clock, replica.clock + HOUR, randomness="commitment")
    for command in (
        PublishDrawKey(KEY),
        CreateRaffle("r", terms),
        OpenRaffle("r"),
        CommitSecret("r", sha256(SECRET).hexdigest()),
    ):
        replica.apply(command)
    for member in ("m1", "m2"):
        replica.apply(BuyTickets("r", 1, 10), actor=member, role=MEMBER)
    ears = {member: Ear() for member in ("m1", "m2", "m3")}
    for member, ear in ears.items():
        listen(hub, ear, caller(member), "me")
        ear.heard()
    replica.apply(MoveClose("r", replica.clock + 2))
    replica.apply(Tick())
    clock.turn()
    for ear in (ears["m1"], ears["m2"]):
        assert ear.heard()[-1]["state"]["raffles"][0]["status"] == "locked"
    text = replica.program.raffles.locks[0].text
    replica.apply(SignLock(1, KEY, SIGNER.sign(text.encode()).hex()))
    replica.apply(Draw("r", secret=SECRET.hex()))
    replica.apply(Tick())
    clock.turn()
    told = [ears[member].heard()[-1]["state"]["raffles"][0] for member in ("m1", "m2")]
    assert [one["status"] for one in told] == ["drawn"] * 2
    assert sorted(one["place"] for one in told) == [0, 1], "also who won nothing"
    assert ears["m3"].heard() == []


def test_one_encode_for_all_of_an_encoding(replica: LocalReplica, hub: Hub, clock: Clock) -> None:
    replica.open_auction("a1")
    ears = [Ear() for _ in range(5)] + [Ear(MESSAGEPACK) for _ in range(5)]
    for ear in ears:
        listen(hub, ear, caller("m1"), "auction:a1")
    assert len({id(ear.wire.frames[0]) for ear in ears}) == 2
    for ear in ears:
        ear.heard()
    clock.pass_time(1)
    replica.apply(PlaceBid("a1", 600), actor="m1", role=MEMBER)
    clock.turn()
    assert len({id(ear.wire.frames[0]) for ear in ears}) == 2
    assert hub.counts.pushes == 20


def test_slow_listeners_skip_and_get_the_latest_later(replica: LocalReplica, hub: Hub, clock: Clock) -> None:
    replica.open_auction("a1")
    slow, quick = Ear(), Ear()
    for ear in (slow, quick):
        listen(hub, ear, caller("m1"), "auction:a1", "me")
        ear.heard()
    slow.wire.full = LIMITS.soft_backlog + 1
    for amount in (600, 700, 800):
        clock.pass_time(1)
        replica.apply(PlaceBid("a1", amount), actor="m1", role=MEMBER)
        clock.turn()
    assert len(quick.heard()) == 6
    assert slow.heard() == []
    assert hub.counts.skipped == 6
    slow.wire.full = LIMITS.soft_backlog
    hub.caught_up(slow)
    latest = slow.heard()
    assert sorted(push["topic"] for push in latest) == ["auction:a1", "me"]
    assert [push["state"]["held"] for push in latest if push["topic"] == "me"] == [800]
    hub.caught_up(slow)
    assert slow.heard() == []


def test_hopeless_listeners_are_cut_off(replica: LocalReplica, hub: Hub, clock: Clock) -> None:
    replica.open_auction("a1")
    stuck = Ear()
    listen(hub, stuck, caller("m1"), "auction:a1")
    stuck.wire.full = LIMITS.hard_backlog + 1
    replica.apply(PlaceBid("a1", 600), actor="m1", role=MEMBER)
    clock.pass_time(1)
    assert stuck.wire.aborted
    assert hub.counts.aborted == 1


def test_a_flush_yields(
    replica: LocalReplica, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics_module, "AT_ONCE", 5)
    monkeypatch.setattr(deliveries, "SLICE", 10)
    replica.open_auction("a1")
    replica.open_auction("a2")
    ears = [Ear() for _ in range(25)]
    for ear in ears:
        listen(hub, ear, caller("m1"), "auction:a1", "auction:a2")
        ear.heard()
    clock.pass_time(1)
    for auction in ("a1", "a2"):
        replica.apply(PlaceBid(auction, 600), actor="m2", role=MEMBER)
    written = []
    for _ in range(6):
        clock.turn()
        written.append(sum(len(ear.wire.frames) for ear in ears))
        if len(written) == 2:
            topics = hub.subscribe(ears[24], caller("m1"), ["auction:a1"])
            hub.unsubscribe(ears[24], topics)  # it left while the flush was under way
    assert written == [10, 20, 34, 44, 49, 49], "five at once, until it is ten or more"
    assert len(ears[24].heard()) == 1


def test_what_concerns_members_does_not_hold_up_what_all_see(
    replica: LocalReplica, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    replica.open_auction("a1")
    ears = [Ear() for _ in range(25)]
    for ear in ears:
        listen(hub, ear, caller("m1"), "me")
        ear.heard()
    onlooker = Ear()
    listen(hub, onlooker, caller("m3"), "auction:a1")
    onlooker.heard()
    clock.pass_time(1)
    monkeypatch.setattr(deliveries, "SLICE", 10)
    monkeypatch.setattr(topics_module, "AT_ONCE", 10)
    replica.apply(PlaceBid("a1", 600), actor="m1", role=MEMBER)
    clock.turn()
    assert sum(len(ear.wire.frames) for ear in ears) == 10
    assert onlooker.heard()[0]["state"]["bids"] == 1
    for _ in range(3):
        clock.turn()
    assert [len(ear.heard()) for ear in ears] == [1] * 25


def test_a_topic_that_fails_does_not_silence_others(
    replica: LocalReplica,
    hub: Hub,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    replica.open_auction("a1")
    replica.open_auction("a2")
    ear = Ear()
    topics = listen(hub, ear, caller("m1"), "auction:a1", "auction:a2")
    ear.heard()
    clock.pass_time(1)
    monkeypatch.setattr(topics[0], "view", lambda program: 1 / 0)
    for auction in ("a1", "a2"):
        replica.apply(PlaceBid(auction, 600), actor="m2", role=MEMBER)
    clock.pass_time(1)
    assert [push["topic"] for push in ear.heard()] == ["auction:a2"]
    assert "push failed" in capsys.readouterr().out


def test_leaving(replica: LocalReplica, hub: Hub, clock: Clock) -> None:
    replica.open_auction("a1")
    ear, other = Ear(), Ear()
    topics = listen(hub, ear, caller("m1"), "auction:a1", "me")
    listen(hub, other, caller("m2"), "auction:a1")
    ear.heard()
    ear.wire.full = LIMITS.soft_backlog + 1
    replica.apply(PlaceBid("a1", 600), actor="m1", role=MEMBER)
    clock.pass_time(1)
    hub.unsubscribe(ear, topics)
    ear.wire.full = 0
    hub.caught_up(ear)
    replica.apply(PlaceBid("a1", 700), actor="m1", role=MEMBER)
    clock.pass_time(1)
    assert ear.heard() == []
    assert len(other.heard()) == 3


@pytest.mark.parametrize(
    ("name", "who", "code"),
    [
        ("auction:none", caller("m1"), "unknown_auction"),
        ("auction:", caller("m1"), "unknown_auction"),
        ("auction:draft", caller("m1"), "unknown_auction"),
        ("auction:draft", caller("boss", MANAGER), "unknown_auction"),
        ("me", caller("nobody"), "unknown_member"),
        ("me", caller("m1", MANAGER), "forbidden"),
        ("me:m1", caller("m1"), "unknown_topic"),
        ("", caller("m1"), "unknown_topic"),
    ],
)
def test_refused_topics_leave_no_trace(
    replica: LocalReplica, hub: Hub, clock: Clock, name: str, who: Caller, code: str
) -> None:
    replica.open_auction("a1")
    replica.apply(CreateAuction("draft", AuctionTerms("A draft", 500, replica.clock, replica.clock + HOUR)))
    ear = Ear()
    with pytest.raises(Rejection) as caught:
        hub.subscribe(ear, who, ["auction:a1", name])
    assert caught.value.rejected.code == code
    replica.apply(PlaceBid("a1", 600), actor="m1", role=MEMBER)
    clock.pass_time(1)
    assert ear.heard() == []


def test_an_auction_that_is_not_kept_any_more(replica: LocalReplica, hub: Hub, clock: Clock) -> None:
    replica.open_auction("a1")
    ear = Ear()
    listen(hub, ear, caller("m1"), "auction:a1")
    ear.heard()
    replica.apply(ScheduleAuction("a1"))
    replica.apply(CancelAuction("a1", "broken"))
    del replica.program.auctions["a1"]
    clock.pass_time(1)
    [push] = ear.heard()
    assert push["state"] is None


def test_in_a_real_loop(replica: LocalReplica) -> None:
    async def body() -> None:
        hub = Hub(replica, LIMITS, asyncio.get_running_loop())
        replica.listeners.append(hub.take)
        replica.open_auction("a1")
        ear = Ear()
        listen(hub, ear, caller("m1"), "auction:a1")
        ear.heard()
        for amount in (600, 700):
            replica.apply(PlaceBid("a1", amount), actor="m1", role=MEMBER)
            async with asyncio.timeout(10):
                while not ear.wire.frames:
                    await asyncio.sleep(0)
            assert ear.heard()[0]["state"]["bids"] == (amount - 500) // 100

    asyncio.run(body())
