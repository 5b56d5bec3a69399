"""The log on a Valkey server: where it is found, which are refused, what happens when one fails."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import redis

from engine.embedded import EmbeddedServer, find_binary
from engine.log.contract import FIRST_ID, Entry, LogFull, LogRefused, LogUnavailable
from engine.log.redis_connection import parse_address
from engine.log.redis_stream import RedisStreamLog, connect

Until = Callable[[Callable[[], bool]], None]

SECONDS = 20.0
"""How long anything may take before a test fails."""


async def until_async(holds: Callable[[], bool]) -> None:
    """Returns once ``holds()``; fails after a while."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        await asyncio.sleep(0.005)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("url", "kind", "nodes", "service"),
    [
        ("redis://example", "server", (("example", 6379),), ""),
        ("valkey://name:secret@example:7000/2", "server", (("example", 7000),), ""),
        ("sentinel://a:1,b/main", "sentinel", (("a", 1), ("b", 26379)), "main"),
        ("sentinels://name:secret@a,b/main/3", "sentinel", (("a", 26379), ("b", 26379)), "main"),
        ("cluster://a:1,[::1]:2,c", "cluster", (("a", 1), ("::1", 2), ("c", 6379)), ""),
    ],
)
def test_addresses(url, kind, nodes, service):
    address = parse_address(url)
    assert (address.kind, address.nodes, address.service) == (kind, nodes, service)
    assert "secret" not in address.place
    assert address.options.get("password", "secret") == "secret"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example:6379",
        "http://example",
        "unix://",
        "redis://example:port",
        "redis://example?colour=red",
        "sentinel://a,b",
        "sentinel://,b/main",
        "cluster://a,b/main/3",
        "cluster://",
    ],
)
def test_an_address_that_makes_no_sense_is_refused(url):
    with pytest.raises(LogRefused, match="should look like"):
        parse_address(url)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    """A server of the test's own, to stop and kill."""
    with EmbeddedServer(tmp_path / "data") as server:
        yield server


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("appendonly", "no", "yes"),
        ("appendfsync", "everysec", "always"),
        ("appendfsync", "no", "always"),
        ("no-appendfsync-on-rewrite", "yes", "no"),
        ("maxmemory-policy", "allkeys-lru", "noeviction"),
        ("maxmemory-policy", "volatile-ttl", "noeviction"),
    ],
)
def test_a_server_that_would_lose_commands_is_refused(tmp_path, name, wrong, right):
    async def body(url):
        with pytest.raises(LogRefused, match=f"has {name} {wrong}: set {name} {right}"):
            await connect(url, "demo")
        log = await connect(url, "demo", trust_server=True)
        assert await log.append(b"1", id="1-1") == (1, 1)
        await log.close()

    with EmbeddedServer(tmp_path, settings={name: wrong}) as server:
        asyncio.run(body(server.url))


def test_a_server_whose_settings_cannot_be_read_has_to_be_trusted(server):
    async def body():
        url = f"unix://limited:secret@{server.socket_path}"
        with pytest.raises(LogRefused, match="--trust-server"):
            await connect(url, "demo")
        log = await connect(url, "demo", trust_server=True)
        assert await log.append(b"1", id="1-1") == (1, 1)
        await log.close()
        with pytest.raises(LogRefused, match="password") as refusal:
            await connect(url.replace("secret", "wrong"), "demo")
        assert "wrong@" not in str(refusal.value)

    with closing(redis.Redis.from_url(server.url)) as client:
        client.execute_command("ACL", "SETUSER", "limited", "on", ">secret", "~*", "+@all", "-config")
    asyncio.run(body())


@pytest.mark.parametrize(
    "url", ["unix:///nowhere/valkey.sock", "redis://127.0.0.1:{port}", "cluster://127.0.0.1:{port}"]
)
def test_an_unreachable_server_is_unavailable(url):
    async def body():
        with pytest.raises(LogUnavailable, match="was not reached"):
            await connect(url.format(port=free_port()), "demo")

    asyncio.run(body())


def test_a_server_that_does_not_answer_is_unavailable(server):
    async def body():
        log = await connect(server.url, "demo", reply_timeout=50)
        os.kill(server.process.pid, signal.SIGSTOP)
        try:
            with pytest.raises(LogUnavailable, match="no answer"):
                await log.append(b"1")
        finally:
            os.kill(server.process.pid, signal.SIGCONT)
        await log.close()
        with pytest.raises(LogRefused, match="closed"):
            await log.append(b"2")

    asyncio.run(body())


