"""The wire as a member's app sees it: the messages that come in, and only the fields that a crowd looks at.

Written from the protocol, not from the gateway's code, so that a mistake there is not made twice.
"""

from typing import NamedTuple

import msgspec

SUBPROTOCOL = "livelot.v1"

PASSING = frozenset({"unavailable", "not_ready", "shutting_down", "clock_disagrees"})
"""Refusals that say "not now": the same bid is sent again, under the same key."""


class StormError(Exception):
    """The storm cannot go on; the words say why, and what would help."""


class Place(NamedTuple):
    """A position in the program's history, in order of time: epoch, milliseconds, sequence."""

    epoch: int
    milliseconds: int
    sequence: int


NOWHERE = Place(0, 0, 0)


def read_place(text: str) -> Place:
    """The place that a position such as "1:1732233434000-0" names; ``NOWHERE`` for an empty one."""
    if not text:
        return NOWHERE
    epoch, _, rest = text.partition(":")
    milliseconds, _, sequence = rest.partition("-")
    return Place(int(epoch), int(milliseconds), int(sequence))


class Refusal(msgspec.Struct, gc=False):
    """An error reply. ``data`` has the code's name under ``code``."""

    message: str = ""
    data: dict[str, msgspec.Raw] = {}

    @property
    def code(self) -> str:
        """The code's name."""
        return msgspec.json.decode(self.data["code"], type=str) if "code" in self.data else "none"

    @property
    def minimum(self) -> int:
        """The least maximum that would do, where the refusal says so; else 0."""
        return msgspec.json.decode(self.data["minimum"], type=int) if "minimum" in self.data else 0


class PushParameters(msgspec.Struct, gc=False):
    """A topic's latest state, as it came."""

    topic: str
    position: str
    state: msgspec.Raw = msgspec.Raw(b"null")


class Message(msgspec.Struct, gc=False):
    """Anything that a gateway sends: a reply with ``result`` or ``error``, or a push with ``params``."""

    id: int | None = None
    result: msgspec.Raw = msgspec.Raw()
    error: Refusal | None = None
    position: str = ""
    params: PushParameters | None = None


class BidTaken(msgspec.Struct, gc=False):
    """The result of a bid."""

    auction: str
    number: int
    bidder: int
    leading: bool
    price: int
    minimum: int


class PriceClock(msgspec.Struct, gc=False):
    """How a price goes on by itself from ``opened_at`` + ``entry`` ms: a ``step`` an ``interval`` (ms), down
    to ``floor``, or up where that is 0. Storms do not pause auctions, and their steps are in points."""

    opened_at: int
    entry: int
    interval: int
    step: int
    floor: int

    def steps_at(self, now: int) -> int:
        """How many steps it has made at ``now`` (ms)."""
        return max(0, now - self.opened_at - self.entry) // self.interval if self.opened_at else 0

    def price_at(self, opening: int, now: int) -> int:
        """The price at ``now`` (ms), in points."""
        change = self.steps_at(now) * self.step
        return max(self.floor, opening - change) if self.floor else opening + change


class Pieces(msgspec.Struct, gc=False):
    """What an auction of another format than English shows beside the rest."""

    pricing: str = ""
    order: str = ""
    sealed: bool = False
    supply: int = 1
    sold: int = 0
    clock: PriceClock | None = None


class AuctionState(msgspec.Struct, gc=False):
    """The state of a topic ``auction:…``, a row of ``auctions``, or an auction over HTTP."""

    id: str
    status: str
    price: int
    minimum: int
    bids: int = 0
    ends_at: int = 0
    opening: int = 0
    format: str = "english"
    pieces: Pieces | None = None


class LiveAuctions(msgspec.Struct, gc=False):
    """The state of the topic ``auctions``."""

    auctions: list[AuctionState]


class AuctionLeft(msgspec.Struct, gc=False):
    """The result of leaving a clock: the price that it showed."""

    auction: str
    price: int


class OwnAuction(msgspec.Struct, gc=False):
    """A member's part in one auction; ``maximum`` is its highest standing one, of ``quantity`` pieces.

    ``bidder`` is its pseudonym there. It won ``won`` pieces, and paid ``paid`` points for them.
    """

    auction: str
    maximum: int
    leading: bool
    bidder: int = 0
    quantity: int = 0
    won: int = 0
    paid: int = 0


class OwnState(msgspec.Struct, gc=False):
    """The state of the topic ``me``."""

    available: int
    auctions: list[OwnAuction] = []


decode_message = msgspec.json.Decoder(Message).decode
decode_bid = msgspec.json.Decoder(BidTaken).decode
decode_left = msgspec.json.Decoder(AuctionLeft).decode
decode_auction = msgspec.json.Decoder(AuctionState).decode
decode_live = msgspec.json.Decoder(LiveAuctions).decode
decode_own = msgspec.json.Decoder(OwnState).decode


def encode_call(identifier: int, method: str, params: msgspec.Struct | dict[str, object]) -> bytes:
    """A JSON-RPC call."""
    return msgspec.json.encode({"jsonrpc": "2.0", "id": identifier, "method": method, "params": params})
