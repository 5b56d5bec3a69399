"""Operations on what managers and operators did."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from engine import views
from engine.answers import ActionPage
from engine.errors import Rejection
from engine.program import Program
from engine.units import NEVER, Time
from gateway.operations.auctions import AUCTION_OPERATIONS
from gateway.operations.campaigns import CAMPAIGN_OPERATIONS
from gateway.operations.prices import PRICE_OPERATIONS
from gateway.operations.raffles import RAFFLE_OPERATIONS
from gateway.operations.rewards import REWARD_OPERATIONS
from gateway.operations.row import MANAGERS, ViewRequest, view_row

_LOGGED: Final = (
    *AUCTION_OPERATIONS,
    *RAFFLE_OPERATIONS,
    *REWARD_OPERATIONS,
    *CAMPAIGN_OPERATIONS,
    *PRICE_OPERATIONS,
)

COMMAND_NAMES: Final[Mapping[int, str]] = {
    command.__struct_config__.tag: operation.name  # type: ignore[misc]
    for operation in _LOGGED
    for command in operation.commands
}
"""The operation that writes a command, by the command's tag."""


class ListActions(ViewRequest):
    """Filters and a cursor: ``after`` is the ``next`` of the page before.

    ``object`` is the id of an auction, a member …; ``kind`` says what it is. ``from`` and ``to`` (ms): done
    at or after the one, and before the other.
    """

    actor: Annotated[str, Meta(max_length=200)] = ""
    command: Annotated[str, Meta(max_length=64)] = ""
    kind: Literal[
        "", "auction", "raffle", "experience", "campaign", "redemption", "member", "rule", "draft"
    ] = ""
    object: Annotated[str, Meta(max_length=64)] = ""
    since: Time = msgspec.field(default=0, name="from")
    until: Time = msgspec.field(default=NEVER, name="to")
    after: Annotated[str, Meta(max_length=20)] = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


def _list_actions(program: Program, request: ListActions, member: str) -> ActionPage:
    if request.command and request.command not in COMMAND_NAMES.values():
        words = f"command: {request.command!r} is no operation that changes something, as rules.tune is."
        raise Rejection("invalid_parameters", words, field="command")
    return views.list_actions(
        program,
        COMMAND_NAMES,
        actor=request.actor,
        command=request.command,
        kind=request.kind,
        id=request.object,
        since=request.since,
        until=request.until,
        after=request.after,
        limit=request.limit,
    )


AUDIT_OPERATIONS: Final = (
    view_row("audit.list", "/v1/audit", _list_actions, ListActions, ActionPage, MANAGERS),
)