def test_a_server_without_memory_is_full_until_something_is_taken_out(server):
    async def body(client):
        log = await connect(server.url, "demo")
        for number in range(200):
            await log.append(b"." * 5_000, id=f"{number + 1}-1")
        client.config_set("maxmemory", client.info("memory")["used_memory"])
        with pytest.raises(LogFull, match="maxmemory"):
            await log.append(b"1")
        with pytest.raises(LogFull):
            await log.take_lease("keeper", b"a", ttl=1_000)
        while await log.trim((150, 1), count=1_000):
            pass
        assert await log.append(b"1") > (200, 1)
        await log.close()

    with closing(redis.Redis.from_url(server.url)) as client:
        asyncio.run(body(client))


def test_what_others_wrote_into_the_stream_is_refused(valkey, program):
    async def body():
        log = await connect(valkey.url, program)
        with pytest.raises(LogRefused, match="not written by Livelot"):
            await log.read(None, count=1, block=0)
        await log.close()

    with closing(redis.Redis.from_url(valkey.url)) as client:
        client.xadd(f"{{{program}}}:log", {"colour": "red"})
    asyncio.run(body())


def test_the_newest_epoch_has_a_stream_of_its_own(valkey, program):
    async def body():
        first = await connect(valkey.url, program)
        await first.append(b"old")
        await first.put("epoch", b"2")
        second = await connect(valkey.url, program)
        assert (first.epoch, second.epoch) == (1, 2)
        assert await second.last() is None
        await second.append(b"new")
        again = await connect(valkey.url, program, epoch=1)
        assert [entry.payload for entry in await again.read(None, count=10, block=0)] == [b"old"]
        for log in (first, second, again):
            await log.close()

    asyncio.run(body())


def test_every_acknowledged_entry_survives_kill_9(server):
    acknowledged: list[Entry] = []

    async def append_until_it_dies(log: RedisStreamLog) -> None:
        while True:
            payload = b"payload %d" % len(acknowledged)
            acknowledged.append(Entry(await log.append(payload), payload))

    async def body():
        log = await connect(server.url, "demo")
        read = await log.read(None, count=1, block=0)
        appending = asyncio.create_task(append_until_it_dies(log))
        await until_async(lambda: len(acknowledged) >= 100)
        read = await log.read(None, count=10, block=0)
        os.kill(server.process.pid, signal.SIGKILL)
        with pytest.raises(LogUnavailable):
            await appending
        server.process.wait()
        with pytest.raises(LogUnavailable):
            await log.read(read[-1], count=10, block=60_000)
        server.start()
        read += await log.read(read[-1], count=100_000, block=0)
        assert read[: len(acknowledged)] == acknowledged
        assert len(read) - len(acknowledged) in (0, 1)
        assert await log.append(b"after") > read[-1].id
        await log.close()

    asyncio.run(body())


def test_a_waiting_read_ends_when_the_server_dies(server):
    async def body():
        log = await connect(server.url, "demo")
        cursor = Entry(await log.append(b"1"), b"1")
        reading = asyncio.create_task(log.read(cursor, count=1, block=60_000))
        with closing(redis.Redis.from_url(server.url)) as client:
            await until_async(lambda: client.info("clients")["blocked_clients"] == 1)
        os.kill(server.process.pid, signal.SIGKILL)
        with pytest.raises(LogUnavailable):
            await asyncio.wait_for(reading, SECONDS)
        await log.close()

    asyncio.run(body())


def with_port(folder: Path, **changes: str) -> EmbeddedServer:
    """A server that other servers can reach."""
    settings = {"port": str(free_port()), "bind": "127.0.0.1", "repl-diskless-sync-delay": "0"}
    settings |= {name.replace("_", "-"): value for name, value in changes.items()}
    server = EmbeddedServer(folder, settings=settings)
    server.start()
    return server


def port_of(server: EmbeddedServer) -> int:
    with closing(redis.Redis.from_url(server.url)) as client:
        return int(client.config_get("port")["port"])


