"""An auction as everybody may see it, and a member's own part in it.

While bids are sealed, an auction looks the same whether anybody has bid or not; only a bid's own member sees
it.
"""

from typing import Final

import msgspec
from msgspec.structs import astuple

from engine.answers import (
    AuctionView,
    EligibilityView,
    OwnAuction,
    PiecesView,
    PriceClockView,
    SalePage,
    SaleRecord,
    SaleView,
    SoftCloseView,
)
from engine.auction.ascending_clock import count_in
from engine.auction.english import buy_now_open
from engine.auction.multi_unit import share_of
from engine.auction.price_clock import entry_of, price_at
from engine.auction.state import OPEN, RUNNING, STANDING, Auction, Bid, Pieces, Sale, rank_of_member, sales_of
from engine.commands import AscendingClock, Dutch, MultiUnit, Sealed
from engine.errors import Rejection
from engine.program import Program
from engine.units import NEVER

SALES_SHOWN: Final = 100
"""How many sales of one auction its view has; ``auction.sales`` lists all."""


def auction_view(program: Program, auction: Auction) -> AuctionView:
    """An auction as everybody may see it."""
    terms = auction.terms
    sale = auction.sale if auction.sale is not None and not auction.sale.refunded_at else None
    view = AuctionView(
        id=auction.id,
        serial=auction.serial,
        title=terms.title,
        status=auction.status,
        price=auction.price,
        minimum=auction.minimum,
        leader=auction.number_of(auction.leader),
        bids=len(auction.history) if not auction.hides_bids else 0,
        bidders=len(auction.bidders) if not auction.hides_bids else 0,
        opening=terms.opening,
        has_reserve=auction.reserve > 0,
        reserve=auction.reserve if terms.reserve_shown else 0,
        reserve_met=auction.reserve_met or not auction.reserve,
        buy_now=terms.buy_now if auction.status == OPEN and buy_now_open(auction) else 0,
        starts_at=terms.starts_at,
        ends_at=auction.ends_at,
        hard_stop=0 if auction.hard_stop == NEVER else auction.hard_stop,
        paused_at=auction.paused_at,
        ended_at=auction.ended_at,
        campaign=terms.campaign,
        soft_close=SoftCloseView(*astuple(terms.soft_close)) if terms.soft_close else None,
        eligibility=EligibilityView(*astuple(terms.eligibility)) if terms.eligibility else None,
        winner=auction.number_of(sale.member) if sale else 0,
        hammer_price=sale.price if sale else 0,
    )
    if auction.pieces is None:
        return view
    return _with_pieces(program, auction, auction.pieces, view)


def own_auction(program: Program, auction: Auction, member: str) -> OwnAuction:
    """A member's part in an auction that it has bid in."""
    bid = auction.standing_bid(member)
    stands = bid is not None and bid.fate == STANDING
    sales = own_sales(auction, member)
    standing_sales = [sale for sale in sales if not sale.refunded_at]
    offer = auction.offer if auction.offer is not None and auction.offer.member == member else None
    pieces = auction.pieces
    return OwnAuction(
        auction=auction.id,
        title=auction.terms.title,
        status=auction.status,
        bidder=auction.number_of(member) if not auction.hides_bids else 0,
        maximum=bid.maximum if bid is not None and stands else 0,
        leading=auction.status in RUNNING and bid is not None and _leads(program, auction, bid),
        price=_price(program, auction),
        ends_at=auction.ends_at,
        paid=sum([sale.paid for sale in standing_sales or sales]),
        refunded=bool(sales) and not standing_sales,
        offer=offer.price if offer else 0,
        offer_lapses_at=offer.lapses_at if offer else 0,
        minimum=auction.minimum,
        factor=bid.factor if bid is not None and stands else 0,
        format=format_name(pieces),
        quantity=bid.quantity if bid is not None and stands else 0,
        won=sum([sale.quantity for sale in standing_sales]),
        offered=offer.quantity if offer else 0,
        partial=bid is not None and stands and bid.partial,
        share=_share(auction, bid) if auction.status in RUNNING and bid is not None and stands else 0,
    )


