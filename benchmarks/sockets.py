"""The client's end of a socket with as little in it as possible, so that a benchmark's client is not what it
measures.

Written for benchmarks alone: text frames up to 64 KiB from a server that is known to be well behaved. The
masking key is zero, which RFC 6455 allows and servers treat like any other: they unmask all the same.
"""

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from typing import cast

DEADLINE = 10
"""How long an answer may take, in seconds."""

OnFrame = Callable[["Socket", bytes], None]


def frame_text(payload: bytes) -> bytes:
    """One masked text frame with ``payload``, at most 65 535 bytes."""
    if len(payload) < 126:
        return b"\x81" + bytes([0x80 | len(payload)]) + b"\0\0\0\0" + payload
    return struct.pack("!BBH", 0x81, 0x80 | 126, len(payload)) + b"\0\0\0\0" + payload


class Socket(asyncio.Protocol):
    """One open socket. ``on_frame(socket, payload)`` is called for each text frame, in the event loop."""

    def __init__(self, path: str, subprotocol: str) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_frame: OnFrame = lambda socket, payload: None
        self.on_lost: Callable[[Exception], None] = lambda error: None
        self.transport: asyncio.Transport
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
            f"Sec-WebSocket-Protocol: {subprotocol}\r\n\r\n"
        )
        self._buffer = b""
        self._outgoing: list[bytes] = []
        self._reading = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls this: sends the handshake."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request.encode())

    def connection_lost(self, error: Exception | None) -> None:
        """asyncio calls this."""
        error = error or ConnectionError("the server has closed the connection")
        if not self.opened.done():
            self.opened.set_exception(error)
        self.on_lost(error)

    def data_received(self, data: bytes) -> None:
        """asyncio calls this: hands on all complete frames, then writes what was sent meanwhile in one go."""
        self._buffer = self._buffer + data if self._buffer else data
        if not self.opened.done() and not self._finish_handshake():
            return
        self._reading = True
        try:
            self._read_frames()
        finally:
            self._reading = False
        if self._outgoing:
            self.transport.write(b"".join(self._outgoing))
            self._outgoing.clear()

    def send(self, payload: bytes) -> None:
        """Sends one text frame."""
        frame = frame_text(payload)
        if self._reading:
            self._outgoing.append(frame)
        else:
            self.transport.write(frame)

    def _finish_handshake(self) -> bool:
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return False
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self.opened.set_exception(ConnectionError(head.decode()))
            self.transport.abort()
            return False
        self._buffer = rest
        self.opened.set_result(None)
        return True

    def _read_frames(self) -> None:
        buffer, start, end = self._buffer, 0, len(self._buffer)
        while end - start >= 2:
            first, length, payload = buffer[start], buffer[start + 1], start + 2
            if length == 126:
                payload += 2
                if end < payload:
                    break
                length = int.from_bytes(buffer[start + 2 : payload])
            if end < payload + length:
                break
            start = payload + length
            self._take_frame(first & 0x0F, buffer[payload:start])
        self._buffer = buffer[start:]

    def _take_frame(self, opcode: int, payload: bytes) -> None:
        if opcode == 1:
            self.on_frame(self, payload)
        elif opcode == 9:
            self.transport.write(bytes([0x8A, 0x80 | len(payload)]) + b"\0\0\0\0" + payload)
        else:
            self.transport.abort()


async def open_socket(port: int, path: str = "/v1/socket", subprotocol: str = "livelot.v1") -> Socket:
    """A socket to a server on this machine. Raises ConnectionError if it refuses."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(DEADLINE):
        _, socket = await loop.create_connection(lambda: Socket(path, subprotocol), "127.0.0.1", port)
        await socket.opened
    return socket


async def ask(socket: Socket, payload: bytes) -> bytes:
    """Sends one frame and returns the next one that comes."""
    reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    socket.on_frame = lambda _, frame: reply.set_result(frame)
    socket.send(payload)
    async with asyncio.timeout(DEADLINE):
        return await reply
