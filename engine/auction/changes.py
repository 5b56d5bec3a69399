"""What a manager may change in a running auction beside its times: reserve and supply, downwards only."""

from engine.auction import departures, english, lifecycle
from engine.auction.price_clock import price_at
from engine.auction.state import RUNNING, restore_standing
from engine.commands import AscendingClock, LowerReserve, LowerSupply
from engine.errors import Rejection
from engine.events import AuctionChanged
from engine.program import Program
from engine.results import AuctionSet


def lower_reserve(program: Program, command: LowerReserve, actor: str, at: int) -> AuctionSet:
    """Lowers the reserve of a running auction. Raises ``Rejection`` ``wrong_status`` or
    ``reserve_not_lower``."""
    auction = lifecycle.find_in(program, command.auction, at, RUNNING)
    if command.reserve >= auction.reserve:
        raise Rejection(
            "reserve_not_lower",
            f"The reserve is {auction.reserve}; it may only go down.",
            reserve=auction.reserve,
        )
    auction.reserve = command.reserve
    if auction.leader:
        english.lift_to_reserve(auction)
    if auction.pieces is not None and isinstance(auction.pieces.format, AscendingClock):
        auction.pieces.lifted = price_at(auction, auction.pieces, at)
        departures.look_again(program, auction, at)
    program.events.append(AuctionChanged(auction.id, auction.status))
    return AuctionSet(auction.id, auction.status, auction.ends_at)


def lower_supply(program: Program, command: LowerSupply, actor: str, at: int) -> AuctionSet:
    """Lowers the number of pieces. Raises ``Rejection``: ``wrong_status``, ``supply_is_fixed`` once there is
    a bid, and for sealed auctions always: the refusal would tell of a bid."""
    auction = lifecycle.find_in(program, command.auction, at, RUNNING)
    pieces = auction.pieces
    if pieces is None or pieces.sealed:
        raise Rejection("supply_is_fixed", "The supply of such an auction is fixed once it is open.")
    if auction.history:
        raise Rejection("supply_is_fixed", "Somebody has bid: the supply is fixed.")
    if command.supply >= pieces.supply:
        raise Rejection(
            "supply_is_fixed", f"The supply is {pieces.supply}; it may only go down.", supply=pieces.supply
        )
    pieces.supply = command.supply
    restore_standing(auction)
    return lifecycle.changed(program, auction)
