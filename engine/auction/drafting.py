"""Auctions before they open: drafts, their terms, and what may be wrong with them."""

from itertools import chain

from engine.agenda import Duty
from engine.auction import lifecycle
from engine.auction.formats import RULES
from engine.auction.increments import compile_steps
from engine.auction.state import DRAFT, SCHEDULED, Auction, Pieces, restore_standing, supply_of
from engine.commands import (
    AscendingClock,
    AuctionTerms,
    CreateAuction,
    CreateFormatAuction,
    Dutch,
    Format,
    UpdateAuction,
    UpdateFormatAuction,
)
from engine.errors import Rejection
from engine.program import Program
from engine.results import AuctionSet
from engine.units import DAY, NEVER

LONGEST = 366 * DAY
"""The longest time between an auction's start and end, in ms."""


def create(program: Program, command: CreateAuction | CreateFormatAuction, actor: str, at: int) -> AuctionSet:
    """Makes a draft. Raises ``Rejection``: ``auction_exists``, ``invalid_auction``, ``too_many_auctions``."""
    if command.auction in program.auctions:
        raise Rejection(
            "auction_exists", f"There is an auction {command.auction!r} already.", auction=command.auction
        )
    if len(program.auctions) >= program.settings.auctions:
        raise Rejection(
            "too_many_auctions", f"A program may have at most {program.settings.auctions} auctions."
        )
    terms = command.terms
    format = command.format if isinstance(command, CreateFormatAuction) else None
    _check_terms(terms, format)
    auction = Auction(
        id=command.auction,
        serial=program.serial + 1,
        terms=terms,
        increments=program.increments,
        status=DRAFT,
        price=terms.opening,
        minimum=terms.opening,
        reserve=terms.reserve,
        ends_at=terms.ends_at,
    )
    _take_terms(program, auction, terms, format)
    program.serial += 1
    program.auctions[auction.id] = auction
    program.serials[auction.serial] = auction.id
    return lifecycle.changed(program, auction)


def update(program: Program, command: UpdateAuction | UpdateFormatAuction, actor: str, at: int) -> AuctionSet:
    """Replaces the terms of a draft or a scheduled auction, and its format where one is given. Raises
    ``Rejection``: ``wrong_status``, ``invalid_auction``."""
    auction = lifecycle.find_in(program, command.auction, at, (DRAFT, SCHEDULED))
    terms = command.terms
    kept = auction.pieces.format if auction.pieces is not None else None
    format = (command.format if isinstance(command, UpdateFormatAuction) else None) or kept
    _check_terms(terms, format)
    if auction.status == SCHEDULED:
        lifecycle.check_ahead(terms.ends_at, at)
        if isinstance(format, Dutch | AscendingClock):
            _check_start(terms, at)
    _take_terms(program, auction, terms, format)
    if auction.status == SCHEDULED:
        program.agenda.post(terms.starts_at, Duty.OPEN_AUCTION, auction.id)
    return lifecycle.changed(program, auction)


def _check_start(terms: AuctionTerms, at: int) -> None:
    if terms.starts_at <= at:
        words = "A price clock that is scheduled starts ahead; set starts_at later, or open it now."
        raise Rejection("already_past", words, starts_at=terms.starts_at, now=at)


def _take_terms(program: Program, auction: Auction, terms: AuctionTerms, format: Format | None) -> None:
    auction.terms = terms
    auction.increments = compile_steps(terms.increments) if terms.increments else program.increments
    auction.price = auction.minimum = terms.opening
    auction.reserve = terms.reserve
    auction.ends_at = terms.ends_at
    auction.hard_stop = terms.ends_at + terms.soft_close.hard_stop if terms.soft_close else NEVER
    auction.pieces = Pieces(format, supply_of(format)) if format is not None else None
    restore_standing(auction)


def _check_terms(terms: AuctionTerms, format: Format | None) -> None:
    """Raises ``Rejection("invalid_auction")`` with the field that is wrong."""
    soft_close = terms.soft_close
    problems = [
        ("ends_at", terms.ends_at <= terms.starts_at, "ends_at must lie after starts_at."),
        ("ends_at", terms.ends_at - terms.starts_at > LONGEST, "An auction may last at most 366 days."),
        (
            "reserve",
            0 < terms.reserve < terms.opening,
            "A reserve below the opening price has no effect; use 0 for none.",
        ),
        (
            "buy_now",
            0 < terms.buy_now <= terms.opening,
            "buy_now must lie above the opening price; use 0 for none.",
        ),
        ("buy_now", 0 < terms.buy_now < terms.reserve, "buy_now must not lie below the reserve."),
        (
            "soft_close",
            soft_close is not None and not (soft_close.window and soft_close.extension),
            "A soft close needs a window and an extension above 0 ms.",
        ),
        (
            "settlement_factors",
            any(factor == 0 for factor in terms.settlement_factors.values()),
            "A settlement factor must be at least 1 basis point.",
        ),
    ]
    more = RULES[type(format)].check(terms, format) if format is not None else ()
    # One at a time: what a format asks may not make sense where something before it is wrong.
    for field, wrong, words in chain(problems, more):
        if wrong:
            raise Rejection("invalid_auction", words, field=field)
    if terms.increments:
        compile_steps(terms.increments)
