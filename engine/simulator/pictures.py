"""The engine's state, drawn as the naive model draws its own: what must be equal after every command."""

from typing import Any, get_args

from engine.auction.state import Auction, Bid, Pieces
from engine.auction.views import auction_view, own_auction
from engine.commands import AnyCommand
from engine.program import Program
from engine.simulator.auditor.auction import RUNNING

_COMMANDS = {command.__struct_config__.tag: command.__name__ for command in get_args(AnyCommand)}
_FATES = ("stands", "voided", "dropped", "replaced", "left")


def picture_of(program: Program) -> dict[str, Any]:
    """The engine's state as ``Model.picture`` draws it."""
    people = {
        f"member {member.id}": {
            "lots": _parts(member.lots),
            "holds": {
                subject: _parts(parts)
                for subject, (holder, parts) in program.ledger.holds.items()
                if holder is member
            },
            "sums": (member.issued, member.spent, member.expired),
        }
        for member in program.members
    }
    auctions = {
        f"auction {auction.id}": _picture_of_english(auction)
        if auction.pieces is None
        else _picture_of_format(program, auction, auction.pieces)
        for auction in program.auctions.values()
    }
    others = _picture_of_rewards(program) | _picture_of_raffles(program)
    return people | auctions | others | {"deeds": _picture_of_deeds(program)}


def _picture_of_english(auction: Auction) -> dict[str, Any]:
    return {
        "status": auction.status,
        "price": auction.price,
        "minimum": auction.minimum if auction.status in RUNNING else 0,
        "leader": auction.leader if auction.status in RUNNING else "",
        "reserve": auction.reserve,
        "ends": (auction.ends_at, auction.hard_stop),
        "bids": [(bid.member, bid.maximum, bid.fate == 0) for bid in auction.history],
        "best": {bid.member: bid.maximum for bid in map(auction.standing_bid, auction.bidders) if bid},
        "sale": auction.sale
        and (auction.sale.member, auction.sale.price, auction.sale.paid, not auction.sale.refunded_at),
        "offer": auction.offer and (auction.offer.member, auction.offer.price, auction.offer.lapses_at),
    }


def _picture_of_format(program: Program, auction: Auction, pieces: Pieces) -> dict[str, Any]:
    runs = auction.status in RUNNING
    view = auction_view(program, auction) if runs else None
    owns = {member: own_auction(program, auction, member) for member in auction.bidders} if runs else {}
    offer = auction.offer
    return {
        "format": pieces.format,
        "status": auction.status,
        "price": view.price if view else 0,
        "minimum": view.minimum if view else 0,
        "supply": pieces.supply,
        "reserve": auction.reserve,
        "ends": (auction.ends_at, auction.hard_stop, auction.ended_at),
        "bids": [
            (bid.member, bid.maximum, bid.quantity, bid.partial, bid.factor, _fate(bid, runs))
            for bid in auction.history
        ],
        "shares": {member: own.share for member, own in owns.items() if own.share},
        "in": view.pieces.bidders_in if view and view.pieces else 0,
        "sales": sorted(
            (sale.bid, sale.member, sale.quantity, sale.price, sale.paid, not sale.refunded_at)
            for sale in pieces.sales
        ),
        "offer": offer and (offer.bid, offer.member, offer.quantity, offer.price, offer.lapses_at),
    }


def _fate(bid: Bid, runs: bool) -> str:
    """Whether somebody in a clock falls out at its end, or stays in without winning, makes no difference."""
    fate = _FATES[bid.fate]
    return "stands" if fate == "left" and not runs else fate


def _picture_of_rewards(program: Program) -> dict[str, Any]:
    redemptions = {
        f"redemption {one.id}": (
            one.member,
            one.status,
            one.points,
            one.cash,
            one.refunded,
            one.cash_refunded,
            one.reference,
            _parts(one.parts),
        )
        for one in program.redemptions.values()
    }
    campaigns = {
        f"campaign {one.id}": (one.status_at(program.at), one.given)
        for one in program.campaigns.by_id.values()
    }
    experiences = {f"experience {one.id}": one.taken for one in program.experiences.values()}
    running = {"running": {rule.id: rule.effect.number for rule in program.book.running.rules}}
    return redemptions | campaigns | experiences | running


def _picture_of_raffles(program: Program) -> dict[str, Any]:
    raffles = {
        f"raffle {one.id}": {
            "status": one.status,
            "closes_at": one.closes_at,
            "round": one.round,
            "entries": [
                (entry.member, entry.tickets, _parts(entry.parts), entry.by, entry.reason)
                for entry in map(one.entry, range(one.entries))
            ],
            "lock": one.lock,
            "places": [
                (place.member, place.entry, place.ticket, place.fate, place.prize, place.claim_until)
                for place in one.places
            ],
            "drawn": bool(one.seed),
        }
        for one in program.raffles.by_id.values()
    }
    locks = [(one.text, (one.signature, one.token, one.fate)) for one in program.raffles.locks]
    return raffles | {"locks": locks, "draw key": program.raffles.key}


def _picture_of_deeds(program: Program) -> list[tuple[Any, ...]]:
    return [
        (
            one.number,
            one.at,
            one.actor,
            one.role,
            _COMMANDS[one.tag],
            one.concerns,
            one.asked,
            one.result,
            one.left_out,
        )
        for one in reversed(list(program.audit.newest_first(program.audit.number + 1)))
    ]


def _parts(lots: tuple[Any, ...]) -> dict[tuple[int, int], int]:
    parts = {(lot.earned_at, lot.expires_at): lot.points for lot in lots}
    assert len(parts) == len(lots), "two parts of one lot"
    return parts
