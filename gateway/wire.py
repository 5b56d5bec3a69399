"""What goes over the wire: JSON-RPC 2.0 messages in two encodings, WebSocket frames around them, close codes.

The same objects travel as JSON in text frames (subprotocol ``livelot.v1``) or as MessagePack in binary frames
(``livelot.v1.msgpack``). A close code's range tells a client what to do: 4000–4099 do not come back as you
are, 4100–4199 come back later. Pushes are notifications: they carry a topic's latest state and the position
it speaks for.
"""

import re
import struct
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from engine.errors import CODES, Code, Rejected, Rejection

FRAME_LIMIT: Final = 64 * 1024
"""The most bytes that a client's message may have, over sockets and in an HTTP body."""

GATEWAY_CODES: Final = {
    "invalid_request": Code("invalid_request", -32600, 400),
    "method_not_allowed": Code("method_not_allowed", 125, 405),
    "unsupported_media_type": Code("unsupported_media_type", 126, 415),
    "headers_too_large": Code("headers_too_large", 127, 431),
    "too_many_connections": Code("too_many_connections", 128, 503),
}
"""Refusals that only a door can have cause for; everything else is in ``engine.errors``."""

ALL_CODES: Final = CODES | GATEWAY_CODES


class Close(NamedTuple):
    """A close code and the words that go with it (at most 123 bytes, RFC 6455 §5.5)."""

    code: int
    words: str


UNSUPPORTED_DATA: Final = Close(1003, "Text frames carry livelot.v1, binary frames livelot.v1.msgpack.")
INVALID_TEXT: Final = Close(1007, "A text frame must be UTF-8.")
UNAUTHENTICATED: Final = Close(4001, "Authenticate first: in the Authorization header, or by the first call.")
TOKEN_EXPIRED: Final = Close(4002, "The token has expired. Connect again with a new one.")
PROTOCOL_ABUSE: Final = Close(4003, "Far more calls than the limit allows. Slow down before coming back.")
TOO_MANY_SOCKETS: Final = Close(4004, "This member has as many sockets open as it may. Close one first.")
SHUTTING_DOWN: Final = Close(4100, "This gateway is shutting down. Connect again.")
REBUILDING: Final = Close(4101, "This gateway is still reading the log. Connect again in a moment.")
TOO_SLOW: Final = Close(4102, "This socket did not answer in time. Connect again.")
GONE: Final = Close(1006, "")
"""The connection is lost; never sent (RFC 6455 §7.4.1)."""

Id = Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)] | Annotated[str, Meta(max_length=128)] | None
"""A request's id, returned with its reply. JSON numbers are exact below 2⁵³ only (RFC 8259 §6)."""


class Request(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A call; without an ``id`` it is a notification and gets no reply."""

    jsonrpc: Literal["2.0"]
    method: str
    id: Id | UnsetType = UNSET
    params: msgspec.Raw = msgspec.Raw()


class Identified(msgspec.Struct, gc=False):
    """What is still read of a request that has the wrong shape, to tell whose it was."""

    id: Id = None


class Reply(msgspec.Struct, gc=False):
    """The answer to a call: its result, and the position of the state that it speaks for."""

    id: Id
    result: Any
    position: str
    jsonrpc: str = "2.0"


class Error(msgspec.Struct, gc=False):
    """Why a call was refused. ``data`` holds the code's name and what it needs to be acted on."""

    code: int
    message: str
    data: dict[str, Any]


class Failure(msgspec.Struct, gc=False):
    """The answer to a call that was refused."""

    id: Id
    error: Error
    jsonrpc: str = "2.0"


class PushParameters(msgspec.Struct, gc=False):
    """A topic's latest state; null once there is nothing of that name any more."""

    topic: str
    position: str
    state: Any


class Push(msgspec.Struct, gc=False):
    """A notification from the server."""

    params: PushParameters
    method: str = "push"
    jsonrpc: str = "2.0"


class Encoding:
    """One way of writing messages: ``JSON`` or ``MESSAGEPACK``."""

    def __init__(self, subprotocol: str, opcode: int, codec: Any) -> None:
        self.subprotocol = subprotocol
        self.opcode = opcode
        self.name: str = codec.__name__
        self._codec = codec
        self.decode_request: Callable[[bytes], Request] = self.decoder(Request)
        self._decode_identified: Callable[[bytes], Identified] = self.decoder(Identified)
        self.encode: Callable[[Any], bytes] = codec.Encoder().encode
        self.nothing: bytes = self.encode({})
        self._short_headers = [bytes((0x80 | opcode, length)) for length in range(126)]
        self._medium_header = struct.Struct("!BBH").pack

    def decoder(self, shape: Any) -> Callable[[bytes | msgspec.Raw], Any]:
        """A function that reads one value of type ``shape``; it raises what ``explain`` explains."""
        decode: Callable[[bytes | msgspec.Raw], Any] = self._codec.Decoder(shape).decode
        return decode

    def frame(self, message: Any) -> bytes:
        """``message`` as one whole, unmasked frame, ready for any number of transports."""
        payload = self.encode(message)
        length = len(payload)
        if length < 126:
            return self._short_headers[length] + payload
        if length < 65536:
            return self._medium_header(0x80 | self.opcode, 126, length) + payload
        return bytes((0x80 | self.opcode, 127)) + length.to_bytes(8, "big") + payload

    def identify(self, payload: bytes) -> Id:
        """The id of a request that could not be read as a whole, or None."""
        try:
            return self._decode_identified(payload).id
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None


JSON: Final = Encoding("livelot.v1", 0x1, msgspec.json)
MESSAGEPACK: Final = Encoding("livelot.v1.msgpack", 0x2, msgspec.msgpack)
ENCODINGS: Final = {encoding.subprotocol: encoding for encoding in (JSON, MESSAGEPACK)}

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What reading a client's bytes can raise."""

_PATH = re.compile(r"^(?P<words>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)


def failure_of(identifier: Id, rejected: Rejected) -> Failure:
    """The JSON-RPC answer that says why."""
    error = Error(
        ALL_CODES[rejected.code].number,
        rejected.message,
        {"code": rejected.code, **(rejected.details or {})},
    )
    return Failure(identifier, error)


def explain(error: Exception, code: str = "invalid_parameters") -> Rejection:
    """A refusal in words for whatever a decoder raised: ``code`` for a wrong shape, ``malformed`` for what is
    no message.

    The detail ``field`` is the path of what is wrong, such as ``terms.increments[0].below``.
    """
    if isinstance(error, RecursionError):
        return Rejection("malformed", "The message is nested too deeply.")
    if isinstance(error, UnicodeDecodeError):
        return Rejection(
            "malformed", f"The text is not UTF-8: {error.reason} in a string, at byte {error.start}."
        )
    if not isinstance(error, msgspec.ValidationError):
        return Rejection("malformed", f"This cannot be read: {error}.")
    match = _PATH.match(str(error))
    words, path = match.group("words", "path") if match else (str(error), None)
    field = (path or "").removeprefix("$").removeprefix(".")
    words = words.replace("`", "")
    return Rejection(code, f"{field}: {words}." if field else f"{words}.", field=field)
