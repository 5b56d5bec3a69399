"""The evidence of draws, out of the vault: a file of any size, streamed in pieces that are read in threads.

The keeper writes it (``engine/evidence.py``). A gateway only finds the file's name, from its replica, and
hands the file on: at most a few at once, one for each caller, and not at any pace.
"""

import asyncio
import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import BinaryIO, Final, NamedTuple

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from engine.errors import Rejected, Rejection
from engine.evidence import evidence_name
from engine.program import Program
from engine.raffles.state import DRAFT, SETTLED, VOID, Raffle
from engine.vault import Vault, VaultError
from gateway import problems
from gateway.clock import now
from gateway.desk import INTERNAL
from gateway.http import admit
from gateway.identity import Caller
from gateway.lobby import Lobby
from gateway.operations.downloads import EVIDENCE

AT_ONCE: Final = 4
"""Files that a gateway hands on at the same time."""

CHUNK: Final = 256 * 1024
"""Bytes that are read at a time."""

LEAST_PACE: Final = 64 * 1024
"""Bytes a second that a client takes at least, over all: slower ones would be in the others' way."""

GRACE_SECONDS: Final = 30.0
"""Seconds beside those that the least pace gives."""

Leave = Callable[[], None]
"""Gives up a place among the downloads."""

_FOR_EVER: Final = "private, max-age=31536000, immutable"
_UNTIL_CHANGED: Final = "private, no-cache"

_log = structlog.get_logger("livelot.gateway")


class Found(NamedTuple):
    """A file's name in the vault, and whether it is the raffle's last word: one that is drawn may still be
    voided, which is another file."""

    name: str
    final: bool


def evidence_route(lobby: Lobby, vault: Vault | None) -> Route:
    """``GET`` and ``HEAD`` of a raffle's evidence."""
    return Route(EVIDENCE.path, EvidenceDesk(lobby, vault).answer, methods=["GET"])


def find_evidence(program: Program, id: str) -> Found:
    """Where a raffle's evidence is, once the keeper has written it; also that of a raffle which was
    forgotten: its newest lock stays.

    Raises ``Rejection``: ``unknown_raffle``, and ``no_evidence`` with when there will be some.
    """
    locks = program.raffles.locks
    raffle = program.raffles.by_id.get(id)
    if raffle is not None and raffle.status != DRAFT:
        if not raffle.finished:
            raise Rejection("no_evidence", _why_none(raffle), status=raffle.status)
        name = evidence_name(raffle.lock, locks[raffle.lock - 1])
        return Found(name, raffle.status in (SETTLED, VOID))
    for number in range(len(locks), 0, -1):
        if locks[number - 1].raffle == id:
            return Found(evidence_name(number, locks[number - 1]), True)
    raise Rejection("unknown_raffle", f"There is no raffle {id!r}.", raffle=id)