@pytest.fixture
def pair(tmp_path: Path, until: Until) -> Iterator[tuple[EmbeddedServer, EmbeddedServer]]:
    """A primary and its replica."""
    primary = with_port(tmp_path / "primary")
    replica = with_port(tmp_path / "replica")
    try:
        with closing(redis.Redis.from_url(replica.url)) as client:
            client.replicaof("127.0.0.1", port_of(primary))
            until(lambda: client.info("replication").get("master_link_status") == "up")
        yield primary, replica
    finally:
        replica.stop()
        primary.stop()


def test_what_is_read_has_reached_the_replica_server(pair):
    primary, replica = pair

    def waits(client: redis.Redis) -> int:
        return int(client.info("commandstats").get("cmdstat_wait", {}).get("calls", 0))

    async def body():
        log = await connect(primary.url, "demo", replicas=1, wait_timeout=20, origin=b"\x07" * 16)
        await log.append(b"1")
        entries = await log.read(None, count=10, block=0)
        assert [entry.payload for entry in entries] == [b"1"]
        assert await log.cursors() == {b"\x07" * 16: FIRST_ID}
        os.kill(replica.process.pid, signal.SIGSTOP)
        try:
            second = Entry(await log.append(b"2"), b"2")
            reading = asyncio.create_task(log.read(entries[0], count=10, block=60_000))
            with closing(redis.Redis.from_url(primary.url)) as client:
                before = waits(client)
                await until_async(lambda: waits(client) >= before + 3)
            assert log.held_back
            assert not reading.done()
        finally:
            os.kill(replica.process.pid, signal.SIGCONT)
        assert await asyncio.wait_for(reading, SECONDS) == [second]
        assert not log.held_back
        await log.close()
        with closing(redis.Redis.from_url(replica.url)) as client:
            assert client.xlen("{demo}:log") == 2

    asyncio.run(body())


def test_a_replica_server_is_not_taken_for_the_primary(pair):
    _, replica = pair

    async def body():
        with pytest.raises(LogUnavailable, match="is a replica"):
            await connect(replica.url, "demo")
        log = await connect(replica.url, "demo", trust_server=True)
        with pytest.raises(LogUnavailable, match="read only"):
            await log.append(b"1")
        await log.close()

    asyncio.run(body())


def test_the_server_is_found_through_a_sentinel(pair, tmp_path, until):
    primary, _ = pair
    port = free_port()
    settings = tmp_path / "sentinel.conf"
    settings.write_text(
        f"port {port}\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 {port_of(primary)} 1\n"
    )
    url = f"sentinel://127.0.0.1:{free_port()},127.0.0.1:{port}"

    async def body():
        log = await connect(f"{url}/main", "demo")
        assert await log.append(b"1", id="1-1") == (1, 1)
        await log.close()
        with pytest.raises(LogUnavailable, match="no primary by the name other"):
            await connect(f"{url}/other", "demo")

    command = [find_binary(), settings, "--sentinel", "--logfile", tmp_path / "sentinel.log"]
    with (
        subprocess.Popen(command, stdout=subprocess.DEVNULL) as sentinel,
        closing(redis.Redis(port=port)) as client,
    ):
        try:
            until(lambda: answers(client))
            asyncio.run(body())
        finally:
            sentinel.terminate()


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def test_the_server_is_found_in_a_cluster(tmp_path, until):
    buses = {name: str(free_port()) for name in ("owner", "other")}

    async def body(ports):
        log = await connect(f"cluster://127.0.0.1:{free_port()},127.0.0.1:{ports['other']}", "demo")
        await log.append(b"1")
        assert [entry.payload for entry in await log.read(None, count=10, block=0)] == [b"1"]
        assert await log.take_lease("keeper", b"a", ttl=60_000)
        await log.close()

    with ExitStack() as stack:
        ports, clients = {}, {}
        for name, bus in buses.items():
            server = with_port(tmp_path / name, cluster_enabled="yes", cluster_port=bus)
            stack.callback(server.stop)
            ports[name] = port_of(server)
            clients[name] = stack.enter_context(closing(redis.Redis.from_url(server.url)))
        clients["owner"].execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        clients["other"].execute_command("CLUSTER", "MEET", "127.0.0.1", ports["owner"], buses["owner"])
        until(lambda: knows_owner(clients["other"], ports["owner"]))
        asyncio.run(body(ports))
        assert clients["owner"].xlen("{demo}:log") == 1


def knows_owner(client: redis.Redis, port: int) -> bool:
    try:
        client.exists("{demo}:log")
    except redis.ResponseError as error:
        return str(error).endswith(f":{port}")
    return False
