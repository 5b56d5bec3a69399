"""Tables beside the log: the same cases in memory and on a real server, and what the server's files keep."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.embedded import EmbeddedServer
from engine.log.contract import LogRefused, LogUnavailable
from engine.log.server_table import ServerTable
from engine.log.table import MemoryTable, Table

PLANTED = b"Annabella Plantagenet"


@pytest.fixture(params=["memory", "valkey"])
def make(request: pytest.FixtureRequest, program: str) -> Callable[[], Table]:
    """Opens the table of a fresh program, in memory and on a real server in turn."""
    if request.param == "memory":
        table = MemoryTable()
        return lambda: table
    url = request.getfixturevalue("valkey").url
    return lambda: ServerTable(url, program, "directory")


def test_a_value_is_replaced_by_whoever_knows_it(make: Callable[[], Table]) -> None:
    async def body() -> None:
        one, other = make(), make()
        assert await one.get("anna") is None
        assert not await one.replace("anna", b"old", b"new")
        assert await one.replace("anna", None, b"first")
        assert not await other.replace("anna", None, b"second")
        assert await other.get("anna") == b"first"
        assert await other.replace("anna", b"first", b"\x00 any bytes \xff")
        assert await one.get("anna") == b"\x00 any bytes \xff"
        assert await one.get("ben") is None
        assert await one.forget()
        for table in {one, other}:
            await table.close()

    asyncio.run(body())


def test_of_many_that_replace_one_value_each_is_told_the_truth(make: Callable[[], Table]) -> None:
    async def body() -> None:
        tables = [make() for _ in range(4)]
        tried = [table.replace("anna", None, str(i).encode()) for i, table in enumerate(tables * 5)]
        done = await asyncio.gather(*tried)
        assert sum(done) == 1
        assert await tables[0].get("anna") == str(done.index(True)).encode()
        for table in set(tables):
            await table.close()

    asyncio.run(body())


def test_all_that_stands_in_it_can_be_looked_through(make: Callable[[], Table]) -> None:
    async def body() -> None:
        table = make()
        assert await table.scan(0, 10) == (0, [])
        # More than the server keeps in one piece, where it would give all at once.
        values = {f"m{number}": b"%d" % number for number in range(1_000)}
        for field, value in values.items():
            assert await table.replace(field, None, value)
        cursor, found = await table.scan(0, 100)
        assert 0 < len(found) < 1_000
        while cursor:
            cursor, more = await table.scan(cursor, 100)
            found += more
        assert dict(found) == values
        await table.close()

    asyncio.run(body())


def files_with(folder: Path, content: bytes) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and content in path.read_bytes()]


def test_what_was_forgotten_is_in_no_file(tmp_path: Path) -> None:
    async def body(server: EmbeddedServer) -> None:
        table = ServerTable(server.url, "main", "directory")
        for number in range(50):
            await table.replace(f"m{number}", None, PLANTED + str(number).encode())
            await table.replace(f"m{number}", PLANTED + str(number).encode(), b"erased")
        assert files_with(tmp_path, PLANTED)
        assert all(await asyncio.gather(*(table.forget() for _ in range(8))))
        assert files_with(tmp_path, PLANTED) == []
        assert await table.get("m7") == b"erased"
        await table.close()

    with EmbeddedServer(tmp_path) as server:
        asyncio.run(body(server))


def test_those_who_ask_together_share_one_new_file(tmp_path: Path) -> None:
    async def body(server: EmbeddedServer) -> None:
        table = ServerTable(server.url, "main", "directory")
        assert all(await asyncio.gather(*(table.forget() for _ in range(20))))
        # Whoever asks while the first is being written needs a second: it may have begun too early for it.
        assert table._begun <= 2
        await table.close()

    with EmbeddedServer(tmp_path) as server:
        asyncio.run(body(server))


def test_a_file_that_is_being_written_already_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have begun before what is to be forgotten was replaced."""

    async def body() -> None:
        table = ServerTable("unix:///nobody.sock", "main", "directory")
        begun: list[asyncio.Event] = []

        async def rewrite() -> bool:
            begun.append(asyncio.Event())
            await begun[-1].wait()
            return True

        monkeypatch.setattr(table, "_rewrite", rewrite)
        first = asyncio.create_task(table.forget())
        await asyncio.sleep(0)
        late = [asyncio.create_task(table.forget()) for _ in range(3)]
        await asyncio.sleep(0)
        begun[0].set()
        assert await first
        while len(begun) < 2:
            await asyncio.sleep(0)
        assert not any(one.done() for one in late)
        begun[1].set()
        assert await asyncio.gather(*late) == [True] * 3
        assert len(begun) == 2

    asyncio.run(body())


def test_a_server_that_rewrites_for_its_own_reasons_is_waited_for(
    valkey: EmbeddedServer, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> None:
        table = ServerTable(valkey.url, program, "directory")
        asked: list[tuple[object, ...]] = []
        call = table._connection.call

        async def refuse_once(*commands: tuple[object, ...], extra: float = 0.0) -> list[object]:
            asked.extend(commands)
            if commands == (("BGREWRITEAOF",),) and asked.count(("BGREWRITEAOF",)) == 1:
                raise LogRefused("ERR Background append only file rewriting already in progress")
            return await call(*commands, extra=extra)  # type: ignore[arg-type]

        monkeypatch.setattr(table._connection, "call", refuse_once)
        assert await table.forget()
        assert asked.count(("BGREWRITEAOF",)) == 2
        await table.close()

    asyncio.run(body())


def test_a_server_that_may_not_rewrite_says_so(
    valkey: EmbeddedServer, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> None:
        table = ServerTable(valkey.url, program, "directory")

        async def refuse(*commands: object, extra: float = 0.0) -> list[object]:
            raise LogRefused("ERR unknown command 'BGREWRITEAOF'")

        monkeypatch.setattr(table._connection, "call", refuse)
        assert not await table.forget()
        await table.close()

    asyncio.run(body())


def test_a_change_that_no_replica_confirms_is_not_said_to_be_done(
    valkey: EmbeddedServer, program: str
) -> None:
    async def body() -> None:
        table = ServerTable(valkey.url, program, "directory", replicas=1, wait_timeout=50)
        with pytest.raises(LogUnavailable, match="0 of 1 replica servers"):
            await table.replace("anna", None, b"entry")
        await table.close()

    asyncio.run(body())


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    async def body() -> None:
        table = ServerTable(f"unix://{tmp_path}/nobody.sock", "main", "directory")
        for attempt in (table.get("anna"), table.replace("anna", None, b"x"), table.forget()):
            with pytest.raises(LogUnavailable):
                await attempt
        await table.close()
        memory = MemoryTable()
        memory.unavailable = True
        with pytest.raises(LogUnavailable):
            await memory.get("anna")

    asyncio.run(body())
