"""What is wrong between rules: floors above caps, prices that fall below a floor, rules that another hides.

Works on a compiled set, whose places stand in the order of evaluation. Sets of rules are bit masks, and only
what meets in scope, part, order and time is looked at one by one: 10 000 rules take less than a second.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import accumulate, chain
from operator import or_
from typing import Final, Literal

import msgspec

from rules.amounts import ONE
from rules.compiler import CompiledRules, walk_bits
from rules.rule import PriceRule, Window

PAIR_LIMIT = 10_000
"""Pairs of a floor and a lower cap that are told."""

WINDOW_LIMIT = 200_000
"""Windows that are compared with another rule's; only rules of several windows need it."""

PARTS: Final = ("points", "cash")


class Finding(msgspec.Struct, frozen=True):
    """``path`` leads to the field, such as ``rules[3].scope.tiers[0]``; ``words`` say what would be right."""

    path: str
    code: str
    words: str
    severity: Literal["error", "warning"] = "error"


def find_conflicts(rules: CompiledRules, numbers: dict[str, int]) -> Iterator[Finding]:
    """All of them, as errors and warnings come; ``numbers`` are the rules' in the set, by id.

    Codes: ``floor_above_cap``, ``falls_below_floor``, ``hidden_by_another``, and ``not_all_checked`` where
    there was more to look at than the limits allow.
    """
    look = _Look(rules, numbers)
    yield from look.find_floors_above_caps()
    for part in PARTS:
        yield from look.find_falls_below_floors(part)
    yield from look.find_hidden()
    if look.incomplete:
        words = "There are too many floors, caps and windows to look at all: put right what is told first."
        yield Finding("rules", "not_all_checked", words, "warning")


def find_crossing(rules: CompiledRules, rule: PriceRule) -> PriceRule | None:
    """The first cap below this floor, or floor above this cap, that can match together with it.

    ``rule`` need not be in the set, nor be the one that is there under its id.
    """
    effect = rule.effect
    if effect.operation not in ("floor", "cap"):
        return None
    is_floor = effect.operation == "floor"
    crossing = rules.select(
        lambda other: (
            other.effect.part == effect.part
            and other.effect.operation == ("cap" if is_floor else "floor")
            and (other.effect.number < effect.number) == is_floor
            and other.effect.number != effect.number
        )
    )
    ends = [end for _, end in rule.windows]
    for place in rules.sort(crossing and crossing & rules.meeting(rule.scope)):
        other = rules.rules[place].windows
        if not rule.windows or not other:
            return rules.rules[place]
        for start, end in other:
            after = bisect_right(ends, start)
            if after < len(ends) and rule.windows[after][0] < end:
                return rules.rules[place]
    return None


class _Ranking:
    """Some rules by their numbers, rising: which of them are below one."""

    def __init__(self, rules: CompiledRules, mask: int) -> None:
        ranked = sorted((rules.rules[place].effect.number, place) for place in walk_bits(mask))
        self._ranked = ranked
        self._masks = list(accumulate((1 << place for _, place in ranked), or_, initial=0))

    def below(self, number: int, place: int = -1) -> int:
        """Those of a lower number, or of this one before ``place``."""
        return self._masks[bisect_left(self._ranked, (number, place))]

    def from_on(self, number: int) -> int:
        """Those of this number, or a higher one."""
        return self._masks[-1] ^ self.below(number)


class _Spans:
    """Which rules can be open together, from the first start to the last end of their windows: a coarse
    look, exact for rules of one window."""

    def __init__(self, rules: CompiledRules) -> None:
        self._all = (1 << len(rules.rules)) - 1
        windowed = [(rule.windows, place) for place, rule in enumerate(rules.rules) if rule.windows]
        starts = sorted((min(windows)[0], place) for windows, place in windowed)
        ends = sorted(((max(map(_end_of, windows)), place) for windows, place in windowed), reverse=True)
        self._starts = [start for start, _ in starts]
        self._ends = [-end for end, _ in ends]
        self._started = list(accumulate((1 << place for _, place in starts), or_, initial=0))
        self._ending = list(accumulate((1 << place for _, place in ends), or_, initial=0))
        self.always = self._all ^ self._started[-1]

    def open_with(self, rule: PriceRule) -> int:
        if not rule.windows:
            return self._all
        started = self._started[bisect_left(self._starts, max(map(_end_of, rule.windows)))]
        ending = self._ending[bisect_left(self._ends, -min(rule.windows)[0])]
        return self.always | (started & ending)


