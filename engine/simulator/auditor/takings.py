"""What bids of the other formats do in the naive model, and what takes them out again. See formats.py."""

from engine import commands as c
from engine.simulator.auditor.auction import ENDED, RUNNING, later_end, on_terms
from engine.simulator.auditor.clearings import Asked
from engine.simulator.auditor.formats import FormatAuctions
from engine.simulator.auditor.pieces import PieceAuction, PieceBid
from engine.simulator.auditor.points import Reasons
from engine.simulator.auditor.terms import price_after


class Takings(FormatAuctions):
    """Who may bid, what for, and what is held or taken."""

    def why_not_here(self, id: str, member: str) -> Reasons:
        """Why nobody, or not this member, has a say in the auction now."""
        status = self.auctions[id].status
        yield "auction_not_open", status in ("draft", "scheduled")
        yield "auction_paused", status == "paused"
        yield "auction_closed", status in ENDED
        yield "unknown_member", member not in self.program.people

    def why_not_member(self, auction: PieceAuction, member: str) -> Reasons:
        person, wanted = self.program.people[member], auction.terms.eligibility or c.Eligibility()
        yield "staff_may_not_bid", person.staff
        yield "not_eligible", bool(wanted.tiers) and person.tier not in wanted.tiers
        yield "not_eligible", bool(wanted.markets) and person.market not in wanted.markets
        yield "not_eligible", bool(wanted.segments) and not {*wanted.segments} & {*person.segments}
        counts = auction.bid_of(member) is not None
        may_win = counts or self.program.may_win(auction.terms.campaign, member)
        yield "win_limit_reached", not may_win

    # Bids.

    def why_not_place_bid(self, command: c.PlaceBid, actor: str) -> Reasons:
        asked = c.BidForPieces(command.auction, command.maximum, member=command.member)
        yield from self.why_not_bid_for_pieces(asked, actor)

    def place_bid(self, command: c.PlaceBid, actor: str) -> None:
        asked = c.BidForPieces(command.auction, command.maximum, member=command.member)
        self.bid_for_pieces(asked, actor)

    def why_not_bid_for_pieces(self, command: c.BidForPieces, actor: str) -> Reasons:
        auction, member = self.auctions[command.auction], command.member or actor
        speaking = [*self.why_not_here(auction.id, member)]
        yield from speaking
        if any(speaks for _, speaks in speaking):
            return
        yield from self.why_not_member(auction, member)
        yield "bid_too_low", command.maximum < auction.terms.opening and not self.is_dutch(auction)
        if self.is_dutch(auction):
            yield "too_many_pieces", command.quantity > auction.supply - auction.sold()
            yield "bid_too_low", command.maximum < auction.price
        elif isinstance(auction.format, c.AscendingClock):
            yield from self.why_not_stay_in(auction, command, member)
        else:
            yield from self.why_not_stand(auction, command, member)
        needed = self.needed(auction, command, member) - self.held(auction, member)
        yield "insufficient_points", self.program.short(member, needed)

    def why_not_stay_in(self, auction: PieceAuction, command: c.BidForPieces, member: str) -> Reasons:
        """One piece a member; who is out stays out, who is in may only raise."""
        yield "too_many_pieces", command.quantity > 1
        own = auction.bid_of(member)
        left = any(bid.member == member and bid.fate == "left" for bid in auction.bids)
        yield "entry_is_over", left or (own is None and auction.steps >= 0)
        yield "bid_not_raised", own is not None and command.maximum <= own.maximum
        yield "bid_too_low", command.maximum < auction.price

    def why_not_stand(self, auction: PieceAuction, command: c.BidForPieces, member: str) -> Reasons:
        assert isinstance(auction.format, c.Sealed | c.MultiUnit)
        yield "too_many_pieces", command.quantity > auction.supply
        own = auction.bid_of(member)
        if own is not None and not auction.format.may_lower:
            rises = command.maximum >= own.maximum and command.quantity >= own.quantity
            same = (command.maximum, command.quantity) == (own.maximum, own.quantity)
            yield "bid_not_raised", same or not rises
        if not auction.sealed:
            asked = Asked(member, command.maximum, command.quantity, command.partial)
            yield "bid_too_low", member not in auction.won_now(instead=asked)

    def bid_for_pieces(self, command: c.BidForPieces, actor: str) -> None:
        auction, member = self.auctions[command.auction], command.member or actor
        bid = PieceBid(
            member, command.maximum, command.quantity, command.partial, self.factor(auction, member)
        )
        needed = self.needed(auction, command, member)
        if self.is_dutch(auction):
            auction.bids.append(bid)
            person = self.program.people[member]
            self.sell(auction, bid, bid.quantity, auction.price, self.program.draw(person.lots, needed))
            if auction.sold() == auction.supply:
                self.end(auction, self.program.at, ())
            return
        soft = auction.terms.soft_close
        if soft is not None and member not in auction.won_now():
            auction.ends_at = later_end(soft, auction.ends_at, auction.hard_stop, self.program.at)
        self.hold(auction, member, needed)
        self.enter(auction, bid)

    def enter(self, auction: PieceAuction, bid: PieceBid) -> None:
        """A change is a new bid with a new time; but who is in a clock keeps its place."""
        own = auction.bid_of(bid.member)
        auction.bids.append(bid)
        number = len(auction.bids)
        if own is None:
            auction.queue.append(number)
            return
        own.fate = "replaced"
        place = auction.queue.index(auction.number_of(own))
        if isinstance(auction.format, c.AscendingClock):
            auction.queue[place] = number
        else:
            auction.queue[place : place + 1] = []
            auction.queue.append(number)

    def is_dutch(self, auction: PieceAuction) -> bool:
        return isinstance(auction.format, c.Dutch)

    def factor(self, auction: PieceAuction, member: str) -> int:
        own = auction.terms.settlement_factors.get(self.program.people[member].tier, 10_000)
        return self.program.factor_by_rules(auction.id, member, own)

    def needed(self, auction: PieceAuction, command: c.BidForPieces, member: str) -> int:
        """What a bid holds, or a Dutch one takes at once."""
        factor = self.factor(auction, member)
        if self.is_dutch(auction):
            return command.quantity * on_terms(auction.price, factor)
        return command.quantity * max(command.maximum, on_terms(command.maximum, factor))

    def hold(self, auction: PieceAuction, member: str, amount: int) -> None:
        """Makes the member hold just ``amount`` for the auction; of more it keeps what is spent first."""
        person, subject = self.program.people[member], f"{auction.id}/{member}"
        hold = person.holds.pop(subject, None)
        held = hold.total() if hold is not None else 0
        kept = self.program.draw(hold, min(amount, held)) if hold is not None else None
        more = self.program.draw(person.lots, max(0, amount - held))
        if hold is not None:
            self.program.give_back(person, +hold)
        person.holds[subject] = more if kept is None else kept + more

    # What only English auctions have.

    def why_not_buy_now(self, command: c.BuyNow, actor: str) -> Reasons:
        yield from self.why_not_here(command.auction, command.member or actor)
        yield "buy_now_unavailable", self.auctions[command.auction].status == "open"

    # Out again.

    def why_not_leave_auction(self, command: c.LeaveAuction, actor: str) -> Reasons:
        auction, member = self.auctions[command.auction], command.member or actor
        yield from self.why_not_here(auction.id, member)
        clock = isinstance(auction.format, c.AscendingClock)
        yield "not_in", auction.status == "open" and not (clock and auction.bid_of(member) is not None)

    def leave_auction(self, command: c.LeaveAuction, actor: str) -> None:
        auction = self.auctions[command.auction]
        bid = auction.bid_of(command.member or actor)
        assert isinstance(auction.format, c.AscendingClock)
        assert bid is not None
        # Before the price has risen it has agreed to none.
        agreed = auction.terms.opening - 1
        if auction.steps > 0:
            agreed = price_after(auction.terms.opening, auction.format, auction.steps - 1)
        self.drop(auction, bid, agreed)
        self.stop_if_few(auction)

    def why_not_void_bid(self, command: c.VoidBid, actor: str) -> Reasons:
        auction = self.auctions[command.auction]
        yield from self.in_status(auction.id, *RUNNING)
        if auction.sealed:
            # And nothing else: another answer would tell how many have bid.
            yield "bid_sealed", auction.status in RUNNING
            return
        yield "unknown_bid", command.bid > len(auction.bids)
        if command.bid <= len(auction.bids):
            yield "bid_not_standing", auction.bids[command.bid - 1].fate != "stands"

    def void_bid(self, command: c.VoidBid, actor: str) -> None:
        auction = self.auctions[command.auction]
        bid = auction.bids[command.bid - 1]
        bid.fate = "voided"
        if self.is_dutch(auction):
            for sale in auction.sales:
                if sale.bid == command.bid:
                    self.take_back(sale)
        else:
            self.release(auction, bid.member)
        self.stop_if_few(auction)
