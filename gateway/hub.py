"""The hub: who listens, what is dirty, when it is sent, and what happens to listeners that are slow.

A topic is a view of the state: ``auction:{id}``, ``auctions`` (what ends soonest), ``raffle:{id}``,
``raffles`` (what closes soonest), ``me`` (one member's points, bids and tickets), ``prices`` (what one client
shows of the catalogue; see price_cells.py), ``now`` (what goes on, for staff; see overview.py). Events only
say which topics are dirty; what is sent is the state at the moment of sending, encoded once for each encoding
and written as the same buffer to every listener. Auctions, raffles and prices are *conflated*: however often
they change, each is sent at most so many times a second (of a long list so many bytes), and the first change
after a quiet time at once. What concerns one member is sent at the end of the event loop's turn.

A listener whose network takes nothing skips pushes (it gets the latest state once it has caught up), and is
cut off when its backlog passes the hard limit, so that it never holds up its neighbours or fills the memory.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, get_args

import structlog

from engine import views
from engine.commands import MEMBER
from engine.errors import Rejection
from engine.events import AnyEvent, AuctionChanged, AuctionUnsold, Event, RaffleChanged, RuleTuned
from engine.machine import Applied
from engine.raffles.views import list_live_raffles, view_public
from engine.replica import Replica
from engine.writer import wall_clock
from gateway.deliveries import Deliveries
from gateway.identity import Caller
from gateway.limits import Limits
from gateway.minutes import Minutes
from gateway.overview import NOW, Beat, Overview, check_watcher
from gateway.price_cells import PRICE_EVENTS, PRICES, PriceCells, Shown, Viewer
from gateway.tellings import Tellings
from gateway.topics import Lane, Listener, Message, Source, Topic

AUCTION_INTERVAL: Final = 1 / 20
RAFFLE_INTERVAL: Final = 1 / 5
LIVE_INTERVAL: Final = 1 / 2
LIVE_PACE: Final = 25_000
"""Bytes a second to each listener: a list that is long comes less often than each ``LIVE_INTERVAL``."""
PRICE_INTERVAL: Final = 1 / 20
BUDGET_INTERVAL: Final = 1.0
"""A budget shrinks with every redemption, and changes a price only where it ends."""
NOW_INTERVAL: Final = 1.0

_log = structlog.get_logger("livelot.gateway")

_AUCTION_PREFIX: Final = "auction:"
_RAFFLE_PREFIX: Final = "raffle:"


class HubCounts:
    """What the hub has done, for the metrics."""

    def __init__(self) -> None:
        self.pushes = 0
        self.skipped = 0
        self.aborted = 0


class Hub:
    """All topics of one gateway. Everything happens in the event loop's thread."""

    def __init__(
        self,
        replica: Replica,
        limits: Limits,
        loop: asyncio.AbstractEventLoop,
        *,
        clock: Callable[[], int] = wall_clock,
        count_sockets: Callable[[], int] = lambda: 0,
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.counts = HubCounts()
        self.minutes = Minutes(replica)
        self.tellings = Tellings(clock)
        self._replica = replica
        self._limits = limits
        self._loop = loop
        self._live = Lane(LIVE_INTERVAL)
        self._auctions = Lane(AUCTION_INTERVAL)
        self._raffles = Lane(RAFFLE_INTERVAL)
        self._live_raffles = Lane(LIVE_INTERVAL)
        self._lanes = {
            "auction": (self._auctions, self._live),
            "raffle": (self._raffles, self._live_raffles),
        }
        self._members = Lane(0.0)
        self._prices = Lane(PRICE_INTERVAL)
        self._budgets = Lane(BUDGET_INTERVAL)
        self._now = Lane(NOW_INTERVAL)
        self._overview = Overview(
            self.minutes,
            self.tellings,
            clock,
            count_watchers=self._count_watchers,
            count_sockets=count_sockets,
        )
        self._cells = PriceCells(
            replica,
            wake=lambda source: self._await_flush(self._prices, source),
            wake_later=lambda source: self._await_flush(self._budgets, source),
            wake_now=lambda source: self._await_flush(self._members, source),
            tellings=self.tellings,
            lags=self._lags,
        )
        # Neither holds up the other: four hundred auctions that end together concern a member each a lot.
        self._own, self._shared = (Deliveries(loop, self._tell_all, stopwatch) for _ in range(2))
        self._lagging: dict[Listener, dict[Topic, None]] = {}

    @property
    def price_cells(self) -> int:
        """How many groups of listeners see prices of their own."""
        return self._cells.count

    def take(self, applied: Applied) -> None:
        """Marks what an applied entry changed. The replica calls this after each entry."""
        listening = self._members.topics
        for event in applied.events:
            thing, members, priced = _SUBJECTS[type(event)]
            if thing:
                lane, live = self._lanes[thing]
                id_ = getattr(event, thing)
                if id_ in lane.topics:
                    self._mark(lane, id_)
                if live.topics:
                    self._mark_list(live)
                if type(event) is AuctionChanged:
                    self._mark_bidders(id_)
                elif type(event) is RaffleChanged:
                    self._mark_entrants(id_)
            if listening:
                for name in members:
                    self._mark(self._members, getattr(event, name))
            if priced and (self._cells.count or type(event) is RuleTuned):
                self._cells.take(event)

    def subscribe(
        self, listener: Listener, caller: Caller, names: Iterable[str], shown: Shown | None = None
    ) -> list[Topic]:
        """Adds ``listener`` to all topics, or to none; ``send`` then sends their states.

        ``shown`` is what the client shows of the catalogue, for the topic ``prices``. Raises ``Rejection``:
        ``unknown_topic``, ``forbidden``, ``invalid_parameters``, and what the views raise
        (``unknown_auction``, ``unknown_member``).
        """
        topics = [self._find(name, caller, shown) for name in names]
        for topic in topics:
            if topic.lane is self._members:
                # Others' bids do not push it, and yet change what it says of auctions: look anew.
                topic.latest = None
            if topic.latest is None and type(topic) is Topic:
                topic.latest = self._look(topic)
        for topic in topics:
            if isinstance(topic, Viewer):
                self._cells.join(topic, listener)
            else:
                topic.lane.topics[topic.key] = topic
            topic.listeners[listener] = None
        return topics

    def unsubscribe(self, listener: Listener, topics: Iterable[Topic]) -> None:
        """Takes ``listener`` off these topics."""
        lagging = self._lagging.get(listener)
        for topic in topics:
            topic.listeners.pop(listener, None)
            if isinstance(topic, Viewer):
                self._cells.leave(topic)
            elif not topic.listeners and topic.lane.topics.get(topic.key) is topic:
                del topic.lane.topics[topic.key]
            if lagging is not None:
                lagging.pop(topic, None)
        if lagging is not None and not lagging:
            del self._lagging[listener]

    def caught_up(self, listener: Listener) -> None:
        """Sends the latest states of what ``listener`` skipped, now that its network takes data again."""
        topics = self._lagging.pop(listener, None)
        if topics:
            self.send(listener, topics)

    def send(self, listener: Listener, topics: Iterable[Topic]) -> None:
        """Sends the latest states of ``topics``; to a listener with a backlog only once it has caught up."""
        for topic in topics:
            self._tell(listener, topic, None)

    def _tell(self, listener: Listener, topic: Topic, message: Message | None) -> None:
        backlog = listener.transport.get_write_buffer_size()
        if backlog <= self._limits.soft_backlog:
            self.counts.pushes += 1
            listener.write((message or self._latest(topic)).frame(listener.encoding))
        elif backlog <= self._limits.hard_backlog:
            self.counts.skipped += 1
            self._lagging.setdefault(listener, {})[topic] = None
        else:
            self.counts.aborted += 1
            listener.transport.abort()

    def _tell_all(self, listeners: list[Listener], topic: Topic, message: Message | None) -> None:
        """Tells all of them the same. Most need no more than a write, and nothing else of theirs is touched
        then; ``_tell`` is for the rest."""
        message = message or self._latest(topic)
        soft = self._limits.soft_backlog
        counts = self.counts
        encoding, frame = None, b""
        for listener in listeners:
            if listener.encoding is not encoding:
                frame = message.frame(listener.encoding)
                encoding = listener.encoding
            try:
                transport = listener.transport
                if listener.direct and transport.get_write_buffer_size() <= soft:
                    transport.write(frame)
                    counts.pushes += 1
                else:
                    self._tell(listener, topic, message)
            except Exception:
                # It must not silence the others. Whoever was not told has to come back for the latest state.
                _log.exception("push failed")
                listener.transport.abort()

    def _lags(self, topic: Topic) -> bool:
        """Whether all who listen to it have a network that takes nothing."""
        return all(topic in self._lagging.get(listener, ()) for listener in topic.listeners)

    def _count_watchers(self, auction: str) -> int:
        topic = self._auctions.topics.get(auction)
        return len(topic.listeners) if topic is not None else 0

    def _begin_now(self) -> Topic:
        """The topic now, which nobody has listened to: the listener that comes has its state at once, and
        then once a second."""
        topic = Topic(NOW, "", self._now, self._overview.view)
        self._now.flushed_at = self._loop.time()
        beat = Beat(
            topic,
            lambda: self._overview.prepare(self._replica.program),
            lambda source: self._await_flush(self._now, source),
        )
        self._await_flush(self._now, beat)
        return topic

    def _mark(self, lane: Lane, key: str) -> None:
        topic = lane.topics.get(key)
        if topic is not None:
            topic.latest = None
            self._await_flush(lane, topic)

    def _mark_list(self, lane: Lane) -> None:
        pushed = lane.topics[""].latest
        if pushed is not None:
            lane.interval = max(LIVE_INTERVAL, pushed.size / LIVE_PACE)
        self._mark(lane, "")

    def _await_flush(self, lane: Lane, source: Source) -> None:
        lane.dirty[source] = None
        if lane.scheduled:
            return
        lane.scheduled = True
        delay = lane.flushed_at + lane.interval - self._loop.time() if lane.interval else 0.0
        if delay > 0:
            self._loop.call_later(delay, self._flush, lane)
        else:
            self._loop.call_soon(self._flush, lane)

    def _mark_bidders(self, auction: str) -> None:
        """Other than by a bid an auction changes for everybody who has bid on it."""
        known = self._replica.program.auctions.get(auction)
        if known is not None:
            for member in self._members.topics.keys() & known.bidders.keys():
                self._mark(self._members, member)

    def _mark_entrants(self, raffle: str) -> None:
        """A raffle that closes, is drawn or void concerns everybody who has tickets: also those who won
        nothing."""
        members = self._replica.program.members
        for id_ in self._members.topics:
            member = members.find(id_)
            if member is not None and raffle in (member.raffles or ()):
                self._mark(self._members, id_)

    def _flush(self, lane: Lane) -> None:
        lane.scheduled = False
        lane.flushed_at = self._loop.time()
        dirty, lane.dirty = lane.dirty, {}
        (self._own if lane is self._members else self._shared).add(dirty)

    def _latest(self, topic: Topic) -> Message:
        if topic.latest is not None:
            return topic.latest
        try:
            message = self._look(topic)
        except Rejection:
            message = self._message(topic, None)  # it is not kept any more: its listeners are told
        if type(topic) is Topic:
            topic.latest = message
        return message

    def _look(self, topic: Topic) -> Message:
        return self._message(topic, topic.view(self._replica.program))

    def _message(self, topic: Topic, state: Any) -> Message:
        return Message(topic.name, str(self._replica.position), state)

    def _find(self, name: str, caller: Caller, shown: Shown | None) -> Topic:
        """The topic that ``name`` means for ``caller``; one that nobody listens to is in no lane yet."""
        if name.startswith(_AUCTION_PREFIX):
            id_ = name.removeprefix(_AUCTION_PREFIX)
            return self._auctions.topics.get(id_) or Topic(
                name, id_, self._auctions, lambda program: views.view_public_auction(program, id_)
            )
        if name == "auctions":
            return self._live.topics.get("") or Topic(name, "", self._live, views.list_live_auctions)
        if name.startswith(_RAFFLE_PREFIX):
            id_ = name.removeprefix(_RAFFLE_PREFIX)
            return self._raffles.topics.get(id_) or Topic(
                name, id_, self._raffles, lambda program: view_public(program, id_)
            )
        if name == "raffles":
            return self._live_raffles.topics.get("") or Topic(name, "", self._live_raffles, list_live_raffles)
        if name == "me":
            if caller.role != MEMBER:
                raise Rejection("forbidden", "The topic me is a member's own; this token is not a member's.")
            member = caller.actor
            return self._members.topics.get(member) or Topic(
                name, member, self._members, lambda program: views.view_me(program, member)
            )
        if name == NOW:
            check_watcher(caller)
            return self._now.topics.get("") or self._begin_now()
        if name == PRICES:
            if caller.role != MEMBER:
                raise Rejection(
                    "forbidden", "The topic prices is a member's own; this token is not a member's."
                )
            if shown is None or not shown.experiences:
                raise Rejection(
                    "invalid_parameters", "experiences: say which the client shows.", field="experiences"
                )
            return self._cells.find(caller.actor, shown, self._prices)
        raise Rejection(
            "unknown_topic",
            "The topics are auctions, auction:ID, raffles, raffle:ID, me, prices and now.",
            topic=name[:80],
        )


def _subjects(event: type[Event]) -> tuple[str, tuple[str, ...], bool]:
    """The event's field that names an auction or a raffle (empty: none has), those that name members whose
    own state it changes, and whether it can change prices."""
    fields = event.__struct_fields__
    names = ("leader",) if event is AuctionUnsold else ("member", "outbid", "leader")
    thing = next((name for name in ("auction", "raffle") if name in fields), "")
    return thing, tuple(name for name in names if name in fields), event in PRICE_EVENTS


_SUBJECTS: Final = {event: _subjects(event) for event in get_args(AnyEvent)}
