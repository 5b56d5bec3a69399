"""The page of a result: its figures are those of the result, and nothing in it can break out."""

import pytest

from loadtests.measures import Summary
from loadtests.page import MOST_FINDINGS, add_up, render_page, summarize
from loadtests.result import Action, Check, Machine, Result, Sample, Second, Usage, Verdict
from loadtests.wording import THIN
from tests.loadtests.runs import make_run
from tests.loadtests.test_markup import HOSTILE, Reader


def read(result: Result) -> Reader:
    """The page, taken apart; thin spaces are plain ones."""
    return Reader(render_page(result).replace(THIN, " "))


def row_of(page: Reader, name: str, after: str) -> list[str]:
    """The texts of a table's row that begins with ``name``, below the caption ``after``."""
    texts = [text for text in page.texts if text.strip()]
    start = texts.index(name, texts.index(after))
    return texts[start : start + 8]


def test_the_verdict_comes_first() -> None:
    page = read(make_run(5))
    texts = "".join(page.texts)
    assert texts.index("Held") < texts.index("Thresholds") < texts.index("What became of each action")
    assert "every threshold was kept" in texts


def test_counts_are_those_of_the_result() -> None:
    actions = {
        "bid": Action(due=1_700, acknowledged=1_200, refused={"too_low": 300, "closed": 50}, unanswered=50)
    }
    actions["read"] = Action(due=40, acknowledged=30, passed=10)
    page = read(make_run(10, actions=actions))
    counts = "What became of each action"
    assert row_of(page, "bid", counts)[:7] == ["bid", "1 700", "1 200", "350", "50", "0", "120"]
    assert row_of(page, "read", counts)[:7] == ["read", "40", "30", "0", "0", "10", "3"]
    assert row_of(page, "all", counts)[:7] == ["all", "1 740", "1 230", "350", "50", "10", "123"]
    assert row_of(page, "too_low", "Refusals by code")[:4] == ["too_low", "bid", "300", "17.6 %"]
    assert row_of(page, "closed", "Refusals by code")[:4] == ["closed", "bid", "50", "2.94 %"]


def test_what_else_was_counted_is_told_where_it_says_something() -> None:
    counts = {"connected": 209, "lost": 8, "resent": 3, "deferred": 0}
    page = read(make_run(5, counts=counts))
    assert row_of(page, "connections made", "Beside the actions")[:6] == [
        "connections made",
        "209",
        "connections lost",
        "8",
        "calls sent again after a lost connection",
        "3",
    ]
    quiet = read(make_run(5, counts={"connected": 201, "lost": 0}))
    assert "Beside the actions" not in quiet.texts, "every socket connected once"


def test_latencies_are_those_of_the_result() -> None:
    latency = Summary(1234, 1.5, 1.25, 2.5, 12.75, 150.0, 1500.0)
    page = read(make_run(5, actions={"bid": Action(due=1234, acknowledged=1234, latency=latency)}))
    row = row_of(page, "bid", "Latency by action, from when each was due to its answer")
    assert row == ["bid", "1 234", "1.5 ms", "1.25 ms", "2.5 ms", "12.8 ms", "150 ms", "1.5 s"]
    assert "No histogram was kept." in page.texts


def test_all_plots_are_there_with_titles_and_descriptions() -> None:
    page = read(make_run(30))
    assert page.names.count("desc") == page.attributes.count(("role", "img")) == 7
    texts = "".join(page.texts)
    for words in (
        "Latency by percentile",
        "Throughput, actions a second",
        "Refusals by code, a second",
        "CPU by process, cores",
        "Memory by process",
        "Calls that wait for an answer",
        "Over 30 s: p50 from",
    ):
        assert words in texts


def test_headings_are_in_order() -> None:
    names = [name for name in read(make_run(5)).names if name in ("h1", "h2", "h3")]
    assert names[0] == "h1"
    assert names.count("h1") == 1
    assert names[1] == "h2"


