"""Rules → bit index: which rules match, in one AND a dimension.

Each rule has a place. For each dimension and value one integer has a bit for every rule that admits it; what
matches a context is their AND. Integers have any length in Python, so 10 000 rules take no other code than
ten. A rule is put and taken out by itself, and a copy shares all integers: a long set is compiled as it comes
in, and turning to another is turning to another object.
"""

from collections.abc import Callable

from rules.rule import Group, PriceRule, RuleSet
from rules.scope import DIMENSIONS, Cell, Item, Scope

BITS = 512
"""How many rules are walked at once: short integers are cheap to take bits off."""

_WORD = (1 << BITS) - 1

Key = tuple[int, int, str]
"""Where a rule stands in the order of evaluation: its group's rank, its priority negated, its id."""


class CompiledRules:
    """A rule set, ready to price.

    ``rules`` has each rule at its place, ``keys`` its order of evaluation, ``places`` finds it by id;
    ``modes`` are the groups' by rank. ``listing`` has, by dimension, the rules that list a value, ``open``
    those that admit any.
    """

    __slots__ = ("_ranks", "groups", "keys", "listing", "modes", "open", "places", "rules")

    def __init__(self, rule_set: RuleSet | None = None) -> None:
        """With places in the order of evaluation. Raises ``KeyError`` for a rule of a group that is not in
        the set: check it first."""
        self.rules: list[PriceRule] = []
        self.keys: list[Key] = []
        self.places: dict[str, int] = {}
        self.open = [0] * len(DIMENSIONS)
        self.listing: list[dict[str, int]] = [{} for _ in DIMENSIONS]
        self.set_groups(rule_set.groups if rule_set is not None else ())
        for rule in sorted(rule_set.rules if rule_set is not None else (), key=self._key_of):
            self.put(rule)

    def copy(self) -> "CompiledRules":
        """Another, which changes apart from this one."""
        other = CompiledRules()
        other.rules, other.keys, other.places = self.rules.copy(), self.keys.copy(), self.places.copy()
        other.open, other.listing = self.open.copy(), [values.copy() for values in self.listing]
        other.groups, other.modes, other._ranks = self.groups, self.modes, self._ranks
        return other

    def set_groups(self, groups: tuple[Group, ...]) -> None:
        """Replaces the groups. Raises ``KeyError`` where a rule's own is not among them, and changes
        nothing."""
        ranks = {group.id: rank for rank, group in enumerate(groups)}
        self.keys = [(ranks[rule.group], -rule.priority, rule.id) for rule in self.rules]
        self.groups = groups
        self.modes = [group.mode for group in groups]
        self._ranks = ranks

    def put(self, rule: PriceRule) -> None:
        """Adds a rule, or puts it in the place of the one with its id.

        Raises ``KeyError`` for a group that there is not.
        """
        key = self._key_of(rule)
        place = self.places.get(rule.id)
        if place is None:
            place = self.places[rule.id] = len(self.rules)
            self.rules.append(rule)
            self.keys.append(key)
            self._enter(rule.scope, 1 << place)
            return
        if self.rules[place].scope != rule.scope:
            self._strike(self.rules[place].scope, 1 << place)
            self._enter(rule.scope, 1 << place)
        self.rules[place] = rule
        self.keys[place] = key

    def remove(self, id: str) -> None:
        """Takes a rule out; the last one moves to its place. Raises ``KeyError`` for an unknown id."""
        place = self.places.pop(id)
        last = len(self.rules) - 1
        self._strike(self.rules[place].scope, 1 << place)
        if place != last:
            moved = self.rules[last]
            self._strike(moved.scope, 1 << last)
            self._enter(moved.scope, 1 << place)
            self.rules[place], self.keys[place] = moved, self.keys[last]
            self.places[moved.id] = place
        self.rules.pop()
        self.keys.pop()

    def sort(self, mask: int) -> list[int]:
        """The places of the bits that are set, in the order of evaluation."""
        places = walk_bits(mask)
        places.sort(key=self.keys.__getitem__)
        return places

    def in_order(self) -> list[PriceRule]:
        """All rules in the order of their evaluation."""
        return [self.rules[place] for place in sorted(range(len(self.rules)), key=self.keys.__getitem__)]

    def match_cell(self, cell: Cell) -> int:
        """The rules that admit the cell, whatever the item."""
        return (
            self._admitting(0, cell.mechanic)
            & self._admitting(1, cell.tier)
            & self._admitting(2, cell.market)
            & self._admitting(3, cell.channel)
            & self._admitting_any(4, cell.segments)
            & self._admitting_any(5, cell.campaigns)
        )

    def match_item(self, item: Item) -> int:
        """The rules that admit the item, whoever asks."""
        return self._admitting(6, item.kind) & self._admitting(7, item.experience)

    def containing(self, scope: Scope) -> int:
        """The rules that admit everything that ``scope`` admits."""
        mask = (1 << len(self.rules)) - 1
        for number, dimension in enumerate(DIMENSIONS):
            values = getattr(scope, dimension.field)
            if not values:
                mask &= self.open[number]
            for value in values:
                mask &= self._admitting(number, value)
        return mask

    def meeting(self, scope: Scope) -> int:
        """The rules that can match together with a rule of this scope.

        Who asks may be of many segments and campaigns, of one in each list: only single values keep two
        scopes apart.
        """
        mask = (1 << len(self.rules)) - 1
        for number, dimension in enumerate(DIMENSIONS):
            values = getattr(scope, dimension.field)
            if values and not dimension.many:
                mask &= self._admitting_any(number, values)
        return mask

    def select(self, wanted: Callable[[PriceRule], bool]) -> int:
        """The rules that are ``wanted``."""
        bits = bytearray(len(self.rules) // 8 + 1)
        for place, rule in enumerate(self.rules):
            if wanted(rule):
                bits[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(bits, "little")

    def _admitting(self, dimension: int, value: str) -> int:
        return self.open[dimension] | self.listing[dimension].get(value, 0)

    def _admitting_any(self, dimension: int, values: tuple[str, ...]) -> int:
        mask = self.open[dimension]
        for value in values:
            mask |= self.listing[dimension].get(value, 0)
        return mask

    def _key_of(self, rule: PriceRule) -> Key:
        return self._ranks[rule.group], -rule.priority, rule.id

    def _enter(self, scope: Scope, bit: int) -> None:
        for number, dimension in enumerate(DIMENSIONS):
            values = getattr(scope, dimension.field)
            if not values:
                self.open[number] |= bit
            listing = self.listing[number]
            for value in values:
                listing[value] = listing.get(value, 0) | bit

    def _strike(self, scope: Scope, bit: int) -> None:
        for number, dimension in enumerate(DIMENSIONS):
            self.open[number] &= ~bit
            listing = self.listing[number]
            for value in set(getattr(scope, dimension.field)):
                left = listing[value] & ~bit
                if left:
                    listing[value] = left
                else:
                    del listing[value]


def walk_bits(mask: int) -> list[int]:
    """The places of the bits that are set, rising."""
    places = []
    offset = -1
    while mask:
        word = mask & _WORD
        while word:
            bit = word & -word
            places.append(offset + bit.bit_length())
            word ^= bit
        mask >>= BITS
        offset += BITS
    return places
