"""A raffle that is entered until its close, and drawn."""

from collections.abc import Callable

from loadtests.result import Result
from loadtests.scenarios.rush import BUY

Play = Callable[..., tuple[int, Result, str]]


def test_tickets_are_kept_capped_and_drawn(play: Play) -> None:
    code, result, printed = play("rush", members=6, rate=120, seconds=1.5, tickets=300, each=60)
    assert code == 0, printed
    buy = result.actions[BUY]
    assert buy.acknowledged > 20
    assert set(buy.refused) <= {"ticket_cap_reached", "raffle_closed"}
    assert buy.refused["ticket_cap_reached"] > 0
    entries, pages, points = result.checks
    assert entries.checked == buy.acknowledged
    assert (pages.checked, points.checked) == (6, 7)
