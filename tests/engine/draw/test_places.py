"""The draw: against a reference that writes every ticket down, and against exact probabilities."""

import math
from collections import Counter
from hashlib import sha256
from itertools import permutations

import pytest
from hypothesis import given, strategies as st

from engine.draw.places import PlacedTicket, draw_places, draw_ticket, seed_of

SEEDS = st.binary(min_size=32, max_size=32)
ENTRIES = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "d", "e", "f", "g"]), st.integers(1, 12)), max_size=40
)

DRAWS = 100_000
LEAST_PROBABILITY = 1e-6
"""How improbable frequencies may be. The seeds are fixed: a draw that passes once passes for ever."""


def naive_places(seed: bytes, entries: list[tuple[str, int]], count: int) -> list[PlacedTicket]:
    """draw.md 6 as it reads, on a list of all tickets."""
    owners = [(entry, entrant) for entry, (entrant, tickets) in enumerate(entries) for _ in range(tickets)]
    remaining = [PlacedTicket(ticket, *owner) for ticket, owner in enumerate(owners, 1)]
    placed: list[PlacedTicket] = []
    block = 0
    while len(placed) < count and remaining:
        while True:
            digest = sha256(seed + bytes([block >> 24, block >> 16 & 255, block >> 8 & 255, block & 255]))
            number = int(digest.hexdigest()[:32], 16)
            block += 1
            if number < 2**128 - 2**128 % len(remaining):
                break
        found = remaining[number % len(remaining)]
        placed.append(found)
        remaining = [ticket for ticket in remaining if ticket.entrant != found.entrant]
    return placed


@given(SEEDS, ENTRIES, st.integers(0, 10))
def test_the_draw_is_that_of_the_reference(seed: bytes, entries: list[tuple[str, int]], count: int) -> None:
    assert draw_places(seed, entries, count) == naive_places(seed, entries, count)


@given(SEEDS, st.lists(st.integers(1, 50), min_size=1, max_size=150))
def test_everybody_is_placed_once_where_there_are_places_enough(seed: bytes, tickets: list[int]) -> None:
    entries = [(f"entrant {entry}", count) for entry, count in enumerate(tickets)]
    placed = draw_places(seed, entries, len(entries) + 1)
    assert placed == naive_places(seed, entries, len(entries) + 1)
    assert sorted(place.entrant for place in placed) == sorted(entrant for entrant, _ in entries)


def test_a_known_draw() -> None:
    """Worked out with sha256sum and by hand."""
    seed = seed_of(b"lock", bytes(32))  # (printf lock; head -c 32 /dev/zero) | sha256sum
    assert seed.hex() == "9da94638f38ab0f44dfcb25a517439810e0c5241f2365c34bfac24f55049269b"
    entries = [("a", 3), ("b", 4), ("a", 1), ("c", 2)]
    # Block 0 is 3c8229589bfb8df1b028c5fc5012eba3…: 3 modulo 10. Block 1 is 5d6ce7e34f470b7cfd80042a3c2a9445…:
    # 1 modulo 6, among the tickets 1 2 3 8 9 10. Block 2 is 258ec30d1fdc839cca2f0255ef50f76f…: 1 modulo 2.
    assert draw_ticket(seed, 0, 10) == (3, 1)
    places = [PlacedTicket(4, 1, "b"), PlacedTicket(2, 0, "a"), PlacedTicket(10, 3, "c")]
    assert draw_places(seed, entries, 9) == places
    assert draw_places(seed, entries, 2) == places[:2]


@given(SEEDS, st.integers(0, 2**32 - 1), st.integers(1, 2**53))
def test_a_ticket_is_a_block_modulo_what_remains(seed: bytes, block: int, remaining: int) -> None:
    number = int.from_bytes(sha256(seed + block.to_bytes(4, "big")).digest()[:16], "big")
    # The chance of a rejected block is below 2⁻⁷⁵ here.
    assert draw_ticket(seed, block, remaining) == (number % remaining, block + 1)


