"""Small messages that mean something large: compressed, nested without end, numbers without measure, lengths
that are never filled. Each is refused in words, at once, and the connection goes on or ends with a code."""

import contextlib
import gzip
import time
import tracemalloc
from typing import Any

import msgspec
import pytest
from websockets.frames import Frame

from gateway.operations import OPERATIONS
from gateway.wire import ENCODINGS, FRAME_LIMIT, JSON, MESSAGEPACK, UNREADABLE, Encoding
from tests.gateway.harness import ASK, BINARY, TEXT, OpenWorld, Run, connections, raw_socket

pack = msgspec.msgpack.encode

JSON_BOMBS = {
    "arrays": b"[" * 60_000,
    "closed arrays": b"[" * 30_000 + b"]" * 30_000,
    "objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "a number of 60 000 digits": b"9" * 60_000,
    "a number beyond all": b"1e999999999",
    "a number near none": b"1e-999999999",
    "a fraction of 60 000 digits": b"0." + b"1" * 60_000,
    "half a pair": b'"\\ud800"',
    "one name 5 000 times": b"{" + b'"a":1,' * 5_000 + b'"a":1}',
    "5 000 names": b"{" + b",".join(b'"%d":1' % number for number in range(5_000)) + b"}",
}
MESSAGEPACK_BOMBS = {
    "an array of 2³² elements": b"\xdd\xff\xff\xff\xff",
    "a map of 2³² pairs": b"\xdf\xff\xff\xff\xff",
    "a text of 2³² bytes": b"\xdb\xff\xff\xff\xff",
    "2³² bytes": b"\xc6\xff\xff\xff\xff",
    "an extension of 2³² bytes": b"\xc9\xff\xff\xff\xff\x01",
    "arrays in arrays": b"\x91" * 60_000,
    "long arrays in long arrays": b"\xdd\x00\x00\xff\xff" * 12_000,
    "maps in maps": b"\x81\xa1a" * 20_000,
    "a map for a name": b"\x81" * 60_000,
    "no number": b"\xcb\x7f\xf8" + bytes(6),
    "a time in the year 10¹¹": b"\xc7\x0c\xff" + b"\x7f" * 12,
    "what there is not": b"\xc1",
}

SECONDS = 2.0
"""Within which any one of them is refused, on a busy machine."""

MEMORY = 16 * 1024 * 1024
"""Bytes that refusing one takes at most."""

REFUSED = {"malformed", "invalid_request", "invalid_parameters", "unauthenticated", "forbidden"}


def places(encoding: Encoding, bomb: bytes) -> list[bytes]:
    """A bomb for a message, for each part of one, and for each kind of parameter."""
    if encoding is JSON:
        head = b'{"jsonrpc":"2.0","id":1,"method":"%b","params":'
        inside = [head % b"auction.bid" + b'{"auction":"a1","maximum":' + bomb + b"}}"]
        inside += [head % b"subscribe" + b'{"topics":[' + bomb + b"]}}"]
        inside += [head % b"auction.create" + b'{"auction":"a","terms":' + bomb + b"}}"]
        parts = [b'{"jsonrpc":"2.0","method":"me","id":' + bomb + b"}"]
        return [bomb, *parts, head % b"me" + bomb + b"}", *inside]
    head = b"\x84" + pack("jsonrpc") + pack("2.0") + pack("id") + pack(1) + pack("method")
    inside = [head + pack("auction.bid") + pack("params") + b"\x82" + pack("auction") + pack("a1")]
    inside[0] += pack("maximum") + bomb
    inside += [head + pack("subscribe") + pack("params") + b"\x81" + pack("topics") + b"\x91" + bomb]
    inside += [head + pack("me") + pack("params") + b"\x81" + bomb + pack(1)]
    return [
        bomb,
        b"\x81" + pack("id") + bomb,
        b"\x82" + bomb,
        head + pack("me") + pack("params") + bomb,
        *inside,
    ]


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        *((JSON, bomb) for bomb in JSON_BOMBS.values()),
        *((MESSAGEPACK, bomb) for bomb in MESSAGEPACK_BOMBS.values()),
    ],
    ids=[*JSON_BOMBS, *MESSAGEPACK_BOMBS],
)
def test_over_a_socket(run: Run, world: OpenWorld, encoding: Encoding, bomb: bytes) -> None:
    async def body() -> None:
        async with world(limits={"calls_per_second": 0}) as here:
            opcode = TEXT if encoding is JSON else BINARY
            for message in places(encoding, bomb):
                assert len(message) <= FRAME_LIMIT
                async with raw_socket(here, "m1", subprotocol=encoding.subprotocol) as raw:
                    began = time.perf_counter()
                    await raw.send(Frame(opcode, message))
                    _, payload = await raw.frame()
                    assert time.perf_counter() - began < SECONDS
                    reply = encoding.decoder(Any)(payload)
                    assert reply["error"]["data"]["code"] in REFUSED, reply
                    # The connection has not noticed.
                    ask = ASK if encoding is JSON else pack(msgspec.json.decode(ASK))
                    await raw.send(Frame(opcode, ask))
                    assert "result" in encoding.decoder(Any)((await raw.frame())[1])

    run(body())


