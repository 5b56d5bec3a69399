"""English auctions with automatic (proxy) bidding.

A bid names the most that its member will pay; the price rises only as far as the second-highest maximum makes
it. The rules are design.md §4, "Automatic bidding, exactly"; they are eBay's, and ``livelot replay`` checks
them against recorded auctions.

With L the leader's maximum, M the challenger's and inc(p) the increment at price p:

- M must be at least price + inc(price); the first bid at least the opening price.
- M > L: the challenger leads at min(M, L + inc(L)). M ≤ L: the leader stays, at min(L, M + inc(M)); it came
  first.
- A leader's maximum at or above the reserve lifts the price to the reserve at least.

The ranking holds every standing bid, so that a voided one can be taken out without playing the others again.
"""

from bisect import bisect_right, insort

from engine.auction import lifecycle, sale
from engine.auction.state import (
    BID_LIMIT,
    BIDS_PER_BIDDER,
    OPEN,
    Auction,
    Bid,
    Bidder,
    rank_of,
)
from engine.commands import BuyNow, PlaceBid
from engine.errors import Rejection
from engine.events import BidPlaced, LeadLost
from engine.funds import check_points
from engine.members import Member
from engine.prices.quotes import settlement_factor
from engine.program import Program
from engine.results import BidTaken, Purchased
from engine.units import ONE


def place_bid(program: Program, auction: Auction | None, command: PlaceBid, actor: str, at: int) -> BidTaken:
    """Takes an automatic bid in ``auction``, which is the command's where there is such a one.

    Raises ``Rejection``: ``unknown_auction``, ``unknown_member``, ``auction_not_open``, ``auction_paused``,
    ``auction_closed``, ``staff_may_not_bid``, ``not_eligible``, ``bid_too_low`` (with the least that would
    do), ``already_leading``, ``insufficient_points`` (with what is missing), ``win_limit_reached``,
    ``too_many_bids``.
    """
    if auction is None or auction.status != OPEN or at >= auction.ends_at:
        auction = lifecycle.find_open(program, command.auction, at)
    member = program.caller
    if member is None or command.member:
        member = program.members.get(command.member or actor)
    ledger = program.ledger
    lots = member.lots
    if ledger.mixes_expiries or (lots and lots[0].expires_at <= at):
        ledger.expire(member, at)
        lots = member.lots
    maximum = command.maximum
    previous = auction.leader
    if previous == member.id:
        return _raise_maximum(program, auction, member, maximum, at)
    if maximum < auction.minimum:
        raise Rejection(
            "bid_too_low",
            f"The least bid that would do now is {auction.minimum}.",
            minimum=auction.minimum,
            price=auction.price,
        )
    terms = auction.terms
    bidder = auction.bidders.get(member.id)
    # A call a bid is worth saving here: of nearly every bidder none of this is true.
    if (
        member.staff
        or terms.eligibility is not None
        or terms.campaign
        or len(auction.history) >= BID_LIMIT
        or (bidder is not None and bidder.count >= BIDS_PER_BIDDER)
    ):
        check_bidder(program, auction, member, counts=False)
    factor, amount = ONE, maximum
    if terms.settlement_factors or program.book.settles:
        factor, amount = _settlement_terms(program, auction, member, maximum)
    # Nearly always the first lot is enough, and the sum of all is a call.
    if not lots or lots[0].points < amount:
        check_points(program, member, amount, at)

    highest = auction.leader_maximum
    outbid = ""
    if maximum <= highest:
        price = min(highest, maximum + auction.increments.at(maximum))
    else:
        if previous:
            price = highest + auction.increments.at(highest)
            if price > maximum:
                price = maximum
            outbid = previous
            ledger.pass_hold(auction.id, member, amount, at)
        else:
            price = terms.opening
            ledger.hold(auction.id, member, amount)
        auction.leader = member.id
        auction.leader_maximum = highest = maximum
        if terms.campaign:
            program.wins.pass_lead(terms.campaign, previous, member.id)
    auction.price = auction.reserve if price < auction.reserve <= highest else price
    if terms.soft_close is not None:
        lifecycle.close_softly(auction, at)
    return _record(program, auction, member, bidder, maximum, factor, outbid)


def buy_now(program: Program, command: BuyNow, actor: str, at: int) -> Purchased:
    """Ends the auction at its buy-now price: open until the first bid, and with an unmet reserve until that
    is met.

    Raises ``Rejection`` as ``place_bid`` does, and ``buy_now_unavailable``.
    """
    auction = lifecycle.find_open(program, command.auction, at)
    member = program.members.get(command.member or actor)
    price = auction.terms.buy_now
    if not price or not buy_now_open(auction):
        raise Rejection("buy_now_unavailable", "This auction cannot be bought at once any more; place a bid.")
    if command.price < price:
        raise Rejection("buy_now_unavailable", f"The price to buy at once is {price}.", price=price)
    program.ledger.expire(member, at)
    check_bidder(program, auction, member, counts=auction.leader == member.id)
    paid = sale.price_for(price, _settlement_terms(program, auction, member, price)[0])
    previous = auction.leader
    held = program.ledger.held_for(auction.id) if previous == member.id else 0
    check_points(program, member, paid - held, at)

    auction.price = price
    if previous == member.id:
        # Not released and held anew: points of lots that expired meanwhile would be lost on the way.
        if paid > held:
            program.ledger.extend_hold(auction.id, paid - held)
        auction.leader_maximum = price
    else:
        if previous:
            sale.release_lead(program, auction, at)
            program.events.append(LeadLost(auction.id, previous, price))
        program.ledger.hold(auction.id, member, paid)
        take_lead(program, auction, member, price)
        if member.id not in auction.bidders:
            lifecycle.admit(program, auction, member)
    sale.settle(program, auction, paid, at)
    return Purchased(auction.id, price, paid)


