"""Fan-out as its users write it with Starlette: a loop that awaits `send_text` on one socket after the other.

What one client sends goes to all of them. The connection manager is the one of FastAPI's documentation
(https://fastapi.tiangolo.com/advanced/websockets/, "Handling disconnections and multiple clients"), on the
same web stack and with the same server settings as Livelot's gateway (see echo.py). FastAPI's own layer adds
nothing to a message, and is left out.

    python -m benchmarks.peers.starlette_loop --port 8092
"""

import argparse

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from benchmarks.peers.echo import SUBPROTOCOL, serve


class ConnectionManager:
    """The sockets that are open."""

    def __init__(self) -> None:
        self._active: list[WebSocket] = []

    async def connect(self, socket: WebSocket) -> None:
        """Accepts a socket."""
        await socket.accept(subprotocol=SUBPROTOCOL)
        self._active.append(socket)

    def disconnect(self, socket: WebSocket) -> None:
        """Lets a socket go that is closed."""
        self._active.remove(socket)

    async def broadcast(self, message: str) -> None:
        """Sends to all, one after the other."""
        for socket in self._active:
            await socket.send_text(message)


manager = ConnectionManager()


async def listen(socket: WebSocket) -> None:
    """One client: whatever it says, everybody hears."""
    await manager.connect(socket)
    try:
        while True:
            await manager.broadcast(await socket.receive_text())
    except WebSocketDisconnect:
        manager.disconnect(socket)


def main() -> None:
    """Reads the port and serves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8092)
    serve(Starlette(routes=[WebSocketRoute("/v1/socket", listen)]), parser.parse_args().port)


if __name__ == "__main__":
    main()
