"""Refunds and second chances after the end of the naive model's auctions of the other formats. See
formats.py."""

from engine import commands as c
from engine.simulator.auditor.auction import on_terms
from engine.simulator.auditor.pieces import PieceAuction, PieceOffer, PieceSale
from engine.simulator.auditor.points import Reasons
from engine.simulator.auditor.takings import Takings


class Formats(Takings):
    """The whole of them."""

    # Refunds.

    def standing_sales(self, id: str) -> list[PieceSale]:
        return [sale for sale in self.auctions[id].sales if sale.stands]

    def why_not_refund_auction(self, command: c.RefundAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "settled")
        standing = self.standing_sales(command.auction)
        yield "already_refunded", not standing
        yield "which_sale", len(standing) > 1

    def refund_auction(self, command: c.RefundAuction, actor: str) -> None:
        self.refund(self.auctions[command.auction], self.standing_sales(command.auction)[0])

    def why_not_refund_sale(self, command: c.RefundSale, actor: str) -> Reasons:
        if not command.bid:
            yield from self.why_not_refund_auction(c.RefundAuction(command.auction, command.reason), actor)
            return
        yield from self.in_status(command.auction, "settled")
        sales = [sale for sale in self.auctions[command.auction].sales if sale.bid == command.bid]
        yield "unknown_sale", not sales
        yield "already_refunded", bool(sales) and not sales[0].stands

    def refund_sale(self, command: c.RefundSale, actor: str) -> None:
        standing = self.standing_sales(command.auction)
        sale = next(sale for sale in standing if command.bid in (0, sale.bid))
        self.refund(self.auctions[command.auction], sale)

    def refund(self, auction: PieceAuction, sale: PieceSale) -> None:
        self.take_back(sale)
        auction.asked.add(sale.member)

    # Second chances.

    def why_not_offer_second_chance(self, command: c.OfferSecondChance, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "unsold", "settled")
        auction = self.auctions[command.auction]
        yield "wrong_status", auction.sold() == auction.supply or auction.offer is not None
        yield "no_runner_up", auction.runner_up() is None

    def offer_second_chance(self, command: c.OfferSecondChance, actor: str) -> None:
        auction = self.auctions[command.auction]
        bid = auction.runner_up()
        assert bid is not None
        auction.offer = PieceOffer(
            auction.number_of(bid),
            bid.member,
            min(bid.quantity, auction.supply - auction.sold()),
            bid.maximum,
            bid.factor,
            self.program.at + self.program.settings.offer_lapses_after,
        )
        auction.asked.add(bid.member)
        self.live[auction.id] = auction

    def why_not_decline_second_chance(
        self, command: c.AcceptSecondChance | c.DeclineSecondChance, actor: str
    ) -> Reasons:
        offer = self.auctions[command.auction].offer
        yield "no_offer", offer is None or offer.member != (command.member or actor)

    def decline_second_chance(self, command: c.DeclineSecondChance, actor: str) -> None:
        self.auctions[command.auction].offer = None

    def why_not_accept_second_chance(self, command: c.AcceptSecondChance, actor: str) -> Reasons:
        yield from self.why_not_decline_second_chance(command, actor)
        auction = self.auctions[command.auction]
        offer = auction.offer
        if offer is not None and offer.member == (command.member or actor):
            needed = offer.quantity * on_terms(offer.price, offer.factor)
            yield "insufficient_points", self.program.short(offer.member, needed)
            yield "win_limit_reached", not self.program.may_win(auction.terms.campaign, offer.member)

    def accept_second_chance(self, command: c.AcceptSecondChance, actor: str) -> None:
        auction = self.auctions[command.auction]
        offer = auction.offer
        assert offer is not None
        lots = self.program.people[offer.member].lots
        parts = self.program.draw(lots, offer.quantity * on_terms(offer.price, offer.factor))
        bid = auction.bids[offer.bid - 1]
        self.sell(auction, bid, offer.quantity, offer.price, parts)
        auction.offer = None
        auction.status = "settled"
