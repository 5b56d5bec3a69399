"""A raffle's life, and what every transition refuses."""

from hashlib import sha256

import pytest

from engine.commands import (
    BuyTickets,
    ClaimPrize,
    CommitSecret,
    CreateRaffle,
    Eligibility,
    GrantTickets,
    MoveClose,
    OpenRaffle,
    Prize,
    ScheduleRaffle,
    UpdateRaffle,
    VoidRaffle,
)
from engine.commands.raffles import Bundle
from engine.draw.beacon import first_round, time_of_round
from engine.events import RaffleChanged
from engine.raffles.lifecycle import LONGEST, PLACES
from engine.raffles.state import DRAFT, LOCKED, OPEN, SCHEDULED, VOID, Raffle
from engine.units import HOUR, MINUTE, SECOND
from tests.engine.harness import ProgramSettings, Stage
from tests.engine.raffling import SECRET, buy, draw, open_raffle, raffle_terms

COMMITMENT = sha256(SECRET).hexdigest()


def put(stage: Stage, id: str = "r", **given: object) -> Raffle:
    stage.do(CreateRaffle(id, raffle_terms(stage, **given)))
    return stage.program.raffles.by_id[id]


def test_a_whole_life() -> None:
    stage = Stage()
    stage.members("anna")
    raffle = put(stage)
    seen = [raffle.status]
    stage.do(ScheduleRaffle("r"))
    seen.append(raffle.status)
    stage.do(CommitSecret("r", COMMITMENT))
    seen.append(raffle.status)
    buy(stage, "anna")
    draw(stage)
    seen.append(raffle.status)
    stage.tick(stage.at + raffle.terms.claim_within)
    seen.append(raffle.status)
    assert seen == [DRAFT, SCHEDULED, OPEN, "drawn", "settled"]


def test_it_opens_and_closes_by_itself() -> None:
    stage = Stage()
    stage.members("anna")
    raffle = put(stage, randomness="beacon", opens_at=stage.at + HOUR, closes_at=stage.at + 2 * HOUR)
    stage.do(ScheduleRaffle("r"))
    early = stage.refuse(BuyTickets("r", 1, 100), "raffle_not_open", "anna")
    assert early.details == {"opens_at": stage.at + HOUR, "now": stage.at}
    happened = stage.tick(stage.at + HOUR)
    assert RaffleChanged("r", OPEN) in happened
    assert (raffle.opened_at, raffle.status) == (stage.at, OPEN)
    assert raffle.round == first_round(raffle.closes_at)
    assert time_of_round(raffle.round - 1) < raffle.closes_at + MINUTE <= time_of_round(raffle.round)
    stage.tick(stage.at + HOUR)
    assert raffle.status == LOCKED


def test_a_late_tick_lets_no_late_entry_in() -> None:
    stage = Stage()
    stage.members("anna")
    raffle = open_raffle(stage)
    buy(stage, "anna")
    stage.at = raffle.closes_at - 1
    buy(stage, "anna")
    stage.at = raffle.closes_at
    late = stage.ask(BuyTickets("r", 1, 100), "anna")
    assert late.code == "raffle_closed"
    assert late.details == {"closed_at": raffle.closes_at, "now": stage.at}
    assert (raffle.status, raffle.entries, stage.who("anna").spent) == (LOCKED, 2, 200)


def test_a_raffle_with_a_commitment_opens_once_it_is_published() -> None:
    stage = Stage()
    stage.members("anna")
    raffle = put(stage)
    stage.do(OpenRaffle("r"))
    assert raffle.status == SCHEDULED
    stage.refuse(BuyTickets("r", 1, 100), "raffle_not_open", "anna")
    stage.do(CommitSecret("r", COMMITMENT))
    assert (raffle.status, raffle.commitment, raffle.round) == (OPEN, COMMITMENT, 0)


def test_a_commitment_may_come_before_the_opening() -> None:
    stage = Stage()
    raffle = put(stage, opens_at=stage.at + HOUR, closes_at=stage.at + 2 * HOUR)
    stage.do(ScheduleRaffle("r"))
    stage.do(CommitSecret("r", COMMITMENT))
    assert raffle.status == SCHEDULED
    stage.refuse(CommitSecret("r", "0" * 64), "already_committed")
    stage.tick(stage.at + HOUR)
    assert raffle.status == OPEN


def test_a_beacons_raffle_takes_no_commitment() -> None:
    stage = Stage()
    put(stage, randomness="beacon", opens_at=stage.at + 1)
    stage.do(ScheduleRaffle("r"))
    stage.refuse(CommitSecret("r", COMMITMENT), "already_committed")


