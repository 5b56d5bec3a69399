"""The clients of a simulation: they ask, wait, ask again elsewhere under the same key, and believe what they
are told.

Most commands have a key. Whoever hears nothing sends the same again, until it is answered; some are sent more
often than they need to be, and now and then a key is used for something else.
"""

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec

from engine import commands as c
from engine.errors import Rejected, Rejection
from engine.position import Position
from engine.simulator.clock import Time
from engine.simulator.judge import Judge
from engine.simulator.process import Process
from engine.units import HOUR, MINUTE, SECOND

PATIENCE = 3.0
"""Seconds of the loop's time until an unanswered command is sent again."""

KEYED = 0.4
REPEATED = 0.3
MISUSED = 0.005

LASTING = (30 * SECOND, 10 * MINUTE, HOUR)
"""For how long a command may be applied, in ms."""

TRANSIENT = ("clock_disagrees",)
"""Refusals that are not remembered: the same may be decided otherwise later."""


@dataclass
class Asked:
    """One command of a client, and what it was told: ``answers`` by the position that decided."""

    number: int
    actor: str
    role: int
    key: str
    not_after: int
    command: c.Command
    sent: int = 0
    answers: list[tuple[Position, Any]] = field(default_factory=list)


class Crowd:
    """All clients. ``asked`` is everything that they ever asked for, by number."""

    def __init__(
        self, random: Random, time: Time, judge: Judge, gateways: Callable[[], list[Process]]
    ) -> None:
        self.asked: dict[int, Asked] = {}
        self.waiting: dict[int, Asked] = {}
        self._random = random
        self._time = time
        self._judge = judge
        self._gateways = gateways
        self._loop = asyncio.get_running_loop()
        self._again: list[tuple[float, int]] = []
        self._recent: list[Asked] = []

    def ask(self, command: c.Command, actor: str, role: int) -> Asked:
        """Sends something new."""
        random = self._random
        number = len(self.asked)
        key = f"k{number}" if random.random() < KEYED else ""
        if key and self._recent and random.random() < MISUSED:
            key = random.choice(self._recent).key
        asked = Asked(number, actor, role, key, self._time.now() + random.choice(LASTING), command)
        self.asked[number] = self.waiting[number] = asked
        if key:
            self._recent = [*self._recent[-20:], asked]
        self.send(asked)
        return asked

    def send_again(self) -> None:
        """Sends what has waited too long."""
        while self._again and self._again[0][0] <= self._loop.time():
            asked = self.asked[heapq.heappop(self._again)[1]]
            if asked.number in self.waiting:
                self.send(asked)

    def repeat(self) -> None:
        """Now and then sends once more what need not be sent any more."""
        if self._recent and self._random.random() < REPEATED:
            asked = self._random.choice(self._recent)
            if asked.not_after > self._time.now() or self._random.random() < 0.1:
                self.send(asked)

    def send(self, asked: Asked) -> None:
        """Hands it to a gateway, if there is one that takes it."""
        gateways = self._gateways()
        asked.sent += 1
        heapq.heappush(self._again, (self._loop.time() + PATIENCE, asked.number))
        if asked.sent > 1 and not asked.key:
            # Without a key it may have happened already: nobody sends it twice.
            self.waiting.pop(asked.number, None)
            return
        if not gateways:
            asked.sent -= 1
            return
        gateway = self._random.choice(gateways)
        try:
            gateway.writer.submit(
                actor=asked.actor,
                role=asked.role,
                key=asked.key,
                not_after=asked.not_after,
                command=asked.command,
                done=lambda position, outcome: self._hear(asked, gateway, position, outcome),
            )
        except Rejection as rejection:
            asked.sent -= 1
            self._judge.happened[f"not taken: {rejection.rejected.code}"] += 1

    def _hear(self, asked: Asked, gateway: Process, position: Position, outcome: Any) -> None:
        if gateway.misled:
            return
        if isinstance(outcome, Rejected) and outcome.code in TRANSIENT:
            self.waiting.pop(asked.number, None)
            return
        self._judge.hear_answer(position, asked.key or str(asked.number), outcome)
        asked.answers.append((position, outcome))
        self.waiting.pop(asked.number, None)

    def lose(self, lost: set[Position]) -> None:
        """The server lost what these positions held: what was told of them is worth nothing."""
        for asked in self.asked.values():
            asked.answers = [
                (position, outcome) for position, outcome in asked.answers if position not in lost
            ]

    def check(self) -> None:
        """Whoever asked twice was told the same; nobody waits any more; all that was told still stands."""
        for asked in self.asked.values():
            if any(position not in self._judge.verdicts for position, _ in asked.answers):
                self._judge.fail(f"{asked} was acknowledged, and is not in the log any more")
            told = [msgspec.to_builtins(outcome) for _, outcome in asked.answers]
            told = [outcome for outcome in told if outcome.get("code") not in ("expired", "key_conflict")]
            if asked.key and any(outcome != told[0] for outcome in told):
                self._judge.fail(f"{asked} was told different things under one key")
        if self.waiting:
            self._judge.fail(f"{len(self.waiting)} were never answered: {next(iter(self.waiting.values()))}")
