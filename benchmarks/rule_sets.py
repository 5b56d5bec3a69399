"""Rule sets for benchmarks: random scopes over five dimensions, items and cells that they speak of.

However many rules there are, about five and a half of them match an item in a cell: the more rules, the more
campaigns they are about. No list is longer than six values, so that a decision table can be asked the same.
"""

import itertools
import random
from typing import NamedTuple

from rules.rule import Effect, Group, PriceRule, RuleSet
from rules.scope import Cell, Item, Scope

TIERS = ("blue", "silver", "gold", "platinum")
MARKETS = tuple(f"market{number}" for number in range(8))
CHANNELS = ("app", "web", "shop")
KINDS = (
    *("travel", "dining", "leisure", "wellness", "lifestyle"),
    *("voucher", "merchandise", "service", "charity"),
)
EXPERIENCES = 5_000

GROUPS = (Group("tier", "stack"), Group("campaign", "best"), Group("guard", "first"))


class Workload(NamedTuple):
    """A rule set with what it prices."""

    rule_set: RuleSet
    items: list[Item]
    cells: list[Cell]


def make_workload(rules: int, *, items: int = EXPERIENCES, seed: int = 1) -> Workload:
    """``rules`` rules of five dimensions each, ``items`` items, and 96 cells."""
    generator = random.Random(seed)
    campaigns = tuple(f"campaign{number}" for number in range(max(10, rules // 100)))
    made = [
        PriceRule(
            f"rule{number:05}",
            Scope(
                tiers=_some(generator, TIERS, 2),
                markets=_some(generator, MARKETS, 2),
                channels=_some(generator, CHANNELS, 1),
                kinds=_some(generator, KINDS, 2),
                campaigns=_some(generator, campaigns, 6),
            ),
            _effect(generator),
            GROUPS[number % 3].id,
            generator.randrange(10),
        )
        for number in range(rules)
    ]
    priced = [
        Item(f"experience{number}", generator.choice(KINDS), generator.randrange(500, 20_000))
        for number in range(items)
    ]
    cells = [
        Cell("redemption", tier, market, channel, (), (generator.choice(campaigns),))
        for tier, market, channel in itertools.product(TIERS, MARKETS, CHANNELS)
    ]
    return Workload(RuleSet(GROUPS, tuple(made)), priced, cells)


def make_decision_table(rule_set: RuleSet) -> dict[str, object]:
    """The same rules as a decision table of the ZEN engine, which collects the ids of those that match."""
    fields = ("tiers", "markets", "channels", "kinds", "campaigns")
    rows = [
        {"_id": rule.id, "rule": f'"{rule.id}"'}
        | {field: ", ".join(f'"{value}"' for value in getattr(rule.scope, field)) for field in fields}
        for rule in rule_set.rules
    ]
    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": field, "name": field, "field": field} for field in fields],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": rows,
    }
    return {
        "nodes": [
            _node("in", "inputNode", {}),
            _node("table", "decisionTableNode", table),
            _node("out", "outputNode", {}),
        ],
        "edges": [
            {"id": "1", "type": "edge", "sourceId": "in", "targetId": "table"},
            {"id": "2", "type": "edge", "sourceId": "table", "targetId": "out"},
        ],
    }


def make_question(cell: Cell, item: Item) -> dict[str, str]:
    """What the decision table is asked."""
    return {
        "tiers": cell.tier,
        "markets": cell.market,
        "channels": cell.channel,
        "kinds": item.kind,
        "campaigns": cell.campaigns[0],
    }


def _node(id: str, kind: str, content: dict[str, object]) -> dict[str, object]:
    return {"id": id, "name": id, "type": kind, "position": {"x": 0, "y": 0}, "content": content}


def _some(generator: random.Random, values: tuple[str, ...], count: int) -> tuple[str, ...]:
    return tuple(sorted(generator.sample(values, count)))


def _effect(generator: random.Random) -> Effect:
    operation = generator.choice(("factor", "add", "floor", "cap"))
    low, high = {"factor": (7_000, 12_000), "add": (-300, 300), "floor": (100, 900), "cap": (9_000, 15_000)}[
        operation
    ]
    return Effect(operation, generator.randrange(low, high))
