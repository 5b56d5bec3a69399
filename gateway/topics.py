"""What can be listened to, and what waits to be sent.

A topic is a view of the state with its listeners. Topics that wait for a flush wait in a lane, of which each
has its own interval. A delivery goes through listeners some at a time, so that whoever makes it may stop in
between and go on in the event loop's next turn.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final, Protocol

from engine.program import Program
from gateway.wire import Encoding, Push, PushParameters

AT_ONCE: Final = 100
"""How many of a topic's listeners are told together."""


class Transport(Protocol):
    """What is used of a connection's transport; asyncio's and uvloop's have it."""

    def get_write_buffer_size(self) -> int:
        """Bytes written that the network has not taken yet."""
        ...

    def write(self, data: bytes) -> None:
        """Sends all of it; never waits."""
        ...

    def abort(self) -> None:
        """Ends the connection at once, whatever is still unsent."""
        ...


class Listener:
    """A connection, as the hub sees it.

    It is small, and an object beside the connection: a state goes to thousands of them, whose memory is in no
    cache by then, so what is looked at of each is most of what a delivery costs.

    ``write`` takes a frame at any time: the frame leaves after replies that have not left yet, and not at all
    if the connection is closing. While neither can be, the connection keeps ``direct`` true, and frames may
    be written to the ``transport`` itself.
    """

    __slots__ = ("direct", "encoding", "transport", "write")

    def __init__(self, transport: Transport, encoding: Encoding, write: Callable[[bytes], None]) -> None:
        self.transport = transport
        self.encoding = encoding
        self.write = write
        self.direct = False


class Message:
    """A push, encoded once for each encoding, when the first listener needs it."""

    __slots__ = ("_frames", "_push")

    def __init__(self, topic: str, position: str, state: Any) -> None:
        self._push = Push(PushParameters(topic, position, state))
        self._frames: dict[Encoding, bytes] = {}

    def frame(self, encoding: Encoding) -> bytes:
        """The whole frame in one encoding."""
        frame = self._frames.get(encoding)
        if frame is None:
            frame = self._frames[encoding] = encoding.frame(self._push)
        return frame

    @property
    def size(self) -> int:
        """Bytes of the largest frame that was sent; 0 before the first."""
        return max(map(len, self._frames.values()), default=0)


Delivery = Iterator[tuple[list[Listener], "Topic", Message | None] | None]
"""Who are told what together, of which topic; a message of None: the topic's latest state. A None in between:
that was work for a whole slice."""


class Source(Protocol):
    """What waits in a lane, and can be delivered."""

    def deliver(self) -> Delivery:
        """Goes through everybody who has to be told."""
        ...


class Topic:
    """One topic and its listeners. ``latest`` is the state as it was pushed last, until something changes."""

    __slots__ = ("key", "lane", "latest", "listeners", "name", "view")

    def __init__(self, name: str, key: str, lane: "Lane", view: Callable[[Program], Any]) -> None:
        self.name = name
        self.key = key
        self.lane = lane
        self.view = view
        self.listeners: dict[Listener, None] = {}
        self.latest: Message | None = None

    def deliver(self) -> Delivery:
        """See ``Source``: who listens by now, without those that leave before their turn."""
        rest = iter(list(self.listeners))
        while some := list(islice(rest, AT_ONCE)):
            yield [listener for listener in some if listener in self.listeners], self, None


class Lane:
    """Topics of one kind by key, and what waits for a flush. ``interval`` is in seconds."""

    __slots__ = ("dirty", "flushed_at", "interval", "scheduled", "topics")

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self.topics: dict[str, Topic] = {}
        self.dirty: dict[Source, None] = {}
        self.flushed_at = float("-inf")
        self.scheduled = False
