"""A comparison for people."""

import io

from rich.console import Console

from loadtests.comparison import compare
from loadtests.comparison_page import print_comparison, render_comparison
from loadtests.wording import THIN
from tests.loadtests.runs import make_run
from tests.loadtests.test_markup import HOSTILE, Reader

BEFORE, AFTER = make_run(60), make_run(60, seed=2, median=6.0, settings={"members": 300})


def test_the_terminal_shows_every_row_with_its_judgement() -> None:
    text = io.StringIO()
    comparison = compare(BEFORE, AFTER)
    print_comparison(Console(file=text, width=140), comparison)
    printed = text.getvalue().replace(THIN, " ")
    assert "Setting members: 200 before, 300 after." in printed
    assert printed.count("worse") == sum(row.judgement == "worse" for row in comparison.rows) > 0
    assert "within the noise" in printed
    assert "Kalibera" in printed
    assert f"{BEFORE.actions['bid'].latency.p50:.2f} ms" in printed


def test_the_page_says_first_what_is_worse_and_warns() -> None:
    page = Reader(render_comparison(BEFORE, AFTER).replace(THIN, " "))
    texts = "".join(page.texts)
    worse = sum(row.judgement == "worse" for row in compare(BEFORE, AFTER).rows)
    assert f"{worse} worse:" in texts
    assert texts.index("worse:") < texts.index("These runs differ") < texts.index("Throughput")
    assert "Setting members: 200 before, 300 after." in page.texts
    assert "Acknowledged a second" in page.texts
    assert "bid before median" in texts
    assert "bid after median" in texts


def test_equal_runs_differ_in_nothing() -> None:
    texts = "".join(Reader(render_comparison(BEFORE, make_run(60, seed=2))).texts)
    assert "No difference is larger than the noise." in texts
    assert "These runs differ" not in texts


def test_hostile_names_are_only_shown() -> None:
    hostile = make_run(
        2, scenario=HOSTILE, settings={HOSTILE: HOSTILE}, actions={HOSTILE: BEFORE.actions["bid"]}
    )
    page = Reader(render_comparison(hostile, make_run(2, scenario=HOSTILE, actions=hostile.actions)))
    assert "script" not in page.names
    print_comparison(Console(file=io.StringIO()), compare(hostile, BEFORE))


def test_markup_of_the_terminal_is_only_shown() -> None:
    text = io.StringIO()
    actions = {"[red]bid[/]": BEFORE.actions["bid"]}
    strange = make_run(2, actions=actions)
    print_comparison(Console(file=text, width=140), compare(strange, strange))
    assert "latency of [red]bid[/]" in text.getvalue()


def test_runs_without_anything_have_a_page() -> None:
    empty = make_run(0, actions={}, samples=[])
    assert "No difference is larger than the noise." in render_comparison(empty, empty)
