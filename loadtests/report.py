"""A storm's result: as a table for people, as JSON for machines."""

from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from loadtests.findings import Verification, conclude
from loadtests.formats import Format
from loadtests.machine import read_machine
from loadtests.measures import Acknowledgement, Measures, Summary
from loadtests.result import Check, Result
from loadtests.sockets import Counts
from loadtests.tally import Tally


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for. ``rate`` is bids a second by all members together."""

    url: str
    program: str
    members: int
    auctions: int
    rate: float
    seconds: float
    watched: int = 1
    prepare: bool = False
    prefix: str = "m"
    tier: str = "gold"
    market: str = "eu"
    patience: float = 30.0
    seed: int = 1
    format: Format = Format.ENGLISH


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What happened. Distributions are in milliseconds, and count from when a bid was due.

    ``due`` bids are ``sent`` + ``passed`` (no open auction that the member could afford); of the sent ones
    each is ``acknowledged``, in ``refused`` by code, or ``unanswered`` when the storm's patience ended; or it
    was none, and its member ``left`` a clock. ``push_own`` is of English auctions only, where one member has
    the lead; ``push_auction`` of those whose bids everybody is shown.
    ``deferred`` counts refusals that pass, after which the same bid was sent again; ``resent``, bids sent
    again after a lost connection. ``lateness`` is by how much the crowd itself was behind its schedule.
    ``acknowledgements`` has every acknowledged bid.
    """

    options: Options
    started_at: int
    seconds: float
    due: int
    sent: int
    passed: int
    acknowledged: int
    refused: dict[str, int]
    unanswered: int
    deferred: int
    connected: int
    lost: int
    resent: int
    latency: Summary
    lateness: Summary
    push_own: Summary
    push_auction: Summary
    verification: Verification | None
    acknowledgements: list[Acknowledgement]
    left: int = 0

    @property
    def held(self) -> bool:
        """Whether every acknowledged bid is where it has to be."""
        return self.verification is not None and self.verification.held


def make_report(
    options: Options,
    measures: Measures,
    counts: Counts,
    *,
    started_at: int,
    seconds: float,
    unanswered: int,
    verification: Verification | None,
) -> Report:
    """Sums everything up."""
    return Report(
        options=options,
        started_at=started_at,
        seconds=seconds,
        due=measures.sent + measures.passed,
        sent=measures.sent,
        passed=measures.passed,
        acknowledged=len(measures.acknowledged),
        refused=dict(measures.refused.most_common()),
        unanswered=unanswered,
        deferred=counts.deferred,
        connected=counts.connected,
        lost=counts.lost,
        resent=counts.resent,
        latency=measures.latency.summarize(),
        lateness=measures.lateness.summarize(),
        push_own=measures.measure_own_pushes() if options.format is Format.ENGLISH else Summary(),
        push_auction=measures.measure_auction_pushes() if options.format.kind != "sealed" else Summary(),
        verification=verification,
        acknowledgements=measures.acknowledged,
        left=len(measures.departures),
    )


def make_result(report: Report, tally: Tally) -> Result:
    """The same as every scenario leaves; ``tally`` has what became of the bids."""
    checks: list[Check] = []
    if (verification := report.verification) is not None:
        name = "acknowledged bids stand, once and in order"
        checks.append(conclude(name, verification.acknowledged, verification))
    return Result(
        scenario="bids",
        url=report.options.url,
        started_at=report.started_at,
        seconds=report.seconds,
        sockets=report.options.members + 1,
        settings=msgspec.to_builtins(report.options),
        machine=read_machine(),
        actions=tally.list_actions(),
        lateness=tally.lateness.summarize(),
        timeline=tally.list_seconds(),
        checks=checks,
        lateness_histogram=tally.lateness.encode(),
    )


def write_json(path: Path, report: Report) -> None:
    """Writes the report, acknowledgements and all. Raises ``OSError``."""
    path.write_bytes(msgspec.json.encode(report))


def read_json(path: Path) -> Report:
    """What ``write_json`` wrote. Raises ``OSError`` and msgspec's errors."""
    return msgspec.json.decode(path.read_bytes(), type=Report)


def print_report(console: Console, report: Report) -> None:
    """Prints what a load tester looks at first."""
    console.print(_count_table(report))
    console.print(_latency_table(report))
    verification = report.verification
    if verification is None:
        console.print("[red]Nothing was verified.[/]")
    elif verification.held:
        words = f"All {verification.acknowledged} acknowledged bids are in the histories"
        console.print(f"[green]{words} of their {verification.auctions} auctions, in order.[/]")
        if verification.secret:
            words = f"{verification.secret} sealed bids are as their members are told"
            console.print(f"[yellow]{words}; what else became of them is secret until the close.[/]")
        if verification.sales:
            console.print(f"[green]{verification.sales} sales are what these bids make.[/]")
    else:
        console.print(f"[red]{verification.wrong} acknowledgements were broken:[/]")
        for finding in verification.findings:
            console.print(f"  {finding}", highlight=False)


def _count_table(report: Report) -> Table:
    table = Table(title=f"Storm on {report.options.url}", title_justify="left")
    table.add_column("bids")
    table.add_column("count", justify="right")
    table.add_column("a second", justify="right")
    rows = {"due": report.due, "acknowledged": report.acknowledged}
    rows |= {f"refused: {code}": count for code, count in report.refused.items()}
    rows |= {"left a clock": report.left}
    rows |= {"passed: nothing open or affordable": report.passed, "unanswered": report.unanswered}
    rows |= {
        "sent again after a refusal that passes": report.deferred,
        "sent again after a lost connection": report.resent,
    }
    rows |= {"connections lost": report.lost}
    for name, count in rows.items():
        if count or name in ("due", "acknowledged"):
            table.add_row(name, f"{count}", f"{count / report.seconds:.1f}")
    return table


def _latency_table(report: Report) -> Table:
    table = Table(title="Milliseconds from when a bid was due", title_justify="left")
    table.add_column("to", no_wrap=True)
    for heading in ("count", "mean", "p50", "p90", "p99", "p99.9", "longest"):
        table.add_column(heading, justify="right")
    rows = {
        "sending (own lateness)": report.lateness,
        "reply": report.latency,
        "push to me (outbid)": report.push_own,
        "push to auction:…": report.push_auction,
    }
    for name, summary in rows.items():
        if name.startswith("push") and not summary.count and report.options.format is not Format.ENGLISH:
            continue
        values = (summary.mean, summary.p50, summary.p90, summary.p99, summary.p999, summary.longest)
        table.add_row(name, f"{summary.count}", *(f"{value:.2f}" for value in values))
    return table
