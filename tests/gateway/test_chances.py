"""How unequal chances are, against a count by hand."""

from random import Random

import pytest

from engine.commands import MEMBER, BuyTickets, GrantTickets, UpsertMember
from engine.raffles.state import Raffle
from gateway import chances
from gateway.chances import Chances, Spread
from tests.gateway.harness import LocalReplica
from tests.gateway.hearing import open_raffle


@pytest.fixture
def raffle(replica: LocalReplica) -> Raffle:
    open_raffle(replica, "r", replica.clock)
    return replica.program.raffles.by_id["r"]


def buy(replica: LocalReplica, member: str, tickets: int) -> None:
    assert replica.apply(BuyTickets("r", tickets, 10**6), actor=member, role=MEMBER).raffle == "r"


def test_the_fewest_and_the_most(replica: LocalReplica, raffle: Raffle) -> None:
    found = Chances()
    assert found.find(raffle) is None
    assert not found.count(replica.program, [raffle])
    assert found.find(raffle) == Spread(0, 0, 0)
    buy(replica, "m1", 3)
    assert found.find(raffle) is None
    for member, tickets in (("m2", 5), ("m1", 1), ("m3", 2)):
        buy(replica, member, tickets)
    assert not found.count(replica.program, [raffle])
    assert found.find(raffle) == Spread(3, 2, 5)
    buy(replica, "m3", 4)
    found.count(replica.program, [raffle])
    assert found.find(raffle) == Spread(3, 4, 6)


@pytest.mark.parametrize("at_once", [1, 3, 7, 1_000])
def test_it_is_the_same_in_slices(
    replica: LocalReplica, raffle: Raffle, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(chances, "ENTRIES_AT_ONCE", at_once)
    random, found, holdings = Random(at_once), Chances(), dict.fromkeys(map("x{}".format, range(9)), 0)
    for member in holdings:
        replica.apply(UpsertMember(member, "gold", "north"))
    for _ in range(60):
        member, tickets = random.choice(list(holdings)), random.randrange(1, 4)
        replica.apply(GrantTickets("r", member, tickets, "a test"))
        holdings[member] += tickets
        if random.random() < 0.3:
            found.count(replica.program, [raffle])
    while found.count(replica.program, [raffle]):
        assert found.find(raffle) is None
    some = [tickets for tickets in holdings.values() if tickets]
    assert found.find(raffle) == Spread(len(some), min(some), max(some))


def test_raffles_share_the_slices_and_are_forgotten(
    replica: LocalReplica, raffle: Raffle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chances, "ENTRIES_AT_ONCE", 2)
    open_raffle(replica, "q", replica.clock)
    other = replica.program.raffles.by_id["q"]
    buy(replica, "m1", 1)
    replica.apply(BuyTickets("q", 1, 10), actor="m1", role=MEMBER)
    replica.apply(BuyTickets("q", 1, 10), actor="m2", role=MEMBER)
    found = Chances()
    assert found.count(replica.program, [raffle, other])
    assert (found.find(raffle), found.find(other)) == (Spread(1, 1, 1), None)
    assert not found.count(replica.program, [raffle, other])
    assert found.find(other) == Spread(2, 1, 1)
    found.count(replica.program, [other])
    assert found.find(raffle) is None


def test_another_raffle_of_the_same_name_begins_afresh(replica: LocalReplica, raffle: Raffle) -> None:
    found = Chances()
    buy(replica, "m1", 1)
    found.count(replica.program, [raffle])
    raffle.serial += 1
    assert found.find(raffle) is None
    found.count(replica.program, [raffle])
    assert found.find(raffle) == Spread(1, 1, 1)
