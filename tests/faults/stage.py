"""What a fault needs around it: a log's server of the test's own, ``livelot up`` on it as often as there are
machines, and the audit that follows every fault.

The audit is the same whatever broke: every acknowledged command is in the log, once; the whole history and
the newest snapshot with its tail make the same state, which the keeper and every gateway have too.
"""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import redis

from engine.embedded import EmbeddedServer
from engine.ledger import check_conservation
from engine.log.contract import FIRST_ID, LAST_ID, Entry, Log
from engine.log.redis_stream import connect
from engine.position import Position
from engine.program import Program
from engine.replica import DIGEST, Replica
from engine.vault import Vault
from tests.faults.load import Load
from tests.gateway.test_supervisor import Livelot

AGREEING_SECONDS = 30.0
"""How long the keeper and the gateways may take, once all is calm, to stand where the log ends."""

EVERYTHING = 1_000_000
"""More entries than any test writes."""


def free_port() -> int:
    """One that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def make_server(folder: Path, port: int = 0, **settings: str) -> EmbeddedServer:
    """A server, not started yet, that can be reached over TCP too; names of settings with ``_`` for ``-``."""
    own = {"port": str(port or free_port()), "bind": "127.0.0.1", "repl-diskless-sync-delay": "0"}
    return EmbeddedServer(
        folder, settings=own | {name.replace("_", "-"): value for name, value in settings.items()}
    )


def port_of(server: EmbeddedServer) -> int:
    """Where it listens."""
    return int(server._settings["port"])


@contextmanager
def client_of(server: EmbeddedServer) -> Iterator[redis.Redis]:
    """A client for what a test does to a server by hand."""
    with closing(redis.Redis.from_url(server.url)) as client:
        yield client


@contextmanager
def machine(
    folder: Path, *options: str, data: Path | None = None, livelot: Sequence[str] = ()
) -> Iterator[Livelot]:
    """``livelot up`` on a port of its own; what its processes write is in ``folder``. Machines that share
    ``data`` share secret, draw key and vault."""
    folder.mkdir(exist_ok=True)
    running = Livelot(
        data or folder / "data", free_port(), *options, errors=folder / "stderr", livelot=livelot
    )
    try:
        running.wait_for("Livelot serves")
        yield running
    finally:
        running.close()


def own_log(livelot: Livelot) -> str:
    """The address of the log's server that it runs itself."""
    return f"unix://{livelot.folder}/valkey/valkey.sock"


def load_on(*livelots: Livelot) -> Load:
    """A load on all of these, prepared."""
    secret = (livelots[0].folder / "secret").read_text().strip()
    load = Load([livelot.url for livelot in livelots], secret, program=livelots[0].program)
    load.prepare()
    return load


def written(livelot: Livelot) -> str:
    """All log lines of its processes so far."""
    return Path(livelot.log.name).read_text(errors="replace")


def wait_for_words(livelot: Livelot, words: str, *, within: float, after: int = 0) -> None:
    """Waits until a log line behind the first ``after`` characters has ``words``."""
    wait_until(lambda: words in written(livelot)[after:], within=within, what=f"{words!r} in the log")


def wait_until(holds: Callable[[], bool], *, within: float, what: str) -> None:
    """Returns once ``holds``; fails after ``within`` seconds."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"within {within:g} s there was no {what}"
        time.sleep(0.02)


def audit(log_url: str, load: Load, *livelots: Livelot) -> Program:
    """Looks at everything after a fault; returns the program as the log makes it."""
    program = livelots[0].program
    vault = Vault(livelots[0].folder / "vault" / program)
    replayed = asyncio.run(_replay(log_url, program, vault))
    load.check(replayed)
    check_conservation(replayed.members, replayed.ledger)
    for livelot in livelots:
        _check_gateway(livelot, load, replayed)
    return replayed


async def _replay(log_url: str, name: str, vault: Vault) -> Program:
    """The state by the whole history, by the newest snapshot and its tail, and as the keeper has it."""
    log = await connect(log_url, name, trust_server=True)
    try:
        position, digest = await _read_agreed_digest(log)
        rebuilt = Replica(log, vault)
        await rebuilt.load()
        await _apply_up_to(rebuilt, await log.range(FIRST_ID, LAST_ID, count=EVERYTHING), position)
        assert rebuilt.digest == digest, "the keeper has another state than its log makes"
        if log.epoch == 1:
            whole = Replica(log)
            entries = [*vault.read_archive(1), *await log.range(FIRST_ID, LAST_ID, count=EVERYTHING)]
            await _apply_up_to(whole, entries, position)
            assert whole.digest == digest
            assert list(whole.program.encode()) == list(rebuilt.program.encode())
        return rebuilt.program
    finally:
        await log.close()


async def _apply_up_to(replica: Replica, entries: list[Entry], position: Position) -> None:
    """Entries may be archived and in the log still: each is applied once."""
    for entry in entries:
        id = Position(position.epoch, *entry.id)
        if replica.position < id <= position:
            replica.apply(entry)
    assert replica.position == position


async def _read_agreed_digest(log: Log) -> tuple[Position, bytes]:
    """What the keeper published, once it has reached what is the log's end now."""
    last = await log.last()
    assert last is not None
    async with asyncio.timeout(AGREEING_SECONDS):
        while True:
            published = await log.get(DIGEST)
            if published is not None:
                position, digest = published.decode().split()
                if Position.parse(position) >= Position(log.epoch, *last.id):
                    return Position.parse(position), bytes.fromhex(digest)
            await asyncio.sleep(0.1)


def _check_gateway(livelot: Livelot, load: Load, program: Program) -> None:
    """What it answers is what the log makes."""

    def has_come() -> bool:
        ready = livelot.call("GET", "/ready").json()
        return Position.parse(ready["position"]) >= program.position

    wait_until(has_come, within=AGREEING_SECONDS, what=f"gateway at {program.position}")
    for member in load.members:
        own = livelot.call("GET", f"/v1/members/{member}").json()
        found = program.members.get(member)
        assert (own["available"], own["held"]) == (found.available, found.held)
