"""The keeper's part in raffles: what a draw needs from outside the log, brought to it.

Nothing under ``apply`` signs, fetches or keeps a secret, so the keeper does, by commands: it publishes its
public key, commits to secrets, signs locks, has them stamped, and starts the draw once the beacon's round
has come. What is needed follows from the state alone, each time anew, so a keeper that starts in the middle
goes on, and two keepers at once do no harm: the engine refuses what was done already. What is fetched from
outside (``engine/drand.py``, ``engine/stamping.py``) has tasks of its own, and delays no signature.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterator
from contextlib import suppress
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

import httpx
import structlog

from engine.commands import Command, CommitSecret, Draw, PublishDrawKey, SignLock, StampLock
from engine.drand import BeaconUnavailable, fetch_round
from engine.draw.beacon import SOURCES, time_of_round
from engine.errors import Rejected, Rejection
from engine.events import DrawKeyChanged, LockSigned, RaffleChanged
from engine.fetching import FetchError
from engine.machine import Applied
from engine.patience import Patience
from engine.program import Program
from engine.raffles.state import LOCKED, SCHEDULED, VOID, LockRecord, Raffle
from engine.replica import Replica
from engine.signing import DrawKey
from engine.stamping import fetch_stamp

COMMANDS_AT_ONCE = 100
"""Commands that are sent together; a signature takes 0.1 ms of the keeper's loop."""

ERRANDS_AT_ONCE = 8
"""Rounds that are fetched at the same time, and locks that are stamped."""

_LONGEST_PAUSE = 1.0
_LEAST_PAUSE = 0.02
_LATE_BEACON = 30.0
"""Seconds at most until a round that nobody has is asked for again."""

_TOLD = 5
"""Raffles that a warning names."""

_NEWS = (RaffleChanged, LockSigned, DrawKeyChanged)
"""The events after which something may be needed."""

Submit = Callable[[Command], Awaitable[object]]
"""Gives a command's outcome. Raises ``Rejection`` where it is not taken."""

_log = structlog.get_logger("livelot.keeper")


class DrawTerms(NamedTuple):
    """What an operator chooses: the key, where rounds of the beacon are fetched, and who stamps locks (empty:
    nobody). A server outside may take ``seconds``; what failed is tried again ``pause`` seconds later, and
    then ever more rarely."""

    key: DrawKey
    sources: tuple[str, ...] = SOURCES
    timestamp_url: str = ""
    seconds: float = 10.0
    pause: float = 1.0


class Errands(NamedTuple):
    """What has to be brought from outside: rounds of the beacon whose time has come, locks (by number) that
    lack a stamp. ``next_at`` (ms) is when the next round comes, 0 for none."""

    rounds: list[int]
    locks: list[int]
    next_at: int


