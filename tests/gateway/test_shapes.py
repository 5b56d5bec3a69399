"""Object shapes of the log's structs: every command goes there and back, and limits are the same."""

import msgspec
import pytest

from engine.answers import AuctionView
from engine.commands import (
    AuctionTerms,
    Command,
    Configure,
    CreateAuction,
    CreditPoints,
    Eligibility,
    ExperienceTerms,
    IncrementStep,
    MarketMoney,
    Payment,
    PlaceBid,
    Prize,
    ProgramSettings,
    PutExperience,
    PutRules,
    RaffleTerms,
    ScheduleAuction,
    SoftClose,
)
from engine.rewards.answers import ExperienceRecord
from gateway.shapes import contains_arrays, derive, object_shape, objectify, rebuilder
from rules.rule import Effect, Group, PriceRule
from rules.scope import Scope

COMMANDS = [
    PlaceBid("a1", 600, "m1"),
    ScheduleAuction("a1"),
    CreditPoints("m1", 5, 10, 3, "why"),
    Configure(ProgramSettings(tiers=("gold",), increments=(IncrementStep(100, 5), IncrementStep(0, 10)))),
    CreateAuction("a1", AuctionTerms("plain", 5, 1, 2)),
    CreateAuction(
        "a1",
        AuctionTerms(
            "full",
            5,
            1,
            2,
            reserve=9,
            increments=(IncrementStep(0, 10),),
            soft_close=SoftClose("append", 1, 2, 3),
            eligibility=Eligibility(("gold",), (), ("vip",)),
            settlement_factors={"gold": 9_000},
        ),
    ),
    Configure(ProgramSettings(money={"north": MarketMoney("EUR", 2, 5_000)})),
    PutRules(
        "d",
        (PriceRule("r", Scope(tiers=("gold",)), Effect("add", -5), "a", windows=((1, 2), (3, 4))),),
        ("s",),
        (Group("a", "best"),),
    ),
    PutRules("d"),
    PutExperience("spa", ExperienceTerms("travel", 5, {"en": "Spa"}, payment=Payment(2_000))),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_there_and_back(command: Command) -> None:
    shape = object_shape(type(command))
    written = msgspec.json.encode(as_object(command))
    again = type(command)(*rebuilder(type(command))(msgspec.json.decode(written, type=shape)))
    assert again == command
    assert msgspec.msgpack.encode(again) == msgspec.msgpack.encode(command)


def test_limits_and_defaults_are_kept() -> None:
    shape = object_shape(PlaceBid)
    assert msgspec.json.decode(b'{"auction":"a","maximum":1}', type=shape) == shape(
        auction="a", maximum=1, member=""
    )
    for bad in (
        b'{"auction":"","maximum":1}',
        b'{"auction":"a","maximum":0}',
        b'{"auction":"a","maximum":1,"x":1}',
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(bad, type=shape)
    assert shape.__doc__ == PlaceBid.__doc__
    assert object_shape(PlaceBid) is shape


def test_more_fields_and_one_left_out() -> None:
    shape = derive(PlaceBid, (("key", str | None, None),))
    request = shape(auction="a", maximum=1, key="k")
    assert rebuilder(PlaceBid, without=("member",))(request) == ("a", 1)
    with pytest.raises(TypeError, match="last"):
        rebuilder(PlaceBid, without=("maximum",))
    less = derive(PlaceBid, (), without=("member", "maximum"))
    assert less.__struct_fields__ == ("auction",)


def test_what_the_log_writes_as_arrays_is_answered_as_objects() -> None:
    record = ExperienceRecord("spa", ExperienceTerms("travel", 5, payment=Payment(2_000)), 3, {"north": 3})
    assert contains_arrays(ExperienceRecord)
    assert not contains_arrays(AuctionView)
    answer = objectify(record)
    assert answer["terms"]["payment"] == {"least": 2_000, "greatest": 10_000}
    assert msgspec.convert(answer, object_shape(ExperienceRecord))


def as_object(value: object) -> object:
    """The way that a client writes it."""
    if isinstance(value, msgspec.Struct):
        return {name: as_object(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, tuple):
        return [as_object(one) for one in value]
    if isinstance(value, dict):
        return {key: as_object(one) for key, one in value.items()}
    return value


def test_what_may_be_none_can_be_left_out() -> None:
    shape = object_shape(RaffleTerms)
    given = {"titles": {}, "prizes": [{"id": "car"}], "opens_at": 1, "closes_at": 2}
    granted_only = RaffleTerms(*rebuilder(RaffleTerms)(msgspec.convert(given, shape)))
    assert granted_only == RaffleTerms({}, (Prize("car"),), None, 1, 2)
    assert msgspec.convert(given | {"price": 7}, shape).price == 7
