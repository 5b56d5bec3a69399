"""``livelot`` as a newer version of it would be: its code knows a level more than this one's.

Run it as ``python tests/faults/newer.py up …``; the processes that it starts are of the newer version too.
The level is raised before anything else of ours is imported, since modules take it by name.
"""

import sys

import engine.commands

engine.commands.LEVEL += 1  # type: ignore[misc]

from gateway import cli, supervisor  # noqa: E402 - see above


def own_command(module: str, *arguments: str) -> list[str]:
    """As ``gateway.supervisor.own_command``, for the one module that is started here."""
    assert module == "gateway.cli"
    return [sys.executable, "-P", __file__, *arguments]


if __name__ == "__main__":
    supervisor.own_command = own_command
    cli.main()