def test_the_close_moves_to_an_earlier_instant_alone() -> None:
    stage = Stage()
    raffle = open_raffle(stage, randomness="beacon")
    round_ = raffle.round
    refused = stage.refuse(MoveClose("r", raffle.closes_at + 1), "close_moves_later")
    assert refused.details == {"closes_at": raffle.closes_at}
    stage.refuse(MoveClose("r", raffle.closes_at), "close_moves_later")
    stage.refuse(MoveClose("r", stage.at), "already_past")
    stage.do(MoveClose("r", stage.at + MINUTE))
    stage.tick(stage.at + MINUTE)
    assert (raffle.status, raffle.round) == (LOCKED, round_)
    assert f'"closed_at":{stage.at}' in stage.program.raffles.locks[0].text


def test_terms_change_until_it_opens() -> None:
    stage = Stage()
    raffle = put(stage, randomness="beacon", opens_at=stage.at + HOUR, closes_at=stage.at + 2 * HOUR)
    stage.do(ScheduleRaffle("r"))
    sooner = raffle_terms(stage, randomness="beacon", opens_at=stage.at + MINUTE, price=7)
    stage.do(UpdateRaffle("r", sooner))
    stage.tick(stage.at + MINUTE)
    assert (raffle.status, raffle.terms.price) == (OPEN, 7)
    stage.refuse(UpdateRaffle("r", sooner), "wrong_raffle_status")
    stage.refuse(ScheduleRaffle("r"), "wrong_raffle_status")
    stage.refuse(OpenRaffle("r"), "wrong_raffle_status")


def test_a_close_in_the_past_is_refused() -> None:
    stage = Stage()
    put(stage)
    stage.wait(HOUR)
    stage.refuse(ScheduleRaffle("r"), "already_past")
    stage.refuse(OpenRaffle("r"), "already_past")


def test_a_draft_that_is_void_was_never_there() -> None:
    stage = Stage()
    put(stage)
    assert stage.do(VoidRaffle("r", "a mistake")).status == VOID
    assert (stage.program.raffles.by_id, stage.program.raffles.serials) == ({}, {})
    stage.refuse(VoidRaffle("r", "again"), "unknown_raffle")
    put(stage)


def test_members_know_of_no_draft() -> None:
    stage = Stage()
    put(stage)
    stage.refuse(BuyTickets("r", 1, 100), "unknown_raffle", "anna")
    stage.refuse(ClaimPrize("r"), "unknown_raffle", "anna")
    assert "draft" in stage.refuse(GrantTickets("r", "anna", 1, "why"), "raffle_not_open").message


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("closes_at", {"closes_at": 1, "opens_at": 1}),
        ("closes_at", {"closes_at": LONGEST + 2, "opens_at": 1}),
        ("prizes", {"prizes": (Prize("car"), Prize("car"))}),
        ("prizes", {"prizes": (Prize("car", PLACES),), "reserves": 1}),
        ("bundles", {"bundles": (Bundle(5, 4), Bundle(5, 3))}),
        ("bundles", {"bundles": (Bundle(5, 5),)}),
        ("bundles", {"bundles": (Bundle(5, 4),), "price": None}),
        ("most", {"most": 0}),
    ],
)
def test_terms_that_make_no_sense(field: str, given: dict[str, object]) -> None:
    stage = Stage()
    refused = stage.refuse(CreateRaffle("r", raffle_terms(stage, **given)), "invalid_raffle")
    assert refused.details == {"field": field}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"most_by_tier": {"iron": 1}}, "unknown_tier"),
        ({"most_each_by_tier": {"iron": 1}}, "unknown_tier"),
        ({"eligibility": Eligibility(tiers=("gold", "iron"))}, "unknown_tier"),
        ({"eligibility": Eligibility(markets=("mars",))}, "unknown_market"),
    ],
)
def test_tiers_and_markets_that_do_not_exist(given: dict[str, object], code: str) -> None:
    stage = Stage(ProgramSettings(tiers=("silver", "gold"), markets=("north",)))
    stage.refuse(CreateRaffle("r", raffle_terms(stage, **given)), code)
    # A program that lists none takes any.
    Stage().do(CreateRaffle("r", raffle_terms(stage, **given)))


def test_ids_and_their_number_are_limited() -> None:
    stage = Stage(ProgramSettings(raffles=2))
    put(stage, "a")
    stage.refuse(CreateRaffle("a", raffle_terms(stage)), "raffle_exists")
    put(stage, "b")
    stage.refuse(CreateRaffle("c", raffle_terms(stage)), "too_many_raffles")
    stage.refuse(OpenRaffle("c"), "unknown_raffle")


def test_salts_differ_and_are_long() -> None:
    stage = Stage()
    salts = {put(stage, id).salt for id in ("a", "b", "c")}
    assert len(salts) == 3
    assert {len(salt) for salt in salts} == {32}


def test_a_signature_at_the_rounds_time_is_too_late() -> None:
    stage = Stage()
    raffle = open_raffle(stage, randomness="beacon")
    stage.tick(raffle.closes_at)
    assert raffle.status == LOCKED
    stage.tick(time_of_round(raffle.round) - SECOND)
    assert raffle.status == LOCKED
    stage.tick(time_of_round(raffle.round))
    assert (raffle.status, raffle.reason) == (VOID, "The lock was not signed before its round's time.")
