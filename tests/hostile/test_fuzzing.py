"""The fuzzer's targets on a few hundred inputs, and on everything that a fuzzer has ever found."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.hostile import fuzzing
from tests.hostile.fuzzing import TARGETS, damaged

EXAMPLES = 250

FINDINGS: list[tuple[str, bytes]] = []
"""Target and bytes, as ``make fuzz`` has left them. It has found nothing yet."""


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    fuzzing.close()


@pytest.mark.parametrize("name", TARGETS)
def test_what_means_something_is_taken(name: str) -> None:
    """The seeds themselves: every operation in every role."""
    feed, seeds = TARGETS[name]
    for seed in seeds:
        feed(seed)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_damaged_is_refused_in_words(name: str) -> None:
    feed, seeds = TARGETS[name]

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(damaged(seeds) | st.binary(max_size=200))
    def check(data: bytes) -> None:
        feed(data)

    check()


def test_what_was_found_is_found_no_more() -> None:
    for name, data in FINDINGS:
        TARGETS[name].feed(data)
