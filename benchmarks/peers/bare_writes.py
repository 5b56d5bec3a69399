"""The limits of fan-out: one frame, made once, written to every connection, with nothing around it.

Two of them: `transports` writes to uvloop's transports, as Livelot's gateway does; `epoll` has no event loop
at all and calls `send` on every socket. Neither looks at what a connection has not taken yet, at states of
connections, pings or protocols: the handshake (RFC 6455 §4.2.2) and the client's own frames are all that they
read.

    python -m benchmarks.peers.bare_writes transports --port 8096
"""

import argparse
import asyncio
import base64
import hashlib
import selectors
import socket
from typing import cast

import uvloop

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455 §1.3."""


def answer_handshake(request: bytes) -> bytes:
    """The response that opens the socket."""
    headers = dict(line.split(b": ", 1) for line in request.split(b"\r\n")[1:] if b": " in line)
    accept = base64.b64encode(hashlib.sha1(headers[b"Sec-WebSocket-Key"] + GUID).digest())
    lines = (
        b"HTTP/1.1 101 Switching Protocols",
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Accept: " + accept,
    )
    return b"\r\n".join(lines) + b"\r\n\r\n"


def take_frame(buffer: bytearray) -> bytes | None:
    """The first of the client's frames as the server's (RFC 6455 §5.2), taken out of ``buffer``; None until
    it is there. The client's mask is zero (see benchmarks/sockets.py)."""
    if len(buffer) < 4:
        return None
    length, body = buffer[1] & 0x7F, 6
    header = bytes((buffer[0], length))
    if length == 126:
        length, body = int.from_bytes(buffer[2:4]), 8
        header += bytes(buffer[2:4])
    if len(buffer) < body + length:
        return None
    frame = header + bytes(buffer[body : body + length])
    del buffer[: body + length]
    return frame


class Listener(asyncio.Protocol):
    """One connection."""

    transports: dict[asyncio.Transport, None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls this."""
        self._transport = cast(asyncio.Transport, transport)
        self._buffer = bytearray()

    def connection_lost(self, error: Exception | None) -> None:
        """asyncio calls this."""
        self.transports.pop(self._transport, None)

    def data_received(self, data: bytes) -> None:
        """asyncio calls this."""
        if self._transport not in self.transports:
            self.transports[self._transport] = None
            self._transport.write(answer_handshake(data))
            return
        self._buffer += data
        while (frame := take_frame(self._buffer)) is not None:
            for transport in self.transports:
                transport.write(frame)


async def serve_transports(port: int) -> None:
    """Serves from an event loop until the process ends."""
    Listener.transports = {}
    server = await asyncio.get_running_loop().create_server(Listener, "127.0.0.1", port)
    await server.serve_forever()


def serve_epoll(port: int) -> None:
    """Serves without an event loop until the process ends. What a socket does not take at once is lost."""
    listening = socket.create_server(("127.0.0.1", port), backlog=1_000)
    selector = selectors.EpollSelector()
    selector.register(listening, selectors.EVENT_READ)
    buffers: dict[socket.socket, bytearray] = {}
    while True:
        for key, _ in selector.select():
            connection = cast(socket.socket, key.fileobj)
            if connection is listening:
                connection, _ = listening.accept()
                connection.setblocking(False)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(connection, selectors.EVENT_READ)
            else:
                read(connection, buffers, selector)


def read(
    connection: socket.socket, buffers: dict[socket.socket, bytearray], selector: selectors.EpollSelector
) -> None:
    """Takes what has come, and sends to all whatever is whole."""
    try:
        data = connection.recv(65_536)
    except OSError:
        data = b""
    if not data:
        selector.unregister(connection)
        buffers.pop(connection, None)
        connection.close()
    elif connection not in buffers:
        buffers[connection] = bytearray()
        connection.send(answer_handshake(data))
    else:
        buffers[connection] += data
        while (frame := take_frame(buffers[connection])) is not None:
            for listener in buffers:
                listener.send(frame)


def main() -> None:
    """Reads the options and serves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=("transports", "epoll"))
    parser.add_argument("--port", type=int, default=8096)
    options = parser.parse_args()
    if options.kind == "epoll":
        serve_epoll(options.port)
    else:
        uvloop.run(serve_transports(options.port))


if __name__ == "__main__":
    main()
