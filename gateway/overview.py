"""The topic ``now``: the first page of the console. What is live, how fast it goes, what is wrong.

It is for managers and operators, and is made anew once a second while somebody listens.
"""

import heapq
from bisect import bisect_right
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Final

import msgspec

from engine.campaigns.state import PAUSED, RUNNING, SCHEDULED
from engine.commands import MANAGER, OPERATOR
from engine.errors import Rejection
from engine.program import Program
from engine.raffles.state import Raffle
from engine.units import MINUTE, ONE
from engine.views import list_soonest_auctions
from gateway.alarms import Alarm, find_alarms
from gateway.chances import Chances
from gateway.identity import Caller
from gateway.minutes import Minutes, MinuteView
from gateway.tellings import Tellings, TellingView
from gateway.topics import Delivery, Source, Topic

NOW: Final = "now"

LISTED: Final = 50
"""Auctions, raffles and campaigns that are told, of each."""

SLICES: Final = 10
"""Slices in which the entries of raffles are gone through, each second."""

_STATUSES: Final = {RUNNING: 0, PAUSED: 1, SCHEDULED: 2}
"""The campaigns that are told, in this order."""


class NowAuction(msgspec.Struct, frozen=True):
    """A live auction. ``leader`` is a bidder number, 0 for none. ``bids_a_minute`` are those of the last 60
    seconds; as ``bids``, 0 while they are sealed. ``watchers`` are sockets of this gateway that listen to the
    auction's own topic."""

    id: str
    title: str
    format: str
    status: str
    price: int
    leader: int
    bids: int
    bids_a_minute: int
    watchers: int
    ends_at: int
    has_reserve: bool
    reserve_met: bool


class NowRaffle(msgspec.Struct, frozen=True):
    """A live raffle. ``tickets_least`` and ``tickets_most`` are the fewest and the most tickets of those
    ``entrants`` who hold some, and ``chance_least`` and ``chance_most`` what these are of all tickets, in
    basis points: the chance to be drawn first. None while entries are still gone through."""

    id: str
    titles: dict[str, str]
    status: str
    tickets: int
    entrants: int | None
    closes_at: int
    tickets_least: int | None
    tickets_most: int | None
    chance_least: int | None
    chance_most: int | None


class NowCampaign(msgspec.Struct, frozen=True):
    """A campaign that runs, is paused or scheduled. ``used`` of its ``budget`` (None: without limit) is given
    away, in points; ``ends_at`` 0: for good."""

    id: str
    titles: dict[str, str]
    status: str
    ends_at: int
    budget: int | None
    used: int


class NowView(msgspec.Struct, frozen=True):
    """What goes on in the program at ``at`` ms, by this gateway's clock.

    ``minutes`` are the last 60, oldest first, counted by this gateway ``since`` (ms; 0: nothing was yet);
    ``redemptions_a_minute`` and ``points_a_minute`` (spent) are those of the last 60 seconds. ``auctions``
    are the 50 that end soonest of ``auctions_live``, ``raffles`` the 50 that close soonest. ``watchers`` are
    the open sockets of this gateway, ``tunes`` the last 20 tuned rules and who was told of them, newest
    first.
    """

    at: int
    since: int
    minutes: list[MinuteView]
    redemptions_a_minute: int
    points_a_minute: int
    auctions: list[NowAuction]
    auctions_live: int
    raffles: list[NowRaffle]
    campaigns: list[NowCampaign]
    watchers: int
    alarms: list[Alarm]
    tunes: list[TellingView]


