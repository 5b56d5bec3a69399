"""At most once, however often it is sent: keys are remembered until their ``not_after``, never evicted."""

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from engine.commands import (
    KEEPER,
    MANAGER,
    MEMBER,
    OPERATOR,
    SERVICE,
    CreditPoints,
    PlaceBid,
    ProgramSettings,
    UpsertMember,
)
from engine.errors import Rejected
from engine.keys import owner_of
from engine.results import PointsSet
from engine.units import DAY, MINUTE, SECOND
from tests.engine.harness import Stage, copy_of, envelope

FIVE = CreditPoints("anna", 5)
SIX = CreditPoints("anna", 6)


@pytest.fixture
def stage():
    stage = Stage()
    stage.members("anna", "ben", points=0)
    return stage


def send(stage, command=FIVE, *, actor="boss", role=MANAGER, key="k", ahead=MINUTE):
    return stage.ask(command, actor, role, key=key, not_after=stage.at + ahead)


def same(outcome, first):
    """Whether clients read the same; what was remembered through a snapshot is a dict."""
    return msgspec.to_builtins(outcome) == msgspec.to_builtins(first)


def issued(stage):
    return stage.who("anna").issued


def code_of(outcome):
    return outcome.code if isinstance(outcome, Rejected) else None


def test_a_known_key_gets_the_first_outcome_and_does_nothing(stage):
    first = send(stage)
    assert first == PointsSet("anna", 5, 0)
    stage.do(SIX)
    stage.wait(30 * SECOND)
    again = send(stage)
    assert again == first
    assert issued(stage) == 11
    assert stage.last.events == []


def test_a_refusal_is_remembered_too(stage):
    stage.open()
    bid = PlaceBid("a", 600)
    first = send(stage, bid, actor="anna", role=MEMBER)
    assert code_of(first) == "insufficient_points"
    stage.do(CreditPoints("anna", 1_000))
    assert send(stage, bid, actor="anna", role=MEMBER) == first
    assert send(stage, bid, actor="anna", role=MEMBER, key="other").leading


def test_a_repetition_within_one_batch_is_known(stage):
    twice = envelope(FIVE, "boss", MANAGER, key="k", not_after=stage.at + MINUTE)
    first, again = stage.send(twice, twice)
    assert first == again == PointsSet("anna", 5, 0)


def test_another_body_is_a_conflict_and_the_first_outcome_stays(stage):
    send(stage)
    assert code_of(send(stage, SIX)) == "key_conflict"
    assert send(stage) == PointsSet("anna", 5, 0)
    assert issued(stage) == 5


@pytest.mark.parametrize(
    ("actor", "role", "key"),
    [("boss", MANAGER, "l"), ("boss2", MANAGER, "k"), ("boss", OPERATOR, "k"), ("boss", MEMBER, "k")],
)
def test_keys_belong_to_an_actor_in_a_role(stage, actor, role, key):
    send(stage)
    assert send(stage, actor=actor, role=role, key=key) == PointsSet("anna", 10, 0)


def test_owners_of_different_roles_never_meet():
    owners = {owner_of(actor, role) for actor in ("1", "boss", "1:boss") for role in range(5)}
    assert len(owners) == 15


@pytest.mark.parametrize("role", [MEMBER, MANAGER, OPERATOR, SERVICE, KEEPER])
def test_not_after_lies_within_the_window_for_every_role(stage, role):
    window = 2 * DAY
    refused = send(stage, role=role, ahead=window + 1)
    assert code_of(refused) == "not_after_too_far"
    assert refused.details == {"latest": stage.at + window}
    assert send(stage, role=role, ahead=window) == PointsSet("anna", 5, 0)
    assert issued(stage) == 5


def test_an_unknown_key_past_its_not_after_is_expired(stage):
    assert code_of(send(stage, ahead=-1)) == "expired"
    assert code_of(send(stage, ahead=-DAY)) == "expired"
    assert issued(stage) == 0
    assert send(stage, ahead=0) == PointsSet("anna", 5, 0)


@pytest.mark.parametrize("odd", [0, 1, 999])
def test_a_key_is_remembered_until_its_not_after_and_then_forgotten(stage, odd):
    not_after = stage.at + MINUTE + odd
    ask = {"key": "k", "not_after": not_after}
    stage.ask(FIVE, "boss", MANAGER, **ask)
    stage.tick(not_after)
    assert stage.ask(FIVE, "boss", MANAGER, **ask) == PointsSet("anna", 5, 0)
    stage.tick(not_after + SECOND)
    assert stage.program.keys.count == 0
    assert stage.program.keys.others == {}
    assert stage.program.keys.due == {}
    assert code_of(stage.ask(FIVE, "boss", MANAGER, **ask)) == "expired"
    assert issued(stage) == 5


