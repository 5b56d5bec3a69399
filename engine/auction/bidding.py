"""Bids, whatever the format: who may bid, on which terms, held how. What a bid means, the format says.

English bids take a path of their own (english.py), since they are the hot path.
"""

from engine.auction import ascending_clock, departures, dutch, english, lifecycle, multi_unit, sealed
from engine.auction.holds import amount_for, change_hold, held_by
from engine.auction.price_clock import instant_of
from engine.auction.sale import price_for
from engine.auction.standing import number_in, rank_bid
from engine.auction.state import BID_LIMIT, OPEN, REPLACED, STANDING, Auction, Bid, Bidder, Pieces, rank_in
from engine.commands import AscendingClock, BidForPieces, Dutch, LeaveAuction, MultiUnit, PlaceBid, Sealed
from engine.errors import Rejection
from engine.events import AuctionWon, BidOvertaken, BidPlaced, BidSealed
from engine.funds import check_points
from engine.members import Member
from engine.program import Program
from engine.results import AuctionLeft, BidTaken
from engine.units import ONE


def place_bid(program: Program, command: PlaceBid, actor: str, at: int) -> BidTaken:
    """Takes a bid for one piece; see ``english.place_bid`` and ``bid_for_pieces`` for what it raises."""
    auction = program.auctions.get(command.auction)
    if auction is None or auction.pieces is None:
        return english.place_bid(program, auction, command, actor, at)
    return _place(program, auction, auction.pieces, command.member or actor, command.maximum, 1, False, at)


def bid_for_pieces(program: Program, command: BidForPieces, actor: str, at: int) -> BidTaken:
    """Takes a bid for several pieces.

    Raises ``Rejection``: what ``english.place_bid`` does but ``already_leading``; and ``too_many_pieces``,
    ``bid_not_raised``, ``entry_is_over``.
    """
    auction = program.auctions.get(command.auction)
    if auction is None or auction.pieces is None:
        if auction is not None and command.quantity > 1:
            raise too_many_pieces(1)
        place = PlaceBid(command.auction, command.maximum, command.member)
        return english.place_bid(program, auction, place, actor, at)
    member, maximum = command.member or actor, command.maximum
    return _place(program, auction, auction.pieces, member, maximum, command.quantity, command.partial, at)


def too_many_pieces(supply: int) -> Rejection:
    """The refusal of a bid for more pieces than a member can get."""
    return Rejection("too_many_pieces", f"A bid here is for {supply} at most.", left=supply)


def leave(program: Program, command: LeaveAuction, actor: str, at: int) -> AuctionLeft:
    """Takes the member out of an ascending clock. Raises ``Rejection``: ``unknown_auction``,
    ``unknown_member``, ``auction_not_open``, ``auction_paused``, ``auction_closed``, ``not_in``."""
    auction = lifecycle.find_open(program, command.auction, at)
    member = program.members.get(command.member or actor)
    pieces = auction.pieces
    if pieces is None or not isinstance(pieces.format, AscendingClock):
        raise Rejection("not_in", "Only an ascending clock can be left; bids elsewhere stand.")
    departures.drop_if_out(program, auction, pieces, member.id, at)
    bid = auction.standing_bid(member.id)
    if bid is None or bid.fate != STANDING:
        raise Rejection("not_in", "You are not in, or out already.")
    price = departures.say_out(program, auction, pieces, member.id, at)
    if at >= pieces.stops_at:
        lifecycle.close(program, auction, at)
    return AuctionLeft(auction.id, price)


def _place(
    program: Program,
    auction: Auction,
    pieces: Pieces,
    id: str,
    maximum: int,
    quantity: int,
    partial: bool,
    at: int,
) -> BidTaken:
    if auction.status != OPEN or at >= auction.ends_at or at >= pieces.stops_at:
        auction = lifecycle.find_open(program, auction.id, at)
    member = program.caller
    if member is None or member.id != id:
        member = program.members.get(id)
    most = 1 if type(pieces.format) is AscendingClock else pieces.supply
    if quantity > most:
        raise too_many_pieces(most)
    if program.ledger.mixes_expiries or (member.lots and member.lots[0].expires_at <= at):
        program.ledger.expire(member, at)
    bidder = auction.bidders.get(id)
    bid = Bid(member.id, maximum, at, auction.terms.opening, ONE, 0, STANDING, quantity, partial)
    if type(pieces.format) is Dutch:
        return _take(program, auction, pieces, member, bidder, bid)
    if maximum < auction.terms.opening:
        least = auction.terms.opening
        raise Rejection("bid_too_low", f"The least bid is {least}.", minimum=least)
    return _stand(program, auction, pieces, member, bidder, bid)


def _take(
    program: Program, auction: Auction, pieces: Pieces, member: Member, bidder: Bidder | None, bid: Bid
) -> BidTaken:
    """Sells at the price of this instant."""
    at, quantity = program.at, bid.quantity
    price = dutch.price_to_take(auction, pieces, bid.maximum, quantity, at)
    english.check_bidder(program, auction, member, counts=False)
    factor = english.own_factor(program, auction, member)
    paid = price_for(price, factor) * quantity
    check_points(program, member, paid, at)
    bid.price, bid.factor = price, factor
    bidder = _record(program, auction, member, bidder, bid)
    auction.price = auction.minimum = price
    program.wins.count(auction.terms.campaign, member.id, 1)
    program.events.append(AuctionWon(auction.id, member.id, price, paid))
    dutch.sell(program, auction, pieces, member, bidder, bid, paid)
    return BidTaken(
        auction.id,
        bidder.last,
        bidder.number,
        True,
        price,
        bid.maximum,
        price,
        auction.ends_at,
        True,
        quantity,
        paid,
    )


