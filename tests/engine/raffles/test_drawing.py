"""The draw: refusals, and that its slices give what the verifier's own implementation gives."""

from hashlib import sha256

import pytest
from hypothesis import given, strategies as st

from engine.commands import Draw, Prize, Tick, VoidRaffle
from engine.draw.beacon import randomness_of, time_of_round
from engine.draw.entries import entrant_of
from engine.draw.places import draw_places, seed_of
from engine.events import PlaceDrawn, PrizeOffered
from engine.raffles import drawing, state
from engine.raffles.state import DRAWN, LOCKED, OFFERED, RESERVE, VOID, Raffle
from tests.engine.harness import Stage, copy_of
from tests.engine.raffling import (
    CLOSE,
    ROUND,
    SECRET,
    SIGNATURE,
    beacon_stage,
    buy,
    close,
    draw,
    grant,
    open_raffle,
)


def places(raffle: Raffle) -> list[tuple[int, int]]:
    return [(place.ticket, place.entry) for place in raffle.places]


def expected(raffle: Raffle, seed: bytes) -> list[tuple[int, int]]:
    """What the verifier draws from the same entries."""
    entries = [raffle.entry(number) for number in range(raffle.entries)]
    named = [(entrant_of(raffle.salt, one.member), one.tickets) for one in entries]
    return [(one.ticket, one.entry) for one in draw_places(seed, named, raffle.places_wanted)]


def test_a_beacons_draw() -> None:
    stage = beacon_stage()
    stage.members(*"abcdef")
    raffle = open_raffle(
        stage, randomness="beacon", closes_at=CLOSE, prizes=(Prize("car"), Prize("mug", 2)), reserves=2
    )
    for count, member in enumerate("abcdefab", 1):
        buy(stage, member, count)
    draw(stage)
    lock = stage.program.raffles.locks[0].text.encode()
    seed = seed_of(lock, randomness_of(bytes.fromhex(SIGNATURE)))
    assert raffle.seed == seed
    assert places(raffle) == expected(raffle, seed)
    assert [place.fate for place in raffle.places] == [OFFERED] * 3 + [RESERVE] * 2
    assert [place.prize for place in raffle.places] == [0, 1, 1, -1, -1]
    assert len({place.member for place in raffle.places}) == 5
    assert (raffle.status, raffle.signature, raffle.offers) == (DRAWN, SIGNATURE, 3)


def test_winners_are_told_by_event() -> None:
    stage = Stage()
    stage.members("anna", "ben")
    raffle = open_raffle(stage, reserves=1)
    buy(stage, "anna")
    buy(stage, "ben")
    close(stage)
    stage.do(Draw("r", secret=SECRET.hex()))
    happened = stage.tick()
    first, second = (place.member for place in raffle.places)
    assert [event for event in happened if isinstance(event, PlaceDrawn)] == [
        PlaceDrawn("r", first, 1, "car"),
        PlaceDrawn("r", second, 2, ""),
    ]
    until = stage.at + raffle.terms.claim_within
    assert PrizeOffered("r", first, 1, "car", until) in happened


@pytest.mark.parametrize("entrants", [0, 1, 2])
def test_fewer_entrants_than_places(entrants: int) -> None:
    stage = Stage()
    names = "abcdef"[:entrants]
    stage.members(*names)
    raffle = open_raffle(stage, prizes=(Prize("car", 2),), reserves=4)
    for member in names:
        buy(stage, member, 7)
    draw(stage)
    assert sorted(place.member for place in raffle.places) == list(names)
    assert raffle.status == ("drawn" if entrants else "settled")
    assert raffle.left == 0


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (Draw("r", ROUND + 1, SIGNATURE), "wrong_round"),
        (Draw("r", ROUND - 1, SIGNATURE), "wrong_round"),
        (Draw("r", 0, "", SECRET.hex()), "wrong_round"),
        (Draw("r", ROUND), "beacon_invalid"),
        (Draw("r", ROUND, SIGNATURE, SECRET.hex()), "beacon_invalid"),
        (Draw("x", ROUND, SIGNATURE), "unknown_raffle"),
    ],
)
def test_beacons_that_are_refused(command: Draw, code: str) -> None:
    stage = beacon_stage()
    raffle = open_raffle(stage, randomness="beacon", closes_at=CLOSE)
    close(stage)
    stage.at = time_of_round(ROUND)
    stage.tick()
    stage.refuse(command, code)
    assert raffle.status == LOCKED


def test_a_beacon_before_its_time() -> None:
    stage = beacon_stage()
    open_raffle(stage, randomness="beacon", closes_at=CLOSE)
    close(stage)
    stage.at = time_of_round(ROUND) - 1
    refused = stage.refuse(Draw("r", ROUND, SIGNATURE), "round_not_due")
    assert refused.details == {"due_at": time_of_round(ROUND), "now": stage.at}


