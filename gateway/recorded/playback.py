"""A recording played back through the whole path: a real log, a replica that reads it, settlement.

The program is marked as recorded, so the file's clock is the only one: each entry's ID says its instant, all
commands of an entry share it, and keys end on it. Nobody ticks such a program, so the playback writes the
ticks that close the auctions. It speaks to the log as the program's keeper, and for each bid as the bidder.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from itertools import chain, groupby
from operator import attrgetter
from secrets import token_bytes
from typing import Final, NamedTuple

import msgspec

from engine import founding
from engine.commands import (
    KEEPER,
    MEMBER,
    SCHEMA,
    AuctionTerms,
    Command,
    CreateAuction,
    CreditPoints,
    EncodedBatch,
    EncodedEnvelope,
    OpenAuction,
    PlaceBid,
    Tick,
    UpsertMember,
    hash_body,
)
from engine.errors import Rejected
from engine.events import AuctionWon
from engine.log.contract import Log
from engine.machine import SLICE, Applied
from engine.position import Position
from engine.program import Program
from engine.replica import Replica
from engine.units import MAXIMUM_POINTS, MINUTE, NEVER
from gateway.recorded.recording import RecordedAuction, RecordedBid, Recording

ENTRIES_A_TRIP: Final = 200
"""Entries that travel to the log's server together: it syncs its file once for all of them."""

TRIPS_AHEAD: Final = 4
"""How far writing may be ahead of the replica."""

COMMANDS_AN_ENTRY: Final = 500

KEY_WINDOW: Final = MINUTE
"""How long a bid's key is remembered, in ms of the file's time."""

_encode = msgspec.msgpack.Encoder().encode


class PlaybackError(Exception):
    """The recording cannot be played back; the words say why, and what to do."""


class Planned(NamedTuple):
    """An entry to come: its instant in ms, and its commands, each with the recorded bid that it is."""

    at: int
    commands: list[tuple[Command, RecordedBid | None]]


class Played(NamedTuple):
    """What came of it. ``prices`` are hammer prices by auction, without those that were not sold; ``refused``
    the bids that were not taken, by code. ``seconds`` is from the first append to the last settlement."""

    program: Program
    prices: dict[str, int]
    refused: dict[str, list[RecordedBid]]
    commands: int
    entries: int
    seconds: float


