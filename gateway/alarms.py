"""What somebody should look at now, while it can still be mended."""

from collections.abc import Iterator
from heapq import nsmallest
from itertools import chain, islice
from operator import attrgetter
from typing import Final

import msgspec

from engine.auction.state import OPEN, Auction
from engine.auction.views import auction_view
from engine.campaigns.state import PAUSED, RUNNING, SCHEDULED
from engine.draw.beacon import time_of_round
from engine.program import Program
from engine.units import MINUTE, SECOND

ALARMS: Final = 50
"""Alarms that are told at once."""

CLOSE: Final = 10 * MINUTE
"""An auction is near its end when so much time is left (ms), of a short one the last tenth."""

NEARLY_USED: Final = 9_000
"""The part of a budget, in basis points, from which on it is nearly used up."""

LATE: Final = 2 * MINUTE
"""How long after its time (ms) the round of a beacon is late."""

BEHIND: Final = 10 * SECOND
"""How long nothing may come out of the log (ms) while the keeper has something to do. It is done within a
second as a rule, and within a lease's five where another keeper has to take over."""


class Alarm(msgspec.Struct, frozen=True):
    """What is wrong with which thing, and the figures that words about it need.

    ``reserve_not_met``: an auction is near its end (10 minutes, or the last tenth of a shorter one) below its
    reserve: price, reserve, ends_at. ``budget_nearly_used``: a campaign has given 90 % of its budget away:
    budget, used. ``beacon_late``: a locked raffle waits for its round for more than two minutes: round,
    round_at. ``replica_behind``: this gateway has heard nothing from the log for ``age`` ms, and what was due
    ``overdue`` ms ago has not happened: the log, the keeper or this gateway stands still.
    """

    kind: str
    id: str
    figures: dict[str, int]


def find_alarms(program: Program, now: int) -> list[Alarm]:
    """What is wrong at ``now`` (ms): at most 50, the kind that concerns most people first, and then those
    with the least time left."""
    found = chain(
        _find_standstill(program, now),
        _find_late_beacons(program, now),
        _find_low_prices(program, now),
        _find_low_budgets(program, now),
    )
    return list(islice(found, ALARMS))


def _find_standstill(program: Program, now: int) -> Iterator[Alarm]:
    age, overdue = now - program.position.milliseconds, now - program.agenda.next_at
    if min(age, overdue) > BEHIND and not program.recorded:
        yield Alarm("replica_behind", program.id, {"age": age, "overdue": overdue})


def _find_late_beacons(program: Program, now: int) -> Iterator[Alarm]:
    for id in program.raffles.live:
        raffle = program.raffles.by_id[id]
        if raffle.lock and raffle.round and not raffle.seed:
            round_at = time_of_round(raffle.round)
            if now - round_at > LATE:
                yield Alarm("beacon_late", id, {"round": raffle.round, "round_at": round_at})


def _find_low_prices(program: Program, now: int) -> list[Alarm]:
    """Of auctions whose bids are sealed nobody may know it."""
    live = (program.auctions[id] for id in program.live)
    low = (
        auction for auction in live if _is_near_its_end(auction, now) and not _meets_reserve(program, auction)
    )
    return [
        Alarm(
            "reserve_not_met",
            auction.id,
            {
                "price": auction_view(program, auction).price,
                "reserve": auction.reserve,
                "ends_at": auction.ends_at,
            },
        )
        for auction in nsmallest(ALARMS, low, key=attrgetter("ends_at", "serial"))
    ]


def _is_near_its_end(auction: Auction, now: int) -> bool:
    length = auction.ends_at - auction.terms.starts_at
    return auction.status == OPEN and auction.ends_at - now <= min(CLOSE, length // 10)


def _meets_reserve(program: Program, auction: Auction) -> bool:
    if not auction.reserve or auction.hides_bids:
        return True
    return auction.reserve_met if auction.pieces is None else auction_view(program, auction).reserve_met


def _find_low_budgets(program: Program, now: int) -> Iterator[Alarm]:
    for campaign in program.campaigns.by_id.values():
        budget = campaign.terms.budget
        if (
            budget
            and campaign.given * 10_000 >= budget * NEARLY_USED
            and campaign.status_at(now) in (SCHEDULED, RUNNING, PAUSED)
        ):
            yield Alarm("budget_nearly_used", campaign.id, {"budget": budget, "used": campaign.given})
