"""What only a socket understands."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from engine.commands import Behalf
from engine.units import Reference
from gateway.operations.row import Row

EXPERIENCES_SHOWN: Final = 500
"""Experiences whose prices one socket is told."""


class Authenticate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Says who speaks on this socket. A later call may bring a fresher token of the same caller."""

    token: Annotated[str, Meta(min_length=1, max_length=16_384, pattern=r"^[\x21-\x7e]+$")]


class Authenticated(msgspec.Struct, frozen=True):
    """Who the token speaks for, and until when (ms); then the socket is closed with 4002."""

    actor: str
    role: str
    program: str
    expires_at: int


class Topics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Topics: ``auctions``, ``auction:ID``, ``raffles``, ``raffle:ID``, ``me``, ``prices``, and
    ``now`` for managers and operators."""

    topics: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=80)]], Meta(min_length=1, max_length=1000)
    ]


class Subscribe(Topics, frozen=True, forbid_unknown_fields=True):
    """Topics: ``auctions``, ``auction:ID``, ``raffles``, ``raffle:ID``, ``me``, ``prices``, and
    ``now`` for managers and operators.

    For ``prices``: the ``experiences`` that the client shows, and the ``channel`` that it is. One that shows
    others then subscribes again.
    """

    experiences: Annotated[tuple[Reference, ...], Meta(max_length=EXPERIENCES_SHOWN)] = ()
    channel: Behalf = ""


class Subscribed(msgspec.Struct, frozen=True):
    """All topics of this socket after the call."""

    topics: list[str]


class Ping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing: asks whether the gateway answers, and what time it is there."""


class Pong(msgspec.Struct, frozen=True):
    """The gateway's clock, in ms: what is left of an auction's time is counted from it."""

    time: int


class SocketMethod(Row, kw_only=True):
    """What only a socket understands. ``anonymous``: also before ``authenticate``."""

    anonymous: bool = False


SOCKET_METHODS: Final = tuple(
    SocketMethod(name=name, words=words, request=request, reply=reply, anonymous=anonymous)
    for name, words, request, reply, anonymous in (
        ("authenticate", "Says who speaks on this socket.", Authenticate, Authenticated, True),
        (
            "subscribe",
            "Listens to topics; the latest state of each comes at once.",
            Subscribe,
            Subscribed,
            False,
        ),
        ("unsubscribe", "Stops listening to topics.", Topics, Subscribed, False),
        ("ping", "Asks whether the gateway answers, and what time it is there.", Ping, Pong, True),
    )
)