def _stand(
    program: Program, auction: Auction, pieces: Pieces, member: Member, bidder: Bidder | None, bid: Bid
) -> BidTaken:
    """Makes this the one standing bid of its member."""
    before = auction.history[bidder.last - 1] if bidder is not None and bidder.last else None
    number = len(auction.history) + 1
    since, replaced = number, 0
    if bidder is not None and before is not None and before.fate == STANDING:
        replaced = rank_in(auction, before, bidder.since or bidder.last)
    if type(pieces.format) is AscendingClock:
        bid.price = ascending_clock.check_bid(auction, pieces, before, bid.maximum, program.at)
        if bidder is not None and before is not None:
            since = bidder.since or bidder.last
    elif before is not None:
        sealed.check_change(before, bid.maximum, bid.quantity, may_lower=_may_lower(pieces))
    standing = auction.standing
    rank = rank_bid(bid.maximum, bid.quantity if standing.weighs else 0, since)
    gained, lowest, left_out = False, 0, 0
    if standing.supply:
        multi_unit.check_in(auction, rank, replaced, bid.quantity, bid.partial)
        lowest = standing.inside[0] if standing.inside else 0
        left_out = multi_unit.left_out(auction)
        gained = not replaced or replaced < lowest or replaced == left_out
    terms = auction.terms
    # As in english.py: of most first bids none of this is true, and a call is worth saving.
    if bidder is not None or member.staff or terms.eligibility or terms.campaign or number > BID_LIMIT:
        english.check_bidder(program, auction, member, counts=before is not None)
    _hold(program, auction, member, before, bid)
    if before is None:
        if terms.campaign:
            program.wins.count(terms.campaign, member.id, 1)
    else:
        before.fate = REPLACED
    overtaken = standing.place(rank, bid.quantity, replaced)
    bidder = _record(program, auction, member, bidder, bid)
    if bidder.since or since != number:
        bidder.since = since if since != number else 0
    if standing.sealed:
        program.events.append(BidSealed(member.id))
        return _answer_sealed(auction, bidder, bid)
    if gained and terms.soft_close is not None:
        lifecycle.close_softly(auction, program.at)
    if standing.supply:
        last = multi_unit.find_price(auction)
        bid.price = auction.price
        if last and last >= lowest:
            overtaken.append(last)
    for lost in overtaken:
        # Who got nothing before has heard it then.
        if lost != left_out:
            program.events.append(BidOvertaken(auction.id, auction.history[number_in(lost) - 1].member))
    return _answer(program, auction, pieces, bidder, bid)


def _may_lower(pieces: Pieces) -> bool:
    format = pieces.format
    return isinstance(format, Sealed | MultiUnit) and format.may_lower


def _hold(program: Program, auction: Auction, member: Member, before: Bid | None, bid: Bid) -> None:
    """Holds what the bid needs, on the terms of now; the last check, and the first change."""
    if auction.terms.settlement_factors or program.book.settles:
        bid.factor = english.own_factor(program, auction, member)
    held = held_by(program, auction, member.id) if before is not None else 0
    amount = amount_for(bid.maximum, bid.factor, bid.quantity)
    lots = member.lots
    if amount > held and (not lots or lots[0].points < amount - held):
        check_points(program, member, amount - held, program.at)
    change_hold(program, auction, member, held, amount)


def _record(program: Program, auction: Auction, member: Member, bidder: Bidder | None, bid: Bid) -> Bidder:
    auction.history.append(bid)
    number = len(auction.history)
    if bidder is None:
        return lifecycle.admit(program, auction, member, number)
    bidder.last = number
    bidder.count += 1
    return bidder


def _answer_sealed(auction: Auction, bidder: Bidder, bid: Bid) -> BidTaken:
    """Numbers would tell how many others have bid: the bid is counted among its member's own."""
    opening = auction.terms.opening
    return BidTaken(
        auction.id,
        bidder.count,
        0,
        False,
        opening,
        bid.maximum,
        opening,
        auction.ends_at,
        not auction.reserve,
        bid.quantity,
    )


def _answer(program: Program, auction: Auction, pieces: Pieces, bidder: Bidder, bid: Bid) -> BidTaken:
    """What everybody may know; a bid that would get nothing now has been refused."""
    if not auction.standing.supply:
        auction.price = auction.minimum = bid.price
        if program.at >= instant_of(pieces, 0):
            pieces.stops_at = max(pieces.stops_at, ascending_clock.stop_of(auction, pieces))
    number = len(auction.history)
    program.events.append(BidPlaced(auction.id, number, bid.member, "", bid.price))
    return BidTaken(
        auction.id,
        number,
        bidder.number,
        True,
        auction.price,
        bid.maximum,
        auction.minimum,
        auction.ends_at,
        auction.price >= auction.reserve,
        bid.quantity,
    )