@pytest.mark.parametrize(
    "command",
    [
        Draw("r", secret="0" * 64),
        Draw("r"),
        Draw("r", ROUND, SIGNATURE),
        Draw("r", 1, "", SECRET.hex()),
        Draw("r", secret=sha256(SECRET).hexdigest()),
    ],
)
def test_secrets_that_are_refused(command: Draw) -> None:
    stage = Stage()
    raffle = open_raffle(stage)
    close(stage)
    refused = stage.refuse(command, "secret_invalid")
    assert refused.details == {"commitment": raffle.commitment}


def test_an_unsigned_lock_is_not_drawn() -> None:
    stage = Stage()
    open_raffle(stage)
    close(stage, signed=False)
    stage.refuse(Draw("r", secret=SECRET.hex()), "lock_unsigned")


def test_there_is_one_draw() -> None:
    stage = Stage()
    stage.members("anna")
    open_raffle(stage)
    buy(stage, "anna")
    close(stage)
    again = Draw("r", secret=SECRET.hex())
    stage.do(again)
    stage.refuse(again, "already_drawn")
    stage.tick()
    stage.refuse(again, "already_drawn")


def test_a_void_lock_is_drawn_for_its_evidence() -> None:
    stage = Stage()
    stage.members("anna", "ben")
    raffle = open_raffle(stage, reserves=1)
    buy(stage, "anna")
    buy(stage, "ben")
    close(stage)
    stage.do(VoidRaffle("r", "the car burned down"))
    assert "r" in stage.program.raffles.live
    stage.do(Draw("r", secret=SECRET.hex()))
    happened = stage.tick()
    assert places(raffle) == expected(raffle, raffle.seed)
    assert [event.prize for event in happened if isinstance(event, PlaceDrawn)] == ["", ""]
    assert not [event for event in happened if isinstance(event, PrizeOffered)]
    assert (raffle.status, raffle.offers, raffle.finished) == (VOID, 0, True)
    assert stage.points("anna") == (10_000, 0, 0, 0)
    assert "r" not in stage.program.raffles.live


def test_a_void_amid_the_draw() -> None:
    stage = Stage()
    stage.members(*"abcdef")
    raffle = open_raffle(stage, prizes=(Prize("car", 3),), reserves=3)
    for member in "abcdef":
        buy(stage, member)
    close(stage)
    stage.do(Draw("r", secret=SECRET.hex()))
    stage.do(VoidRaffle("r", "a test"))
    stage.tick()
    assert places(raffle) == expected(raffle, raffle.seed)
    assert (raffle.status, raffle.offers) == (VOID, 0)


@given(st.data())
def test_the_slices_draw_what_the_verifier_draws(data: st.DataObject) -> None:
    """Small stretches, so that places cross their borders; a snapshot in the middle decides alike."""
    stretch = state.STRETCH
    members = "abcdefgh"
    bought = data.draw(st.lists(st.tuples(st.sampled_from(members), st.integers(1, 9)), max_size=40))
    wanted = data.draw(st.integers(1, 10))
    secret = data.draw(st.binary(min_size=32, max_size=32))
    state.STRETCH = drawing.STRETCH = data.draw(st.sampled_from([1, 2, 4, 8, stretch]))
    try:
        stage = Stage()
        stage.members(*members)
        raffle = open_raffle(stage, prizes=(Prize("car", wanted),))
        raffle.commitment = sha256(secret).hexdigest()
        for member, count in bought:
            grant(stage, member, count)
        close(stage)
        stage.do(Draw("r", secret=secret.hex()))
        stage.tick()
        assert places(raffle) == expected(raffle, raffle.seed)
        assert len(raffle.places) == min(wanted, len({member for member, _ in bought}))
        assert raffle.left == sum(one.left for one in raffle.stretches)
    finally:
        state.STRETCH = drawing.STRETCH = stretch


def test_a_snapshot_amid_the_draw_goes_on_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.machine.SLICE", 3)
    stage = Stage()
    stage.members(*"abcdefgh")
    raffle = open_raffle(stage, prizes=(Prize("car", 7),))
    for count, member in enumerate("abcdefghabc", 1):
        buy(stage, member, count)
    close(stage)
    stage.do(Draw("r", secret=SECRET.hex()))
    stage.do(Tick())
    assert 0 < len(raffle.places) < 7
    stage.program = copy_of(stage.program)
    stage.tick()
    again = stage.program.raffles.by_id["r"]
    assert places(again) == expected(again, again.seed)