@pytest.mark.parametrize(
    ("given", "actors"), [({"keys_per_actor": 3}, ["boss"] * 3), ({"keys": 3}, ["boss", "boss2", "boss3"])]
)
def test_past_the_limit_new_keys_are_refused_and_none_is_evicted(given, actors):
    stage = Stage(ProgramSettings(**given))
    stage.member("anna", 0)
    firsts = [
        send(stage, role=SERVICE, actor=actor, key=f"k{number}", ahead=MINUTE + number * SECOND)
        for number, actor in enumerate(actors)
    ]
    assert code_of(send(stage, role=SERVICE, actor="boss", key="k9")) == "too_many_keys"
    for number, actor in enumerate(actors):
        assert send(stage, role=SERVICE, actor=actor, key=f"k{number}") is firsts[number]
    other = send(stage, role=SERVICE, actor="boss9", key="k9")
    assert code_of(other) == ("too_many_keys" if "keys" in given else None)
    stage.wait(MINUTE + SECOND)
    assert code_of(send(stage, role=SERVICE, actor="boss", key="k9")) is None


@pytest.mark.parametrize("ahead", [-1, 3 * DAY])
def test_a_key_that_was_refused_itself_is_not_remembered(stage, ahead):
    send(stage, ahead=ahead)
    assert stage.program.keys.count == 0
    assert send(stage, SIX) == PointsSet("anna", 6, 0)


@pytest.mark.parametrize(("actor", "role"), [("boss", MANAGER), ("anna", MEMBER), ("nobody", MEMBER)])
@pytest.mark.parametrize("command", [FIVE, CreditPoints("nowhere", 5)])
def test_keys_live_through_a_snapshot(stage, actor, role, command):
    first = send(stage, command, actor=actor, role=role)
    stage.program = copy_of(stage.program)
    assert stage.program.keys.count == 1
    again = send(stage, command, actor=actor, role=role)
    assert same(again, first)
    assert isinstance(again, Rejected) is isinstance(first, Rejected)
    assert code_of(send(stage, SIX, actor=actor, role=role)) == "key_conflict"
    stage.tick(stage.at + MINUTE + SECOND)
    assert stage.program.keys.count == 0


def test_a_members_keys_stay_its_own_when_it_becomes_known(stage):
    first = send(stage, actor="newcomer", role=MEMBER)
    stage.do(UpsertMember("newcomer", "gold", "north"))
    assert send(stage, actor="newcomer", role=MEMBER) == first
    send(stage, actor="newcomer", role=MEMBER, key="l")
    assert issued(stage) == 10
    stage.tick(stage.at + MINUTE + SECOND)
    assert stage.program.keys.count == 0
    assert code_of(send(stage, actor="newcomer", role=MEMBER, ahead=-1)) == "expired"


def test_a_member_that_makes_itself_known_keeps_its_key(stage):
    command = UpsertMember("newcomer", "gold", "north")
    first = send(stage, command, actor="newcomer", role=MEMBER)
    assert send(stage, command, actor="newcomer", role=MEMBER) is first
    stage.tick(stage.at + MINUTE + SECOND)
    assert stage.program.keys.count == 0


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["boss", "chief"]),
            st.sampled_from("kl"),
            st.integers(5, 6),
            st.sampled_from([-1, 0, 500, 1_000, 2_500]),
            st.sampled_from([0, 1, 500, 1_000]),
        ),
        max_size=25,
    )
)
def test_any_order_of_sends(sends):
    stage = Stage()
    stage.member("anna", 0)
    known = {}
    total = 0
    for actor, key, amount, ahead, pause in sends:
        outcome = send(stage, CreditPoints("anna", amount), actor=actor, key=key, ahead=ahead)
        first_amount, first, until = known.get((actor, key), (0, None, -1))
        # Between its not_after and the next full second a key may be known still.
        if until >= stage.at or (until // SECOND == stage.at // SECOND and code_of(outcome) != "expired"):
            assert outcome == first if amount == first_amount else code_of(outcome) == "key_conflict"
        elif ahead < 0:
            assert code_of(outcome) == "expired"
        else:
            total += amount
            assert outcome == PointsSet("anna", total, 0)
            known[actor, key] = (amount, outcome, stage.at + ahead)
        assert issued(stage) == total
        stage.wait(pause)


def test_what_members_use_up_bars_neither_managers_nor_operators():
    stage = Stage(ProgramSettings(keys=2))
    stage.member("anna", 0)
    send(stage, key="k1", ahead=MINUTE)
    send(stage, key="k2", ahead=MINUTE)
    assert code_of(send(stage, role=SERVICE, key="k3")) == "too_many_keys"
    assert code_of(send(stage, role=MEMBER, key="k3")) == "too_many_keys"
    assert code_of(send(stage, role=MANAGER, key="k3")) is None
    assert code_of(send(stage, role=OPERATOR, key="k3")) is None


def test_a_member_has_a_limit_of_its_own():
    stage = Stage(ProgramSettings(keys_per_member=1, keys_per_actor=2))
    stage.member("anna", 0)
    send(stage, actor="anna", role=MEMBER, key="k1")
    assert code_of(send(stage, actor="anna", role=MEMBER, key="k2")) == "too_many_keys"
    send(stage, key="k1")
    assert code_of(send(stage, key="k2")) is None
    assert code_of(send(stage, key="k3")) == "too_many_keys"
