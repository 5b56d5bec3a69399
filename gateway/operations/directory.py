"""Operations on who a member is (the directory), on all that is known of it, and on erasing it.

They take no idempotency key: doing one twice is doing it once. What the directory answers is as of now,
whatever ``position`` says.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from engine.commands import MEMBER
from engine.dossier import Dossier, view_dossier
from engine.program import Program
from engine.units import Reference
from gateway.directory import Directory, EmailAddress, Entry, Erasure, PersonName, PhoneNumber
from gateway.identity import Caller
from gateway.operations.row import BIDDERS, STEWARDS, Beside, Operation, OwnState, ViewRequest, bits


class OneEntry(ViewRequest):
    """Names a member."""

    member: Reference


class PutEntry(OneEntry):
    """What the member's entry is from now on, as a whole."""

    name: PersonName = ""
    email: EmailAddress = ""
    phone: PhoneNumber = ""


class PutOwnEntry(OwnState):
    """What one's own entry is from now on, as a whole."""

    name: PersonName = ""
    email: EmailAddress = ""
    phone: PhoneNumber = ""


class DirectoryView(msgspec.Struct, frozen=True):
    """Who a member is. ``erased_at`` (ms) above 0: it was erased, by ``erased_by``, and nothing is kept."""

    member: str
    name: str = ""
    email: str = ""
    phone: str = ""
    erased_at: int = 0
    erased_by: str = ""


class Everything(msgspec.Struct, frozen=True):
    """Everything that is known of a member: its entry in the directory, and its dossier from the program's
    state."""

    directory: DirectoryView
    dossier: Dossier


class Erased(msgspec.Struct, frozen=True):
    """A member was erased at ``erased_at`` (ms) by ``erased_by``.

    ``file_rewritten`` false: the log's server still has older values in its file, and could not be made to
    write it anew; erase the member again, or have the server do it (BGREWRITEAOF).
    """

    member: str
    erased_at: int
    erased_by: str
    file_rewritten: bool


async def _get(
    directory: Directory, caller: Caller, request: OneEntry | OwnState, member: str, found: str
) -> DirectoryView:
    return _show(found, await directory.find(found))


async def _put(
    directory: Directory, caller: Caller, request: PutEntry | PutOwnEntry, member: str, found: str
) -> DirectoryView:
    entry = Entry(request.name, request.email, request.phone)
    await directory.put(found, entry)
    return _show(found, entry)


async def _export(
    directory: Directory, caller: Caller, request: Any, member: str, found: Dossier
) -> Everything:
    id = found.member.member
    return Everything(_show(id, await directory.find(id)), found)


async def _erase(directory: Directory, caller: Caller, request: OneEntry, member: str, found: str) -> Erased:
    erasure, rewritten = await directory.erase(found, caller.actor)
    return Erased(found, erasure.at, erasure.by, rewritten)


def _show(member: str, found: Entry | Erasure) -> DirectoryView:
    if isinstance(found, Erasure):
        return DirectoryView(member, erased_at=found.at, erased_by=found.by)
    return DirectoryView(member, found.name, found.email, found.phone)


def _named(program: Program, request: OneEntry, member: str) -> str:
    return program.members.get(request.member).id


def _own(program: Program, request: OwnState, member: str) -> str:
    return program.members.get(member).id


def _row(
    name: str,
    route: str,
    words: str,
    look: Callable[[Program, Any, str], Any],
    beside: Beside,
    request: type[ViewRequest],
    reply: type[msgspec.Struct],
    roles: int,
) -> Operation:
    method, _, path = route.partition(" ")
    return Operation(
        name=name,
        method=method,
        path=path,
        words=words,
        request=request,
        reply=reply,
        roles=roles,
        view=look,
        beside=beside,
        behalf=bool(roles & bits(MEMBER)),
    )


DIRECTORY_OPERATIONS: Final = (
    _row(
        "directory.get",
        "GET /v1/members/{member}/directory",
        "Who a member is: name, e-mail address, phone number. They are beside the log, and can be erased.",
        _named,
        _get,
        OneEntry,
        DirectoryView,
        STEWARDS,
    ),
    _row(
        "directory.put",
        "PUT /v1/members/{member}/directory",
        "Replaces a member's entry in the directory. One that was erased stays erased.",
        _named,
        _put,
        PutEntry,
        DirectoryView,
        STEWARDS,
    ),
    _row(
        "member.export",
        "GET /v1/members/{member}/export",
        "Everything that is known of a member, as staff may see it: nothing of auctions that have not ended.",
        lambda program, request, member: view_dossier(program, request.member, own=False),
        _export,
        OneEntry,
        Everything,
        STEWARDS,
    ),
    _row(
        "member.erase",
        "POST /v1/members/{member}/erase",
        "Erases a member's entry in the directory, at once and for good: what stays in the log, its archive "
        "and its snapshots is the opaque id. Who did it, and when, is kept; no other can be put.",
        _named,
        _erase,
        OneEntry,
        Erased,
        STEWARDS,
    ),
    _row(
        "me.directory",
        "GET /v1/me/directory",
        "One's own entry in the directory.",
        _own,
        _get,
        OwnState,
        DirectoryView,
        BIDDERS,
    ),
    _row(
        "me.put_directory",
        "PUT /v1/me/directory",
        "Replaces one's own entry in the directory.",
        _own,
        _put,
        PutOwnEntry,
        DirectoryView,
        BIDDERS,
    ),
    _row(
        "me.export",
        "GET /v1/me/export",
        "Everything that is known of oneself.",
        lambda program, request, member: view_dossier(program, member, own=True),
        _export,
        OwnState,
        Everything,
        BIDDERS,
    ),
)
