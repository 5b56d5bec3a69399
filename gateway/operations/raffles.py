"""Operations on raffles, their tickets, locks and prizes."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from engine import commands, results
from engine.commands import Behalf
from engine.draw.bls import is_signed
from engine.errors import Rejection
from engine.program import Program
from engine.raffles import answers, views
from engine.raffles.proofs import prove_entries
from engine.units import Reference
from gateway.operations.row import (
    BIDDERS,
    EVERYBODY,
    MANAGERS,
    OPERATORS,
    STEWARDS,
    OwnState,
    ViewRequest,
    command_row,
    view_row,
)

TAKEN_IDS: Final = ("locks", "key")
"""Raffles cannot have these: their paths are taken."""

Limit = Annotated[int, Meta(ge=1, le=100)]
Number = Annotated[int, Meta(ge=0, le=10**9)]


class OneRaffle(ViewRequest):
    """Names a raffle; a member, or a service for one, is also told its own part and what a ticket costs."""

    raffle: Reference
    member: Behalf = ""
    channel: Behalf = ""


class NamedRaffle(ViewRequest):
    """Names a raffle."""

    raffle: Reference


class ListRaffles(ViewRequest):
    """Filters and a cursor: ``after`` is the ``next`` of the page before, in the same ``order``: all of them,
    newest first, or those that run or are not settled, those first that close soonest."""

    member: Behalf = ""
    order: Literal["newest", "soonest"] = "newest"
    status: Annotated[str, Meta(pattern="^(draft|scheduled|open|locked|drawn|settled|void)?$")] = ""
    campaign: Behalf = ""
    after: Annotated[str, Meta(max_length=100)] = ""
    limit: Limit = 50


class RaffleRows(ViewRequest):
    """A page of what one raffle has: ``after`` is the ``next`` of the page before."""

    raffle: Reference
    after: Number = 0
    limit: Limit = 50


class ListLocks(ViewRequest):
    """A page of locks: those behind number ``after``."""

    after: Number = 0
    limit: Limit = 50


class OwnProof(ViewRequest):
    """The member's entries from its entry at index ``after`` on."""

    raffle: Reference
    member: Behalf = ""
    after: Annotated[int, Meta(ge=0, le=1_000)] = 0


def _get_raffle(program: Program, request: OneRaffle, member: str) -> msgspec.Struct:
    return views.view_raffle(program, request.raffle, member, request.channel)


def _list_raffles(program: Program, request: ListRaffles, member: str) -> msgspec.Struct:
    asked: dict[str, Any] = {
        name: getattr(request, name) for name in ("status", "campaign", "after", "limit")
    }
    if request.order == "soonest":
        return views.list_soonest_raffles(program, **asked)
    return views.list_raffles(program, viewer=member, **asked)


def _list_places(program: Program, request: RaffleRows, member: str) -> msgspec.Struct:
    return views.list_places(program, request.raffle, after=request.after, limit=request.limit)


def _list_winners(program: Program, request: RaffleRows, member: str) -> msgspec.Struct:
    return views.list_winners(program, request.raffle, after=request.after, limit=request.limit)


def _list_entries(program: Program, request: RaffleRows, member: str) -> msgspec.Struct:
    return views.list_entries(program, request.raffle, after=request.after, limit=request.limit)


def _list_locks(program: Program, request: ListLocks, member: str) -> msgspec.Struct:
    return views.list_locks(program, after=request.after, limit=request.limit)


def _prove(program: Program, request: OwnProof, member: str) -> Any:
    return prove_entries(program, request.raffle, member, after=request.after)


def _own_parts(program: Program, request: Any, member: str) -> msgspec.Struct:
    return views.list_own(program, member)


def _check_beacon(program: Program, request: Any) -> Callable[[], None]:
    """A beacon's signature is verified before it is written: under ``apply`` there is no time for it."""
    signature = bytes.fromhex(request.signature)

    def check() -> None:
        if signature and not is_signed(request.round, signature):
            raise Rejection(
                "beacon_invalid",
                f"This is not quicknet's signature of round {request.round}.",
                round=request.round,
            )

    return check


def _check_id(program: Program, request: Any) -> Callable[[], None]:
    """Over HTTP ``/v1/raffles/locks`` and ``/v1/raffles/key`` are something else."""

    def check() -> None:
        if request.raffle in TAKEN_IDS:
            raise Rejection(
                "invalid_parameters",
                f"raffle: no raffle can be called {' or '.join(TAKEN_IDS)}.",
                field="raffle",
            )

    return check


