"""Rule set → bit index: which rules match, in one AND a dimension.

Rules are numbered in the order of their evaluation. For each dimension and value one integer has a bit for
every rule that admits it; what matches a context is their AND. Integers have any length in Python, so 10 000
rules take no other code than ten.
"""

from collections.abc import Callable, Iterator

from rules.rule import PriceRule, RuleSet
from rules.scope import DIMENSIONS, Cell, Item, Scope

BITS = 512
"""How many rules are walked at once: short integers are cheap to take bits off."""

_WORD = (1 << BITS) - 1


class CompiledRules:
    """A rule set, ready to price.

    ``rules`` are in the order of evaluation, ``ranks`` say which group each belongs to (its place), ``modes``
    are the groups'. ``all`` has every rule's bit. ``listing`` has, by dimension, the rules that list a value,
    ``open`` those that admit any.
    """

    __slots__ = ("all", "groups", "listing", "modes", "open", "places", "ranks", "rules")

    def __init__(self, rule_set: RuleSet) -> None:
        """Raises ``KeyError`` for a rule of a group that is not in the set: check it first."""
        self.groups = rule_set.groups
        self.modes = [group.mode for group in rule_set.groups]
        rank_of = {group.id: rank for rank, group in enumerate(rule_set.groups)}
        self.rules = sorted(rule_set.rules, key=lambda rule: (rank_of[rule.group], -rule.priority, rule.id))
        self.ranks = [rank_of[rule.group] for rule in self.rules]
        self.places = {rule.id: place for place, rule in enumerate(self.rules)}
        self.all = (1 << len(self.rules)) - 1
        self.open = [0] * len(DIMENSIONS)
        self.listing: list[dict[str, int]] = [{} for _ in DIMENSIONS]
        self._index()

    def replace(self, rule: PriceRule) -> None:
        """Puts a rule in the place of the one with its id. Scope, group and priority must be the same.

        Raises ``KeyError`` for an unknown id, ``ValueError`` where one of those three differs.
        """
        place = self.places[rule.id]
        known = self.rules[place]
        if (known.scope, known.group, known.priority) != (rule.scope, rule.group, rule.priority):
            raise ValueError("scope, group and priority are compiled: publish a new revision instead")
        self.rules[place] = rule

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
        mask = self.all
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
        mask = self.all
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

    def _index(self) -> None:
        """Bits are gathered as bytes first: setting one in a long integer copies it."""
        width = len(self.rules) // 8 + 1
        for number, dimension in enumerate(DIMENSIONS):
            anybody = bytearray(width)
            listed: dict[str, bytearray] = {}
            for place, rule in enumerate(self.rules):
                bit = 1 << (place & 7)
                values = getattr(rule.scope, dimension.field)
                if not values:
                    anybody[place >> 3] |= bit
                for value in values:
                    listed.setdefault(value, bytearray(width))[place >> 3] |= bit
            self.open[number] = int.from_bytes(anybody, "little")
            self.listing[number] = {value: int.from_bytes(bits, "little") for value, bits in listed.items()}


def walk_bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set, rising."""
    offset = 0
    while mask:
        word = mask & _WORD
        while word:
            bit = word & -word
            yield offset + bit.bit_length() - 1
            word ^= bit
        mask >>= BITS
        offset += BITS
