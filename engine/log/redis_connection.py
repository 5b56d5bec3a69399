"""A connection to the server that keeps a log: where that server is, whether it can be trusted, how it fails.

The only importer of redis. redis-py's connection objects know sockets, TLS, passwords and the protocol. We
use them without redis-py's clients, which take more than twice the processor time for an append and a read,
and may repeat a lost command by themselves. Here nothing is repeated: whoever gets ``LogUnavailable`` decides
what to send again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

import hiredis
from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.exceptions import (
    AskError,
    AuthenticationError,
    ClusterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)

from engine.log.contract import LogFull, LogRefused, LogUnavailable

Argument = bytes | str | int
Command = tuple[Argument, ...]

CONNECT_SECONDS = 3.0
"""How long one node may take to accept a connection and greet."""

REQUIRED_SETTINGS = (
    ("appendonly", "yes", "without the append-only file a restart loses every command"),
    ("appendfsync", "always", "otherwise commands are acknowledged before they are on disk"),
    ("no-appendfsync-on-rewrite", "no", "otherwise nothing is synced while the file is rewritten"),
    ("maxmemory-policy", "noeviction", "otherwise the server may throw the log away when its memory is full"),
)

_SCHEMES = {
    "unix": ("server", "unix"),
    "redis": ("server", "redis"),
    "rediss": ("server", "rediss"),
    "valkey": ("server", "redis"),
    "valkeys": ("server", "rediss"),
    "sentinel": ("sentinel", "redis"),
    "sentinels": ("sentinel", "rediss"),
    "cluster": ("cluster", "redis"),
    "clusters": ("cluster", "rediss"),
}
_pack = cast(Callable[[Command], bytes], hiredis.pack_command)
_PASSING_REFUSALS = (ReadOnlyError, ClusterDownError, AskError, TryAgainError)
_PASSING_PREFIXES = ("MISCONF", "UNBLOCKED", "NOREPLICAS")


class Address(NamedTuple):
    """Where a log's server is, or who knows it. Made by ``parse_address``.

    ``kind`` is ``server``, ``sentinel`` or ``cluster``; ``nodes`` are (host, port), one of which is enough;
    ``service`` is the name that the sentinels know the server by; ``options`` are arguments of redis-py's
    connection. ``place`` is for people, without the password.
    """

    kind: str
    nodes: tuple[tuple[str, int], ...]
    service: str
    options: dict[str, Any]
    place: str


def parse_address(url: str) -> Address:
    """Reads ``redis://``, ``valkey://``, ``unix://``, ``sentinel://h1:26379,h2/service`` or ``cluster://h1:6379,h2``.

    ``rediss``, ``valkeys``, ``sentinels`` and ``clusters`` are the same over TLS. Name, password, database
    and options stand where redis-py has them. Sentinels are asked without a password. Raises ``LogRefused``
    for anything else.
    """
    try:
        parts = urlsplit(url)
        kind, scheme = _SCHEMES[parts.scheme]
        credentials, at, hosts = parts.netloc.rpartition("@")
        service, _, database = parts.path.strip("/").partition("/")
        if kind == "server":
            options = dict(parse_url(url.replace(parts.scheme, scheme, 1)))
            nodes = [(str(options.pop("host", "localhost")), int(str(options.pop("port", 6379))))]
            service = ""
        else:
            options = dict(parse_url(f"{scheme}://{credentials}{at}localhost/{database}?{parts.query}"))
            del options["host"]
            nodes = [_parse_node(text, 26379 if kind == "sentinel" else 6379) for text in hosts.split(",")]
        if (kind == "sentinel") != bool(service) or (scheme == "unix") != ("path" in options):
            raise ValueError(
                "a service name belongs behind sentinels, a path behind unix://, both nowhere else"
            )
        address = Address(kind, tuple(nodes), service, options, f"{parts.scheme}://{hosts}{parts.path}")
        _connection_to(address, nodes[0])
    except (KeyError, ValueError, TypeError) as error:
        raise LogRefused(
            "The address of the log's server should look like redis://host:6379/0, unix:///path/to/socket, "
            "rediss://name:password@host, sentinel://host1,host2/service or cluster://host1,host2."
        ) from error
    return address


def _parse_node(text: str, default_port: int) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(default_port)
    if not host:
        raise ValueError("a host is missing")
    return host.strip("[]"), int(port)


def _connection_to(address: Address, node: tuple[str, int], **changes: Any) -> AbstractConnection:
    options = {**address.options, **changes}
    connection_class = options.pop("connection_class", Connection)
    if "path" not in options:
        options["host"], options["port"] = node
    # We have one timeout a call; redis-py would set a timer, and start a task, for each write and each reply.
    options |= {"socket_timeout": None, "socket_connect_timeout": CONNECT_SECONDS, "protocol": 2}
    return cast(AbstractConnection, connection_class(**options))


class ServerConnection:
    """One connection to the server that has ``key``, opened when it is needed and closed when a call fails.

    ``timeout`` (seconds) bounds a call. Calls of several tasks take turns.
    """

    def __init__(self, address: Address, key: str, *, timeout: float, trust_server: bool) -> None:
        self._address = address
        self._key = key
        self._timeout = timeout
        self._trust_server = trust_server
        self._connection: AbstractConnection | None = None
        self._turn = asyncio.Lock()
        self._closed = False

    async def call(self, *commands: Command, extra: float = 0.0) -> list[Any]:
        """Sends the commands in one go and returns their replies, of which none is an error.

        ``extra`` seconds are added to the timeout for commands that block. Raises ``LogUnavailable`` (any of
        them may have happened) and ``LogRefused``.
        """
        async with self._turn:
            connection = self._connection or await self._open()
            try:
                async with asyncio.timeout(self._timeout + extra):
                    replies = await _ask(connection, *commands)
            except (RedisError, OSError) as error:
                await self._drop()
                raise self._translate(error) from error
            except BaseException:
                # A cancelled call leaves its reply on the way: the next call would take it for its own.
                await self._drop()
                raise
            for command, reply in zip(commands, replies, strict=True):
                if isinstance(reply, ResponseError):
                    await self._refuse(command, reply)
        return replies

    async def close(self) -> None:
        """Closes the connection for good; a call that is under way raises ``LogUnavailable``."""
        self._closed = True
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)

    async def _open(self) -> AbstractConnection:
        failures = []
        for node in self._address.nodes:
            if self._closed:
                break
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    connection = await self._find_server(node)
            except (RedisError, OSError) as error:
                if _wants_another_password(error):
                    raise self._translate(error) from error
                failures.append(str(error) or f"{node[0]}:{node[1]} did not answer in {CONNECT_SECONDS:g} s")
                continue
            if not self._closed:
                self._connection = connection
                return connection
            await connection.disconnect(nowait=True)
        if self._closed:
            raise LogRefused("This log was closed.")
        place = self._address.place
        raise LogUnavailable(f"The log's server at {place} was not reached: {'; '.join(failures)}")

    async def _find_server(self, node: tuple[str, int]) -> AbstractConnection:
        """A checked connection to the server that has the log, found by way of ``node``."""
        if self._address.kind == "sentinel":
            node = await self._ask_sentinel(node)
        elif self._address.kind == "cluster":
            node = await self._ask_cluster(node)
        connection = _connection_to(self._address, node)
        try:
            await self._check_server(connection)
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        return connection

    async def _ask_sentinel(self, node: tuple[str, int]) -> tuple[str, int]:
        connection = _connection_to(self._address, node, username=None, password=None, db=0)
        question = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._address.service)
        reply = await _ask_and_leave(connection, question)
        if not isinstance(reply, list):
            raise OSError(
                f"sentinel {node[0]}:{node[1]} knows no primary by the name {self._address.service}"
            )
        return reply[0].decode(), int(reply[1])

    async def _ask_cluster(self, node: tuple[str, int]) -> tuple[str, int]:
        reply = await _ask_and_leave(_connection_to(self._address, node), ("EXISTS", self._key))
        if isinstance(reply, AskError):
            return reply.host or node[0], reply.port
        if isinstance(reply, ResponseError):
            raise OSError(f"cluster node {node[0]}:{node[1]}: {reply}")
        return node

    async def _check_server(self, connection: AbstractConnection) -> None:
        """Raises ``LogRefused`` if the server would lose acknowledged commands."""
        if self._trust_server:
            await _ask(connection, ("PING",))
            return
        names = [name for name, _, _ in REQUIRED_SETTINGS]
        role, settings = await _ask(connection, ("ROLE",), ("CONFIG", "GET", *names))
        place = self._address.place
        for reply in (role, settings):
            if isinstance(reply, ResponseError):
                wanted = ", ".join(f"{name} {right}" for name, right, _ in REQUIRED_SETTINGS)
                raise LogRefused(
                    f"The log's server at {place} does not let its settings be read: {reply}. Allow ROLE and "
                    f"CONFIG GET, or make sure of {wanted} and pass --trust-server."
                )
        if role[0] != b"master":
            raise OSError(f"the server at {place} is a replica; give the address of its primary")
        found = dict(zip(settings[::2], settings[1::2], strict=True))
        for name, right, why in REQUIRED_SETTINGS:
            value = found.get(name.encode(), b"(unknown)").decode()
            if value != right:
                raise LogRefused(
                    f"The log's server at {place} has {name} {value}: set {name} {right}; {why}."
                )

    async def _refuse(self, command: Command, reply: ResponseError) -> None:
        words = f"The log's server at {self._address.place} refused {command[0]!s}: {reply}"
        if isinstance(reply, OutOfMemoryError):
            raise LogFull(words) from reply
        if isinstance(reply, _PASSING_REFUSALS) or str(reply).startswith(_PASSING_PREFIXES):
            # Another server may have the log by now: look for it anew.
            await self._drop()
            raise LogUnavailable(words) from reply
        raise LogRefused(words) from reply

    def _translate(self, error: Exception) -> LogUnavailable | LogRefused:
        if _wants_another_password(error):
            return LogRefused(
                f"The log's server at {self._address.place} wants another name or password: {error}"
            )
        words = str(error) or f"no answer in {self._timeout:g} s"
        return LogUnavailable(
            f"The connection to the log's server at {self._address.place} was lost: {words}"
        )


def _wants_another_password(error: Exception) -> bool:
    # While it connects, redis-py wraps what went wrong into an error of its own.
    return isinstance(error, AuthenticationError) or isinstance(error.__cause__, AuthenticationError)


async def _ask(connection: AbstractConnection, *commands: Command) -> list[Any]:
    """The replies to the commands, errors among them: what stands behind an error has to be read too."""
    await connection.send_packed_command(map(_pack, commands), check_health=False)
    return [await _read_reply(connection) for _ in commands]


async def _read_reply(connection: AbstractConnection) -> Any:
    try:
        return await cast(Awaitable[Any], connection.read_response())
    except ResponseError as error:
        return error


async def _ask_and_leave(connection: AbstractConnection, question: Command) -> Any:
    try:
        return (await _ask(connection, question))[0]
    finally:
        await connection.disconnect(nowait=True)
