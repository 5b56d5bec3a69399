"""Topics: who listens, what is dirty, when it is sent, and what happens to listeners that are slow.

A topic is a view of the state: ``auction:{id}``, ``auctions`` (what ends soonest), ``me`` (one member's
points and bids). Events only say which topics are dirty; what is sent is the state at the moment of sending,
encoded once for each encoding and written as the same buffer to every listener. Auctions are *conflated*:
however often they change, each is sent at most so many times a second, and the first change after a quiet
time at once. What concerns one member is sent at the end of the event loop's turn.

A listener whose network takes nothing skips pushes (it gets the latest state once it has caught up), and is
cut off when its backlog passes the hard limit, so that it never holds up its neighbours or fills the memory.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Protocol, get_args

import structlog

from engine import views
from engine.commands import MEMBER
from engine.errors import Rejection
from engine.events import AnyEvent, AuctionChanged, AuctionUnsold, Event
from engine.machine import Applied
from engine.program import Program
from engine.replica import Replica
from gateway.identity import Caller
from gateway.limits import Limits
from gateway.wire import Encoding, Push, PushParameters

SLICE: Final = 500
"""How many writes a flush makes before other work gets its turn."""

AUCTION_INTERVAL: Final = 1 / 20
LIVE_INTERVAL: Final = 1 / 2

_AUCTION_PREFIX: Final = "auction:"

_log = structlog.get_logger("livelot.gateway")


class Listener(Protocol):
    """A connection, as the hub sees it."""

    encoding: Encoding

    def backlog(self) -> int:
        """Bytes written that the network has not taken yet."""
        ...

    def write(self, frame: bytes) -> None:
        """Sends a whole frame; never waits."""
        ...

    def abort(self) -> None:
        """Ends the connection at once, whatever is still unsent."""
        ...


class HubCounts:
    """What the hub has done, for the metrics."""

    def __init__(self) -> None:
        self.pushes = 0
        self.skipped = 0
        self.aborted = 0


class Topic:
    """One topic and its listeners. ``frames`` holds the latest state by encoding, until something changes."""

    __slots__ = ("frames", "key", "lane", "listeners", "name", "view")

    def __init__(self, name: str, key: str, lane: "Lane", view: Callable[[Program], Any]) -> None:
        self.name = name
        self.key = key
        self.lane = lane
        self.view = view
        self.listeners: dict[Listener, None] = {}
        self.frames: dict[Encoding, bytes] = {}


class Lane:
    """Topics of one kind by key, and those of them that wait for a flush. ``interval`` is in seconds."""

    __slots__ = ("dirty", "flushed_at", "interval", "scheduled", "topics")

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self.topics: dict[str, Topic] = {}
        self.dirty: dict[Topic, None] = {}
        self.flushed_at = float("-inf")
        self.scheduled = False


class Hub:
    """All topics of one gateway. Everything happens in the event loop's thread."""

    def __init__(self, replica: Replica, limits: Limits, loop: asyncio.AbstractEventLoop) -> None:
        self.counts = HubCounts()
        self._replica = replica
        self._limits = limits
        self._loop = loop
        self._live = Lane(LIVE_INTERVAL)
        self._auctions = Lane(AUCTION_INTERVAL)
        self._members = Lane(0.0)
        self._deliveries: deque[tuple[Topic, Iterator[Listener]]] = deque()
        self._lagging: dict[Listener, dict[Topic, None]] = {}

    def take(self, applied: Applied) -> None:
        """Marks what an applied entry changed. The replica calls this after each entry."""
        for event in applied.events:
            auction, members = _SUBJECTS[type(event)]
            if auction:
                id_ = event.auction  # type: ignore[attr-defined]
                self._mark(self._auctions, id_)
                self._mark(self._live, "")
                if type(event) is AuctionChanged:
                    self._mark_bidders(id_)
            for name in members:
                self._mark(self._members, getattr(event, name))

    def subscribe(self, listener: Listener, caller: Caller, names: Iterable[str]) -> list[Topic]:
        """Adds ``listener`` to all topics, or to none; ``send`` then sends their states.

        Raises ``Rejection``: ``unknown_topic``, ``forbidden``, and what the views raise (``unknown_auction``,
        ``unknown_member``).
        """
        topics = [self._find(name, caller) for name in names]
        for topic in topics:
            if topic.lane is self._members:
                # Others' bids do not push it, and yet change what it says of auctions: look anew.
                topic.frames.clear()
            if listener.encoding not in topic.frames:
                state = topic.view(self._replica.program)
                topic.frames[listener.encoding] = self._frame(topic, listener.encoding, state)
        for topic in topics:
            topic.lane.topics[topic.key] = topic
            topic.listeners[listener] = None
        return topics

    def unsubscribe(self, listener: Listener, topics: Iterable[Topic]) -> None:
        """Takes ``listener`` off these topics."""
        lagging = self._lagging.get(listener)
        for topic in topics:
            topic.listeners.pop(listener, None)
            if not topic.listeners and topic.lane.topics.get(topic.key) is topic:
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
            backlog = listener.backlog()
            if backlog <= self._limits.soft_backlog:
                self.counts.pushes += 1
                listener.write(self._latest(topic, listener.encoding))
            elif backlog <= self._limits.hard_backlog:
                self.counts.skipped += 1
                self._lagging.setdefault(listener, {})[topic] = None
            else:
                self.counts.aborted += 1
                listener.abort()

    def _mark(self, lane: Lane, key: str) -> None:
        topic = lane.topics.get(key)
        if topic is None:
            return
        if topic.frames:
            topic.frames.clear()
        lane.dirty[topic] = None
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

    def _flush(self, lane: Lane) -> None:
        lane.scheduled = False
        lane.flushed_at = self._loop.time()
        idle = not self._deliveries
        for topic in lane.dirty:
            self._deliveries.append((topic, iter(list(topic.listeners))))
        lane.dirty.clear()
        if idle:
            self._deliver()

    def _deliver(self) -> None:
        """Makes at most ``SLICE`` writes, then goes on in the loop's next turn."""
        deliveries = self._deliveries
        left = SLICE
        while deliveries:
            topic, listeners = deliveries[0]
            try:
                for listener in listeners:
                    if listener in topic.listeners:
                        self.send(listener, (topic,))
                        left -= 1
                        if not left:
                            self._loop.call_soon(self._deliver)
                            return
            except Exception:
                # One topic that cannot be told must not silence all others.
                _log.exception("push failed", topic=topic.name)
            deliveries.popleft()

    def _latest(self, topic: Topic, encoding: Encoding) -> bytes:
        frame = topic.frames.get(encoding)
        if frame is None:
            try:
                state = topic.view(self._replica.program)
            except Rejection:
                state = None  # it is not kept any more: its listeners are told
            frame = topic.frames[encoding] = self._frame(topic, encoding, state)
        return frame

    def _frame(self, topic: Topic, encoding: Encoding, state: Any) -> bytes:
        return encoding.frame(Push(PushParameters(topic.name, str(self._replica.position), state)))

    def _find(self, name: str, caller: Caller) -> Topic:
        """The topic that ``name`` means for ``caller``; one that nobody listens to is in no lane yet."""
        if name.startswith(_AUCTION_PREFIX):
            id_ = name.removeprefix(_AUCTION_PREFIX)
            return self._auctions.topics.get(id_) or Topic(
                name, id_, self._auctions, lambda program: views.view_auction(program, id_)
            )
        if name == "auctions":
            return self._live.topics.get("") or Topic(name, "", self._live, views.list_live_auctions)
        if name == "me":
            if caller.role != MEMBER:
                raise Rejection("forbidden", "The topic me is a member's own; this token is not a member's.")
            member = caller.actor
            return self._members.topics.get(member) or Topic(
                name, member, self._members, lambda program: views.view_me(program, member)
            )
        raise Rejection("unknown_topic", "The topics are auctions, auction:ID and me.", topic=name[:80])


def _subjects(event: type[Event]) -> tuple[bool, tuple[str, ...]]:
    """Whether the event concerns an auction, and its fields that name members whose own state it changes."""
    names = ("leader",) if event is AuctionUnsold else ("member", "outbid", "leader")
    return "auction" in event.__struct_fields__, tuple(n for n in names if n in event.__struct_fields__)


_SUBJECTS: Final = {event: _subjects(event) for event in get_args(AnyEvent)}
