"""Submit: commands gather while an append is in flight and go as the next batch, one append at a time.

A command counts as done when this process's own replica has applied it. Whenever an append's reply is lost,
the same bytes are sent again under the same number, and ``apply`` ignores the copy: nothing is ever
reported as failed that may have happened. A batch that is refused because two clocks disagree goes again
under a new number. So does one that was acknowledged and is not in the log all the same, as after a
failover to a server that never got it: a later batch of ours was applied, or nothing was for a while.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from secrets import token_bytes
from typing import NamedTuple

import msgspec

from engine.commands import (
    LEVEL,
    SCHEMA,
    SHAPES,
    Command,
    EncodedBatch,
    EncodedEnvelope,
    RaiseLevel,
    hash_body,
)
from engine.errors import Rejected, Rejection
from engine.log.contract import Log, LogUnavailable, backoff
from engine.machine import Applied, Outcome, decode_batch
from engine.position import Position
from engine.replica import Replica

Done = Callable[[Position, Outcome], None]
"""Called once, with the entry's position and the outcome: a dict is the outcome that a known key had at
first."""

BATCH_LIMIT = 1_000
"""Commands in a batch."""

BATCH_BYTES = 512 * 1024
"""A batch takes no further command once it has so many bytes."""

QUEUE_LIMIT = 50_000
"""Commands that may wait for their append, or to be applied."""

_CLOCK_PAUSE = 0.2

_SILENCE = 5.0
"""Seconds without a new command after which what was sent and is not applied is sent again."""

_encode = msgspec.msgpack.Encoder().encode


class _Waiting(msgspec.Struct, gc=False):
    """A command on its way. Many are, for a moment: the collector does not look at them."""

    envelope: EncodedEnvelope
    size: int
    done: Done


class _Sent(NamedTuple):
    payload: bytes
    waiting: list[_Waiting]


def wall_clock() -> int:
    """Milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


class Writer:
    """The one that appends for this process. ``origin`` is new at every start of a process; ``listeners``
    are called with the seconds that each append took."""

    def __init__(
        self,
        log: Log,
        replica: Replica,
        *,
        clock: Callable[[], int] = wall_clock,
        batch_limit: int = BATCH_LIMIT,
    ) -> None:
        self.origin = token_bytes(16)
        self.listeners: list[Callable[[float], None]] = []
        self._log = log
        self._replica = replica
        self._clock = clock
        self._batch_limit = batch_limit
        self._queue: deque[_Waiting] = deque()
        self._sent: dict[int, _Sent] = {}
        self._unfinished = 0
        self._arrived = asyncio.Event()
        self._finished = asyncio.Event()
        self._finished.set()
        self._draining = False
        replica.listeners.append(self._on_applied)

    @property
    def unfinished(self) -> int:
        """Commands that were taken and are not done."""
        return self._unfinished

    def submit(
        self, *, actor: str, role: int, key: str, not_after: int, command: Command, done: Done
    ) -> None:
        """Takes a command; ``done`` is called in this event loop once it was decided.

        Raises ``Rejection``: ``not_ready`` before the replica has caught up, ``shutting_down``,
        ``unavailable`` when too many wait, ``level_unknown`` and ``level_too_low``.
        """
        if not self._replica.ready or self._replica.stopped:
            raise Rejection(
                "not_ready", "This gateway has not caught up with the log; try again in a moment."
            )
        if self._draining:
            raise Rejection("shutting_down", "This gateway is shutting down; use another one.")
        if self._unfinished >= QUEUE_LIMIT:
            raise Rejection(
                "unavailable", "Too many commands are waiting for the log; try again in a moment."
            )
        if type(command) is RaiseLevel and command.level > LEVEL:
            # In the log it would stop every replica that runs this code, our own included.
            raise Rejection(
                "level_unknown",
                f"This version knows levels up to {LEVEL}; upgrade every gateway and keeper first.",
                level=LEVEL,
            )
        level = SHAPES.get(type(command), 1)
        if level > self._replica.program.level:
            # A process that does not know it yet would stop at it.
            raise Rejection(
                "level_too_low",
                f"This needs the program's level {level}: raise it once every gateway and keeper runs this "
                "version.",
                needed=level,
            )
        body = _encode(command)
        body_hash = hash_body(body)
        envelope = EncodedEnvelope(actor, role, key, body_hash, not_after, msgspec.Raw(body))
        self._unfinished += 1
        self._finished.clear()
        self._queue.append(_Waiting(envelope, len(body), done))
        self._arrived.set()

    async def run(self) -> None:
        """Appends until it is cancelled."""
        number = 0
        while True:
            try:
                async with asyncio.timeout(_SILENCE):
                    await self._arrived.wait()
            except TimeoutError:
                for sent_number, sent in list(self._sent.items()):
                    await self._append(sent.payload, sent_number)
                continue
            self._arrived.clear()
            while self._queue:
                number += 1
                waiting = self._take_batch()
                payload = _encode(
                    EncodedBatch(
                        SCHEMA, self.origin, number, self._clock(), [one.envelope for one in waiting]
                    )
                )
                # What is in the log can be read: it is read here first, and our own replica need not read it
                # again.
                self._replica.expected[payload] = decode_batch(payload)
                self._sent[number] = _Sent(payload, waiting)
                await self._append(payload, number)

    async def drain(self) -> None:
        """Takes no more, and waits until everything that was taken is done."""
        self._draining = True
        await self._finished.wait()

    def _take_batch(self) -> list[_Waiting]:
        queue = self._queue
        batch: list[_Waiting] = []
        size = 0
        while queue and len(batch) < self._batch_limit and size < BATCH_BYTES:
            waiting = queue.popleft()
            batch.append(waiting)
            size += waiting.size
        return batch

    async def _append(self, payload: bytes, number: int) -> None:
        started = time.perf_counter()
        attempt = 0
        while number in self._sent:
            try:
                await self._log.append(payload)
            except LogUnavailable:
                # It may have happened. Our replica will see it if it did; a copy does no harm.
                await backoff(attempt)
                attempt += 1
            else:
                break
        seconds = time.perf_counter() - started
        for listener in self.listeners:
            listener(seconds)

    def _on_applied(self, applied: Applied) -> None:
        if applied.origin != self.origin:
            return
        sent = self._sent.pop(applied.number, None)
        if sent is None:
            return
        for number in [number for number in self._sent if number < applied.number]:
            # One append is in flight at a time, so an earlier batch that has not come is not in the log.
            self._requeue(self._sent.pop(number).waiting)
        waiting = sent.waiting
        position = applied.position
        outcomes = applied.outcomes
        if outcomes and type(outcomes[0]) is Rejected and outcomes[0].code == "clock_disagrees":
            self._try_again_later(waiting, position, outcomes[0])
            return
        self._unfinished -= len(waiting)
        if not self._unfinished:
            self._finished.set()
        for one, outcome in zip(waiting, outcomes, strict=True):
            one.done(position, outcome)

    def _try_again_later(self, waiting: list[_Waiting], position: Position, refused: Rejected) -> None:
        now = self._clock()
        late = [one for one in waiting if one.envelope.not_after < now]
        in_time = [one for one in waiting if one.envelope.not_after >= now]
        self._unfinished -= len(late)
        for one in late:
            one.done(position, refused)
        if not self._unfinished:
            self._finished.set()
        if in_time:
            asyncio.get_running_loop().call_later(_CLOCK_PAUSE, self._requeue, in_time)

    def _requeue(self, waiting: list[_Waiting]) -> None:
        self._queue.extendleft(reversed(waiting))
        self._arrived.set()
