"""A result in a terminal: what a load tester looks at first."""

from rich.console import Console
from rich.table import Table

from loadtests.measures import Summary
from loadtests.result import Result, Verdict

LATE = 5.0
"""Milliseconds at p99: beyond, it was the client that was measured."""


def print_result(console: Console, result: Result) -> None:
    """Prints actions, latencies, what else was counted, checks and verdicts."""
    console.print(_count_table(result))
    console.print(_latency_table(result))
    for words, count in result.told_counts.items():
        console.print(f"{words}: {count}", highlight=False)
    if result.lateness.p99 > LATE:
        words = f"The crowd itself was {result.lateness.p99:.1f} ms late at p99: the client was measured too."
        console.print(f"[yellow]{words} Use --processes, or another machine.[/]")
    print_checks(console, result)
    for verdict in result.verdicts:
        console.print(_verdict_line(verdict), highlight=False)


def print_checks(console: Console, result: Result) -> None:
    """Prints what was looked at, and every finding."""
    for check in result.checks:
        found = len(check.findings)
        colour, words = ("red", f"{found} findings") if found else ("green", f"{check.checked} looked at")
        console.print(f"[{colour}]{check.name}: {words}[/]", highlight=False)
        for finding in check.findings:
            console.print(f"  {finding}", highlight=False)


def _verdict_line(verdict: Verdict) -> str:
    colour, word = ("green", "kept") if verdict.held else ("red", "NOT KEPT")
    value = "nothing was measured" if verdict.value is None else f"{verdict.value:.4g}"
    return f"[{colour}]{verdict.name}: {value}, at most {verdict.limit:g}: {word}[/]"


def _count_table(result: Result) -> Table:
    title = f"{result.scenario} on {result.url}, {result.sockets} sockets, {result.seconds:.1f} s"
    table = Table(title=title, title_justify="left")
    for heading in ("action", "outcome"):
        table.add_column(heading)
    for heading in ("count", "a second"):
        table.add_column(heading, justify="right")
    for name, action in result.actions.items():
        rows = {"due": action.due, "acknowledged": action.acknowledged}
        rows |= {f"refused: {code}": count for code, count in action.refused.items()}
        rows |= {"passed: nothing to do": action.passed, "unanswered": action.unanswered}
        for outcome, count in rows.items():
            if count or outcome in ("due", "acknowledged"):
                first = name if outcome == "due" else ""
                table.add_row(first, outcome, f"{count}", f"{count / result.seconds:.1f}")
    return table


def _latency_table(result: Result) -> Table:
    table = Table(title="Milliseconds from when an action was due", title_justify="left")
    table.add_column("to", no_wrap=True)
    for heading in ("count", "mean", "p50", "p90", "p99", "p99.9", "longest"):
        table.add_column(heading, justify="right")
    _add_latency(table, "start (own lateness)", result.lateness)
    for name, action in result.actions.items():
        _add_latency(table, name, action.latency)
    return table


def _add_latency(table: Table, name: str, summary: Summary) -> None:
    values = (summary.mean, summary.p50, summary.p90, summary.p99, summary.p999, summary.longest)
    table.add_row(name, f"{summary.count}", *(f"{value:.2f}" for value in values))