class EvidenceDesk:
    """Hands files on. ``vault`` may be missing where a gateway was wired without one."""

    def __init__(self, lobby: Lobby, vault: Vault | None) -> None:
        self._lobby = lobby
        self._vault = vault
        self._places: dict[tuple[int, str], Leave] = {}

    async def answer(self, request: Request) -> Response:
        """One response a request, never a traceback."""
        metrics = self._lobby.metrics
        metrics.in_flight += 1
        try:
            response = await self._find(request)
        except Rejection as rejection:
            metrics.count(EVIDENCE.name, rejection.rejected.code)
            return problems.respond(rejection.rejected)
        except VaultError as error:
            _log.error("evidence not read", reason=str(error))
            rejected = Rejected("unavailable", "The evidence cannot be read now; try again in a moment.")
            metrics.count(EVIDENCE.name, rejected.code)
            return problems.respond(rejected)
        except Exception:
            _log.exception("call failed", operation=EVIDENCE.name)
            metrics.count(EVIDENCE.name, INTERNAL.code)
            return problems.respond(INTERNAL)
        finally:
            metrics.in_flight -= 1
        metrics.count(EVIDENCE.name, "ok")
        return response

    async def _find(self, request: Request) -> Response:
        caller = admit(self._lobby, request, now())
        found = find_evidence(self._lobby.desk.replica.program, request.path_params["raffle"])
        if self._vault is None:
            raise Rejection("unavailable", "This gateway has no vault; ask another one.")
        leave = self._take_place(caller)
        with ExitStack() as stack:
            stack.callback(leave)
            tag = await asyncio.to_thread(self._vault.look_at, found.name)
            if tag is None:
                raise Rejection("no_evidence", _COMING)
            headers = _headers_of(found, tag)
            if tag in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers=headers)
            file, size = await asyncio.to_thread(_open, stack, self._vault, found.name)
            headers["Content-Length"] = str(size)
            if request.method == "HEAD":
                return Response(headers=headers, media_type="application/json")
            return Handout(file, size, headers, leave, stack.pop_all())

    def _take_place(self, caller: Caller) -> Leave:
        """Counts a download in; returns what counts it out. Raises ``Rejection``: ``too_many_calls``,
        ``unavailable``."""
        key = (caller.role, caller.actor)
        if key in self._places:
            raise Rejection("too_many_calls", "One download at a time: let the other one end first.")
        if len(self._places) >= AT_ONCE:
            raise Rejection("unavailable", "Others are downloading evidence; try again in a moment.")

        def leave() -> None:
            if self._places.get(key) is leave:  # not the place of a later download
                del self._places[key]

        self._places[key] = leave
        return leave


class Handout(Response):
    """An open file of ``size`` bytes on its way to a client. ``leave`` is called with the last piece, which
    the next request may follow at once; ``stack`` is closed when all has ended, however."""

    def __init__(
        self, file: BinaryIO, size: int, headers: dict[str, str], leave: Leave, stack: ExitStack
    ) -> None:
        super().__init__(headers=headers, media_type="application/json")
        self._file = file
        self._size = size
        self._leave = leave
        self._seconds = GRACE_SECONDS + size / LEAST_PACE
        self._stack = stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it until all is sent, the client is gone, or took too long: the server then ends the
        connection, since the response is not whole."""
        with self._stack:
            tasks = [asyncio.create_task(self._send_all(send)), asyncio.create_task(_wait_for_end(receive))]
            try:
                await asyncio.wait(tasks, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                sent, _ = await asyncio.gather(*tasks, return_exceptions=True)
        if isinstance(sent, Exception):
            raise sent

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        left = self._size
        while chunk := await asyncio.to_thread(self._file.read, CHUNK):
            left -= len(chunk)
            if left <= 0:
                self._leave()
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _wait_for_end(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _open(stack: ExitStack, vault: Vault, name: str) -> tuple[BinaryIO, int]:
    """The file, to be closed by ``stack``, and its bytes."""
    file = stack.enter_context(vault.open_for_read(name))
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return file, size


def _headers_of(found: Found, tag: str) -> dict[str, str]:
    """How long it may be kept: by whoever asked alone, since asking takes a token."""
    file_name = found.name.rpartition("/")[2]
    return {
        "ETag": f'"{tag}"',
        "Cache-Control": _FOR_EVER if found.final else _UNTIL_CHANGED,
        "Content-Disposition": f'attachment; filename="{file_name}"',
    }


def _why_none(raffle: Raffle) -> str:
    if raffle.status == VOID and not raffle.lock:
        return (
            "This raffle was void before its entries were locked: nothing was drawn, so there is nothing to "
            "prove."
        )
    if raffle.is_drawing:
        return "The draw is under way; its evidence comes a moment after the last place."
    return f"This raffle is {raffle.status}; its evidence comes a moment after its places are drawn."


_COMING: Final = (
    "The evidence is being written; try again in a moment. If that goes on, see what the keeper's log says, "
    "and whether this gateway has the keeper's vault."
)