class Overview:
    """What the topic is made of. ``clock`` is this gateway's, in ms; ``count_watchers`` says how many listen
    to an auction, ``count_sockets`` how many sockets are open."""

    def __init__(
        self,
        minutes: Minutes,
        tellings: Tellings,
        clock: Callable[[], int],
        *,
        count_watchers: Callable[[str], int],
        count_sockets: Callable[[], int],
    ) -> None:
        self._minutes = minutes
        self._tellings = tellings
        self._clock = clock
        self._count_watchers = count_watchers
        self._count_sockets = count_sockets
        self._chances = Chances()

    def view(self, program: Program) -> NowView:
        """The state of the topic."""
        now = max(self._clock(), program.at)
        raffles = _soonest_raffles(program)
        self._chances.count(program, raffles)
        last = self._minutes.last_minute(now)
        return NowView(
            at=now,
            since=self._minutes.since,
            minutes=self._minutes.view(now),
            redemptions_a_minute=last.redemptions,
            points_a_minute=last.spent,
            auctions=self._list_auctions(program, now),
            auctions_live=len(program.live),
            raffles=[_raffle_view(raffle, self._chances) for raffle in raffles],
            campaigns=_list_campaigns(program, now),
            watchers=self._count_sockets(),
            alarms=find_alarms(program, now),
            tunes=self._tellings.view(),
        )

    def prepare(self, program: Program) -> Iterator[None]:
        """Goes through entries of raffles, in slices, for what it can say of chances."""
        raffles = _soonest_raffles(program)
        for _ in range(SLICES):
            if not self._chances.count(program, raffles):
                return
            yield None

    def _list_auctions(self, program: Program, now: int) -> list[NowAuction]:
        found = []
        for view in list_soonest_auctions(program, limit=LISTED).auctions:
            history = program.auctions[view.id].history if view.bids else []
            found.append(
                NowAuction(
                    id=view.id,
                    title=view.title,
                    format=view.format,
                    status=view.status,
                    price=view.price,
                    leader=view.leader,
                    bids=view.bids,
                    bids_a_minute=len(history) - bisect_right(history, now - MINUTE, key=attrgetter("at")),
                    watchers=self._count_watchers(view.id),
                    ends_at=view.ends_at,
                    has_reserve=view.has_reserve,
                    reserve_met=view.reserve_met,
                )
            )
        return found


class Beat:
    """The topic as a ``Source``: what it says is made anew, told, and then waits again in its lane, as long
    as somebody listens."""

    def __init__(
        self, topic: Topic, prepare: Callable[[], Iterator[None]], wake: Callable[[Source], None]
    ) -> None:
        self._topic = topic
        self._prepare = prepare
        self._wake = wake

    def deliver(self) -> Delivery:
        """See ``Source``."""
        if not self._topic.listeners:
            return
        try:
            yield from self._prepare()
            self._topic.latest = None
            yield from self._topic.deliver()
        finally:
            self._wake(self)


def check_watcher(caller: Caller) -> None:
    """Who may listen. Raises ``Rejection("forbidden")``."""
    if caller.role not in (MANAGER, OPERATOR):
        words = f"The topic now is for managers and operators; this token's role is {caller.role_name}."
        raise Rejection("forbidden", words)


def _soonest_raffles(program: Program) -> list[Raffle]:
    live = (program.raffles.by_id[id] for id in program.raffles.live)
    return heapq.nsmallest(LISTED, live, key=attrgetter("closes_at", "serial"))


def _raffle_view(raffle: Raffle, chances: Chances) -> NowRaffle:
    spread = chances.find(raffle)
    least, most = (spread.least, spread.most) if spread is not None else (None, None)
    return NowRaffle(
        id=raffle.id,
        titles=raffle.terms.titles,
        status=raffle.status,
        tickets=raffle.tickets,
        entrants=spread.entrants if spread is not None else None,
        closes_at=raffle.closes_at,
        tickets_least=least,
        tickets_most=most,
        chance_least=_share(least, raffle.tickets),
        chance_most=_share(most, raffle.tickets),
    )


def _share(tickets: int | None, all_tickets: int) -> int | None:
    """Of all tickets, in basis points; 0 of none."""
    return None if tickets is None else tickets * ONE // max(1, all_tickets)


def _list_campaigns(program: Program, now: int) -> list[NowCampaign]:
    live = [
        (_STATUSES[status], campaign.terms.ends_at or now + 2**53, campaign.id, status)
        for campaign in program.campaigns.by_id.values()
        for status in (campaign.status_at(now),)
        if status in _STATUSES
    ]
    found = []
    for _, _, id, status in heapq.nsmallest(LISTED, live):
        campaign = program.campaigns.by_id[id]
        terms = campaign.terms
        found.append(NowCampaign(id, terms.titles, status, terms.ends_at, terms.budget, campaign.given))
    return found