def buy_now_open(auction: Auction) -> bool:
    """Whether the buy-now price still stands."""
    return not auction.leader or (auction.reserve > 0 and not auction.reserve_met)


def check_bidder(program: Program, auction: Auction, member: Member, *, counts: bool) -> Bidder | None:
    """Whether this member may bid here at all; returns what it is here already. ``counts``: it leads or
    stands here, which counts towards a limit of wins already.

    Raises ``Rejection``: ``staff_may_not_bid``, ``not_eligible`` (it names what is asked for),
    ``win_limit_reached``, ``too_many_bids``.
    """
    if member.staff:
        raise Rejection("staff_may_not_bid", "Staff may not bid.")
    terms = auction.terms
    if terms.eligibility is not None:
        lifecycle.check_eligible(terms.eligibility, member)
    if terms.campaign and not counts:
        lifecycle.check_wins(program, terms.campaign, member, program.at)
    if len(auction.history) >= BID_LIMIT:
        raise Rejection("too_many_bids", f"An auction takes at most {BID_LIMIT} bids.")
    bidder = auction.bidders.get(member.id)
    if bidder is not None and bidder.count >= BIDS_PER_BIDDER:
        raise Rejection("too_many_bids", f"A member may place at most {BIDS_PER_BIDDER} bids in one auction.")
    return bidder


def take_lead(program: Program, auction: Auction, member: Member, maximum: int) -> None:
    """Makes a member that holds enough the leader of an auction that has none."""
    auction.leader = member.id
    auction.leader_maximum = maximum
    lift_to_reserve(auction)
    program.wins.count(auction.terms.campaign, member.id, 1)


def lift_to_reserve(auction: Auction) -> None:
    """Lifts the price to the reserve where the leader's maximum reaches it, and sets the least next bid."""
    if auction.price < auction.reserve <= auction.leader_maximum:
        auction.price = auction.reserve
    auction.minimum = auction.price + auction.increments.at(auction.price)


def _raise_maximum(program: Program, auction: Auction, member: Member, maximum: int, at: int) -> BidTaken:
    """The leader raises its own maximum: the price stays, except to the reserve, and the end never moves."""
    if maximum <= auction.leader_maximum:
        raise Rejection(
            "already_leading",
            f"You lead with a maximum of {auction.leader_maximum}; it can be raised, not lowered.",
            maximum=auction.leader_maximum,
        )
    bidder = check_bidder(program, auction, member, counts=True)
    factor, amount = _settlement_terms(program, auction, member, maximum)
    more = max(0, amount - program.ledger.held_for(auction.id))
    check_points(program, member, more, at)
    if more:
        program.ledger.extend_hold(auction.id, more)
    auction.leader_maximum = maximum
    lift_to_reserve(auction)
    return _record(program, auction, member, bidder, maximum, factor, "")


def _record(
    program: Program,
    auction: Auction,
    member: Member,
    bidder: Bidder | None,
    maximum: int,
    factor: int,
    outbid: str,
) -> BidTaken:
    """Enters a bid, whose effect on price and leader is done already, into history and ranking.

    A bid that leads has the highest maximum of all.
    """
    history = auction.history
    number = len(history) + 1
    before = 0
    if bidder is None:
        bidder = lifecycle.admit(program, auction, member, number)
    else:
        before = bidder.last
        bidder.last = number
        bidder.count += 1
    price = auction.price
    history.append(Bid(member.id, maximum, program.at, price, factor, before))
    leads = auction.leader == member.id
    if leads:
        auction.ranking.append(rank_of(maximum, number))
    else:
        insort(auction.ranking, rank_of(maximum, number))
    increments = auction.increments
    auction.minimum = minimum = price + increments.increments[bisect_right(increments.thresholds, price)]
    program.events.append(BidPlaced(auction.id, number, member.id, auction.leader, price, outbid))
    return BidTaken(
        auction.id,
        number,
        bidder.number,
        leads,
        price,
        maximum,
        minimum,
        auction.ends_at,
        auction.leader_maximum >= auction.reserve,
    )


def own_factor(program: Program, auction: Auction, member: Member) -> int:
    """What this member would pay of the hammer price if it bid now, in basis points."""
    factor = auction.terms.settlement_factors.get(member.tier, ONE)
    if program.book.settles:
        return settlement_factor(program, member, auction.id, factor, program.at)
    return factor


def _settlement_terms(program: Program, auction: Auction, member: Member, maximum: int) -> tuple[int, int]:
    """The factor (basis points) that this member would pay by, and what to hold for its maximum."""
    factor = own_factor(program, auction, member)
    return factor, max(maximum, sale.price_for(maximum, factor))
