"""Everything that a program's state knows of one member, as one document.

A member, and a service for it, sees all of it. Staff sees it as it sees everything else of a member: nothing
of an auction that has not ended, no lots and no holds, since a sealed bid shows in them.
"""

import msgspec

from engine.answers import MemberView, OwnPart, PointsView
from engine.auction.state import Auction, Sale
from engine.auction.views import own_sales
from engine.members import Member
from engine.program import Program
from engine.raffles.views import own_part
from engine.rewards.answers import RedemptionView
from engine.rewards.views import list_redemptions
from engine.views import FATES, view_member, view_points

BIDS_SEARCHED = 200_000
"""Bids that one dossier looks through, those of the newest auctions first: some 20 ms."""

ENTRIES_TOLD = 10_000
"""Entries in raffles that it tells, the newest first."""


class OwnBid(msgspec.Struct, frozen=True):
    """A bid as its member made it: ``maximum`` points for each of ``quantity`` pieces, at ``at`` ms."""

    number: int
    at: int
    maximum: int
    quantity: int
    fate: str


class OwnSale(msgspec.Struct, frozen=True):
    """A purchase: ``paid`` points at ``at`` ms, given back at ``refunded_at`` (0: not)."""

    bid: int
    quantity: int
    price: int
    paid: int
    at: int
    refunded_at: int


class AuctionPart(msgspec.Struct, frozen=True):
    """A member in an auction, where others know it by its number ``bidder``."""

    auction: str
    title: str
    status: str
    bidder: int
    bids: list[OwnBid]
    sales: list[OwnSale]


class OwnEntry(msgspec.Struct, frozen=True):
    """Tickets that came together at ``at`` ms, for ``points`` or granted (``by`` whom, for which
    ``reason``)."""

    raffle: str
    entry: int
    first: int
    tickets: int
    at: int
    points: int
    by: str
    reason: str


class Dossier(msgspec.Struct, frozen=True):
    """All that the program knows of a member, as of ``at`` (ms).

    ``purse`` None: it is not shown to staff. ``wins`` counts leads and wins by campaign with a limit,
    ``uses`` price rules with a limit, ``taken`` tells by experience with a limit when (ms) it was taken.
    ``keys``: how many of its commands' idempotency keys are remembered. ``complete`` is false where there
    were more bids or entries than one document holds.
    """

    at: int
    member: MemberView
    purse: PointsView | None
    auctions: list[AuctionPart]
    raffles: list[OwnPart]
    entries: list[OwnEntry]
    redemptions: list[RedemptionView]
    wins: dict[str, int]
    uses: dict[str, int]
    taken: dict[str, list[int]]
    keys: int
    complete: bool


def view_dossier(program: Program, id: str, *, own: bool) -> Dossier:
    """The dossier of a member, for itself (``own``) or for staff. Raises ``Rejection("unknown_member")``."""
    member = program.members.get(id)
    auctions, all_bids = _auction_parts(program, member, own=own)
    holdings = member.raffles or {}
    entries = _entries(program, member)
    hidden = set() if own else _open_campaigns(program, member)
    return Dossier(
        at=program.at,
        member=view_member(program, id),
        purse=view_points(program, id) if own else None,
        auctions=auctions,
        raffles=[own_part(program.raffles.by_id[raffle], member, 0) for raffle in holdings],
        entries=entries,
        redemptions=list_redemptions(program, id).redemptions,
        wins={
            campaign: counts[id]
            for campaign, counts in program.wins.counts.items()
            if id in counts and campaign not in hidden
        },
        uses=dict(member.uses or {}),
        taken={one.id: list(one.takers[id]) for one in program.experiences.values() if id in one.takers},
        keys=len(member.keys or {}) if own else 0,
        complete=all_bids and len(entries) == sum([len(holding.entries) for holding in holdings.values()]),
    )


def _auction_parts(program: Program, member: Member, *, own: bool) -> tuple[list[AuctionPart], bool]:
    """The member's part in its auctions, newest first, and whether no bid is missing."""
    parts: list[AuctionPart] = []
    searched = 0
    for id in dict.fromkeys(reversed(member.auctions)):
        auction = program.auctions.get(id)
        if auction is None or member.id not in auction.bidders or not (own or auction.ended_at):
            continue
        searched += len(auction.history)
        if searched > BIDS_SEARCHED and parts:
            return parts, False
        parts.append(_auction_part(auction, member.id))
    return parts, True


def _auction_part(auction: Auction, member: str) -> AuctionPart:
    return AuctionPart(
        auction.id,
        auction.terms.title,
        auction.status,
        auction.number_of(member),
        [
            OwnBid(number, bid.at, bid.maximum, bid.quantity, FATES[bid.fate])
            for number, bid in enumerate(auction.history, 1)
            if bid.member == member
        ],
        [_own_sale(sale) for sale in own_sales(auction, member)],
    )


def _own_sale(sale: Sale) -> OwnSale:
    return OwnSale(sale.bid, sale.quantity, sale.price, sale.paid, sale.at, sale.refunded_at)


def _open_campaigns(program: Program, member: Member) -> set[str]:
    """The campaigns in whose open auctions the member leads, or bids unseen: their counts would tell."""
    found = (program.auctions.get(id) for id in member.auctions)
    return {one.terms.campaign for one in found if one is not None and not one.ended_at}


def _entries(program: Program, member: Member) -> list[OwnEntry]:
    told: list[OwnEntry] = []
    for id, holding in reversed((member.raffles or {}).items()):
        raffle = program.raffles.by_id[id]
        for number in reversed(holding.entries[-(ENTRIES_TOLD - len(told)) :]):
            one = raffle.entry(number)
            told.append(OwnEntry(id, number, one.first, one.tickets, one.at, one.points, one.by, one.reason))
        if len(told) == ENTRIES_TOLD:
            break
    return told
