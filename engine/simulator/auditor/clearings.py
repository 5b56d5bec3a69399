"""Who wins what in the naive model: every clearing begins anew with a list of all bids, the earliest first.

``clear_by_trial`` walks all prices from the top, bid by bid; ``clear_by_sorting`` deals out single pieces;
``run_clock`` plays a whole clock. The model clears by trial; tests compare the engine with all three.
"""

from typing import NamedTuple


class Asked(NamedTuple):
    """A bid: who, what for a piece, how many, whether fewer will do. Earlier bids come first in a list."""

    member: str
    price: int
    quantity: int = 1
    partial: bool = False


Won = dict[str, tuple[int, int]]
"""Who gets how many pieces, at what price each."""


def clear_by_trial(
    bids: list[Asked], supply: int, *, pricing: str, order: str, opening: int, reserve: int
) -> Won:
    """At each price from the highest down, serves the bids of that price in their order, until one does not
    fit."""
    least = max(opening, reserve)
    shares: dict[str, int] = {}
    left, stopped = supply, False
    losing = 0
    for price in sorted({bid.price for bid in bids if bid.price >= least}, reverse=True):
        waiting = [bid for bid in bids if bid.price == price]
        while waiting:
            chosen = waiting[0]
            for bid in waiting[1:]:
                if order == "quantity" and bid.quantity > chosen.quantity:
                    chosen = bid
            waiting.remove(chosen)
            share = 0
            if not stopped:
                share = chosen.quantity if chosen.quantity <= left else left if chosen.partial else 0
            stopped = stopped or share < chosen.quantity
            if share:
                shares[chosen.member] = share
                left -= share
            if share < chosen.quantity:
                losing = max(losing, price)
    return _price(bids, shares, losing, least, pricing)


def clear_by_sorting(
    bids: list[Asked], supply: int, *, pricing: str, order: str, opening: int, reserve: int
) -> Won:
    """Sorts, then cuts: every piece that is asked for is a bid of its own."""
    least = max(opening, reserve)

    def key(numbered: tuple[int, Asked]) -> tuple[int, int, int]:
        number, bid = numbered
        return -bid.price, -bid.quantity if order == "quantity" else 0, number

    wanted = [
        bid for _, bid in sorted(enumerate(bids), key=key) if bid.price >= least for _ in range(bid.quantity)
    ]
    cut = wanted[:supply]
    last = cut[-1] if cut else None
    if last is not None and cut.count(last) < last.quantity and not last.partial:
        cut = [bid for bid in cut if bid is not last]
    shares = {bid.member: cut.count(bid) for bid in cut}
    losing = wanted[len(cut)].price if len(wanted) > len(cut) else 0
    return _price(bids, shares, losing, least, pricing)


def clear_sealed(bids: list[Asked], pricing: str, least: int) -> Won:
    """One piece: the highest bid that reaches ``least``, the earlier of equal ones; at second price it pays
    the greater of the second bid and ``least``."""
    prices = sorted([bid.price for bid in bids], reverse=True)
    if not prices or prices[0] < least:
        return {}
    winner = next(bid for bid in bids if bid.price == prices[0])
    second = max([least, *prices[1:2]])
    return {winner.member: (1, prices[0] if pricing == "first" else second)}


def _price(bids: list[Asked], shares: dict[str, int], losing: int, least: int, pricing: str) -> Won:
    own = {bid.member: bid.price for bid in bids}
    uniform = max(losing, least)
    if pricing == "lowest_winning" and shares:
        uniform = min(own[member] for member in shares)
    return {
        member: (share, own[member] if pricing == "pay_as_bid" else uniform)
        for member, share in shares.items()
    }


class Stay(NamedTuple):
    """A member in an ascending clock: its maximum, and at which step it says out (−1: never)."""

    member: str
    maximum: int
    out: int = -1


def run_clock(stays: list[Stay], supply: int, *, opening: int, step: int, reserve: int, steps: int) -> Won:
    """Plays a clock step by step, for at most so many steps; those that say out at a step do so one by one,
    in the order of joining."""
    inside = list(stays)
    for number in range(steps + 1):
        price = opening + number * step
        before = inside
        inside = [stay for stay in inside if stay.maximum >= price]
        ended = number == steps
        if len(inside) <= supply and price >= reserve:
            fallen = sorted((stay for stay in before if stay not in inside), key=lambda stay: -stay.maximum)
            short = supply - len(inside)
            if number and fallen and short and price - step >= max(reserve, opening):
                return {stay.member: (1, price - step) for stay in inside + fallen[:short]}
            return {stay.member: (1, price) for stay in inside}
        if not inside:
            return {}
        for stay in list(inside):
            if stay.out == number:
                inside.remove(stay)
                if len(inside) <= supply and price >= reserve:
                    return {stay.member: (1, price) for stay in inside}
        if ended:
            best = sorted(inside, key=lambda stay: -stay.maximum)[:supply]
            return {stay.member: (1, price) for stay in best} if price >= reserve else {}
    raise AssertionError("a clock ends")
