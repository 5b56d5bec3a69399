"""A void raffle's refunds, lot by lot and slice by slice, and how raffles are forgotten."""

import pytest

from engine.commands import ClaimPrize, CreditPoints, Draw, Prize, Tick, VoidRaffle
from engine.events import RaffleChanged, TicketsRefunded
from engine.raffles.state import VOID
from engine.units import DAY, HOUR
from tests.engine.harness import ProgramSettings, Stage, copy_of
from tests.engine.raffling import SECRET, buy, close, draw, grant, open_raffle, raffle_terms


def lots(stage: Stage, member: str) -> list[tuple[int, int]]:
    return [(lot.expires_at - stage.at, lot.points) for lot in stage.who(member).lots]


def test_every_ticket_is_refunded_to_its_lots() -> None:
    stage = Stage()
    stage.member("anna", 150, expires_at=stage.at + 2 * DAY)
    stage.do(CreditPoints("anna", 300, stage.at + 3 * DAY))
    stage.members("ben")
    before = lots(stage, "anna")
    raffle = open_raffle(stage)
    buy(stage, "anna", 2)
    grant(stage, "anna", 5)
    buy(stage, "anna", 2)
    buy(stage, "ben", 1)
    stage.do(VoidRaffle("r", "the car burned down"), "olga")
    assert stage.events(RaffleChanged) == [RaffleChanged("r", VOID)]
    happened = stage.tick()
    assert lots(stage, "anna") == before
    assert stage.points("ben") == (10_000, 0, 0, 0)
    assert [event for event in happened if isinstance(event, TicketsRefunded)] == [
        TicketsRefunded("r", "anna", 2, 200),
        TicketsRefunded("r", "anna", 5, 0),
        TicketsRefunded("r", "anna", 2, 200),
        TicketsRefunded("r", "ben", 1, 100),
    ]
    assert (raffle.reason, raffle.refunded) == ("the car burned down", 4)


def test_a_lot_that_expired_meanwhile_expires_at_once() -> None:
    stage = Stage()
    stage.member("anna", 150, expires_at=stage.at + HOUR)
    open_raffle(stage, closes_at=stage.at + DAY)
    buy(stage, "anna")
    stage.wait(2 * HOUR)
    stage.do(VoidRaffle("r", "a test"))
    stage.tick()
    assert stage.points("anna") == (0, 0, 0, 150)


def test_refunds_go_in_slices_and_survive_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.machine.SLICE", 2)
    stage = Stage()
    stage.members("anna")
    raffle = open_raffle(stage)
    for _ in range(7):
        buy(stage, "anna")
    stage.do(VoidRaffle("r", "a test"))
    assert (raffle.refunded, stage.who("anna").spent) == (0, 700)
    stage.do(Tick())
    assert (raffle.refunded, stage.who("anna").spent) == (2, 500)
    stage.program = copy_of(stage.program)
    stage.tick()
    assert stage.points("anna") == (10_000, 0, 0, 0)


@pytest.mark.parametrize("until", ["open", "locked", "drawing", "drawn"])
def test_a_raffle_can_be_voided_until_a_prize_is_claimed(until: str) -> None:
    stage = Stage()
    stage.members("anna", "ben")
    raffle = open_raffle(stage, reserves=1)
    buy(stage, "anna")
    buy(stage, "ben")
    if until != "open":
        close(stage)
    if until in ("drawing", "drawn"):
        stage.do(Draw("r", secret=SECRET.hex()))
    if until == "drawn":
        stage.tick()
    stage.do(VoidRaffle("r", "a test"))
    stage.tick(stage.at + 30 * DAY)
    assert raffle.status == VOID
    assert stage.points("anna") == stage.points("ben") == (10_000, 0, 0, 0)
    winner = raffle.places[0].member if raffle.places else "anna"
    refused = stage.ask(ClaimPrize("r"), winner)
    assert refused.code == ("prize_not_open" if raffle.places else "no_prize")


def test_a_raffle_with_a_claimed_prize_stands() -> None:
    stage = Stage()
    stage.members("anna")
    raffle = open_raffle(stage, prizes=raffle_terms(stage).prizes, reserves=0)
    buy(stage, "anna")
    grant(stage, "anna")
    draw(stage)
    stage.do(ClaimPrize("r"), "anna")
    stage.refuse(VoidRaffle("r", "too late"), "wrong_raffle_status")
    assert raffle.status == "settled"


def test_a_claim_stands_while_others_are_open() -> None:
    stage = Stage()
    stage.members("anna", "ben")
    open_raffle(stage, prizes=(Prize("car", 2),))
    buy(stage, "anna")
    buy(stage, "ben")
    draw(stage)
    stage.do(ClaimPrize("r"), "anna")
    refused = stage.refuse(VoidRaffle("r", "too late"), "already_claimed")
    assert refused.details == {"claimed": 1}


def test_a_settled_raffle_is_forgotten_and_its_lock_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.raffles.refunds.FORGOTTEN_AT_ONCE", 2)
    monkeypatch.setattr("engine.machine.SLICE", 1)
    stage = Stage(ProgramSettings(raffle_retention=DAY))
    stage.members("anna", "ben")
    raffle = open_raffle(stage)
    for _ in range(4):
        buy(stage, "anna")
    buy(stage, "ben")
    draw(stage)
    stage.tick(stage.at + raffle.terms.claim_within)
    assert raffle.status == "settled"
    stage.tick(stage.at + DAY - 1)
    assert "r" in stage.program.raffles.by_id
    stage.at += 1
    while not raffle.forgotten:
        stage.do(Tick())
    assert (raffle.forgotten, stage.program.raffles.entries) == (2, 3)
    stage.program = copy_of(stage.program)
    stage.tick()
    raffles = stage.program.raffles
    assert (raffles.by_id, raffles.serials, raffles.entries, len(raffles.locks)) == ({}, {}, 0, 1)
    assert stage.who("anna").raffles is stage.who("ben").raffles is None
    open_raffle(stage)
    assert buy(stage, "anna").first == 1


def test_a_void_raffle_that_awaits_its_draw_is_kept() -> None:
    stage = Stage(ProgramSettings(raffle_retention=DAY))
    stage.members("anna")
    open_raffle(stage)
    buy(stage, "anna")
    close(stage)
    stage.do(VoidRaffle("r", "a test"))
    stage.tick(stage.at + 3 * DAY)
    assert "r" in stage.program.raffles.by_id
    never = copy_of(stage.program)
    stage.do(Draw("r", secret=SECRET.hex()))
    stage.tick(stage.at + DAY)
    assert "r" not in stage.program.raffles.by_id
    stage.program = never
    stage.tick(stage.at + 25 * DAY)
    assert "r" in stage.program.raffles.by_id
    stage.tick(stage.at + DAY)
    assert "r" not in stage.program.raffles.by_id