@pytest.mark.parametrize("bomb", JSON_BOMBS.values(), ids=JSON_BOMBS)
def test_over_http(run: Run, world: OpenWorld, bomb: bytes) -> None:
    async def body() -> None:
        async with world(limits={"calls_per_second": 0}) as here:
            headers = {"Authorization": f"Bearer {here.token('boss', 'operator')}"}
            headers["Content-Type"] = "application/json"
            before = here.gateway.replica.position
            most = 99 if len(bomb) < 100 else 1
            for operation in OPERATIONS:
                if operation.method == "GET" or "operator" not in operation.role_names:
                    continue
                fields = [name for name in operation.request.__struct_fields__ if name not in PLACED]
                path = operation.path.format(**dict.fromkeys(operation.path_names, "x"))
                for content in [bomb, *(b'{"%b":%b}' % (name.encode(), bomb) for name in fields[:most])]:
                    response = await here.http.request(
                        operation.method, path, content=content[:FRAME_LIMIT], headers=headers
                    )
                    assert response.status_code in (400, 422), (operation.name, response.text)
            assert here.gateway.replica.position == before

    run(body())


PLACED = ("key", "not_after", "position")
"""What HTTP has in headers."""


@pytest.mark.parametrize(
    ("encoding", "bombs"), [(JSON, JSON_BOMBS), (MESSAGEPACK, MESSAGEPACK_BOMBS)], ids=["json", "msgpack"]
)
def test_no_bomb_takes_memory(encoding: Encoding, bombs: dict[str, bytes]) -> None:
    assert encoding in ENCODINGS.values()
    decoders = [encoding.decode_request, encoding.identify]
    decoders += [encoding.decoder(operation.request) for operation in OPERATIONS]
    tracemalloc.start()
    try:
        for name, bomb in bombs.items():
            for message in places(encoding, bomb):
                for decode in decoders:
                    tracemalloc.reset_peak()
                    before, _ = tracemalloc.get_traced_memory()
                    with contextlib.suppress(*UNREADABLE):
                        decode(message)
                    assert tracemalloc.get_traced_memory()[1] - before < MEMORY, name
    finally:
        tracemalloc.stop()


def test_what_is_compressed_is_not_unpacked(run: Run, world: OpenWorld) -> None:
    """Compression is off: a frame that says it is compressed breaks the protocol, a body that is gzip is no
    JSON."""

    async def body() -> None:
        async with world() as here:
            for reserved in (0x40, 0x20, 0x10):
                async with raw_socket(here) as raw:
                    first, *rest = Frame(TEXT, b"\xaa" * 100).serialize(mask=True)
                    await raw.send(bytes((first | reserved, *rest)))
                    assert await raw.close_code() == 1002
            bomb = gzip.compress(b" " * 50_000_000)
            assert len(bomb) < FRAME_LIMIT
            for coding in ("gzip", "deflate", "br", "zstd", "identity, gzip"):
                headers = {
                    "Authorization": f"Bearer {here.token('m1')}",
                    "Content-Type": "application/json",
                    "Content-Encoding": coding,
                }
                response = await here.http.post("/v1/auctions/a1/bids", content=bomb, headers=headers)
                assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")
            # Nor is an answer compressed: its length would tell of what is secret in it.
            accepting = {"Authorization": f"Bearer {here.token('m1')}", "Accept-Encoding": "gzip, br"}
            answer = await here.http.get("/v1/auctions", headers=accepting)
            assert answer.status_code == 200
            assert "content-encoding" not in answer.headers
            assert not connections(here)

    run(body())
