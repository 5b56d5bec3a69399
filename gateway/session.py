"""One socket's conversation, without I/O: messages and the time go in, frames come out.

A session authenticates, subscribes, calls and pings; it keeps one connection within its limits and knows when
it has to end. Whoever drives it (``sockets.py``, or a test) gives it every message with the time, sends the
frames that gather in ``outgoing``, and closes the connection once ``closing`` is set. Answers to commands
come later: the session calls ``wake`` whenever there is something new to look at.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec
import structlog
from msgspec import UNSET, UnsetType

from engine.commands import MEMBER
from engine.errors import Rejected, Rejection
from engine.position import Position
from engine.units import SECOND
from gateway.desk import CALL_WINDOW, INTERNAL, SOCKET_WINDOW
from gateway.identity import Caller
from gateway.lobby import Lobby
from gateway.operations import OPERATIONS, Operation
from gateway.operations.socket import (
    SOCKET_METHODS,
    Authenticate,
    Authenticated,
    Pong,
    Subscribed,
)
from gateway.price_cells import PRICES, Shown
from gateway.topics import Listener, Topic
from gateway.wire import (
    ENCODINGS,
    GONE,
    INVALID_TEXT,
    JSON,
    PROTOCOL_ABUSE,
    SHUTTING_DOWN,
    TOKEN_EXPIRED,
    TOO_MANY_SOCKETS,
    UNAUTHENTICATED,
    UNREADABLE,
    Close,
    Encoding,
    Id,
    Reply,
    Request,
    explain,
    failure_of,
)

_Decoder = Callable[[msgspec.Raw | bytes], Any]

_OPERATIONS: Final[dict[Encoding, dict[str, tuple[Operation, _Decoder]]]] = {
    encoding: {operation.name: (operation, encoding.decoder(operation.request)) for operation in OPERATIONS}
    for encoding in ENCODINGS.values()
}
_SOCKET_METHODS: Final[dict[Encoding, dict[str, _Decoder]]] = {
    encoding: {method.name: encoding.decoder(method.request) for method in SOCKET_METHODS}
    for encoding in ENCODINGS.values()
}
_ANONYMOUS: Final = {method.name for method in SOCKET_METHODS if method.anonymous}

_log = structlog.get_logger("livelot.gateway")


class Session:
    """One conversation. ``wake`` must not call back into the session."""

    __slots__ = (
        "_bucket",
        "_draining",
        "_listener",
        "_lobby",
        "_lost",
        "_operations",
        "_seat",
        "_topics",
        "caller",
        "closing",
        "due_at",
        "encoding",
        "in_flight",
        "outgoing",
        "wake",
    )

    def __init__(
        self,
        lobby: Lobby,
        listener: Listener,
        wake: Callable[[], None],
        now: int,
        caller: Caller | None = None,
    ) -> None:
        self.encoding = listener.encoding
        self.wake = wake
        self.outgoing: list[bytes] = []
        self.closing: Close | None = None
        self.in_flight = 0
        self.caller = caller
        self.due_at = now + int(lobby.limits.authentication_seconds * SECOND)
        self._lobby = lobby
        self._listener = listener
        self._operations = _OPERATIONS[self.encoding]
        self._topics: dict[str, Topic] = {}
        self._lost = False
        self._draining = False
        self._seat = ""
        self._bucket = lobby.buckets.anonymous(now)
        if caller is not None:
            self._welcome(caller, now)

    @property
    def congested(self) -> bool:
        """Whether so many calls wait for an answer that no further message should be given to the session."""
        return self.in_flight >= self._lobby.limits.in_flight

    def receive(self, payload: bytes, now: int) -> None:
        """Takes one whole message at ``now`` (ms)."""
        if self.closing is not None:
            return
        self.in_flight += 1
        self._lobby.metrics.in_flight += 1
        try:
            request = self.encoding.decode_request(payload)
        except UNREADABLE as error:
            self._take_unreadable(payload, error, now)
            return
        found = self._operations.get(request.method)
        answer = partial(self._settle, request.id, request.method if found else "conversation")
        try:
            self._count(now)
            if found is None:
                self._converse(request, now, answer)
                return
            if self.caller is None:
                raise Rejection("unauthenticated", UNAUTHENTICATED.words)
            operation, decode = found
            parameters = decode(request.params or self.encoding.nothing)
            if self.caller.role == MEMBER and operation.build is not None:
                _check_not_after(parameters.not_after, now)
            self._lobby.desk.ask(operation, self.caller, parameters, now + CALL_WINDOW, answer)
        except Rejection as rejection:
            answer(None, rejection.rejected)
        except UNREADABLE as error:
            self._check_text(payload)
            answer(None, explain(error).rejected)
        except Exception:
            _log.exception("call failed", operation=request.method[:80])
            answer(None, INTERNAL)

    def take_control_frame(self, now: int) -> None:
        """Counts a ping, pong or fragment like a call: they cost the same."""
        if not self._bucket.take(now) and self._bucket.abused:
            self.close(PROTOCOL_ABUSE)

    def tick(self, now: int) -> None:
        """Closes the session if its time is over: unauthenticated for too long, or its token expired."""
        if now >= self.due_at:
            self.close(UNAUTHENTICATED if self.caller is None else TOKEN_EXPIRED)

    def drain(self) -> None:
        """Closes the session once every call that it took has its answer."""
        self._draining = True
        if not self.in_flight:
            self.close(SHUTTING_DOWN)

    def close(self, close: Close) -> None:
        """Ends the session; the first reason counts."""
        if self.closing is None:
            self.closing = close
            self.wake()

    def lose(self) -> None:
        """The connection is gone: answers that still come are dropped."""
        self._lost = True
        if self.closing is None:
            self.closing = GONE
        if self._seat:
            self._lobby.give_back(self._seat)
            self._seat = ""
        self._lobby.hub.unsubscribe(self._listener, self._topics.values())
        self._topics.clear()
        self.outgoing.clear()

    def _count(self, now: int) -> None:
        if self._bucket.take(now):
            return
        if self._bucket.abused:
            self.close(PROTOCOL_ABUSE)
        raise Rejection("too_many_calls", "Too many calls in a short time. Slow down.")

    def _settle(
        self, identifier: Id | UnsetType, method: str, position: Position | None, outcome: Any
    ) -> None:
        """The one answer to a call; ``position`` None: the replica's."""
        self.in_flight -= 1
        lobby = self._lobby
        lobby.metrics.in_flight -= 1
        rejected = type(outcome) is Rejected
        lobby.metrics.count(method, outcome.code if rejected else "ok")
        if self._lost:
            return
        if not self.outgoing:
            self.wake()
        if identifier is not UNSET:
            if rejected:
                message: Any = failure_of(identifier, outcome)
            else:
                message = Reply(identifier, outcome, lobby.desk.text_of(position))
            self.outgoing.append(self.encoding.frame(message))
        if self._draining and not self.in_flight:
            self.close(SHUTTING_DOWN)

    def _take_unreadable(self, payload: bytes, error: Exception, now: int) -> None:
        self._check_text(payload)
        rejection = explain(error, code="invalid_request")
        if payload.lstrip()[:1] == b"[" and self.encoding is JSON:
            rejection = Rejection("invalid_request", "Batches are not taken: send one object a frame.")
        try:
            self._count(now)
        except Rejection as refusal:
            rejection = refusal
        self._settle(self.encoding.identify(payload), "unreadable", None, rejection.rejected)

    def _check_text(self, payload: bytes) -> None:
        if self.encoding is JSON:
            try:
                payload.decode()
            except UnicodeDecodeError:
                self.close(INVALID_TEXT)

    # What only a socket understands

    def _converse(self, request: Request, now: int, answer: Callable[[None, Any], None]) -> None:
        method = request.method
        decode = _SOCKET_METHODS[self.encoding].get(method)
        if decode is None:
            raise Rejection(
                "unknown_operation", f"There is no operation {method[:80]!r}; /reference lists them."
            )
        if self.caller is None and method not in _ANONYMOUS:
            raise Rejection("unauthenticated", UNAUTHENTICATED.words)
        parameters = decode(request.params or self.encoding.nothing)
        if method == "authenticate":
            answer(None, self._authenticate(parameters, now))
        elif method == "subscribe":
            topics = self._subscribe(parameters.topics, Shown(parameters.experiences, parameters.channel))
            answer(None, Subscribed(list(self._topics)))
            self._lobby.hub.send(self._listener, topics)
        elif method == "unsubscribe":
            topics = [self._topics.pop(name) for name in set(parameters.topics) if name in self._topics]
            self._lobby.hub.unsubscribe(self._listener, topics)
            answer(None, Subscribed(list(self._topics)))
        else:
            answer(None, Pong(now))

    def _authenticate(self, request: Authenticate, now: int) -> Authenticated:
        caller = self._lobby.verifier.verify(request.token)
        known = self.caller
        if known is not None and (caller.actor, caller.role) != (known.actor, known.role):
            raise Rejection("not_yours", "This socket speaks for another caller already; open one for each.")
        self._welcome(caller, now)
        if self.closing is TOO_MANY_SOCKETS:
            raise Rejection("too_many_connections", TOO_MANY_SOCKETS.words)
        return Authenticated(caller.actor, caller.role_name, self._lobby.verifier.program, caller.expires_at)

    def _welcome(self, caller: Caller, now: int) -> None:
        if caller.role == MEMBER and not self._seat:
            if not self._lobby.take_seat(caller.actor):
                self.close(TOO_MANY_SOCKETS)
                return
            self._seat = caller.actor
        self.caller = caller
        self.due_at = caller.expires_at
        self._bucket = self._lobby.buckets.of(caller, now)

    def _subscribe(self, names: list[str], shown: Shown) -> list[Topic]:
        """Listens to all of ``names`` or to none; returns their topics. What is ``shown`` may be another each
        time."""
        lobby = self._lobby
        refusal = lobby.desk.refusal()
        if refusal is not None:
            raise refusal
        limit = lobby.limits.subscriptions
        fresh = [name for name in dict.fromkeys(names) if name not in self._topics or name == PRICES]
        if len(self._topics.keys() | names) > limit:
            raise Rejection(
                "too_many_subscriptions", f"A socket listens to at most {limit} topics.", limit=limit
            )
        assert self.caller is not None
        for topic in lobby.hub.subscribe(self._listener, self.caller, fresh, shown):
            before = self._topics.get(topic.name)
            if before is not None:
                lobby.hub.unsubscribe(self._listener, (before,))
            self._topics[topic.name] = topic
        return [self._topics[name] for name in dict.fromkeys(names)]


def _check_not_after(not_after: int | None, now: int) -> None:
    """A member's key is remembered for minutes only. Raises ``Rejection("not_after_too_far")``."""
    if not_after is not None and not_after > now + SOCKET_WINDOW:
        raise Rejection(
            "not_after_too_far",
            f"Over a member's socket not_after may lie at most {SOCKET_WINDOW // SECOND} s ahead.",
            latest=now + SOCKET_WINDOW,
        )
