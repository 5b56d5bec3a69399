"""``livelot verify-draw``, ``verify-entry`` and ``verify-locks``: draws, for whoever doubts them.

They need nothing but files: no gateway, no network, no trust in whoever runs the program beyond
what they say in words. A command imports what it runs when it is run (``gateway/cli.py``).
"""

from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from engine.draw.report import Report
from engine.errors import Rejection

FAILED: Final = 1
"""The exit code where a step failed."""

Document = Annotated[Path, typer.Argument(metavar="FILE", help="The file; - reads standard input.")]
Pages = Annotated[
    list[Path], typer.Argument(metavar="FILE…", help="All pages of the list of locks, in their order.")
]
Keys = Annotated[
    list[str] | None,
    typer.Option(
        "--key",
        metavar="KEY",
        help="The program's public key: 64 hex characters, or a PEM file. Have it from somewhere else than "
        "the file that you verify. May be given again, where the program has changed its key.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


def verify_draw_file(
    file: Document,
    key: Keys = None,
    locks: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="A page of the program's list of locks (`GET /v1/raffles/locks`); give all of them, in "
            "their order. Then a draw that was held back or repeated shows.",
        ),
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(metavar="PEM", help="The root certificates of the time stamp's authority."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify a raffle's draw from its evidence, step by step, offline.

    Exits with 1 at the first step that fails, and names it.

    - `curl -H "Authorization: Bearer $TOKEN" $URL/v1/raffles/car/evidence > car.json`
    - `livelot verify-draw car.json --key 3b6a27bc…`
    """
    from engine.draw.verification import verify_evidence
    from gateway.draw_files import read_bytes, read_keys

    pages = [read_bytes(page) for page in locks or ()]
    certificates = read_bytes(certificate) if certificate is not None else None
    report = verify_evidence(read_bytes(file), keys=read_keys(key), locks=pages, certificates=certificates)
    _tell(report, as_json)


def verify_entry_file(
    file: Document,
    key: Keys = None,
    member: Annotated[
        str, typer.Option(metavar="ID", help="The member; whether the pseudonym is this member's.")
    ] = "",
    salt: Annotated[
        str, typer.Option(metavar="HEX", help="The raffle's salt, which auditors get (`raffle.audit`).")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Verify that a member's tickets are in a raffle's lock, from the member's own proof, offline.

    - `curl -H "Authorization: Bearer $TOKEN" $URL/v1/raffles/car/proof > mine.json`
    - `livelot verify-entry mine.json --key 3b6a27bc…`
    """
    from engine.draw.verification import verify_entry
    from gateway.draw_files import read_bytes, read_hex, read_keys

    if bool(member) != bool(salt):
        raise Rejection("invalid_parameters", "--member and --salt go together.")
    report = verify_entry(
        read_bytes(file),
        keys=read_keys(key),
        member=member or None,
        salt=read_hex(salt, "--salt") if salt else None,
    )
    _tell(report, as_json)


def verify_lock_files(files: Pages, key: Keys = None, as_json: AsJson = False) -> None:
    """Verify a program's list of locks: numbered without a gap, each on the one before, each signed.

    - `curl -H "Authorization: Bearer $TOKEN" "$URL/v1/raffles/locks?limit=100" > locks-1.json`
    - where its `next` is not 0, the next page: `…/locks?limit=100&after=$NEXT" > locks-2.json`
    - `livelot verify-locks locks-*.json --key 3b6a27bc…`
    """
    from engine.draw.verification import verify_locks
    from gateway.draw_files import read_bytes, read_keys

    _tell(verify_locks([read_bytes(file) for file in files], keys=read_keys(key)), as_json)


def add_draw_commands(app: typer.Typer) -> None:
    """Makes these commands of ``livelot``."""
    app.command(name="verify-draw")(verify_draw_file)
    app.command(name="verify-entry")(verify_entry_file)
    app.command(name="verify-locks")(verify_lock_files)


def _tell(report: Report, as_json: bool) -> None:
    if as_json:
        steps = msgspec.to_builtins(report)
        typer.echo(msgspec.json.format(msgspec.json.encode({"passed": report.passed, **steps}), indent=2))
    else:
        for step in report.steps:
            typer.echo(f"{'✓' if step.passed else '✗'} {step.id}: {step.words}")
        for note in report.notes:
            typer.echo(f"! {note}")
        failed = report.failed
        typer.echo(f"It fails at the step {failed.id}." if failed else "It holds.")
    if not report.passed:
        raise typer.Exit(FAILED)
