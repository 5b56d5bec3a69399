"""Frames against the reference implementation; decoder errors in words; every code has its number once."""

from typing import Any

import msgspec
import pytest
from websockets.frames import Frame, Opcode

from engine.errors import CODES, Rejected
from gateway import wire
from gateway.wire import (
    ALL_CODES,
    ENCODINGS,
    GATEWAY_CODES,
    JSON,
    Encoding,
    Request,
    explain,
    failure_of,
)

DECODE = JSON.decoder(Request)


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=list(ENCODINGS))
@pytest.mark.parametrize(
    "length", [0, 1, 100, 122, 123, 124, 125, 126, 127, 65_532, 65_533, 65_534, 65_535, 70_000]
)
def test_frames_are_what_websockets_writes(encoding: Encoding, length: int) -> None:
    message = "x" * length
    expected = Frame(Opcode(encoding.opcode), encoding.encode(message)).serialize(mask=False)
    assert encoding.frame(message) == expected


@pytest.mark.parametrize(
    ("payload", "code", "field", "words"),
    [
        (
            b'{"jsonrpc":"1.0","method":"m"}',
            "invalid_request",
            "jsonrpc",
            "jsonrpc: Invalid enum value '1.0'.",
        ),
        (b'{"jsonrpc":"2.0"}', "invalid_request", "", "Object missing required field method."),
        (b'{"jsonrpc":"2.0","method":"m","x":1}', "invalid_request", "", "Object contains unknown field x."),
        (
            b'{"jsonrpc":"2.0","method":"m","id":1.5}',
            "invalid_request",
            "id",
            "id: Expected int | str | null, got float.",
        ),
        (
            b'{"jsonrpc":"2.0","method":"m","id":9007199254740992}',
            "invalid_request",
            "id",
            "id: Expected int <= ",
        ),
        (b"7", "invalid_request", "", "Expected object, got int."),
        (b'{"jsonrpc":"2.0","method":', "malformed", None, "This cannot be read: Input data was truncated."),
        (b"", "malformed", None, "This cannot be read: Input data was truncated."),
        (b'{"jsonrpc":"2.0","method":"\xff"}', "malformed", None, "The text is not UTF-8"),
        (b'{"jsonrpc":"2.0","method":"m","params":' + b"[" * 50_000, "malformed", None, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_explained(payload: bytes, code: str, field: str | None, words: str) -> None:
    with pytest.raises(Exception) as caught:
        DECODE(payload)
    rejected = explain(caught.value, "invalid_request").rejected
    assert rejected.code == code
    assert words in rejected.message
    assert (rejected.details or {}).get("field") == field


def test_paths_go_all_the_way_down() -> None:
    class Inner(msgspec.Struct):
        steps: list[int]

    class Outer(msgspec.Struct):
        inner: Inner

    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(b'{"inner":{"steps":[1,"x"]}}', type=Outer)
    rejected = explain(caught.value).rejected
    assert rejected.message == "inner.steps[1]: Expected int, got str."
    assert rejected.details == {"field": "inner.steps[1]"}


@pytest.mark.parametrize(
    ("payload", "identifier"),
    [
        (b'{"id":7,"method":1}', 7),
        (b'{"id":"a","x":[]}', "a"),
        (b'{"id":{}}', None),
        (b"[1]", None),
        (b"nothing", None),
    ],
)
def test_the_id_of_an_unreadable_request(payload: bytes, identifier: Any) -> None:
    assert JSON.identify(payload) == identifier


def test_failures_carry_number_and_name() -> None:
    failure = failure_of(3, Rejected("bid_too_low", "More.", {"minimum": 700}))
    assert msgspec.json.decode(JSON.encode(failure)) == {
        "jsonrpc": "2.0",
        "id": 3,
        "error": {"code": 520, "message": "More.", "data": {"code": "bid_too_low", "minimum": 700}},
    }


def test_close_words_fit_their_frame() -> None:
    closes = [value for value in vars(wire).values() if isinstance(value, wire.Close)]
    assert len(closes) == len({close.code for close in closes}) == 10
    assert all(len(close.words.encode()) <= 123 for close in closes)


def test_codes_are_given_once() -> None:
    assert not set(CODES) & set(GATEWAY_CODES)
    assert len({code.number for code in ALL_CODES.values()}) == len(ALL_CODES)