RAFFLE_OPERATIONS: Final = (
    view_row(
        "raffle.list",
        "/v1/raffles",
        _list_raffles,
        ListRaffles,
        answers.RafflePage,
        EVERYBODY,
        behalf=True,
        behalf_optional=True,
    ),
    command_row(
        "raffle.create",
        "POST /v1/raffles",
        commands.CreateRaffle,
        results.RaffleSet,
        MANAGERS,
        preflight=_check_id,
    ),
    view_row("raffle.locks", "/v1/raffles/locks", _list_locks, ListLocks, answers.LockPage, EVERYBODY),
    command_row(
        "raffle.key",
        "PUT /v1/raffles/key",
        commands.ChangeDrawKey,
        results.DrawKeySet,
        OPERATORS,
    ),
    view_row(
        "raffle.get",
        "/v1/raffles/{raffle}",
        _get_raffle,
        OneRaffle,
        answers.RaffleView,
        EVERYBODY,
        behalf=True,
        behalf_optional=True,
    ),
    view_row(
        "raffle.terms",
        "/v1/raffles/{raffle}/terms",
        lambda program, request, member: views.view_terms(program, request.raffle),
        NamedRaffle,
        answers.RaffleRecord,
        STEWARDS,
    ),
    command_row(
        "raffle.update",
        "PUT /v1/raffles/{raffle}",
        commands.UpdateRaffle,
        results.RaffleSet,
        MANAGERS,
    ),
    command_row(
        "raffle.schedule",
        "POST /v1/raffles/{raffle}/schedule",
        commands.ScheduleRaffle,
        results.RaffleSet,
        MANAGERS,
    ),
    command_row(
        "raffle.open",
        "POST /v1/raffles/{raffle}/open",
        commands.OpenRaffle,
        results.RaffleSet,
        MANAGERS,
    ),
    command_row(
        "raffle.close",
        "POST /v1/raffles/{raffle}/close",
        commands.MoveClose,
        results.RaffleSet,
        MANAGERS,
    ),
    command_row(
        "raffle.void",
        "POST /v1/raffles/{raffle}/void",
        commands.VoidRaffle,
        results.RaffleSet,
        OPERATORS,
    ),
    command_row(
        "raffle.buy",
        "POST /v1/raffles/{raffle}/tickets",
        commands.BuyTickets,
        results.Entered,
        BIDDERS,
        behalf=True,
    ),
    command_row(
        "raffle.grant",
        "POST /v1/raffles/{raffle}/grants",
        commands.GrantTickets,
        results.Entered,
        STEWARDS,
    ),
    view_row(
        "raffle.entries",
        "/v1/raffles/{raffle}/entries",
        _list_entries,
        RaffleRows,
        answers.EntryPage,
        STEWARDS,
    ),
    command_row(
        "raffle.draw",
        "POST /v1/raffles/{raffle}/draw",
        commands.Draw,
        results.RaffleSet,
        OPERATORS,
        preflight=_check_beacon,
    ),
    view_row(
        "raffle.places",
        "/v1/raffles/{raffle}/places",
        _list_places,
        RaffleRows,
        answers.PlacePage,
        EVERYBODY,
    ),
    view_row(
        "raffle.winners",
        "/v1/raffles/{raffle}/winners",
        _list_winners,
        RaffleRows,
        answers.WinnerPage,
        STEWARDS,
    ),
    command_row(
        "raffle.claim",
        "POST /v1/raffles/{raffle}/claim",
        commands.ClaimPrize,
        results.PrizeAnswered,
        BIDDERS,
        behalf=True,
    ),
    command_row(
        "raffle.decline",
        "POST /v1/raffles/{raffle}/decline",
        commands.DeclinePrize,
        results.PrizeAnswered,
        BIDDERS,
        behalf=True,
    ),
    command_row(
        "raffle.forfeit",
        "POST /v1/raffles/{raffle}/forfeit",
        commands.ForfeitPrize,
        results.PrizeAnswered,
        MANAGERS,
    ),
    view_row(
        "raffle.proof",
        "/v1/raffles/{raffle}/proof",
        _prove,
        OwnProof,
        answers.EntryProofView,
        BIDDERS,
        behalf=True,
        background=True,
    ),
    view_row(
        "raffle.audit",
        "/v1/raffles/{raffle}/audit",
        lambda program, request, member: views.view_audit(program, request.raffle),
        NamedRaffle,
        answers.AuditView,
        OPERATORS,
    ),
    view_row(
        "me.raffles",
        "/v1/me/raffles",
        _own_parts,
        OwnState,
        answers.OwnParts,
        BIDDERS,
        behalf=True,
    ),
)
