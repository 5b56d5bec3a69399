"""What an effect does to an amount, when a rule is open, and what can be written at all."""

import msgspec
import pytest

from rules.amounts import MAXIMUM_POINTS
from rules.rule import Effect, Group, PriceRule, RuleSet, change, is_open
from rules.scope import Scope


@pytest.mark.parametrize(
    ("operation", "number", "amount", "after"),
    [
        ("factor", 10_000, 7, 7),
        ("factor", 1, 4_999, 0),
        ("factor", 1, 5_000, 1),
        ("factor", 1_000_000, MAXIMUM_POINTS, MAXIMUM_POINTS),
        ("add", 5, 7, 12),
        ("add", -8, 7, 0),
        ("add", 1, MAXIMUM_POINTS, MAXIMUM_POINTS),
        ("set", 0, 7, 0),
        ("set", 9, 7, 9),
        ("floor", 9, 7, 9),
        ("floor", 9, 10, 10),
        ("cap", 9, 10, 9),
        ("cap", 9, 8, 8),
    ],
)
def test_an_effect(operation, number, amount, after):
    assert change(Effect(operation, number), amount) == after


@pytest.mark.parametrize(
    ("windows", "opened"),
    [((), range(60)), (((10, 20),), range(10, 20)), (((10, 20), (20, 25), (50, 51)), [*range(10, 25), 50])],
)
def test_when_a_rule_is_open(windows, opened):
    rule = PriceRule("r", Scope(), Effect("set", 1), "a", windows=windows)
    assert [at for at in range(60) if is_open(rule, at)] == list(opened)


RULE = ["r", [], ["factor", 9_000], "a"]


def decode(rule):
    return msgspec.convert([[["a"]], [rule]], RuleSet)


def test_a_short_form_means_the_defaults():
    assert decode(RULE) == RuleSet(
        (Group("a", "stack"),), (PriceRule("r", Scope(), Effect("factor", 9_000), "a"),)
    )


@pytest.mark.parametrize(
    "rule",
    [
        ["", *RULE[1:]],
        ["x" * 65, *RULE[1:]],
        ["r", [], ["halve", 9_000], "a"],
        ["r", [], ["factor", 0.9], "a"],
        ["r", [], ["add", MAXIMUM_POINTS + 1], "a"],
        ["r", [], ["add", 1, "miles"], "a"],
        ["r", [["gold"], ["gold"], [], [], [], [], [], [], ["new"]], ["add", 1], "a"],
        ["r", [[7]], ["add", 1], "a"],
        [*RULE, 1_000_001],
        [*RULE, 0, [[1, 2, 3]]],
        [*RULE, 0, [], "b", -1],
        [*RULE, 0, [], "b", 1, "title", "unknown"],
    ],
)
def test_what_cannot_be_written(rule):
    with pytest.raises(msgspec.ValidationError):
        decode(rule)


def test_a_set_has_at_most_10_000_rules():
    decode_all = msgspec.msgpack.Decoder(RuleSet).decode
    written = msgspec.msgpack.encode([[["a"]], [RULE] * 10_000])
    assert len(decode_all(written).rules) == 10_000
    with pytest.raises(msgspec.ValidationError, match="10000"):
        decode_all(msgspec.msgpack.encode([[["a"]], [RULE] * 10_001]))
