"""The network between a page and its gateway, which can swallow bytes, be cut, and be mended."""

import asyncio
from typing import Literal, Self

Direction = Literal["sent", "received"]
"""As the page sees it."""


class Cable:
    """Listens at ``port``, and carries all bytes to the ``target`` and back: ``async with Cable() as cable``.

    What goes in the direction ``swallowed`` is lost without a word, as on a network that has just gone.
    """

    port: int
    target: int
    swallowed: Direction | None = None

    def __init__(self) -> None:
        self._cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._carrying: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        self.cut()
        for one in self._carrying:
            one.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    def cut(self) -> None:
        """Ends all connections; there are no others until it is mended."""
        self._cut = True
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def mend(self) -> None:
        self._cut = False
        self.swallowed = None

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers |= {writer, back}
        self._carry(reader, back, "sent")
        self._carry(there, writer, "received")

    def _carry(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, direction: Direction) -> None:
        task = asyncio.create_task(self._carry_all(source, to, direction))
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)

    async def _carry_all(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, direction: Direction
    ) -> None:
        try:
            while data := await source.read(1 << 16):
                if self.swallowed != direction:
                    to.write(data)
        except ConnectionError:
            pass
        finally:
            to.close()