@given(SEEDS, st.integers(1, 2**128))
def test_a_block_that_would_favour_low_tickets_is_passed_over(seed: bytes, remaining: int) -> None:
    ticket, following = draw_ticket(seed, 0, remaining)
    blocks = [
        int.from_bytes(sha256(seed + block.to_bytes(4, "big")).digest()[:16], "big")
        for block in range(following)
    ]
    limit = 2**128 // remaining * remaining
    assert [number < limit for number in blocks] == [False] * (following - 1) + [True]
    assert ticket == blocks[-1] % remaining


def test_about_half_of_the_blocks_are_passed_over_where_it_is_worst() -> None:
    used = sum(draw_ticket(sha256(bytes([number])).digest(), 0, 2**127 + 1)[1] for number in range(250))
    assert 400 < used < 600


def test_an_entry_without_a_ticket_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one ticket"):
        draw_places(bytes(32), [("a", 1), ("b", 0)], 1)


def test_nobody_is_drawn_where_nobody_entered() -> None:
    assert draw_places(bytes(32), [], 3) == []


def tail(chi_square: float, degrees: int) -> float:
    """The probability of a chi-square at least this high: Abramowitz and Stegun, 26.4.4 and 26.4.5."""
    half = chi_square / 2
    if degrees % 2:
        terms = (half ** (term - 0.5) / math.gamma(term + 0.5) for term in range(1, degrees // 2 + 1))
        return math.erfc(math.sqrt(half)) + math.exp(-half) * sum(terms)
    return math.exp(-half) * sum(half**term / math.factorial(term) for term in range(degrees // 2))


@pytest.mark.parametrize(
    ("chi_square", "degrees", "probability"),
    [(3.841, 1, 0.05), (9.488, 4, 0.05), (35.172, 23, 0.05), (49.728, 23, 0.001), (36.191, 19, 0.01)],
)
def test_the_tail_is_that_of_the_tables(chi_square: float, degrees: int, probability: float) -> None:
    """Upper critical values of the NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4."""
    assert tail(chi_square, degrees) == pytest.approx(probability, rel=1e-3)


def probability_of(order: tuple[str, ...], tickets: dict[str, int]) -> float:
    """Of drawing these entrants in this order, each with all its tickets, without replacement."""
    remaining, product = sum(tickets.values()), 1.0
    for entrant in order:
        product *= tickets[entrant] / remaining
        remaining -= tickets[entrant]
    return product


def chi_square_of(counted: Counter[tuple[str, ...]], expected: dict[tuple[str, ...], float]) -> float:
    assert set(counted) <= set(expected)
    return sum(
        (counted[order] - DRAWS * chance) ** 2 / (DRAWS * chance) for order, chance in expected.items()
    )


@pytest.mark.parametrize(
    ("entries", "places"),
    [
        ([("a", 1), ("b", 2), ("c", 3), ("d", 4)], 3),
        ([("d", 1), ("c", 2), ("a", 1), ("d", 3), ("b", 2), ("c", 1)], 3),  # the same, split up
        ([("a", 1), ("b", 10), ("c", 2), ("d", 5), ("e", 1)], 2),
    ],
)
def test_every_order_comes_as_often_as_its_tickets_say(entries: list[tuple[str, int]], places: int) -> None:
    tickets: Counter[str] = Counter()
    for entrant, count in entries:
        tickets[entrant] += count
    drawn: Counter[tuple[str, ...]] = Counter()
    for number in range(DRAWS):
        placed = draw_places(sha256(b"statistics %d" % number).digest(), entries, places)
        drawn[tuple(place.entrant for place in placed)] += 1
    expected = {order: probability_of(order, tickets) for order in permutations(sorted(tickets), places)}
    assert sum(expected.values()) == pytest.approx(1)
    assert tail(chi_square_of(drawn, expected), len(expected) - 1) > LEAST_PROBABILITY
    for place in range(places):
        at_place: Counter[tuple[str, ...]] = Counter()
        chances: Counter[tuple[str, ...]] = Counter()
        for order, chance in expected.items():
            at_place[order[place : place + 1]] += drawn[order]
            chances[order[place : place + 1]] += chance  # type: ignore[assignment]
        assert tail(chi_square_of(at_place, dict(chances)), len(tickets) - 1) > LEAST_PROBABILITY
