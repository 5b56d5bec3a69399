"""What two runs have in common, and what is more than noise."""

import msgspec
import pytest

from loadtests.comparison import Comparison, Row, compare, list_differences, word_change, word_value
from loadtests.measures import Summary
from loadtests.noise import Interval
from loadtests.result import Action, Check, Machine, Result
from loadtests.wording import THIN
from tests.loadtests.runs import MACHINE, make_run

BEFORE = make_run(60)


def find_row(comparison: Comparison, group: str, name: str) -> Row:
    (row,) = [row for row in comparison.rows if (row.group, row.name) == (group, name)]
    return row


def test_the_same_thing_twice_is_within_the_noise() -> None:
    comparison = compare(BEFORE, make_run(60, seed=2))
    assert {row.judgement for row in comparison.rows} == {"within the noise", "not judged"}
    assert comparison.warnings == []


def test_slower_and_dearer_is_found() -> None:
    comparison = compare(BEFORE, make_run(60, seed=2, median=6.0, cores=0.9))
    for name in ("p50", "p90", "p99"):
        assert find_row(comparison, "latency of bid", name).judgement == "worse"
    assert find_row(comparison, "cost", "gateway, CPU for an acknowledged action").judgement == "worse"
    assert find_row(comparison, "cost", "keeper, CPU for an acknowledged action").beyond_noise is False
    assert find_row(comparison, "throughput", "acknowledged").beyond_noise is False


def test_faster_is_better() -> None:
    comparison = compare(BEFORE, make_run(60, seed=2, median=2.0))
    row = find_row(comparison, "latency of bid", "p50")
    assert row.judgement == "better"
    assert row.ratio == pytest.approx(0.5, rel=0.1)


def test_more_of_the_same_load_is_better_and_more_load_is_only_a_change() -> None:
    comparison = compare(BEFORE, make_run(60, seed=2, rate=60))
    assert find_row(comparison, "throughput", "due").judgement == "changed"
    assert find_row(comparison, "throughput", "acknowledged").judgement == "better"


def test_figures_are_those_of_the_runs() -> None:
    after = make_run(60, seed=2)
    comparison = compare(BEFORE, after)
    row = find_row(comparison, "latency of bid", "p99.9")
    assert (row.before, row.after) == (
        BEFORE.actions["bid"].latency.p999,
        after.actions["bid"].latency.p999,
    )
    throughput = find_row(comparison, "throughput", "acknowledged")
    assert throughput.before == sum(action.acknowledged for action in BEFORE.actions.values()) / 60
    acknowledged = sum(second.acknowledged for second in BEFORE.timeline)
    spent = sum(sample.processes["keeper"].cores for sample in BEFORE.samples)
    cost = find_row(comparison, "cost", "keeper, CPU for an acknowledged action")
    assert cost.before == pytest.approx(1000 * spent / acknowledged)
    memory = find_row(comparison, "cost", "gateway, highest memory")
    assert memory.before == 179 * 1024**2
    assert memory.judgement == "not judged"


def test_errors_are_compared_by_code_as_shares() -> None:
    refusing = [
        msgspec.structs.replace(second, refused={"closed": second.due // 2}) for second in BEFORE.timeline
    ]
    actions = {"bid": Action(due=100, acknowledged=50, refused={"closed": 50})}
    after = msgspec.structs.replace(BEFORE, timeline=refusing, actions=actions)
    comparison = compare(BEFORE, after)
    row = find_row(comparison, "errors", "refused: closed")
    assert (row.before, row.after, row.judgement) == (0.0, 0.5, "worse")
    assert row.ratio is None
    assert word_change(row).startswith("+50.00 points (")
    assert find_row(comparison, "errors", "refused: bid_too_low").judgement == "better"


@pytest.mark.parametrize("seconds", [0, 1, 10])
def test_short_runs_are_not_judged(seconds: int) -> None:
    comparison = compare(make_run(seconds), make_run(seconds, median=40.0))
    assert {row.judgement for row in comparison.rows} == {"not judged"}


def test_the_tail_is_judged_only_where_there_are_enough_values() -> None:
    comparison = compare(BEFORE, make_run(60, median=40.0))
    assert find_row(comparison, "latency of bid", "p99").judgement == "worse"
    assert find_row(comparison, "latency of bid", "p99.9").judgement == "not judged"
    assert find_row(comparison, "latency of bid", "longest").judgement == "not judged"


def test_a_latency_without_a_histogram_is_shown_and_not_judged() -> None:
    bare = {"bid": Action(due=10, acknowledged=10, latency=Summary(10, 1, 1, 1, 1, 1, 1))}
    comparison = compare(BEFORE, make_run(60, actions=bare))
    assert find_row(comparison, "latency of bid", "p50").judgement == "not judged"


def test_everything_that_differs_is_told() -> None:
    machine = Machine("Linux 6.1", "Four Cores", 4, MACHINE.memory, {"python": "3.13.0", "uvloop": "1"})
    after = make_run(
        90,
        scenario="closing",
        machine=machine,
        settings={"members": 300, "rate": 40.0, "prepare": True, "run": "other", "own": {"auctions": 3}},
        checks=[Check("c", 1, ["wrong"])],
        lateness=45.0,
        actions={"bid": BEFORE.actions["bid"]},
    )
    words = [warning.replace(THIN, " ") for warning in list_differences(BEFORE, after)]
    assert words == [
        "Scenario: hot before, closing after.",
        "Actions: bid, read before, bid after.",
        "The machine's processor: Two Cores before, Four Cores after.",
        "The machine's cores: 2 before, 4 after.",
        "Version of livelot: 0.1.0 before, none after.",
        "Version of python: 3.11.7 before, 3.13.0 after.",
        "Version of uvloop: none before, 1 after.",
        "Setting auctions: none before, 3 after.",
        "Setting members: 200 before, 300 after.",
        "Length: 1 min before, 1 min 30 s after.",
        "The run after is not held: its figures may be those of wrong answers.",
        "The run after was limited by its client: its latencies are partly the client's.",
    ]


def test_secrets_do_not_show_where_settings_differ() -> None:
    def with_secret(secret: str) -> Result:
        return make_run(1, settings={"token_secret": secret})

    assert "abc" not in str(list_differences(with_secret("abc"), with_secret("def")))


@pytest.mark.parametrize(
    ("unit", "value", "words", "change"),
    [
        ("ms", 2.0, "2 ms", "× 1.50 (1.25 to 1.75)"),
        ("a second", 200.0, "200 /s", "× 1.50 (1.25 to 1.75)"),
        ("bytes", 1024.0**2, "1 MiB", "× 1.50 (1.25 to 1.75)"),
        ("share", 0.5, "50 %", "+25.00 points (+125.00 to +175.00)"),
    ],
)
def test_figures_have_their_unit(unit: str, value: float, words: str, change: str) -> None:
    row = Row(group="g", name="n", unit=unit, before=value, after=1.5 * value, interval=Interval(1.25, 1.75))
    assert word_value(row, value).replace(THIN, " ") == words
    assert word_change(row) == change
