"""After the draw: claimed, declined, forfeited, lapsed; what passes to which reserve."""

import pytest

from engine.commands import ClaimPrize, DeclinePrize, ForfeitPrize, Prize, Tick
from engine.events import PrizeOffered, PrizeSettled
from engine.raffles.state import DRAWN, Raffle
from engine.units import DAY
from tests.engine.harness import Stage, copy_of
from tests.engine.raffling import buy, close, draw, open_raffle

MEMBERS = "abcdefgh"


def drawn(
    reserves: int = 2, prizes: tuple[Prize, ...] = (Prize("car"), Prize("mug", 2))
) -> tuple[Stage, Raffle]:
    """A raffle of eight members that is drawn."""
    stage = Stage()
    stage.members(*MEMBERS)
    raffle = open_raffle(stage, prizes=prizes, reserves=reserves, claim_within=DAY)
    for member in MEMBERS:
        buy(stage, member)
    draw(stage)
    return stage, raffle


def fates(raffle: Raffle) -> str:
    """Each place's fate and prize."""
    names = ["car", "mug"]
    return ", ".join(
        f"{place.fate} {names[place.prize] if place.prize >= 0 else '-'}" for place in raffle.places
    )


def test_every_prize_is_claimed() -> None:
    stage, raffle = drawn()
    winners = [place.member for place in raffle.places[:3]]
    answered = [stage.do(ClaimPrize("r"), member) for member in winners]
    assert [(one.place, one.prize, one.fate) for one in answered] == [
        (1, "car", "claimed"),
        (2, "mug", "claimed"),
        (3, "mug", "claimed"),
    ]
    assert (raffle.status, raffle.ended_at, raffle.claimed) == ("settled", stage.at, 3)
    assert fates(raffle) == "claimed car, claimed mug, claimed mug, reserve -, reserve -"
    assert "r" not in stage.program.raffles.live


def test_a_declined_prize_goes_to_the_next_reserve() -> None:
    stage, raffle = drawn()
    stage.wait(DAY // 2)
    stage.do(DeclinePrize("r"), raffle.places[1].member)
    reserve = raffle.places[3]
    assert stage.events(PrizeSettled) == [PrizeSettled("r", raffle.places[1].member, 2, "mug", "declined")]
    assert stage.events(PrizeOffered) == [PrizeOffered("r", reserve.member, 4, "mug", stage.at + DAY)]
    assert fates(raffle) == "offered car, declined mug, offered mug, offered mug, reserve -"
    stage.do(DeclinePrize("r"), raffle.places[0].member)
    assert fates(raffle) == "declined car, declined mug, offered mug, offered mug, offered car"
    stage.do(DeclinePrize("r"), raffle.places[4].member)
    assert (raffle.status, raffle.offers) == (DRAWN, 2)
    stage.do(ClaimPrize("r"), raffle.places[2].member)
    stage.do(ClaimPrize("r"), reserve.member)
    assert (raffle.status, raffle.claimed) == ("settled", 2)


def test_unclaimed_prizes_lapse_and_reserves_have_the_whole_time() -> None:
    stage, raffle = drawn()
    stage.tick(stage.at + DAY - 1)
    assert fates(raffle) == "offered car, offered mug, offered mug, reserve -, reserve -"
    happened = stage.tick(stage.at + 1)
    assert fates(raffle) == "lapsed car, lapsed mug, lapsed mug, offered car, offered mug"
    offers = [event for event in happened if isinstance(event, PrizeOffered)]
    assert [(event.place, event.claim_until) for event in offers] == [
        (4, stage.at + DAY),
        (5, stage.at + DAY),
    ]
    stage.tick(stage.at + DAY)
    assert (raffle.status, raffle.claimed) == ("settled", 0)


def test_a_claim_in_the_last_moment_and_one_too_late() -> None:
    stage, raffle = drawn(reserves=0)
    stage.at += DAY - 1
    stage.do(ClaimPrize("r"), raffle.places[0].member)
    stage.at += 1
    late = stage.ask(ClaimPrize("r"), raffle.places[1].member)
    assert (late.code, late.details["claim_until"]) == ("claim_too_late", raffle.places[1].claim_until)
    assert raffle.places[1].fate == "lapsed"


def test_a_late_tick_passes_the_prize_on_before_it_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agenda is behind: the claim itself sees that its time is over."""
    stage, raffle = drawn()
    monkeypatch.setattr("engine.machine.SLICE", 0)
    stage.at += DAY
    late = stage.ask(ClaimPrize("r"), raffle.places[2].member)
    assert late.code == "claim_too_late"
    assert fates(raffle) == "offered car, offered mug, lapsed mug, offered mug, reserve -"


def test_staff_forfeits_a_prize_with_a_reason() -> None:
    stage, raffle = drawn()
    stage.do(ForfeitPrize("r", 1, "not of age"), "maria")
    assert raffle.places[0].reason == "not of age"
    assert fates(raffle) == "forfeited car, offered mug, offered mug, offered car, reserve -"
    stage.refuse(ForfeitPrize("r", 1, "again"), "prize_not_open")
    stage.refuse(ForfeitPrize("r", 6, "none"), "no_prize")
    stage.refuse(ForfeitPrize("r", 5, "a reserve"), "prize_not_open")


def test_claims_that_are_refused() -> None:
    stage, raffle = drawn()
    winner, reserve = raffle.places[0].member, raffle.places[4].member
    other = next(member for member in MEMBERS if not stage.who(member).raffles["r"].place)
    stage.member("guest")
    for command in (ClaimPrize, DeclinePrize):
        stage.refuse(command("r"), "no_prize", other)
        stage.refuse(command("r"), "no_prize", "guest")
        stage.refuse(command("r"), "unknown_member", "nobody")
        stage.refuse(command("x"), "unknown_raffle", winner)
        stage.refuse(command("r"), "prize_not_open", reserve)
    stage.do(ClaimPrize("r"), winner)
    for command in (ClaimPrize, DeclinePrize):
        stage.refuse(command("r"), "already_claimed", winner)
    stage.refuse(ForfeitPrize("r", 1, "too late"), "already_claimed")
    stage.do(DeclinePrize("r"), raffle.places[1].member)
    stage.refuse(ClaimPrize("r"), "prize_not_open", raffle.places[1].member)


def test_a_service_claims_for_a_member() -> None:
    stage, raffle = drawn()
    stage.do(ClaimPrize("r", raffle.places[0].member), "shop", 3)
    assert raffle.places[0].fate == "claimed"


def test_nothing_is_claimed_before_the_draw() -> None:
    stage = Stage()
    stage.members("anna")
    open_raffle(stage)
    buy(stage, "anna")
    stage.refuse(ClaimPrize("r"), "no_prize", "anna")
    close(stage)
    stage.refuse(ClaimPrize("r"), "no_prize", "anna")


def test_many_who_let_it_lapse_are_passed_over_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, raffle = drawn(reserves=4, prizes=(Prize("car", 4),))
    monkeypatch.setattr("engine.machine.SLICE", 1)
    stage.at += DAY
    while raffle.places[0].fate == "offered":
        stage.do(Tick())
    assert [place.fate for place in raffle.places].count("lapsed") == 1
    stage.program = copy_of(stage.program)
    stage.tick()
    places = stage.program.raffles.by_id["r"].places
    assert [place.fate for place in places] == ["lapsed"] * 4 + ["offered"] * 4