async def play(
    recording: Recording,
    log: Log,
    program: str,
    on_progress: Callable[[int], None],
) -> Played:
    """Plays into the empty log of ``program``; ``on_progress`` is told how
    many more bids were decided.

    Raises ``PlaybackError``, ``LogError`` and ``ReplicaStopped``; that log is of no more use then.
    """
    _check_sums(recording)
    if not await founding.found(log, program, recorded=True):
        raise PlaybackError(
            f"Program {program!r} has a log on this server already; choose another --program."
        )
    replica = Replica(log)
    playback = _Playback(replica, log, on_progress)
    reading = asyncio.create_task(replica.run())
    writing = asyncio.create_task(playback.run(plan_entries(recording)))
    try:
        await asyncio.wait([reading, writing], return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            reading.result()
        return await writing
    finally:
        for task in (reading, writing):
            task.cancel()
        await asyncio.gather(reading, writing, return_exceptions=True)


def plan_entries(recording: Recording) -> Iterator[Planned]:
    """All entries, in order: members with points enough for everything they bid, the auctions, then bids and
    closing ticks by time."""
    yield from _split(0, [(command, None) for command in _set_up(recording)])
    bids = {at: list(same) for at, same in groupby(recording.bids, key=attrgetter("at"))}
    closings = Counter(auction.ends_at for auction in recording.auctions.values())
    for at in sorted({*bids, *closings}):
        ticks = 1 + closings[at] // SLICE if at in closings else 0
        placed = [(PlaceBid(bid.auction, bid.maximum), bid) for bid in bids.get(at, ())]
        yield from _split(at, [*[(Tick(), None)] * ticks, *placed])


def _split(at: int, commands: list[tuple[Command, RecordedBid | None]]) -> Iterator[Planned]:
    for first in range(0, len(commands), COMMANDS_AN_ENTRY):
        yield Planned(at, commands[first : first + COMMANDS_AN_ENTRY])


def _set_up(recording: Recording) -> Iterator[Command]:
    for member, points in _sum_maxima(recording).items():
        yield UpsertMember(member, "recorded", "recorded")
        yield CreditPoints(member, points)
    for auction in recording.auctions.values():
        yield CreateAuction(auction.id, _terms_of(auction))
        yield OpenAuction(auction.id)


def _terms_of(auction: RecordedAuction) -> AuctionTerms:
    return AuctionTerms(auction.item, auction.opening, starts_at=0, ends_at=auction.ends_at)


def _sum_maxima(recording: Recording) -> Counter[str]:
    """By bidder: the sum of its highest maxima, which is the most that it can ever have held and spent."""
    highest: dict[tuple[str, str], int] = {}
    for bid in recording.bids:
        place = bid.bidder, bid.auction
        highest[place] = max(highest.get(place, 0), bid.maximum)
    points: Counter[str] = Counter()
    for (bidder, _), maximum in highest.items():
        points[bidder] += maximum
    return points


def _check_sums(recording: Recording) -> None:
    for bidder, points in _sum_maxima(recording).items():
        if points > MAXIMUM_POINTS:
            raise PlaybackError(
                f"The maxima of bidder {bidder} add up to {points}; {MAXIMUM_POINTS} is a member's limit."
            )


class _Playback:
    """Writes planned entries, a few trips ahead of the replica, and takes down what becomes of them."""

    def __init__(self, replica: Replica, log: Log, on_progress: Callable[[int], None]) -> None:
        self._replica = replica
        self._log = log
        self._on_progress = on_progress
        self._origin = token_bytes(16)
        self._entries = 0
        self._commands = 0
        self._sent: deque[Planned] = deque()
        self._prices: dict[str, int] = {}
        self._refused: dict[str, list[RecordedBid]] = {}
        replica.listeners.append(self._take)

    async def run(self, plan: Iterator[Planned]) -> Played:
        started = time.perf_counter()
        under_way: deque[Position] = deque()
        trip: list[Planned] = []
        at = 0
        for planned in chain(plan, [None]):
            if planned is not None:
                at = planned.at
                trip.append(planned)
            if len(trip) == ENTRIES_A_TRIP or planned is None:
                under_way.append(await self._append(trip))
                trip = []
                if len(under_way) > TRIPS_AHEAD:
                    await self._replica.wait_for(under_way.popleft())
        await self._replica.wait_for(under_way[-1])
        program = self._replica.program
        while program.agenda.next_at <= at:
            await self._replica.wait_for(await self._append([Planned(at, [(Tick(), None)])]))
        seconds = time.perf_counter() - started
        return Played(program, self._prices, self._refused, self._commands, self._entries, seconds)

    async def _append(self, trip: list[Planned]) -> Position:
        entries = []
        for planned in trip:
            self._entries += 1
            self._sent.append(planned)
            envelopes = [_wrap(planned.at, command, bid) for command, bid in planned.commands]
            batch = EncodedBatch(SCHEMA, self._origin, self._entries, planned.at, envelopes)
            entries.append((f"{planned.at}-*", _encode(batch)))
        return Position(self._log.epoch, *await self._log.append_all(entries))

    def _take(self, applied: Applied) -> None:
        if applied.origin != self._origin:
            return
        decided = 0
        for (command, bid), outcome in zip(self._sent.popleft().commands, applied.outcomes, strict=True):
            self._commands += 1
            decided += bid is not None
            if type(outcome) is Rejected:
                if bid is None:
                    raise PlaybackError(f"{type(command).__name__} was refused: {outcome.message}")
                self._refused.setdefault(outcome.code, []).append(bid)
        for event in applied.events:
            if type(event) is AuctionWon:
                self._prices[event.auction] = event.price
        self._on_progress(decided)


def _wrap(at: int, command: Command, bid: RecordedBid | None) -> EncodedEnvelope:
    body = _encode(command)
    if bid is None:
        return EncodedEnvelope("playback", KEEPER, "", 0, NEVER, msgspec.Raw(body))
    body_hash = hash_body(body)
    return EncodedEnvelope(
        bid.bidder, MEMBER, f"line-{bid.line}", body_hash, at + KEY_WINDOW, msgspec.Raw(body)
    )
