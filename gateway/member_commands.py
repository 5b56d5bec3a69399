"""``livelot member …``: what is known of one member, and how it is erased. They speak to a gateway, as any
client does.

A command imports what it runs when it is run (``gateway/cli.py``).
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from gateway import options
from gateway.options import DEFAULTS, build
from gateway.settings import FolderError

member_app = typer.Typer(no_args_is_help=True, help="One member: all that is known of it, and erasing it.")

Id = Annotated[str, typer.Argument(metavar="MEMBER", help="The member's id.")]


@member_app.command()
def export(
    member: Id,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE.json]", help="Where to. [default: standard output]")
    ] = None,
    own: Annotated[
        bool, typer.Option("--own", help="As the member itself sees it: with its own --token.")
    ] = False,
    url: options.Url = "",
    token: options.Token = "",
    program: options.Program = "",
    data: options.Data = DEFAULTS.data,
    secret_file: options.SecretFile = "",
) -> None:
    """Write everything that is known of a member as one JSON document.

    As staff sees it: without lots and holds, and without auctions that have not ended.

    - `livelot member export m0001 m0001.json`
    - `livelot member export m0001 --own --token "$(livelot token m0001)"`: with those
    """
    import msgspec

    from gateway.blueprint.blueprint import Call
    from gateway.errands import ask_gateway

    async def look(call: Call) -> dict[str, Any]:
        return await call("me.export" if own else "member.export", member=member)

    found = ask_gateway(look, build(locals()), url, token)
    text = msgspec.json.format(msgspec.json.encode(found)).decode() + "\n"
    if file is None:
        typer.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FolderError(f"{file} cannot be written: {error.strerror}.") from error


@member_app.command()
def erase(
    member: Id,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: options.Url = "",
    token: options.Token = "",
    program: options.Program = "",
    data: options.Data = DEFAULTS.data,
    secret_file: options.SecretFile = "",
) -> None:
    """Erase who a member is: name, e-mail address and phone number go, at once and for good.

    What stays are its points and what it did, under its opaque id. Copies of the server's data that were made
    before still have what is erased here.

    - `livelot member erase m0001`
    """
    from gateway.blueprint.blueprint import Call
    from gateway.errands import ask_gateway

    if not yes and not typer.confirm(f"Erase {member}? It cannot be undone."):
        raise typer.Exit(1)

    async def remove(call: Call) -> dict[str, Any]:
        return await call("member.erase", member=member)

    done = ask_gateway(remove, build(locals()), url, token)
    typer.echo(f"{member} is erased, since {done['erased_at']} ms, by {done['erased_by']}.")
    if not done["file_rewritten"]:
        typer.echo(
            "The log's server has not written its file anew, which may still hold older values: run this "
            "again, or have the server do it (BGREWRITEAOF).",
            err=True,
        )
        raise typer.Exit(1)
