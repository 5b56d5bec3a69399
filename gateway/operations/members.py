"""Operations on members for staff: finding one, and what it has as staff may see it."""

import time
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from engine import staff_views, views
from engine.answers import MemberBids, MemberView
from engine.members import FIND_LIMIT, FoundIds, find_ids
from engine.program import Program
from engine.raffles.answers import OwnParts
from engine.raffles.views import list_own
from engine.rewards.answers import RedemptionList
from engine.rewards.views import list_redemptions
from gateway.directory import Directory
from gateway.identity import Caller
from gateway.operations.auctions import OneMember
from gateway.operations.row import MANAGERS, STEWARDS, Operation, View, ViewRequest, view_row

_REST_SECONDS: Final = 0.0002
"""Between two of the 256 shards. A thread that only asks for its turn waits for it 5 ms, the interpreter's
switch interval."""


class FindMembers(ViewRequest):
    """``query`` is an id or how it begins, or a whole e-mail address or phone number."""

    query: Annotated[str, Meta(min_length=1, max_length=254)]


class FoundMembers(msgspec.Struct, frozen=True):
    """Members: first the one with this very id, then those whose entry in the directory has this e-mail
    address or phone number, then those whose ids begin like it, in the order of their ids; 20 at most.

    ``complete`` false: there are more, or not everything was looked through.
    """

    members: list[MemberView]
    complete: bool


class _Search(msgspec.Struct):
    """What is found in the state, and how members look by the time they are told."""

    ids: FoundIds
    look: Callable[[list[str]], list[MemberView]]


def _begin(program: Program, request: FindMembers, member: str) -> Callable[[], _Search]:
    def search() -> _Search:
        found = find_ids(program.members, request.query, partial(time.sleep, _REST_SECONDS))
        return _Search(found, partial(_look, program))

    return search


def _look(program: Program, ids: list[str]) -> list[MemberView]:
    # The directory may know members that a log which lost its end does not know any more.
    return [views.view_member(program, id) for id in ids if program.members.find(id) is not None]


async def _find(
    directory: Directory, caller: Caller, request: FindMembers, member: str, found: _Search
) -> FoundMembers:
    named, searched = await directory.search(request.query)
    ids = found.ids.ids
    exact = [id for id in ids if id == request.query]
    members = found.look([*dict.fromkeys([*exact, *named, *ids])])
    complete = found.ids.complete and searched and len(members) <= FIND_LIMIT
    return FoundMembers(members[:FIND_LIMIT], complete)


def _of_member(look: Callable[[Program, str], Any]) -> View:
    return lambda program, request, member: look(program, request.member)


MEMBER_OPERATIONS: Final = (
    Operation(
        name="member.find",
        method="GET",
        path="/v1/members",
        words="Finds members by id, by how their ids begin, by e-mail address or by phone number.",
        roles=MANAGERS,
        request=FindMembers,
        reply=FoundMembers,
        view=_begin,
        beside=_find,
        background=True,
    ),
    *(
        view_row(
            f"member.{name}", f"/v1/members/{{member}}/{name}", _of_member(look), OneMember, reply, STEWARDS
        )
        for name, look, reply in (
            ("points", staff_views.view_staff_points, staff_views.StaffPoints),
            ("bids", staff_views.list_staff_bids, MemberBids),
            ("raffles", list_own, OwnParts),
            ("redemptions", list_redemptions, RedemptionList),
        )
    ),
)
