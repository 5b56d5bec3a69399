"""Whatever can be decoded has exactly one outcome: apply never raises."""

import re
from functools import cache

import msgspec
from hypothesis import given, settings, strategies as st
from msgspec import inspect

from engine.commands import (
    KEEPER,
    MEMBER,
    AnyCommand,
    AscendingClock,
    BeginDraft,
    Draw,
    Dutch,
    MarketMoney,
    MoveClose,
    MultiUnit,
    Payment,
    Prize,
    ProgramSettings,
    RaiseLevel,
    Rotation,
    Sealed,
    Shelf,
)
from engine.errors import CODES, Rejected
from engine.ledger import check_conservation
from engine.machine import apply_entry, decode_batch
from engine.program import Program
from engine.results import Result
from engine.units import HOUR, NEVER, SECOND
from tests.engine.harness import MIDNIGHT, Stage, copy_of
from tests.engine.offering import publish, put, redeem, rule, run_campaign
from tests.engine.raffling import SECRET, buy, open_raffle, sign

MENTIONED = (
    "anna",
    "ben",
    "a",
    "b",
    "c",
    "R1",
    "R2",
    "spring",
    "auction",
    "en",
    "EUR",
    "gold",
    "north",
    "vip",
    "nobody",
    "why",
    "car",
    "0" * 64,
    "0" * 96,
    "0" * 128,
    "AA==",
)
INSTANTS = (0, 1, 5, 499, 500, 600, 700, 1_000, 5_000, MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + 1, MIDNIGHT + HOUR)


def written(kind):
    """A strategy for what is decoded as ``kind``, mostly of things that exist and of limits."""
    match kind:
        case inspect.IntType():
            low = -(2**63) if kind.ge is None else kind.ge
            high = 2**64 - 1 if kind.le is None else kind.le
            near = [value for value in (low, high, *INSTANTS) if low <= value <= high]
            return st.sampled_from(near) | st.integers(low, high)
        case inspect.StrType():
            fitting = [
                text
                for text in ("", *MENTIONED, "x" * (kind.max_length or 500))
                if len(text) >= (kind.min_length or 0)
                and len(text) <= (kind.max_length or 500)
                and (kind.pattern is None or re.search(kind.pattern, text))
            ]
            return st.sampled_from(fitting)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.LiteralType():
            return st.sampled_from(sorted(kind.values))
        case inspect.TupleType():
            return st.tuples(*(written(one) for one in kind.item_types))
        case inspect.VarTupleType():
            return st.lists(written(kind.item_type), max_size=3)
        case inspect.DictType():
            return st.dictionaries(written(kind.key_type), written(kind.value_type), max_size=3)
        case inspect.UnionType():
            return st.one_of([written(one) for one in kind.types])
        case inspect.StructType():
            head = [] if kind.tag is None else [st.just(kind.tag)]
            return st.tuples(*head, *(written(field.type) for field in kind.fields)).map(list)
    raise NotImplementedError(kind)


COMMANDS = [kind for kind in inspect.type_info(AnyCommand).types if kind.cls is not RaiseLevel]


@cache
def lively():
    """The state of a program where a member leads, and much else is going on."""
    money = {"north": MarketMoney("EUR", 2, 5_000)}
    stage = Stage(ProgramSettings(win_limits={"spring": 1}, money=money))
    stage.members("anna", "ben")
    stage.open("a", reserve=700, campaign="spring", buy_now=5_000)
    stage.bid("ben", 600)
    stage.bid("anna", 1_000)
    stage.open("b", buy_now=2_000)
    stage.draft("c")
    put(stage, "a", 1_000, stock=2, limit=3, fulfilment="booked", payment=Payment(2_000))
    put(stage, "b", 500)
    run_campaign(stage, budget=700, shelves=(Shelf("x", ("a",)), Shelf("y", ())), rotation=Rotation(HOUR))
    publish(stage, rule("a", "factor", 9_000, budget="spring", limit=2), rule("b", "add", 5, "cash"))
    redeem(stage, "anna", "a", share=5_000)
    redeem(stage, "ben", "b")
    stage.do(BeginDraft("a", 1), "boss")
    for id, format in (
        ("gold", Dutch(100, SECOND, step=100, supply=3)),
        ("north", Sealed("second")),
        ("vip", MultiUnit(3)),
        ("car", AscendingClock(1, SECOND, step=100)),
    ):
        stage.open_format(format, id)
        stage.bid("ben", 600, id)
        stage.bid("anna", 700, id)
    for raffle in ("a", "b", "c", "R1"):
        open_raffle(stage, raffle, prizes=(Prize("car", 1), Prize("en", 1)), reserves=1, most_each=600)
        for member in ("anna", "ben"):
            buy(stage, member, 2, raffle)
    for raffle in ("b", "c", "R1"):
        stage.do(MoveClose(raffle, stage.at + 1))
    stage.tick(stage.at + 1)
    for raffle in ("b", "c"):
        sign(stage, stage.program.raffles.by_id[raffle])
    stage.do(Draw("c", secret=SECRET.hex()))
    stage.tick()
    return list(stage.program.encode())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_can_be_decoded_has_one_outcome(data):
    program = Program.decode(lively())
    for number in range(2, 2 + data.draw(st.integers(1, 3))):
        command = data.draw(st.sampled_from(COMMANDS).flatmap(written))
        sent = [
            data.draw(st.sampled_from(["anna", "ben", "boss", "", "~"])),
            data.draw(st.integers(MEMBER, KEEPER)),
            data.draw(st.sampled_from(["", "k", "l"])),
            data.draw(st.sampled_from([0, 2**64 - 1])),
            data.draw(st.sampled_from([MIDNIGHT + SECOND, NEVER, 0, -1])),
            command,
        ]
        at = MIDNIGHT + data.draw(st.sampled_from([0, 1, HOUR]))
        try:
            payload = msgspec.msgpack.encode([1, b"another writer", number, at, [sent]])
            decode_batch(payload)
        except msgspec.ValidationError:
            continue
        (outcome,) = apply_entry(program, at, number, payload).outcomes
        if isinstance(outcome, Rejected):
            assert outcome.code in CODES
            assert outcome.message
        else:
            assert isinstance(outcome, Result | dict)
        msgspec.json.encode(outcome)
        check_conservation(program.members, program.ledger)
        program = copy_of(program)