class _Look:
    """One look at a set. ``incomplete``: a limit was reached."""

    def __init__(self, rules: CompiledRules, numbers: dict[str, int]) -> None:
        self.rules = rules
        self.numbers = numbers
        self.incomplete = False
        self.certain = rules.select(_is_certain)
        self._spans = _Spans(rules)
        self._windows = 0
        ranks = [key[0] for key in rules.keys]
        self._ends_of_groups = [bisect_right(ranks, rank) for rank in range(len(rules.modes))]

    def find_floors_above_caps(self) -> Iterator[Finding]:
        """Floors that are above a cap which can match together with them."""
        pairs = chain.from_iterable(map(self._pair_with_caps, PARTS))
        for told, (floor, cap) in enumerate(pairs):
            if told == PAIR_LIMIT:
                self.incomplete = True
                return
            first, later = sorted((floor.id, cap.id), key=self.numbers.__getitem__)
            words = f"Where it meets rule {first!r}, the floor is above the cap."
            yield Finding(f"{self._path(later)}.effect.number", "floor_above_cap", words)

    def _pair_with_caps(self, part: str) -> Iterator[tuple[PriceRule, PriceRule]]:
        caps = _Ranking(self.rules, self._select("cap", part))
        return self._pairs(self._select("floor", part), lambda place: caps.below(self._number(place)))

    def find_falls_below_floors(self, part: str) -> Iterator[Finding]:
        """Rules that can lower a price after a floor, once each. A lower cap is an error already."""
        floors = self._select("floor", part)
        guards = _Ranking(self.rules, floors & self.certain & self.rules.select(self._is_stacked))
        sets = _Ranking(self.rules, self._select("set", part))
        lowering = self.rules.select(lambda rule: _lowers(rule, part))
        warned = 0

        def find_lower(place: int) -> int:
            number = self._number(place)
            after = (lowering | sets.below(number)) & ~warned & (-1 << self._end_of_turn(place))
            if not number or not after:
                return 0
            # A later floor that is as high, and always there, makes good what is lowered before it.
            guard = guards.from_on(number) & self.rules.containing(self.rules.rules[place].scope)
            return after & (-1 << guard.bit_length())

        for floor, rule in self._pairs(floors, find_lower):
            warned |= 1 << self.rules.places[rule.id]
            words = f"It comes after rule {floor.id!r}, and can lower the price below that floor."
            yield Finding(f"{self._path(rule.id)}.effect.number", "falls_below_floor", words, "warning")

    def find_hidden(self) -> Iterator[Finding]:
        """Rules that change no price wherever they match, because of what another does there."""
        sets = {part: self._select("set", part) & self.certain for part in PARTS}
        sets = {part: mask & self.rules.select(self._is_stacked) for part, mask in sets.items()}
        better = self._rank_the_best()
        one_part = self._groups_of_one_part()
        for place, rule in enumerate(self.rules.rules):
            rank = self.rules.keys[place][0]
            mode = self.rules.modes[rank]
            earlier = overwriting = 0
            if mode == "first":
                earlier = self.certain & ((1 << place) - (1 << self._start_of_group(rank)))
            elif mode == "best":
                kind = rank, rule.effect.operation, rule.effect.part
                earlier = better[kind].below(rule.effect.number, place)
            if mode == "stack" or rank in one_part:
                overwriting = sets[rule.effect.part] & (-1 << self._end_of_turn(place))
            if not (earlier or overwriting):
                continue
            containing = self.rules.containing(rule.scope)
            hiding = earlier & containing or overwriting & containing
            if hiding:
                by = self.rules.rules[(hiding & -hiding).bit_length() - 1].id
                words = {
                    "first": f"Rule {by!r} comes first wherever this one matches.",
                    "best": f"Rule {by!r} leaves as low a price, or a lower one, wherever this one matches.",
                }.get(mode if earlier & containing else "", "")
                words = words or f"Rule {by!r} sets the price after it wherever this one matches."
                yield Finding(self._path(rule.id), "hidden_by_another", words, "warning")

    def _pairs(self, mask: int, candidates: Callable[[int], int]) -> Iterator[tuple[PriceRule, PriceRule]]:
        """Each rule of ``mask`` with each of its candidates (a mask, by place) that can match and be open at
        one time with it."""
        for place in walk_bits(mask):
            rule = self.rules.rules[place]
            found = candidates(place)
            found = found and found & self._spans.open_with(rule)
            if rule.windows and self._windows > WINDOW_LIMIT and found & ~self._spans.always:
                self.incomplete = True
                found &= self._spans.always
            for other in walk_bits(found and found & self.rules.meeting(rule.scope)):
                if self._are_open_together(rule.windows, self.rules.rules[other].windows):
                    yield rule, self.rules.rules[other]

    def _are_open_together(self, one: tuple[Window, ...], other: tuple[Window, ...]) -> bool:
        """Whether there is an instant in a window of both; False past the limit."""
        if not one or not other:
            return True
        few, many = (one, other) if len(one) <= len(other) else (other, one)
        self._windows += len(few)
        if self._windows > WINDOW_LIMIT:
            self.incomplete = True
            return False
        return _meet(few, many)

    def _rank_the_best(self) -> dict[tuple[int, str, str], _Ranking]:
        """The certain rules of groups of which the best applies, by group, operation and part: of two that do
        the same, the lower number never leaves the higher price."""
        masks: dict[tuple[int, str, str], int] = defaultdict(int)
        for place, rule in enumerate(self.rules.rules):
            rank = self.rules.keys[place][0]
            if self.rules.modes[rank] == "best":
                kind = rank, rule.effect.operation, rule.effect.part
                masks[kind] |= (1 << place) & self.certain
        return {kind: _Ranking(self.rules, mask) for kind, mask in masks.items()}

    def _groups_of_one_part(self) -> set[int]:
        """Groups where a rule that is taken keeps none from the other part of the price."""
        parts: dict[int, set[str]] = defaultdict(set)
        for place, rule in enumerate(self.rules.rules):
            parts[self.rules.keys[place][0]].add(rule.effect.part)
        return {rank for rank, found in parts.items() if len(found) == 1}

    def _end_of_turn(self, place: int) -> int:
        """The first place that is evaluated on what this one left: in a group of which one applies, the next
        group's."""
        rank = self.rules.keys[place][0]
        return place + 1 if self.rules.modes[rank] == "stack" else self._ends_of_groups[rank]

    def _start_of_group(self, rank: int) -> int:
        return self._ends_of_groups[rank - 1] if rank else 0

    def _is_stacked(self, rule: PriceRule) -> bool:
        return self.rules.modes[self.rules.keys[self.rules.places[rule.id]][0]] == "stack"

    def _select(self, operation: str, part: str) -> int:
        return self.rules.select(lambda rule: rule.effect.operation == operation and rule.effect.part == part)

    def _number(self, place: int) -> int:
        return self.rules.rules[place].effect.number

    def _path(self, id: str) -> str:
        return f"rules[{self.numbers[id]}]"


def _meet(few: tuple[Window, ...], many: tuple[Window, ...]) -> bool:
    """Whether two lists of windows, each in order of time, have an instant in common."""
    for start, end in few:
        place = bisect_right(many, start, key=_end_of)
        if place < len(many) and many[place][0] < end:
            return True
    return False


def _is_certain(rule: PriceRule) -> bool:
    """Whether it applies whenever its scope matches."""
    return not (rule.windows or rule.budget or rule.limit)


def _lowers(rule: PriceRule, part: str) -> bool:
    """Whether it makes a price less, however low that is already."""
    effect = rule.effect
    if effect.part != part:
        return False
    return (effect.operation == "factor" and effect.number < ONE) or (
        effect.operation == "add" and effect.number < 0
    )


def _end_of(window: Window) -> int:
    return window[1]
