"""The command line of the simulator: `python -m engine.simulator`, or `livelot simulate`.

Exit code 0: every promise was kept. 1: a violation, with the command that shows it again and the shortest
history that was found.
"""

import sys
import time
from typing import Annotated, Final

import typer
from rich.console import Console

from engine.simulator.faults import GRAVE, MILD
from engine.simulator.rare import RARE
from engine.simulator.report import Report, shrink_chapter
from engine.simulator.world import play

CHAPTER: Final = 2_500
"""Commands after which a new program begins. A short life shows as much, and a naive auditor stays quick."""

FAULTS: Final = frozenset((*MILD, *GRAVE))

app = typer.Typer(add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})


@app.command()
def simulate(
    seed: Annotated[int, typer.Option(help="Where chance begins. The same seed is the same run.")] = 1,
    commands: Annotated[int, typer.Option(min=1, help="How many commands to decide.")] = 50_000,
    seconds: Annotated[
        float, typer.Option(min=0, help="Go on for so long instead, with one seed after the other.")
    ] = 0.0,
    chapter: Annotated[
        int, typer.Option(min=0, help="Play this chapter alone, as a violation names it.")
    ] = 0,
    faults: Annotated[
        str, typer.Option(help=f"Only these, with commas between, or `none`: {', '.join(sorted(FAULTS))}.")
    ] = "all",
    shrink: Annotated[
        bool, typer.Option(help="Look for the shortest history that shows a violation.")
    ] = True,
) -> None:
    """Plays whole deployments in one thread and virtual time, under faults, beside a naive second model.

    A run is made of chapters: in each, a program begins, members and managers ask for all that can be asked,
    gateways and keepers are killed, delayed and misled, and in the end everything is mended. After every
    command the outcome must be the model's, the ledger add up, and all replicas agree.

    - `livelot simulate --seed 7 --commands 100000`
    - `livelot simulate --seconds 3600`: a soak
    """
    chosen = _choose_faults(faults)
    console = Console(highlight=False)
    report = Report()
    began = time.perf_counter()
    while not _is_over(report, commands, seconds, time.perf_counter() - began, chapter):
        number = chapter or report.chapters % -(-commands // CHAPTER) + 1
        current = seed + report.chapters // -(-commands // CHAPTER) if seconds else seed
        world = play(f"{current}/{number}", CHAPTER, chosen)
        report.add(world.judge, time.perf_counter() - began)
        violation = world.judge.violation
        if violation is not None:
            console.print(
                f"[bold red]VIOLATION[/] in chapter {number} of seed {current}: {violation}", markup=True
            )
            command = f"livelot simulate --seed {current} --chapter {number} --faults"
            console.print(f"to see it again: {command} {faults}", soft_wrap=True)
            for line in shrink_chapter(world, f"{current}/{number}", CHAPTER, chosen) if shrink else ():
                console.print(line, soft_wrap=True, markup=False)
            sys.exit(1)
        if sys.stderr.isatty():
            print(f"\r{report.progress()}", end="", file=sys.stderr, flush=True)  # noqa: T201
    for line in report.lines(RARE):
        console.print(line, markup=False)


def _choose_faults(names: str) -> frozenset[str]:
    if names in ("all", "none"):
        return FAULTS if names == "all" else frozenset()
    chosen = frozenset(names.split(","))
    if chosen - FAULTS:
        raise typer.BadParameter(f"{', '.join(sorted(chosen - FAULTS))}: there is no such fault. See --help.")
    return chosen


def _is_over(report: Report, commands: int, seconds: float, passed: float, chapter: int) -> bool:
    if chapter:
        return report.chapters > 0
    return passed >= seconds if seconds else report.commands >= commands


if __name__ == "__main__":
    app(prog_name="livelot simulate")
