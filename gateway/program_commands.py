"""``livelot plan``, ``apply``, ``export``, ``tune`` and ``preview``: a program from a manager's terminal.

They speak to a gateway over HTTP, as any client does (``gateway/errands.py``). A command imports what it runs
when it is run (``gateway/cli.py``).
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gateway import options
from gateway.options import DEFAULTS, build
from gateway.settings import FolderError

CHANGES: Final = 2
"""The exit code of `livelot plan --exit-code` where something would change."""

REFUSED: Final = 1
"""The exit code of `livelot apply` where something was refused."""

ProgramFile = Annotated[Path, typer.Argument(metavar="FILE.toml", help="The program, as a file.")]
Prune = Annotated[
    bool,
    typer.Option("--prune", help="Remove experiences that the file does not have, and end such campaigns."),
]


def plan(
    file: ProgramFile,
    prune: Prune = False,
    preview: Annotated[
        bool,
        typer.Option(
            "--preview", help="Show which prices changed rules would change; takes a draft for that."
        ),
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 2 where something would change.")
    ] = False,
    url: options.Url = "",
    token: options.Token = "",
    program: options.Program = "",
    data: options.Data = DEFAULTS.data,
    secret_file: options.SecretFile = "",
) -> None:
    """Show what a program file would change. Changes nothing; `--preview` puts a draft, and drops it again.

    - `livelot plan program.toml`
    - `livelot plan program.toml --preview`: and which prices its rules would change
    - `livelot plan program.toml --exit-code`: for a pipeline; 0 nothing, 2 something
    """
    from gateway.blueprint.blueprint import Call
    from gateway.blueprint.difference import Plan
    from gateway.blueprint.planning import draw_plan, show_preview
    from gateway.blueprint.reading import read_file
    from gateway.blueprint.report import make_console, show_plan
    from gateway.errands import ask_gateway

    wanted = read_file(file)
    console = make_console()

    async def look(call: Call) -> Plan:
        found = await draw_plan(call, wanted, prune)
        show_plan(console, found)
        if preview and found.edition is not None:
            await show_preview(call, found.edition, console)
        return found

    found = ask_gateway(look, build(locals()), url, token)
    if exit_code and found.changes:
        raise typer.Exit(CHANGES)


def apply(
    file: ProgramFile,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    prune: Prune = False,
    why: Annotated[
        str,
        typer.Option(
            help="Why; it is kept with the price rules. [default: the file's name]", show_default=False
        ),
    ] = "",
    url: options.Url = "",
    token: options.Token = "",
    program: options.Program = "",
    data: options.Data = DEFAULTS.data,
    secret_file: options.SecretFile = "",
) -> None:
    """Make a program what its file says, again and again without harm. Asks first, on a terminal.

    What the file does not have stays. Ends with 1 if something was refused; the rest is done.

    - `livelot apply program.toml`
    - `livelot apply program.toml --yes --why "Ramadan"`: without being asked
    """
    from gateway.blueprint.blueprint import Call
    from gateway.blueprint.carrying_out import carry_out
    from gateway.blueprint.planning import draw_plan
    from gateway.blueprint.reading import read_file
    from gateway.blueprint.report import make_console, show_outcome, show_plan
    from gateway.errands import ask_gateway

    wanted = read_file(file)
    settings = build(locals())
    console = make_console()
    found = ask_gateway(lambda call: draw_plan(call, wanted, prune), settings, url, token)
    show_plan(console, found)
    # Asked between two event loops: one that runs would keep the first Ctrl-C to itself.
    if not found.changes or not (yes or _agrees()):
        return

    async def change(call: Call) -> bool:
        reason = why or f"apply {file.name}"
        outcomes = await carry_out(
            call, found, why=reason, tell=lambda outcome: show_outcome(console, outcome)
        )
        return all(outcome.status == "done" for outcome in outcomes)

    if not ask_gateway(change, settings, url, token):
        raise typer.Exit(REFUSED)


def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE.toml]", help="Where to. [default: standard output]")
    ] = None,
    url: options.Url = "",
    token: options.Token = "",
    program: options.Program = "",
    data: options.Data = DEFAULTS.data,
    secret_file: options.SecretFile = "",
) -> None:
    """Write the running program as a file that `livelot plan` and `livelot apply` read.

    Auctions that have opened and campaigns that have ended are not in it.

    - `livelot export program.toml`
    - `livelot export | grep -A 5 happy-hour`
    """
    from gateway.blueprint.running import read_running
    from gateway.blueprint.writing import HEAD, write
    from gateway.errands import ask_gateway

    settings = build(locals())
    running = ask_gateway(read_running, settings, url, token)
    time = datetime.now(UTC).isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC")
    text = HEAD.format(program=settings.program, time=time) + write(running)
    if file is None:
        typer.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FolderError(f"{file} cannot be written: {error.strerror}.") from error


def tune(
    rule: Annotated[str, typer.Argument(help="The id of a running price rule.")],
    number: Annotated[int, typer.Argument(help="Its new number: basis points of a factor, points, or cash.")],
    why: Annotated[str, typer.Option(help="Why; it is kept in the history of the rules.")] = "",
    url: options.Url = "",
    token: options.Token = "",
    program: options.Program = "",
    data: options.Data = DEFAULTS.data,
    secret_file: options.SecretFile = "",
) -> None:
    """Change the number of one running price rule: every price follows at once.

    - `livelot tune gold-discount 8500 --why "a slow Tuesday"`: a factor of 0.85
    - `livelot tune welcome -250`: 250 points less
    """
    from gateway.blueprint.blueprint import Call
    from gateway.errands import ask_gateway

    async def turn(call: Call) -> dict[str, Any]:
        return await call("rules.tune", rule=rule, number=number, why=why)

    done = ask_gateway(turn, build(locals()), url, token)
    typer.echo(f"{rule}: {done['before']} → {done['after']}, in revision {done['revision']}.")


def preview(
    draft: Annotated[str, typer.Argument(help="The id of a draft of price rules.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    url: options.Url = "",
    token: options.Token = "",
    program: options.Program = "",
    data: options.Data = DEFAULTS.data,
    secret_file: options.SecretFile = "",
) -> None:
    """Show which prices a draft of price rules would change, before it is published.

    - `livelot preview summer`
    - `livelot preview summer --json | python -m json.tool`
    """
    import msgspec

    from gateway.blueprint.blueprint import Call
    from gateway.blueprint.report import make_console, show_preview
    from gateway.errands import ask_gateway

    async def look(call: Call) -> dict[str, Any]:
        return await call("rules.preview", draft=draft)

    found = ask_gateway(look, build(locals()), url, token)
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        show_preview(make_console(), found)


def add_commands(app: typer.Typer) -> None:
    """Puts them under ``livelot``."""
    for command in (plan, apply, export, preview):
        app.command()(command)
    # A number may be below zero, and is no option then.
    app.command(context_settings={"ignore_unknown_options": True})(tune)


def _agrees() -> bool:
    """Whether whoever sits there says yes; where nobody sits, nobody is asked."""
    return not sys.stdin.isatty() or typer.confirm("Do it?")
