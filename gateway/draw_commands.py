"""``livelot verify-draw``, ``verify-entry`` and ``verify-locks``: draws, for whoever doubts them.

They need nothing but files: no gateway, no network, no trust in whoever runs the program beyond
what they say in words.
"""

import sys
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from engine.draw.report import Report
from engine.draw.verification import verify_entry, verify_evidence, verify_locks
from engine.errors import Rejection

FAILED: Final = 1
"""The exit code where a step failed."""

_HEX_KEY: Final = 64

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
    pages = [_read(page) for page in locks or ()]
    certificates = _read(certificate) if certificate is not None else None
    _tell(verify_evidence(_read(file), keys=_read_keys(key), locks=pages, certificates=certificates), as_json)


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
    if bool(member) != bool(salt):
        raise Rejection("invalid_parameters", "--member and --salt go together.")
    report = verify_entry(
        _read(file),
        keys=_read_keys(key),
        member=member or None,
        salt=_read_hex(salt, "--salt") if salt else None,
    )
    _tell(report, as_json)


def verify_lock_files(files: Pages, key: Keys = None, as_json: AsJson = False) -> None:
    """Verify a program's list of locks: numbered without a gap, each on the one before, each signed.

    - `curl -H "Authorization: Bearer $TOKEN" "$URL/v1/raffles/locks?limit=100" > locks-1.json`
    - where its `next` is not 0, the next page: `…/locks?limit=100&after=$NEXT" > locks-2.json`
    - `livelot verify-locks locks-*.json --key 3b6a27bc…`
    """
    _tell(verify_locks([_read(file) for file in files], keys=_read_keys(key)), as_json)


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


def _read(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise Rejection("invalid_parameters", f"{path} cannot be read: {error.strerror}.") from error


def _read_keys(given: list[str] | None) -> list[bytes]:
    """The 32 bytes of each public key. Raises ``Rejection("invalid_parameters")``."""
    return [_read_key(one) for one in given or ()]


def _read_key(given: str) -> bytes:
    path = Path(given)
    if not path.exists():
        if len(given) == _HEX_KEY:
            return _read_hex(given, "--key")
        raise Rejection(
            "invalid_parameters",
            f"--key is {_HEX_KEY} hex characters, or a PEM file; {given!r} is neither.",
        )
    try:
        key = load_pem_public_key(_read(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Rejection("invalid_parameters", f"{given} holds no public key in PEM.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise Rejection("invalid_parameters", f"The key in {given} is none of Ed25519.")
    return key.public_bytes_raw()


def _read_hex(text: str, option: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise Rejection("invalid_parameters", f"{option} is written in hex characters.") from error
