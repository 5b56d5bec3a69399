"""Fan-out as its users write it with the library websockets: `broadcast` over the set of connections.

What one client sends goes to all of them. From websockets' documentation
(https://websockets.readthedocs.io/en/stable/topics/broadcast.html), on uvloop, which is faster than the event
loop of asyncio. Clients here offer no compression, so there is none.

    python -m benchmarks.peers.websockets_broadcast --port 8093
"""

import argparse
import asyncio

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

connections: set[ServerConnection] = set()


async def listen(connection: ServerConnection) -> None:
    """One client: whatever it says, everybody hears."""
    connections.add(connection)
    try:
        async for message in connection:
            broadcast(connections, message)
    finally:
        connections.remove(connection)


async def run(port: int) -> None:
    """Serves until the process ends."""
    async with serve(listen, "127.0.0.1", port):
        await asyncio.get_running_loop().create_future()


def main() -> None:
    """Reads the port and serves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8093)
    uvloop.run(run(parser.parse_args().port))


if __name__ == "__main__":
    main()
