"""A result in a terminal."""

import io

from rich.console import Console

from loadtests.measures import Histogram
from loadtests.printing import print_result
from loadtests.result import Action, Check, Machine, Result, Verdict


def printed(*, late: float = 0.001, findings: tuple[str, ...] = ()) -> str:
    latency = Histogram([0.010, 0.020]).summarize()
    result = Result(
        scenario="hot",
        url="http://h",
        started_at=0,
        seconds=2.0,
        sockets=3,
        settings={},
        machine=Machine("", "", 1, 0, {}),
        actions={
            "bid": Action(
                due=5, acknowledged=2, refused={"bid_too_low": 1}, passed=1, unanswered=1, latency=latency
            )
        },
        lateness=Histogram([late]).summarize(),
        timeline=[],
        checks=[Check("points add up", 9, list(findings))],
        verdicts=[Verdict("p99 of bid, ms", 10, 20.0, False), Verdict("p99 of buy, ms", 10, None, False)],
        counts={"connected": 5, "lost": 2, "resent": 0, "left": 1},
    )
    text = io.StringIO()
    print_result(Console(file=text, width=160), result)
    return text.getvalue()


def test_every_outcome_check_and_verdict_is_told() -> None:
    words = printed()
    for line in (
        "hot on http://h, 3 sockets, 2.0 s",
        "refused: bid_too_low",
        "passed: nothing to do",
        "unanswered",
        "connections made: 5",
        "connections lost: 2",
        "times that a member left a clock: 1",
        "points add up: 9 looked at",
        "p99 of bid, ms: 20, at most 10: NOT KEPT",
        "p99 of buy, ms: nothing was measured, at most 10: NOT KEPT",
    ):
        assert line in words
    assert "sent again" not in words
    assert "late" not in words.partition("start (own lateness)")[2]


def test_findings_are_told_in_full() -> None:
    words = printed(findings=("m1: a point is missing",))
    assert "points add up: 1 findings" in words
    assert "  m1: a point is missing" in words


def test_a_crowd_that_was_late_is_warned_of() -> None:
    assert "The crowd itself was 50.0 ms late at p99" in printed(late=0.050)