def format_name(pieces: Pieces | None) -> str:
    """What clients know the format by."""
    return "english" if pieces is None else str(pieces.format.__struct_config__.tag)


def sale_view(auction: Auction, sale: Sale) -> SaleView:
    """A sale as everybody may see it."""
    return SaleView(auction.number_of(sale.member), sale.bid, sale.quantity, sale.price)


def _price(program: Program, auction: Auction) -> int:
    pieces = auction.pieces
    if pieces is not None and isinstance(pieces.format, Dutch | AscendingClock) and not auction.ended_at:
        return price_at(auction, pieces, program.at)
    return auction.price


def _with_pieces(program: Program, auction: Auction, pieces: Pieces, view: AuctionView) -> AuctionView:
    """A view of an auction of another format than English."""
    format, price = pieces.format, _price(program, auction)
    sales = [sale for sale in pieces.sales if not sale.refunded_at]
    only = sales[0] if len(sales) == pieces.supply == 1 else None
    return msgspec.structs.replace(
        view,
        price=price,
        minimum=price if isinstance(format, Dutch | AscendingClock) else auction.minimum,
        reserve_met=not auction.reserve or (price >= auction.reserve and not auction.hides_bids),
        winner=auction.number_of(only.member) if only else 0,
        hammer_price=only.price if only else 0,
        format=format_name(pieces),
        pieces=PiecesView(
            pricing=format.pricing if isinstance(format, Sealed | MultiUnit) else "",
            order=format.order if isinstance(format, MultiUnit) else "",
            sealed=pieces.sealed,
            may_lower=isinstance(format, Sealed | MultiUnit) and format.may_lower,
            supply=pieces.supply,
            sold=pieces.sold,
            bidders_in=count_in(auction, price) if isinstance(format, AscendingClock) else 0,
            clock=_clock_view(program, pieces),
            sales=[sale_view(auction, sale) for sale in sales[:SALES_SHOWN]],
        ),
    )


def _clock_view(program: Program, pieces: Pieces) -> PriceClockView | None:
    format = pieces.format
    if not isinstance(format, Dutch | AscendingClock):
        return None
    return PriceClockView(
        at=program.at,
        opened_at=pieces.opened_at,
        paused_for=pieces.paused_for,
        entry=entry_of(format),
        interval=format.interval,
        step=format.step,
        step_share=format.step_share,
        floor=format.floor if isinstance(format, Dutch) else 0,
    )


def _leads(program: Program, auction: Auction, bid: Bid) -> bool:
    """Whether this standing bid would win something now, as far as its member may know."""
    pieces = auction.pieces
    if pieces is None:
        return auction.leader == bid.member
    if bid.fate != STANDING or isinstance(pieces.format, Dutch):
        return False
    if isinstance(pieces.format, AscendingClock):
        return bid.maximum >= _price(program, auction)
    return _share(auction, bid) > 0


def _share(auction: Auction, bid: Bid) -> int:
    standing = auction.standing
    if not standing.supply:
        return 0
    return share_of(standing, rank_of_member(auction, bid.member), bid.quantity, bid.partial)


def own_sales(auction: Auction, member: str) -> list[Sale]:
    """What a bidder bought, refunded sales among it."""
    if auction.pieces is not None:
        return [auction.pieces.sales[index] for index in auction.bidders[member].sales]
    return [sale for sale in sales_of(auction) if sale.member == member]


def list_sales(program: Program, id: str, *, after: int = 0, limit: int = 50) -> SalePage:
    """Sales behind the first ``after``, as staff see them. Raises ``Rejection("unknown_auction")``."""
    auction = program.auctions.get(id)
    if auction is None:
        raise Rejection("unknown_auction", f"There is no auction {id!r}.", auction=id)
    sales = sales_of(auction)
    page = [
        SaleRecord(
            sale.member,
            auction.number_of(sale.member),
            sale.bid,
            sale.quantity,
            sale.price,
            sale.paid,
            sale.refunded_at > 0,
        )
        for sale in sales[after : after + limit]
    ]
    return SalePage(id, page, after + len(page) if after + len(page) < len(sales) else 0)
