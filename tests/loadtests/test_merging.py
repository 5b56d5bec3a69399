"""Several results come to what one run of all would have come to."""

import msgspec
import pytest

from loadtests.measures import Histogram, Summary
from loadtests.merging import merge
from loadtests.result import Action, Check, Machine, Result, Sample, Second, Usage, Verdict
from loadtests.tally import ACKNOWLEDGED, Tally
from loadtests.wire import StormError

PROCESSES = {"gateway 1": Usage(0.5, 7), "storm 1": Usage(0.2, 8)}

MACHINE = Machine("Linux 6", "a processor", 2, 100, {})


def make(
    latencies: list[float],
    *,
    started_at: int = 1_000_000,
    refused: int = 0,
    stray: int = 0,
    **changes: object,
) -> Result:
    """A run in which a bid was due every 0.4 s."""
    tally = Tally()
    for number, latency in enumerate(latencies):
        tally.begin("bid", number * 0.4)
        outcome = "bid_too_low" if number < refused else ACKNOWLEDGED
        tally.end("bid", number * 0.4, outcome, latency)
    for _ in range(stray):
        tally.begin("bid", 0.0)
    tally.lateness.add(0.001 * len(latencies))
    actions = tally.list_actions()
    p99 = actions["bid"].latency.p99
    result = Result(
        scenario="hot",
        url="http://h",
        started_at=started_at,
        seconds=2.0,
        sockets=3,
        settings={"members": 10, "rate": 5.0, "run": "r1"},
        machine=MACHINE,
        actions=actions,
        lateness=tally.lateness.summarize(),
        timeline=tally.list_seconds(),
        samples=[
            Sample(
                at=1.0, processes={"gateway 1": Usage(0.5, 7), "storm 1": Usage(0.2, 8)}, gauges={"g": 1.0}
            )
        ],
        checks=[Check("points add up", 4)],
        verdicts=[
            Verdict("p99 of bid, ms", 100.0, p99, p99 <= 100),
            Verdict("unanswered actions", 0, stray, not stray),
        ],
        lateness_histogram=tally.lateness.encode(),
    )
    return msgspec.structs.replace(result, **changes)


FAST, SLOW = [0.010] * 60, [0.200] * 40


def test_counts_and_distributions_are_those_of_all() -> None:
    merged = merge([make(FAST, refused=5), make(SLOW, refused=2, stray=1)])
    bid = merged.actions["bid"]
    assert (bid.due, bid.acknowledged, bid.refused, bid.unanswered) == (101, 93, {"bid_too_low": 7}, 1)
    expected = Histogram(FAST + SLOW).summarize()
    assert bid.latency == msgspec.structs.replace(expected, mean=bid.latency.mean)
    assert bid.latency.mean == pytest.approx(86.0)
    assert merged.lateness.count == 2
    assert merged.lateness.longest == pytest.approx(60, rel=0.001)
    assert merged.sockets == 6


def test_what_else_was_counted_is_that_of_all() -> None:
    one, other = (
        make(FAST, counts={"connected": 3, "lost": 0}),
        make(SLOW, counts={"connected": 5, "lost": 2}),
    )
    assert merge([one, other]).counts == {"connected": 8, "lost": 2}
    assert merge([make(FAST), make(SLOW)]).counts == {}


def test_merging_can_go_on() -> None:
    at_once = merge([make(FAST), make(SLOW), make(SLOW)])
    in_turn = merge([merge([make(FAST), make(SLOW)]), make(SLOW)])
    assert in_turn.actions["bid"].latency == at_once.actions["bid"].latency
    assert in_turn.lateness == at_once.lateness


def test_seconds_stand_beside_each_other_by_the_clock() -> None:
    merged = merge([make([0.01] * 6, started_at=1_000_000), make([0.03] * 4, started_at=1_003_100)])
    assert [second.due for second in merged.timeline] == [3, 2, 1, 3, 1]
    assert merged.timeline[3].latency.p50 == pytest.approx(30, rel=0.001)
    assert (merged.started_at, merged.seconds) == (1_000_000, pytest.approx(5.1))
    overlapping = merge([make([0.01] * 6), make([0.03] * 4, started_at=1_000_900)])
    assert [second.due for second in overlapping.timeline] == [3, 5, 2]
    assert overlapping.timeline[1].latency.longest == pytest.approx(30, rel=0.001)


def test_thresholds_are_judged_on_all_together() -> None:
    both = merge([make(FAST), make([0.200] * 5)])
    p99, unanswered = both.verdicts
    assert (p99.held, unanswered.held) == (False, True)
    assert merge([make([0.010] * 500), make([0.200])]).verdicts[0].held, (
        "one of 501 is not the 99th percentile"
    )
    assert not merge([make(FAST), make(FAST, stray=2)]).verdicts[1].held


def test_of_other_verdicts_the_worst_counts() -> None:
    def drift(value: float | None) -> Result:
        return make(FAST, verdicts=[Verdict("drift", 2.0, value, value is not None and value <= 2)])

    assert merge([drift(1.0), drift(1.5)]).verdicts == [Verdict("drift", 2.0, 1.5, True)]
    assert merge([drift(1.0), drift(3.0)]).verdicts == [Verdict("drift", 2.0, 3.0, False)]
    assert merge([drift(1.0), drift(None)]).verdicts == [Verdict("drift", 2.0, None, False)]


def test_findings_of_all_are_kept() -> None:
    broken = make(FAST, checks=[Check("points add up", 6, ["m1: one is missing"]), Check("tickets", 1)])
    merged = merge([make(FAST), broken])
    assert merged.checks == [Check("points add up", 10, ["m1: one is missing"]), Check("tickets", 1)]
    assert not merged.held


def test_samples_are_the_first_ones_with_everybodys_own_process() -> None:
    merged = merge([make(FAST), make(FAST, started_at=1_001_000)])
    assert merged.samples == [
        Sample(at=1.0, processes=PROCESSES, gauges={"g": 1.0}),
        Sample(at=2.0, processes={"storm 2": Usage(0.2, 8)}),
    ]


def test_parts_of_one_run_have_its_settings_and_other_runs_are_added() -> None:
    settings = {"members": 10, "rate": 5.0, "run": "r2"}
    assert merge([make(FAST), make(SLOW)]).settings == {"members": 10, "rate": 5.0, "run": "r1", "merged": 2}
    both = merge([make(FAST), make(SLOW, settings=settings)]).settings
    assert (both["members"], both["rate"], both["merged"]) == (20, 10.0, 2)
    processes = merge([make(FAST), make(SLOW)], one_machine=True).settings
    assert processes == {"members": 10, "rate": 5.0, "run": "r1", "processes": 2}


def test_hosts_are_added_and_processes_are_not() -> None:
    assert merge([make(FAST), make(SLOW)], one_machine=True).machine == MACHINE
    machine = merge([make(FAST), make(SLOW)]).machine
    assert (machine.processor, machine.cores, machine.memory) == ("2 × a processor", 4, 200)


def test_what_does_not_belong_together_is_told() -> None:
    with pytest.raises(StormError, match="results of one scenario can be merged, not of flash, hot"):
        merge([make(FAST), make(FAST, scenario="flash")])
    with pytest.raises(StormError, match="not of none"):
        merge([])
    action = Action(due=1, acknowledged=1, latency=Summary(1, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0))
    with pytest.raises(StormError, match="without histograms"):
        merge([make(FAST), make(FAST, actions={"bid": action})])
    second = Second(at=0, due=1, acknowledged=1, latency=action.latency)
    with pytest.raises(StormError, match="without histograms"):
        merge([make(FAST), make(FAST, timeline=[second])])
