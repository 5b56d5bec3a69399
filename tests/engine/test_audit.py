"""What managers and operators did: what is kept of it, what is not, and how large it may be."""

import msgspec
import pytest

from engine.audit import Action, tell
from engine.commands import (
    AUDIT_SINCE,
    FORMATS_SINCE,
    KEEPER,
    MANAGER,
    MEMBER,
    OPERATOR,
    SERVICE,
    AdjustPoints,
    AuctionTerms,
    CampaignTerms,
    CancelAuction,
    Configure,
    CreateAuction,
    CreateFormatAuction,
    CreditPoints,
    Dutch,
    ExtendAuction,
    Genesis,
    IncrementStep,
    ProgramSettings,
    PutCampaign,
    RaiseLevel,
    Shelf,
    SoftClose,
    Tick,
    TuneRule,
    UpsertMember,
)
from engine.machine import apply_entry, decode_batch, start
from engine.units import HOUR, NEVER
from tests.engine.harness import MIDNIGHT, Stage, copy_of, encode_batch, envelope, replay
from tests.engine.offering import publish, rule


@pytest.fixture
def stage():
    stage = Stage()
    stage.member("anna")
    return stage


def actions(stage):
    return list(stage.program.audit.newest_first(NEVER))


def newest(stage):
    return next(stage.program.audit.newest_first(NEVER))


def test_what_was_asked_and_what_came_of_it(stage):
    publish(stage, rule("more", "factor", 9_000))
    stage.wait(5)
    stage.do(TuneRule("more", 8_500, "a slow day"), "maria", MANAGER)
    assert newest(stage) == Action(
        number=1,
        at=MIDNIGHT + 5,
        actor="maria",
        role=MANAGER,
        tag=96,
        concerns={"rule": "more"},
        asked={"number": 8_500, "why": "a slow day"},
        result={"before": 9_000, "after": 8_500, "revision": 1},
    )


def test_who_is_in_it(stage):
    for role in (MANAGER, OPERATOR, SERVICE, KEEPER):
        stage.do(AdjustPoints("anna", -1, "why"), f"actor-{role}", role)
    stage.open()
    stage.bid("anna", 600)
    assert [(one.actor, one.role) for one in actions(stage)] == [("actor-2", OPERATOR), ("actor-1", MANAGER)]
    assert newest(stage).concerns == {"member": "anna"}
    assert newest(stage).result == {"available": 9_998, "held": 0}


def test_a_refusal_is_not_in_it(stage):
    stage.ask(AdjustPoints("anna", -50_000, "why"), "maria", MANAGER)
    assert actions(stage) == []
    assert stage.program.audit.number == 0


def test_a_command_under_a_known_key_is_in_it_once(stage):
    for _ in range(2):
        stage.ask(AdjustPoints("anna", 5, "why"), "maria", MANAGER, key="k", not_after=MIDNIGHT + HOUR)
    assert [one.number for one in actions(stage)] == [1]


def test_structs_in_a_command_are_told_field_by_field_and_collections_as_their_size(stage):
    stage.do(
        CreateAuction(
            "a",
            AuctionTerms(
                "A thing",
                500,
                MIDNIGHT,
                MIDNIGHT + HOUR,
                increments=(IncrementStep(600, 5), IncrementStep(0, 7)),
                soft_close=SoftClose("append", 1, 2, HOUR),
                settlement_factors={"gold": 9_000},
            ),
        ),
        "maria",
        MANAGER,
    )
    assert newest(stage).concerns == {"auction": "a"}
    assert newest(stage).asked == {
        "terms.title": "A thing",
        "terms.opening": 500,
        "terms.starts_at": MIDNIGHT,
        "terms.ends_at": MIDNIGHT + HOUR,
        "terms.increments": 2,
        "terms.settlement_factors": 1,
        "terms.soft_close.flavour": "append",
        "terms.soft_close.window": 1,
        "terms.soft_close.extension": 2,
        "terms.soft_close.hard_stop": HOUR,
    }
    assert newest(stage).result == {"status": "draft", "ends_at": MIDNIGHT + HOUR}
    dutch = CreateFormatAuction(
        "b", AuctionTerms("B", 500, MIDNIGHT, MIDNIGHT + HOUR), Dutch(100, 60_000, 50)
    )
    stage.do(dutch, "maria", MANAGER)
    assert newest(stage).asked["format"] == "dutch"
    assert (newest(stage).asked["format.floor"], newest(stage).asked["format.step"]) == (100, 50)


def test_texts_are_cut(stage):
    stage.open()
    stage.do(CancelAuction("a", "x" * 500), "maria", MANAGER)
    assert newest(stage).asked == {"reason": "x" * 500}
    schedule = "é" * 8_000
    stage.do(PutCampaign("spring", CampaignTerms(schedule=schedule, windows=((1, 2),))), "maria", MANAGER)
    assert newest(stage).asked == {"terms.schedule": "é" * 248 + "…", "terms.windows": 1}
    titles = {f"aa-{number:02}": "t" for number in range(60)}
    stage.do(
        PutCampaign("summer", CampaignTerms(titles, shelves=(Shelf("one", ("spa",)),))), "maria", MANAGER
    )
    assert newest(stage).asked == {"terms.titles": 60, "terms.shelves": 1}


