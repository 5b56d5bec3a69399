"""The floor: a bare Starlette socket route that decodes each JSON frame and encodes it again, with nothing
behind it.

What a bid costs above this is what Livelot adds to its web stack. The server settings here are the ones of
Livelot's own gateway: uvicorn with uvloop and the sans-I/O WebSocket protocol, no compression, frames up to
64 KiB, no access log.

    python -m benchmarks.peers.echo --port 8090
"""

import argparse

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

SUBPROTOCOL = "livelot.v1"


async def echo(socket: WebSocket) -> None:
    """Answers every frame with the same JSON value."""
    await socket.accept(subprotocol=SUBPROTOCOL)
    try:
        while True:
            frame = await socket.receive_text()
            await socket.send_text(msgspec.json.encode(msgspec.json.decode(frame)).decode())
    except WebSocketDisconnect:
        return


def serve(app: ASGIApp, port: int) -> None:
    """Serves ``app`` on the loopback interface, with the settings of Livelot's gateway, until it gets
    SIGTERM."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
    )


def main() -> None:
    """Reads the port and serves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8090)
    serve(Starlette(routes=[WebSocketRoute("/v1/socket", echo)]), parser.parse_args().port)


if __name__ == "__main__":
    main()
