"""What somebody should look at now."""

from typing import Any

import pytest

from engine.agenda import Duty
from engine.commands import (
    MEMBER,
    AuctionTerms,
    BidForPieces,
    CampaignTerms,
    CreateFormatAuction,
    EndCampaign,
    ExperienceTerms,
    LowerReserve,
    MoveClose,
    MultiUnit,
    OpenAuction,
    PauseAuction,
    PlaceBid,
    PutCampaign,
    PutExperience,
    Redeem,
    ScheduleCampaign,
    Sealed,
    Tick,
)
from engine.draw.beacon import time_of_round
from engine.units import HOUR, MINUTE, SECOND
from gateway import alarms
from gateway.alarms import Alarm, find_alarms
from tests.engine.offering import rule
from tests.gateway.harness import LocalReplica
from tests.gateway.hearing import open_raffle, publish


def found(replica: LocalReplica, now: int, kind: str) -> list[tuple[str, dict[str, int]]]:
    return [(one.id, one.figures) for one in find_alarms(replica.program, now) if one.kind == kind]


def test_a_reserve_that_is_not_met_near_the_end(replica: LocalReplica) -> None:
    start = replica.clock
    replica.open_auction("long", reserve=900, ends_at=start + 5 * HOUR)
    replica.open_auction("short", reserve=900, starts_at=start, ends_at=start + 20 * MINUTE)
    replica.open_auction("bare", ends_at=start + HOUR)

    def ids(now: int) -> list[str]:
        return [id for id, _ in found(replica, now, "reserve_not_met")]

    # The last tenth of twenty minutes; the last ten minutes of five hours.
    short, long = start + 18 * MINUTE, start + 5 * HOUR - 10 * MINUTE
    assert (ids(short - 1), ids(short)) == ([], ["short"])
    assert (ids(long - 1), ids(long)) == (["short"], ["short", "long"])
    replica.apply(PlaceBid("long", 800), actor="m1", role=MEMBER)
    assert found(replica, long, "reserve_not_met")[1] == (
        "long",
        {"price": 500, "reserve": 900, "ends_at": start + 5 * HOUR},
    )
    replica.apply(PlaceBid("short", 950), actor="m1", role=MEMBER)
    assert ids(long) == ["long"]
    replica.apply(LowerReserve("long", 700))
    assert ids(long) == []
    replica.open_auction("paused", reserve=900, ends_at=start + HOUR)
    assert ids(long) == ["paused"]
    replica.apply(PauseAuction("paused"))
    assert ids(long) == []


@pytest.mark.parametrize(
    ("format", "told"), [(MultiUnit(2, "lowest_winning"), ["a"]), (Sealed("second"), [])]
)
def test_sealed_bids_are_not_told_by_an_alarm(replica: LocalReplica, format: Any, told: list[str]) -> None:
    end = replica.clock + HOUR
    replica.apply(CreateFormatAuction("a", AuctionTerms("a", 500, replica.clock, end, reserve=900), format))
    replica.apply(OpenAuction("a"))

    def ids() -> list[str]:
        return [id for id, _ in found(replica, end - 1, "reserve_not_met")]

    assert ids() == told
    for member in ("m1", "m2"):
        replica.apply(BidForPieces("a", 1_000), actor=member, role=MEMBER)
    assert ids() == []


def test_only_so_many_are_told_the_soonest_first(
    replica: LocalReplica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "ALARMS", 2)
    end = replica.clock + HOUR
    for number in (3, 1, 2):
        replica.open_auction(f"a{number}", reserve=900, ends_at=end + number)
    assert [id for id, _ in found(replica, end, "reserve_not_met")] == ["a1", "a2"]


def test_a_budget_that_is_nearly_used_up(replica: LocalReplica) -> None:
    now = replica.clock
    replica.apply(PutExperience("spa", ExperienceTerms("wellness", 1_000)))
    for id, budget in (("spring", 1_000), ("wide", 10_000), ("free", None), ("none", 0)):
        replica.apply(PutCampaign(id, CampaignTerms(starts_at=now, ends_at=now + HOUR, budget=budget)))
        replica.apply(ScheduleCampaign(id))
    publish(
        replica,
        *(
            rule(id, "add", -100, campaigns=(id,), budget=budget)
            for id, budget in (("spring", "spring"), ("wide", "wide"), ("free", ""))
        ),
    )
    for taken in range(9):
        assert found(replica, replica.clock, "budget_nearly_used") == [], taken
        assert replica.apply(Redeem("spa", 700), actor="m1", role=MEMBER).points == 700
    told = [("spring", {"budget": 1_000, "used": 900})]
    assert found(replica, replica.clock, "budget_nearly_used") == told
    assert found(replica, now + HOUR, "budget_nearly_used") == []
    replica.apply(EndCampaign("spring", "a test"))
    assert found(replica, replica.clock, "budget_nearly_used") == []


def test_a_beacon_that_is_late(replica: LocalReplica) -> None:
    open_raffle(replica, "drand", replica.clock, randomness="beacon")
    open_raffle(replica, "own", replica.clock)
    for id in ("drand", "own"):
        replica.apply(MoveClose(id, replica.clock + 2))
    replica.apply(Tick())
    raffle = replica.program.raffles.by_id["drand"]
    assert (raffle.status, replica.program.raffles.by_id["own"].status) == ("locked", "locked")
    due = time_of_round(raffle.round)
    assert found(replica, due + 2 * MINUTE, "beacon_late") == []
    assert find_alarms(replica.program, due + 2 * MINUTE + 1)[-1] == Alarm(
        "beacon_late", "drand", {"round": raffle.round, "round_at": due}
    )
    raffle.seed = bytes(32)
    assert found(replica, due + HOUR, "beacon_late") == []


def test_nothing_comes_out_of_the_log(replica: LocalReplica) -> None:
    program, at = replica.program, replica.clock
    program.agenda.heap.clear()
    program.agenda.post(at + 20 * SECOND, Duty.FORGET_KEYS)
    assert found(replica, at + 30 * SECOND, "replica_behind") == []
    late = at + 30 * SECOND + 1
    assert found(replica, late, "replica_behind") == [("demo", {"age": 30_001, "overdue": 10_001})]
    # As long as entries come it is not behind, however much is due; nor is it where nothing is.
    entry = program.position
    program.position = entry._replace(milliseconds=late - 10 * SECOND)
    assert found(replica, late, "replica_behind") == []
    program.position = entry
    program.agenda.heap.clear()
    program.agenda.post(late - 10 * SECOND, Duty.FORGET_KEYS)
    assert found(replica, late, "replica_behind") == []
    assert found(replica, late + 1, "replica_behind") != []
    program.recorded = True
    assert found(replica, late + 1, "replica_behind") == []