class DrawDuty:
    """The keeper's. ``is_leading`` says whether it is this keeper's turn, ``clock`` the time in ms."""

    def __init__(
        self,
        replica: Replica,
        submit: Submit,
        terms: DrawTerms,
        *,
        clock: Callable[[], int],
        is_leading: Callable[[], bool],
    ) -> None:
        self._replica = replica
        self._submit = submit
        self._terms = terms
        self._clock = clock
        self._is_leading = is_leading
        self._signatures: dict[int, str] = {}
        self._running: dict[Hashable, asyncio.Task[None]] = {}
        self._said: set[Hashable] = set()
        self._refused = Patience(least=terms.pause)
        self._late = Patience(least=terms.pause, most=_LATE_BEACON)
        self._unstamped = Patience(least=terms.pause)
        self._authority_fails = False
        self._news = asyncio.Event()
        replica.listeners.append(self._on_applied)

    async def run(self) -> None:
        """Brings what is needed, until cancelled."""
        async with httpx.AsyncClient(timeout=self._terms.seconds) as client:
            try:
                while True:
                    self._news.clear()
                    pause = _LONGEST_PAUSE
                    try:
                        pause = await self.work(client)
                    except Exception as error:
                        # One raffle that nobody has thought of takes no other duty down.
                        _log.error("draw duty failed", kind=type(error).__name__, reason=str(error))
                    await self._wait(pause)
            finally:
                for task in self._running.values():
                    task.cancel()
                await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def work(self, client: httpx.AsyncClient) -> float:
        """Does what is needed now; returns after how many seconds to look again, unless there is news."""
        program = self._replica.program
        if program.recorded or not program.raffles.live:
            return _LONGEST_PAUSE
        self._warn_of_another_key(program)
        if not self._is_leading():
            return _LONGEST_PAUSE
        now = self._clock()
        errands = find_errands(program, now, stamps=bool(self._terms.timestamp_url))
        self._run_errands(client, program, errands)
        if await self._send_commands(program):
            return 0.0
        until_round = (errands.next_at - now) / 1_000 if errands.next_at else _LONGEST_PAUSE
        return min(max(until_round, _LEAST_PAUSE), _LONGEST_PAUSE)

    # Commands.

    async def _send_commands(self, program: Program) -> bool:
        """Whether anything was needed: what comes next may be needed at once."""
        moment = asyncio.get_running_loop().time()
        wanted = self._find_commands(program)
        allowed = ((key, command) for key, command in wanted if self._refused.allows(key, moment))
        needed = False
        while sending := list(islice(allowed, COMMANDS_AT_ONCE)):
            await asyncio.gather(*(self._send(key, command) for key, command in sending))
            needed = True
        return needed

    def _find_commands(self, program: Program) -> Iterator[tuple[Hashable, Command]]:
        """What has to be asked of the log, in the order of need, each with what it is about."""
        raffles = program.raffles
        if not raffles.key:
            # What is signed or committed to before a key is published has nobody who answers for it.
            yield "key", PublishDrawKey(self._terms.key.public)
            return
        for id in list(raffles.live):  # it changes while the first of them are sent
            raffle = raffles.by_id.get(id)
            if raffle is None:
                continue
            if raffle.status == SCHEDULED:
                command = self._commit(program, raffle)
            elif raffle.awaits_draw:
                record = raffles.locks[raffle.lock - 1]
                command = self._sign(program, raffle, record) or self._draw(program, raffle, record)
            else:
                command = None
            if command is not None:
                yield (type(command), raffle.id, raffle.serial), command

    def _commit(self, program: Program, raffle: Raffle) -> Command | None:
        if raffle.terms.randomness != "commitment" or raffle.commitment or not self._has_key(program):
            return None
        return CommitSecret(raffle.id, sha256(self._secret_of(program, raffle)).hexdigest())

    def _sign(self, program: Program, raffle: Raffle, record: LockRecord) -> Command | None:
        if record.signature or not self._has_key(program):
            return None
        key = self._terms.key
        return SignLock(raffle.lock, key.public, key.sign(record.text.encode()))

    def _draw(self, program: Program, raffle: Raffle, record: LockRecord) -> Command | None:
        if raffle.seed or (raffle.status != VOID and not record.signature):
            return None
        if raffle.round:
            signature = self._signatures.get(raffle.round)
            return Draw(raffle.id, raffle.round, signature) if signature else None
        if self._awaits_stamp(raffle, record):
            return None
        secret = self._secret_of(program, raffle)
        if sha256(secret).hexdigest() == raffle.commitment:
            return Draw(raffle.id, secret=secret.hex())
        self._say_once(
            ("secret", raffle.serial),
            "this raffle's secret is not of this keeper's draw key",
            raffle=raffle.id,
            advice="start a keeper with the key file that the raffle was opened with (--draw-key); if that "
            "file is lost, an operator voids the raffle (raffle.void)",
        )
        return None

    async def _send(self, key: Hashable, command: Command) -> bool:
        """Whether the log took it."""
        kind = type(command).__name__
        moment = asyncio.get_running_loop().time()
        try:
            outcome = await self._submit(command)
        except Rejection as rejection:
            outcome = rejection.rejected
        if isinstance(outcome, Rejected):
            # Another keeper was faster, or the log's clock is behind ours. What the state says next counts.
            self._refused.fail(key, moment)
            _log.debug("draw command refused", command=kind, code=outcome.code, reason=outcome.message)
            return False
        self._refused.forget(key)
        about = getattr(command, "raffle", None) or getattr(command, "number", None)
        _log.info("draw command", command=kind, about=about)
        return True

    def _secret_of(self, program: Program, raffle: Raffle) -> bytes:
        return self._terms.key.derive_secret(program.id, raffle.id, raffle.serial)

    def _has_key(self, program: Program) -> bool:
        return program.raffles.key == self._terms.key.public

    def _awaits_stamp(self, raffle: Raffle, record: LockRecord) -> bool:
        """Whether a stamp is on its way. A secret is out at once and no stamp comes after that, so one try is
        waited for, unless the last one for whatever lock failed; the beacon's round leaves a minute."""
        asked = bool(self._terms.timestamp_url) and not record.token
        return asked and not self._authority_fails and not self._unstamped.has_failed(raffle.lock)

    def _warn_of_another_key(self, program: Program) -> None:
        key = program.raffles.key
        if key and key != self._terms.key.public:
            self._say_once(
                ("key", key),
                "this keeper has another draw key than the program: it signs nothing and commits to nothing",
                own=self._terms.key.public,
                program=key,
                advice="give this keeper the program's key file (--draw-key); if that file is lost, an "
                "operator makes this key the program's (raffle.key)",
            )

    def _say_once(self, key: Hashable, words: str, **details: str) -> None:
        if key not in self._said:
            self._said.add(key)
            _log.error(words, **details)

    # Errands.

    def _run_errands(self, client: httpx.AsyncClient, program: Program, errands: Errands) -> None:
        wanted = set(errands.rounds)
        self._signatures = {round: text for round, text in self._signatures.items() if round in wanted}
        self._late.keep(wanted)
        self._unstamped.keep(set(errands.locks))
        moment = asyncio.get_running_loop().time()
        missing = (round for round in errands.rounds if round not in self._signatures)
        rounds = [round for round in missing if self._late.allows(round, moment)]
        for round in rounds[:ERRANDS_AT_ONCE]:
            self._start(("round", round), self._fetch_round(client, round))
        locks = [number for number in errands.locks if self._unstamped.allows(number, moment)]
        for number in locks[:ERRANDS_AT_ONCE]:
            self._start(("lock", number), self._stamp(client, program, number))

    def _start(self, key: Hashable, work: Coroutine[object, object, None]) -> None:
        if key in self._running:
            work.close()
            return
        task = asyncio.create_task(work)
        self._running[key] = task
        task.add_done_callback(lambda _: self._finish(key))

    def _finish(self, key: Hashable) -> None:
        task = self._running.pop(key)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("errand failed", about=key, kind=type(error).__name__, reason=str(error))
        self._news.set()

    async def _fetch_round(self, client: httpx.AsyncClient, round: int) -> None:
        terms = self._terms
        try:
            self._signatures[round] = await fetch_round(client, terms.sources, round, seconds=terms.seconds)
        except BeaconUnavailable as error:
            seconds = self._late.fail(round, asyncio.get_running_loop().time())
            _log.warning(
                "the beacon is waited for",
                raffles=self._waiting_for(round),
                reason=str(error),
                again_in=seconds,
                advice="give the keeper a way to a server of drand (--drand); or have an operator bring the "
                "round's signature (raffle.draw), as any server of drand tells it, or void the raffle "
                "(raffle.void)",
            )
        except BaseException:
            self._late.fail(round, asyncio.get_running_loop().time())
            raise
        else:
            _log.info("beacon", round=round)

    def _waiting_for(self, round: int) -> list[str]:
        """The raffles that this round draws, the first few."""
        raffles = self._replica.program.raffles
        return [id for id in raffles.live if raffles.by_id[id].round == round][:_TOLD]

    async def _stamp(self, client: httpx.AsyncClient, program: Program, number: int) -> None:
        terms = self._terms
        record = program.raffles.locks[number - 1]
        raffle = program.raffles.by_id[record.raffle]
        before = time_of_round(raffle.round) if raffle.round else 0
        try:
            token = await fetch_stamp(
                client, terms.timestamp_url, record.text.encode(), before=before, seconds=terms.seconds
            )
            self._authority_fails = False
            if not await self._send(("stamp", number), StampLock(number, token)):
                self._unstamped.fail(number, asyncio.get_running_loop().time())
        except FetchError as error:
            self._authority_fails = True
            seconds = self._unstamped.fail(number, asyncio.get_running_loop().time())
            _log.warning("lock not stamped", lock=number, reason=str(error), again_in=seconds)
        except BaseException:
            self._unstamped.fail(number, asyncio.get_running_loop().time())
            raise

    async def _wait(self, seconds: float) -> None:
        if not seconds:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        # News comes in bursts: one look for all of it.
        await asyncio.sleep(min(_LEAST_PAUSE, seconds))

    def _on_applied(self, applied: Applied) -> None:
        if any(type(event) in _NEWS for event in applied.events):
            self._news.set()


def find_errands(program: Program, now: int, *, stamps: bool) -> Errands:
    """What raffles need from outside at ``now`` ms; a round that several wait for stands once."""
    raffles = program.raffles
    rounds: dict[int, None] = {}
    locks: list[int] = []
    next_at = 0
    for id in raffles.live:
        raffle = raffles.by_id[id]
        if not raffle.awaits_draw or raffle.seed:
            continue
        record = raffles.locks[raffle.lock - 1]
        due_at = time_of_round(raffle.round) if raffle.round else 0
        if raffle.round and now < due_at:
            next_at = min(next_at or due_at, due_at)
        elif raffle.round and (raffle.status == VOID or (raffle.status == LOCKED and record.signature)):
            rounds[raffle.round] = None
        # After its round's time a stamp proves nothing any more.
        if stamps and not record.token and (not raffle.round or now < due_at):
            locks.append(raffle.lock)
    return Errands(list(rounds), locks, next_at)
