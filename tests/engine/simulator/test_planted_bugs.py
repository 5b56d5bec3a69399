"""A simulator that cannot fail proves nothing: known bugs are planted, and it has to find each of them."""

import pytest

from engine.simulator.faults import GRAVE, MILD
from engine.simulator.world import play
from tests.engine.simulator.planting import BUGS, Bug, hunt, planted


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_found(bug: Bug) -> None:
    commands, words = hunt(bug, bug.seed)
    assert commands, f"{bug.name} was not found"
    assert words


def test_without_a_bug_nothing_is_found() -> None:
    """What is planted is taken out again."""
    code = BUGS[0].place.__code__
    with planted(BUGS[0]):
        assert BUGS[0].place.__code__ is not code
    assert BUGS[0].place.__code__ is code
    assert play("hunt 0/0", 500, frozenset((*MILD, *GRAVE))).judge.violation is None
