"""The naive model's English auctions. See model.py.

Leader and price are worked out from the list of bids.
"""

from collections import Counter

from engine import commands as c
from engine.simulator.auditor.auction import ENDED, RUNNING, Auction, Bid, Offer, Sale, later_end, on_terms
from engine.simulator.auditor.draws import DrawsModel
from engine.simulator.auditor.points import FOREVER, Reasons
from engine.simulator.auditor.terms import are_wrong


class EnglishModel(DrawsModel):
    """English auctions; the time of each command is told by ``pass_time`` first."""

    def __init__(self, settings: c.ProgramSettings) -> None:
        super().__init__(settings)
        self.auctions: dict[str, Auction] = {}
        self.live: dict[str, Auction] = {}

    # Time.

    def pass_time(self, at: int) -> None:
        """Everything that is due at ``at``."""
        self.at = max(self.at, at)
        for auction in [*self.live.values()]:
            if auction.status == "scheduled" and self.at >= auction.terms.starts_at:
                auction.status = "open"
            if auction.status == "open" and self.at >= auction.ends_at:
                self.close(auction)
            if auction.offer is not None and self.at >= auction.offer.lapses_at:
                auction.offer = None
            if auction.offer is None and auction.status in ENDED:
                del self.live[auction.id]
        self.pass_rewards_time()
        self.pass_raffles_time()
        self.expire()

    def close(self, auction: Auction) -> None:
        if auction.reserve_met:
            self.sell(auction, auction.price, on_terms(auction.price, auction.leading.factor))
        else:
            self.free(auction)
            auction.status = "unsold"

    # Holds.

    def held(self, auction: Auction, member: str) -> int:
        return self.people[member].holds.get(auction.id, Counter()).total()

    def hold(self, auction: Auction, member: str, amount: int) -> None:
        """Brings what ``member`` holds for the auction to at least ``amount``."""
        person = self.people[member]
        more = self.draw(person.lots, max(0, amount - self.held(auction, member)))
        person.holds[auction.id] = person.holds.get(auction.id, Counter()) + more

    def free(self, auction: Auction) -> None:
        """Nobody leads any more."""
        if auction.leader:
            person = self.people[auction.leader]
            self.give_back(person, person.holds.pop(auction.id))
            auction.leader = ""

    def sell(self, auction: Auction, price: int, due: int) -> None:
        """To the leader, out of its hold."""
        person = self.people[auction.leader]
        hold = person.holds.pop(auction.id)
        parts = self.spend(person, self.draw(hold, min(due, hold.total())))
        self.give_back(person, +hold)
        auction.price = price
        auction.sale = Sale(auction.leader, price, parts)
        auction.status = "settled"

    def may_win(self, campaign: str, member: str) -> bool:
        """Wins, and leads that count like them, are below the limit."""
        limit = self.settings.win_limits.get(campaign) if campaign else None
        return limit is None or self.wins(campaign, member) < limit

    def wins(self, campaign: str, member: str) -> int:
        """Sales that stand and leads of running auctions."""
        wins = 0
        for auction in self.auctions.values():
            if auction.terms.campaign == campaign:
                sold = auction.sale is not None and auction.sale.stands and auction.sale.member == member
                wins += sold or (auction.status in RUNNING and auction.leader == member)
        return wins

    # An auction's life.

    def in_status(self, id: str, *statuses: str) -> Reasons:
        yield "unknown_auction", id not in self.auctions
        if id in self.auctions:
            yield "wrong_status", self.auctions[id].status not in statuses

    def why_not_create_auction(self, command: c.CreateAuction, actor: str) -> Reasons:
        yield "auction_exists", command.auction in self.auctions
        yield "invalid_auction", are_wrong(command.terms, None)

    def create_auction(self, command: c.CreateAuction, actor: str) -> None:
        terms = command.terms
        stop = terms.ends_at + terms.soft_close.hard_stop if terms.soft_close else FOREVER
        self.auctions[command.auction] = self.live[command.auction] = Auction(
            command.auction,
            terms,
            terms.increments or self.settings.increments,
            terms.opening,
            terms.reserve,
            terms.ends_at,
            stop,
        )

    def why_not_update_auction(self, command: c.UpdateAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "draft", "scheduled")
        yield "invalid_auction", are_wrong(command.terms, None)
        if command.auction in self.auctions and self.auctions[command.auction].status == "scheduled":
            yield "already_past", command.terms.ends_at <= self.at

    def update_auction(self, command: c.UpdateAuction, actor: str) -> None:
        status = self.auctions.pop(command.auction).status
        self.create_auction(c.CreateAuction(command.auction, command.terms), actor)
        self.auctions[command.auction].status = status

    def why_not_schedule_auction(self, command: c.ScheduleAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "draft")
        if command.auction in self.auctions:
            yield "already_past", self.auctions[command.auction].ends_at <= self.at

    def schedule_auction(self, command: c.ScheduleAuction, actor: str) -> None:
        self.auctions[command.auction].status = "scheduled"

    def why_not_open_auction(self, command: c.OpenAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "draft", "scheduled")
        if command.auction in self.auctions:
            yield "already_past", self.auctions[command.auction].ends_at <= self.at

    def open_auction(self, command: c.OpenAuction, actor: str) -> None:
        self.auctions[command.auction].status = "open"

    def why_not_extend_auction(self, command: c.ExtendAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, *RUNNING)

    def extend_auction(self, command: c.ExtendAuction, actor: str) -> None:
        self.move_end(self.auctions[command.auction], command.extension)

    def move_end(self, auction: Auction, by: int) -> None:
        auction.ends_at += by
        auction.hard_stop = min(FOREVER, auction.hard_stop + by)

    def why_not_pause_auction(self, command: c.PauseAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "open")

    def pause_auction(self, command: c.PauseAuction, actor: str) -> None:
        auction = self.auctions[command.auction]
        auction.status, auction.paused_at = "paused", self.at

    def why_not_resume_auction(self, command: c.ResumeAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "paused")

    def resume_auction(self, command: c.ResumeAuction, actor: str) -> None:
        auction = self.auctions[command.auction]
        auction.status = "open"
        self.move_end(auction, self.at - auction.paused_at)

    def why_not_lower_reserve(self, command: c.LowerReserve, actor: str) -> Reasons:
        yield from self.in_status(command.auction, *RUNNING)
        if command.auction in self.auctions:
            yield "reserve_not_lower", command.reserve >= self.auctions[command.auction].reserve

    def lower_reserve(self, command: c.LowerReserve, actor: str) -> None:
        auction = self.auctions[command.auction]
        auction.reserve = command.reserve
        auction.lift()

    def why_not_cancel_auction(self, command: c.CancelAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "draft", "scheduled", *RUNNING)

    def cancel_auction(self, command: c.CancelAuction, actor: str) -> None:
        self.free(self.auctions[command.auction])
        self.auctions[command.auction].status = "cancelled"

    # Bids.

    def why_not_bid_here(self, id: str, member: str) -> Reasons:
        yield "unknown_auction", id not in self.auctions
        yield "unknown_member", member not in self.people
        if id not in self.auctions:
            return
        auction = self.auctions[id]
        yield "auction_not_open", auction.status in ("draft", "scheduled")
        yield "auction_paused", auction.status == "paused"
        yield "auction_closed", auction.status in ENDED
        if member not in self.people:
            return
        person = self.people[member]
        wanted = auction.terms.eligibility or c.Eligibility()
        yield "staff_may_not_bid", person.staff
        yield "not_eligible", bool(wanted.tiers) and person.tier not in wanted.tiers
        yield "not_eligible", bool(wanted.segments) and not {*wanted.segments} & {*person.segments}
        campaign = auction.terms.campaign
        yield "win_limit_reached", auction.leader != member and not self.may_win(campaign, member)

    def factor_for(self, auction: Auction, member: str) -> int:
        own = auction.terms.settlement_factors.get(self.people[member].tier, 10_000)
        return self.factor_by_rules(auction.id, member, own)

    def why_not_place_bid(self, command: c.PlaceBid, actor: str) -> Reasons:
        member = command.member or actor
        yield from self.why_not_bid_here(command.auction, member)
        if command.auction not in self.auctions or member not in self.people:
            return
        auction = self.auctions[command.auction]
        leads = auction.leader == member and auction.status in RUNNING
        yield "already_leading", leads and command.maximum <= auction.leading.maximum
        yield "bid_too_low", not leads and command.maximum < auction.minimum
        amount = max(command.maximum, on_terms(command.maximum, self.factor_for(auction, member)))
        yield "insufficient_points", self.short(member, amount - self.held(auction, member))

    def place_bid(self, command: c.PlaceBid, actor: str) -> None:
        auction, member, maximum = self.auctions[command.auction], command.member or actor, command.maximum
        factor = self.factor_for(auction, member)
        amount = max(maximum, on_terms(maximum, factor))
        raised = auction.leader == member
        if not auction.leader:
            auction.price = auction.terms.opening
        elif not raised:
            highest = auction.leading.maximum
            low, high = sorted((maximum, highest))
            auction.price = min(high, low + auction.step(low))
            if maximum > highest:
                self.free(auction)
        auction.bids.append(Bid(member, maximum, factor))
        if raised or not auction.leader:
            self.hold(auction, member, amount)
            auction.leader = member
        auction.lift()
        soft = auction.terms.soft_close
        if soft is not None and not raised:
            auction.ends_at = later_end(soft, auction.ends_at, auction.hard_stop, self.at)

    def why_not_bid_for_pieces(self, command: c.BidForPieces, actor: str) -> Reasons:
        yield "too_many_pieces", command.quantity > 1
        yield from self.why_not_place_bid(self.for_one(command), actor)

    def bid_for_pieces(self, command: c.BidForPieces, actor: str) -> None:
        self.place_bid(self.for_one(command), actor)

    def for_one(self, command: c.BidForPieces) -> c.PlaceBid:
        return c.PlaceBid(command.auction, command.maximum, command.member)

    def why_not_leave_auction(self, command: c.LeaveAuction, actor: str) -> Reasons:
        yield from self.why_not_bid_here(command.auction, command.member or actor)
        yield "not_in", command.auction in self.auctions

    def why_not_lower_supply(self, command: c.LowerSupply, actor: str) -> Reasons:
        yield from self.in_status(command.auction, *RUNNING)
        yield "supply_is_fixed", command.auction in self.auctions

    def why_not_buy_now(self, command: c.BuyNow, actor: str) -> Reasons:
        member = command.member or actor
        yield from self.why_not_bid_here(command.auction, member)
        if command.auction not in self.auctions or member not in self.people:
            return
        auction = self.auctions[command.auction]
        price = auction.terms.buy_now
        if auction.status in RUNNING:
            taken = bool(auction.leader) and (auction.reserve == 0 or auction.reserve_met)
            yield "buy_now_unavailable", price == 0 or taken or command.price < price
        due = on_terms(price, self.factor_for(auction, member))
        yield "insufficient_points", self.short(member, due - self.held(auction, member))

    def buy_now(self, command: c.BuyNow, actor: str) -> None:
        auction, member = self.auctions[command.auction], command.member or actor
        due = on_terms(auction.terms.buy_now, self.factor_for(auction, member))
        if auction.leader != member:
            self.free(auction)
        self.hold(auction, member, due)
        auction.leader = member
        self.sell(auction, auction.terms.buy_now, due)

    def why_not_void_bid(self, command: c.VoidBid, actor: str) -> Reasons:
        yield from self.in_status(command.auction, *RUNNING)
        if command.auction in self.auctions:
            bids = self.auctions[command.auction].bids
            yield "unknown_bid", command.bid > len(bids)
            yield "bid_not_standing", command.bid <= len(bids) and not bids[command.bid - 1].stands

    def void_bid(self, command: c.VoidBid, actor: str) -> None:
        auction = self.auctions[command.auction]
        bid = auction.bids[command.bid - 1]
        led = auction.leader == bid.member and auction.leading is bid
        bid.stands = False
        if led:
            self.find_leader(auction)
        auction.price = auction.terms.opening
        others = [other.maximum for other in auction.best() if other.member != auction.leader]
        if auction.leader and others:
            auction.price = min(auction.leading.maximum, others[0] + auction.step(others[0]))
        auction.lift()

    def find_leader(self, auction: Auction) -> None:
        """The highest bidder that can pay; a leader keeps its lead, and of its hold what it still needs."""
        for bid in auction.best():
            amount = max(bid.maximum, on_terms(bid.maximum, bid.factor))
            stays = bid.member == auction.leader
            if stays and not self.short(bid.member, amount - self.held(auction, bid.member)):
                self.hold(auction, bid.member, amount)
                person = self.people[bid.member]
                hold = person.holds[auction.id]
                person.holds[auction.id] = self.draw(hold, amount)
                self.give_back(person, +hold)
                return
            if (
                not stays
                and not self.short(bid.member, amount)
                and self.may_win(auction.terms.campaign, bid.member)
            ):
                self.free(auction)
                self.hold(auction, bid.member, amount)
                auction.leader = bid.member
                return
            for other in auction.bids:
                other.stands = other.stands and other.member != bid.member
        self.free(auction)

    # After the end.

    def why_not_refund_auction(self, command: c.RefundAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "settled")
        sale = self.auctions[command.auction].sale if command.auction in self.auctions else None
        yield "already_refunded", sale is not None and not sale.stands

    def refund_auction(self, command: c.RefundAuction, actor: str) -> None:
        auction = self.auctions[command.auction]
        sale = auction.sale
        assert sale is not None
        person = self.people[sale.member]
        person.spent -= sale.parts.total()
        self.give_back(person, sale.parts)
        sale.stands = False
        auction.asked.add(sale.member)

    def why_not_refund_sale(self, command: c.RefundSale, actor: str) -> Reasons:
        yield from self.why_not_refund_auction(c.RefundAuction(command.auction, command.reason), actor)
        sale = self.auctions[command.auction].sale if command.auction in self.auctions else None
        yield "unknown_sale", bool(command.bid) and (sale is None or sale.bid != command.bid)

    def refund_sale(self, command: c.RefundSale, actor: str) -> None:
        self.refund_auction(c.RefundAuction(command.auction, command.reason), actor)

    def runner_up(self, auction: Auction) -> Bid | None:
        return next((bid for bid in auction.best() if bid.member not in auction.asked), None)

    def why_not_offer_second_chance(self, command: c.OfferSecondChance, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "unsold", "settled")
        if command.auction in self.auctions:
            auction = self.auctions[command.auction]
            yield "wrong_status", auction.sale is not None and auction.sale.stands
            yield "wrong_status", auction.offer is not None
            yield "no_runner_up", self.runner_up(auction) is None

    def offer_second_chance(self, command: c.OfferSecondChance, actor: str) -> None:
        auction = self.auctions[command.auction]
        bid = self.runner_up(auction)
        assert bid is not None
        lapses_at = self.at + self.settings.offer_lapses_after
        number = auction.bids.index(bid) + 1
        self.live[auction.id] = auction
        auction.offer = Offer(bid.member, bid.maximum, bid.factor, lapses_at, number)
        auction.asked.add(bid.member)

    def why_not_accept_second_chance(self, command: c.AcceptSecondChance, actor: str) -> Reasons:
        member = command.member or actor
        yield "unknown_auction", command.auction not in self.auctions
        auction = self.auctions.get(command.auction)
        offer = auction.offer if auction else None
        yield "no_offer", offer is None or offer.member != member
        if auction and offer and offer.member == member:
            yield "insufficient_points", self.short(member, on_terms(offer.price, offer.factor))
            yield "win_limit_reached", not self.may_win(auction.terms.campaign, member)

    def accept_second_chance(self, command: c.AcceptSecondChance, actor: str) -> None:
        auction = self.auctions[command.auction]
        offer = auction.offer
        assert offer is not None
        person = self.people[offer.member]
        parts = self.spend(person, self.draw(person.lots, on_terms(offer.price, offer.factor)))
        auction.sale = Sale(offer.member, offer.price, parts, bid=offer.bid)
        auction.offer = None
        auction.status = "settled"

    def why_not_decline_second_chance(self, command: c.DeclineSecondChance, actor: str) -> Reasons:
        member = command.member or actor
        yield "unknown_auction", command.auction not in self.auctions
        auction = self.auctions.get(command.auction)
        yield "no_offer", auction is None or auction.offer is None or auction.offer.member != member

    def decline_second_chance(self, command: c.DeclineSecondChance, actor: str) -> None:
        self.auctions[command.auction].offer = None
