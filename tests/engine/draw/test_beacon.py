"""The beacon's times and randomness, by the published round 1000."""

import subprocess
import sys

import pytest
from hypothesis import given, strategies as st

from engine.draw.beacon import (
    CHAIN,
    GENESIS,
    LEAST_DELAY,
    PERIOD,
    PUBLIC_KEY,
    first_round,
    randomness_of,
    time_of_round,
)

SIGNATURE = bytes.fromhex(
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
)
"""The signature of round 1000."""


def test_the_chain_is_quicknet() -> None:
    assert CHAIN == "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
    assert (GENESIS, PERIOD, LEAST_DELAY) == (1692803367, 3, 60_000)
    assert len(PUBLIC_KEY) == 96


def test_rounds_come_every_three_seconds() -> None:
    assert time_of_round(1) == 1692803367_000
    assert time_of_round(1000) == 1692806364_000


@pytest.mark.parametrize(
    ("closed_at", "round"),
    [
        (1692806304_000, 1000),  # a minute before round 1000, to the millisecond
        (1692806304_001, 1001),
        (1692806303_999, 1000),
        (1692806301_001, 1000),
        (1692806301_000, 999),
        (1692803307_000, 1),
        (1692803307_001, 2),
        (0, 1),
    ],
)
def test_the_first_round_after_a_close(closed_at: int, round: int) -> None:
    assert first_round(closed_at) == round


@given(st.integers(0, 2**45))
def test_no_earlier_round_would_do(closed_at: int) -> None:
    round = first_round(closed_at)
    assert round >= 1
    assert time_of_round(round) >= closed_at + LEAST_DELAY
    assert round == 1 or time_of_round(round - 1) < closed_at + LEAST_DELAY


def test_the_randomness_of_round_1000() -> None:
    assert (
        randomness_of(SIGNATURE).hex() == "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd"
    )


def test_the_arithmetic_does_without_the_library_of_curves() -> None:
    """Every gateway reckons with rounds; few of them verify a signature."""
    code = "import sys, engine.draw.beacon; sys.exit(any('arkworks' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