def test_an_action_is_bounded(stage):
    for number, script in enumerate(("x", "語", "🎟")):
        actor, id = "a" * 64, f"{number}" * 64
        stage.do(UpsertMember(id, "t" * 40, "m" * 40, ("s",) * 64), actor, OPERATOR)
        stage.do(AdjustPoints(id, 10**11, script * 500), actor, OPERATOR)
        assert newest(stage).asked["reason"].startswith(script * 100)
        assert len(msgspec.msgpack.encode(newest(stage))) <= 2_000
        terms = AuctionTerms(script * 500, 1, MIDNIGHT, MIDNIGHT + HOUR, campaign="c" * 64)
        stage.do(CreateAuction(id, terms), actor, OPERATOR)
        assert len(msgspec.msgpack.encode(newest(stage))) <= 2_000


class Large(msgspec.Struct):
    long: str
    number: int
    longer: str
    short: str = "by default"


def test_what_finds_no_room_is_counted():
    told, left_out = tell(Large("x" * 400, 7, "y" * 900), 600, {})
    assert (told, left_out) == ({"long": "x" * 400, "number": 7}, 1)
    assert tell(Large("x", 7, "y", "z"), 600, {"long": "x"}) == (
        {"number": 7, "longer": "y", "short": "z"},
        0,
    )


def test_the_oldest_go_and_imports_push_out_one_another_only(stage):
    stage.do(Configure(ProgramSettings(audit_entries=100)), "olga", OPERATOR)
    for number in range(150):
        stage.do(CreditPoints("anna", 1, reason=str(number)), "olga", OPERATOR)
    kept = actions(stage)
    assert [one.number for one in kept] == [*range(151, 51, -1), 1]
    stage.open()
    for _ in range(120):
        stage.do(ExtendAuction("a", 1), "maria", MANAGER)
    assert [one.number for one in actions(stage)] == [*range(271, 171, -1), *range(151, 51, -1)]


def test_a_lower_limit_is_come_to_step_by_step(stage):
    for _ in range(150):
        stage.do(AdjustPoints("anna", 1, "why"), "maria", MANAGER)
    stage.do(Configure(ProgramSettings(audit_entries=100)), "olga", OPERATOR)
    lengths = [len(stage.program.audit.actions)]
    for _ in range(60):
        stage.do(AdjustPoints("anna", 1, "why"), "maria", MANAGER)
        lengths.append(len(stage.program.audit.actions))
    assert lengths[:3] == [149, 148, 147]
    assert lengths[48:] == [101] + [100] * 12


def test_it_can_be_read_from_anywhere(stage):
    for number in range(10):
        stage.wait(10)
        command = CreditPoints("anna", 1) if number % 2 else AdjustPoints("anna", 1, "why")
        stage.do(command, "maria", MANAGER)
    audit = stage.program.audit
    assert [one.number for one in audit.newest_first(8)] == [7, 6, 5, 4, 3, 2, 1]
    assert [one.number for one in audit.newest_first(NEVER, MIDNIGHT + 50)] == [4, 3, 2, 1]
    assert list(audit.newest_first(1)) == []


def test_below_its_level_there_is_none():
    entries = [(0, 1, encode_batch([envelope(Genesis("p", level=FORMATS_SINCE))], 0, 0, bytes(16)))]
    commands = (
        UpsertMember("anna", "gold", "north"),
        RaiseLevel(AUDIT_SINCE),
        AdjustPoints("anna", 5, "why"),
    )
    program = start(decode_batch(entries[0][2]))
    apply_entry(program, *entries[0])
    kept = []
    for number, command in enumerate(commands, 1):
        payload = encode_batch([envelope(command, "olga", OPERATOR)], MIDNIGHT, number, b"origin")
        entries.append((MIDNIGHT, number, payload))
        apply_entry(program, *entries[-1])
        kept.append([one.asked for one in program.audit.newest_first(NEVER)])
    assert kept == [[], [{"level": 5}], [{"amount": 5, "reason": "why"}, {"level": 5}]]
    assert list(replay(entries).encode()) == list(program.encode())


def test_a_snapshot_has_it(stage):
    for _ in range(3):
        stage.do(AdjustPoints("anna", 1, "why"), "maria", MANAGER)
        stage.do(CreditPoints("anna", 1), "maria", MANAGER)
    copy = copy_of(stage.program)
    assert list(copy.audit.newest_first(NEVER)) == actions(stage)
    assert (copy.audit.number, copy.audit.limit) == (6, 10_000)
    assert len(copy.audit.imports) == 3


def test_a_member_s_own_command_leaves_nothing(stage):
    stage.ask(Tick(), "anna", MEMBER)
    stage.ask(Tick(), "nobody", MEMBER)
    assert actions(stage) == []
