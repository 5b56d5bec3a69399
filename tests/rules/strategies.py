"""Rule sets, items, cells and terms of few values, so that much matches."""

from hypothesis import strategies as st

from rules.amounts import MAXIMUM_FACTOR, MAXIMUM_POINTS
from rules.pricing import Terms
from rules.rule import Effect, Group, PriceRule, RuleSet
from rules.scope import Cell, Item, Scope

GROUPS = ("a", "b", "c")


def some(*values):
    """None of the values, or one or two."""
    return st.sets(st.sampled_from(values), max_size=2).map(sorted).map(tuple)


amounts = st.one_of(st.integers(0, 2_000), st.sampled_from([MAXIMUM_POINTS - 1, MAXIMUM_POINTS]))
items = st.builds(
    Item, st.sampled_from(["spa", "opera"]), st.sampled_from(["travel", "dining"]), amounts, amounts
)
cells = st.builds(
    Cell,
    mechanic=st.sampled_from(["redemption", "raffle"]),
    tier=st.sampled_from(["silver", "gold", "blue"]),
    market=st.sampled_from(["fr", "jp"]),
    channel=st.sampled_from(["app", "web"]),
    segments=some("vip", "new"),
    campaigns=some("spring", "peak"),
)
narrow_scopes = st.builds(
    Scope,
    mechanics=st.sampled_from([(), (), ("redemption",), ("raffle",)]),
    tiers=some("silver", "gold", "blue"),
    markets=some("fr", "jp", "sg"),
    channels=st.sampled_from([(), (), ("app",)]),
    segments=some("vip", "new"),
    campaigns=st.sampled_from([(), (), ("spring",)]),
    kinds=some("travel", "dining", "leisure"),
    experiences=st.sampled_from([(), (), ("spa",), ("opera", "spa")]),
)
wide_scopes = st.builds(Scope, tiers=st.sampled_from([(), (), (), ("silver", "gold")]))
scopes = st.one_of(wide_scopes, wide_scopes, narrow_scopes)
"""Most match: what rules of one group do to each other shows only where several do."""

parts = st.sampled_from(["points", "cash"])
effects = st.one_of(
    st.builds(Effect, st.just("factor"), st.one_of(st.integers(1, 20_000), st.just(MAXIMUM_FACTOR)), parts),
    st.builds(Effect, st.just("add"), st.integers(-1_000, 1_000), parts),
    st.builds(Effect, st.sampled_from(["set", "floor", "cap"]), st.integers(0, 2_000), parts),
)
rules = st.builds(
    PriceRule,
    id=st.integers(0, 10**6).map(str),
    scope=scopes,
    effect=effects,
    group=st.sampled_from(GROUPS),
    priority=st.integers(0, 2),
    windows=st.sampled_from([(), (), (), (), ((0, 10),), ((10, 20), (30, 40))]),
    budget=st.sampled_from(["", "x", "y"]),
    limit=st.sampled_from([0, 0, 1]),
)
rule_sets = st.builds(
    RuleSet,
    st.tuples(*(st.builds(Group, st.just(id), st.sampled_from(["stack", "best", "first"])) for id in GROUPS)),
    st.integers(0, 12).flatmap(
        lambda count: st.lists(rules, min_size=count, max_size=count, unique_by=lambda rule: rule.id).map(
            tuple
        )
    ),
)


@st.composite
def questions(draw):
    """A rule set, a cell, an item, and terms in which some members have used rules up."""
    rule_set = draw(rule_sets)
    ids = [rule.id for rule in rule_set.rules]
    terms = Terms(
        at=draw(st.sampled_from([0, 9, 10, 35, 50])),
        left=draw(st.fixed_dictionaries({}, optional={"x": st.integers(0, 500), "y": st.integers(0, 3_000)})),
        used_up=draw(st.sets(st.sampled_from(ids))) if ids else set(),
    )
    return rule_set, draw(cells), draw(items), terms
