"""A row of the operations table: what it says, and how one is made from a command or from a view."""

import inspect
import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from engine.commands import MANAGER, MEMBER, OPERATOR, ROLES, SERVICE, Behalf, Command
from engine.program import Program
from engine.units import Time
from gateway.directory import Directory
from gateway.identity import Caller
from gateway.shapes import contains_arrays, derive, object_shape, objectify, rebuilder

View = Callable[[Program, Any, str], Any]
"""Answers a question: the state, the request, and the member that asks or is asked for (empty for staff)."""

Preflight = Callable[[Program, Any], Callable[[], None]]
"""A job that raises ``Rejection`` where a command should not be sent."""

Beside = Callable[[Directory, Caller, Any, str, Any], Awaitable[Any]]
"""Answers from beside the log: the directory, who asks, the request, the member that it is about, and what
the view found in the state."""

Key = Annotated[str, Meta(min_length=1, max_length=64)]
PositionText = Annotated[str, Meta(pattern=r"^[0-9]{1,20}:[0-9]{1,20}-[0-9]{1,20}$", max_length=62)]

ENVELOPE: Final = (("key", Key | None, None), ("not_after", Time | None, None))
POSITION: Final = ("position", PositionText | None, None)


class Row(msgspec.Struct, kw_only=True):
    """What can be asked, in words, and the shapes of request and reply."""

    name: str
    words: str
    request: type[msgspec.Struct]
    reply: type[msgspec.Struct]


class Operation(Row, kw_only=True):
    """One row. ``roles`` has the bit ``1 << role`` of each role that may ask.

    ``behalf``: it is done for a member, which a service names in ``member`` (it must, unless
    ``behalf_optional``). ``build`` makes the command from a checked request and that member; a view has none.
    ``background``: the view gives a job to do in a thread, apart from the state. ``preflight`` gives one that
    must not be refused before a command is sent. ``beside`` answers with what stands beside the log, once the
    view has looked at the state, or its job has. ``commands`` are those that may be written for it.
    """

    method: str
    path: str
    roles: int
    build: Callable[[Any, str], Command] | None = None
    view: View | None = None
    behalf: bool = False
    behalf_optional: bool = False
    background: bool = False
    preflight: Preflight | None = None
    beside: Beside | None = None
    commands: tuple[type[Command], ...] = ()

    @property
    def path_names(self) -> tuple[str, ...]:
        """The request's fields that HTTP has in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def role_names(self) -> tuple[str, ...]:
        """Who may ask."""
        return tuple(name for name, role in ROLES.items() if self.roles >> role & 1)


class ViewRequest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The base of questions."""

    position: PositionText | None = None


class OwnState(ViewRequest):
    """The asking member's own; a service names the member."""

    member: Behalf = ""


def bits(*roles: int) -> int:
    """The roles, as ``Operation.roles`` has them."""
    return sum(1 << role for role in roles)


OPERATORS: Final = bits(OPERATOR)
MANAGERS: Final = bits(MANAGER, OPERATOR)
STEWARDS: Final = bits(MANAGER, OPERATOR, SERVICE)
BIDDERS: Final = bits(MEMBER, SERVICE)
EVERYBODY: Final = bits(MEMBER, MANAGER, OPERATOR, SERVICE)


def command_row(
    name: str,
    route: str,
    command: type[Command],
    reply: type[msgspec.Struct],
    roles: int,
    *,
    behalf: bool = False,
    preflight: Preflight | None = None,
    narrow: Callable[[Any], Command] = lambda command: command,
    build: Callable[[Any, str], Command] | None = None,
    older: type[Command] | None = None,
) -> Operation:
    """The row of a command, whose request is derived from it. ``narrow`` gives the command that is written:
    an ``older`` one where that says the same, so that it can be asked for while two versions run. ``build``
    does all of it, from the request and the member, where that is done so often that it should be done at
    once."""
    method, _, path = route.partition(" ")
    arguments = rebuilder(command, without=("member",) if behalf else ())

    def build_narrowly(request: Any, member: str) -> Command:
        return narrow(command(*arguments(request), member) if behalf else command(*arguments(request)))

    return Operation(
        name=name,
        method=method,
        path=path,
        words=inspect.cleandoc(command.__doc__ or ""),
        roles=roles,
        request=derive(command, (*ENVELOPE, POSITION)),
        reply=reply,
        build=build or build_narrowly,
        behalf=behalf,
        preflight=preflight,
        commands=(command, older) if older is not None else (command,),
    )


def view_row(
    name: str,
    path: str,
    view: View,
    request: type[msgspec.Struct],
    reply: type[msgspec.Struct],
    roles: int,
    *,
    method: str = "GET",
    behalf: bool = False,
    behalf_optional: bool = False,
    background: bool = False,
) -> Operation:
    """The row of a view. A reply with structs of the log's is written as objects with names."""
    if contains_arrays(reply):
        look, reply = view, object_shape(reply)

        def view(program: Program, request: Any, member: str) -> Any:
            return objectify(look(program, request, member))

    return Operation(
        name=name,
        method=method,
        path=path,
        words=inspect.cleandoc(reply.__doc__ or ""),
        roles=roles,
        request=request,
        reply=reply,
        view=view,
        behalf=behalf,
        behalf_optional=behalf_optional,
        background=background,
    )