def test_a_result_that_is_not_held_says_why() -> None:
    findings = [f"b{number}: not in the history" for number in range(MOST_FINDINGS + 5)]
    result = make_run(
        5,
        checks=[Check("each bid is there", 90, findings), Check("the ledger adds up", 10)],
        verdicts=[Verdict("p99 of bid, ms", 50, 210, False), Verdict("lost", 0, None, False)],
    )
    page = read(result)
    texts = "".join(page.texts)
    assert "Not held" in texts
    assert f"“each bid is there” was broken {MOST_FINDINGS + 5} times in 90." in texts
    assert row_of(page, "p99 of bid, ms", "Thresholds")[:4] == ["p99 of bid, ms", "210", "50", "not held"]
    assert row_of(page, "lost", "Thresholds")[:4] == ["lost", "unknown", "0", "not held"]
    assert row_of(page, "the ledger adds up", "Checks of the results")[1:4] == ["10", "0", "held"]
    assert "b0: not in the history" in page.texts
    assert findings[-1] not in page.texts
    assert "… and 5 more, which the result's JSON has." in page.texts


def test_hostile_names_are_only_shown() -> None:
    result = make_run(
        2,
        scenario=HOSTILE,
        url=f"http://h/{HOSTILE}",
        settings={HOSTILE: HOSTILE, "inner": {HOSTILE: 1}},
        machine=Machine(HOSTILE, HOSTILE, 2, 1, {HOSTILE: HOSTILE}),
        actions={HOSTILE: Action(due=2, acknowledged=1, refused={HOSTILE: 1})},
        timeline=[Second(at=0, due=2, refused={HOSTILE: 1})],
        samples=[Sample(at=1.0, processes={HOSTILE: Usage(1, 1)}, gauges={HOSTILE: 1.0})],
        checks=[Check(HOSTILE, 1, [HOSTILE])],
        verdicts=[Verdict(HOSTILE, 1, 2, False)],
    )
    page = read(result)
    assert "script" not in page.names
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert HOSTILE in page.texts


def test_a_crowd_that_was_late_is_told() -> None:
    texts = "".join(read(make_run(5, lateness=45.0)).texts)
    assert "The crowd itself was behind its schedule: p99 of its lateness is 45 ms" in texts


def test_circumstances_and_how_to_run_it_again() -> None:
    page = read(make_run(5, settings={"members": 200, "token_secret": "abc", "own": {"share": 0.5}}))
    texts = "".join(page.texts)
    for words in ("Linux 6.1", "Two Cores", "8 GiB", "3.11.7", "2024-11-21 23:57:14 UTC"):
        assert words in texts
    assert "livelot storm hot --url http://127.0.0.1:8080 --members 200 --share 0.5" in page.texts
    assert "abc" not in page.texts


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "No second was recorded."), (1, "Over 1 s: due from"), (10_800, "Over 3 h: p50 from")],
)
def test_runs_of_any_length_have_a_page(seconds: int, words: str) -> None:
    page = render_page(make_run(seconds, rate=20)).replace(THIN, " ")
    assert words in "".join(Reader(page).texts)
    assert len(page) < 400_000


def test_what_was_not_sampled_is_told() -> None:
    texts = "".join(read(make_run(5, samples=[])).texts)
    assert "No process was sampled" in texts


def test_nothing_at_all_is_a_page_as_well() -> None:
    empty = make_run(0, actions={}, samples=[], checks=[], verdicts=[], settings={})
    texts = "".join(read(empty).texts)
    assert "Not held" in texts
    assert "Nothing was checked" in texts
    assert "Nothing was refused." in texts


def test_actions_add_up_and_distributions_without_values_are_empty() -> None:
    total = add_up([Action(due=3, acknowledged=1, refused={"a": 1}, passed=1), Action(due=2, acknowledged=2)])
    assert (total.due, total.acknowledged, total.refused, total.passed) == (5, 3, {"a": 1}, 1)
    assert summarize(Summary()) == ["0", "", "", "", "", "", ""]
