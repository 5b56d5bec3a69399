"""A result survives being written down, and says whether its run has held."""

from pathlib import Path

import msgspec
import pytest

from loadtests.measures import Summary
from loadtests.result import (
    Action,
    Check,
    Machine,
    Result,
    Sample,
    Second,
    Usage,
    Verdict,
    read_result,
    write_result,
)

SUMMARY = Summary(2, 1.5, 1.0, 2.0, 2.0, 2.0, 2.0)


def make(**changes: object) -> Result:
    result = Result(
        scenario="hot",
        url="http://h",
        started_at=1_700_000_000_000,
        seconds=2.5,
        sockets=3,
        settings={"members": 3, "own": {"stock": 7}},
        machine=Machine("Linux 6", "a processor", 2, 2**34, {"python": "3.11.7"}),
        actions={"bid": Action(due=3, acknowledged=2, refused={"bid_too_low": 1}, latency=SUMMARY)},
        lateness=SUMMARY,
        timeline=[Second(at=0, due=3, acknowledged=2, refused={"bid_too_low": 1}, latency=SUMMARY)],
        samples=[Sample(at=0.5, processes={"gateway 1": Usage(0.5, 10**8)}, gauges={"lag": 0.1})],
        checks=[Check("points add up", 4)],
        verdicts=[Verdict("p99 of bid, ms", 100, 2.0, True)],
    )
    return msgspec.structs.replace(result, **changes)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_result(tmp_path / "result.json", make())
    assert read_result(tmp_path / "result.json") == make()
    assert (tmp_path / "result.json").read_text().count("\n") > 50, "people can look at it"


def test_another_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"scenario": "hot"}')
    with pytest.raises(msgspec.DecodeError):
        read_result(tmp_path / "other.json")


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({}, True),
        ({"checks": []}, False),
        ({"checks": [Check("points add up", 4, ["5 are missing"])]}, False),
        ({"verdicts": [Verdict("p99 of bid, ms", 100, 200.0, False)]}, False),
        ({"verdicts": []}, True),
    ],
)
def test_a_run_holds_if_it_was_checked_nothing_was_found_and_thresholds_were_kept(
    changes: dict[str, object], held: bool
) -> None:
    assert make(**changes).held is held
