"""What can go wrong in a simulation. Each fault begins, lasts a while, and has been healed when it returns.

The mild ones may come together. Those of the server itself (``GRAVE``) come one at a time; where a human has
to mend one, it is mended the way the words of a stopped process say.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

import msgspec

from engine.commands import (
    KEEPER,
    LEVEL,
    SCHEMA,
    Batch,
    EndEpoch,
    Envelope,
    RaiseLevel,
    Tick,
    hash_body,
)
from engine.position import Position
from engine.simulator.judge import Verdict, timing_of
from engine.units import HOUR, NEVER, SECOND

if TYPE_CHECKING:
    from engine.simulator.world import World

Fault = Callable[["World"], Coroutine[Any, Any, None]]

WAIT: Final = 60.0
"""Seconds of the loop's time within which processes must have noticed."""

CLOCK_WRONG: Final = 0.5
"""Seconds of the loop's time for which a clock is wrong: meanwhile little is decided, and much sent again."""


async def latency(world: "World") -> None:
    """A connection is slow."""
    await _spoil(world, "latency", 0.01, 0.2, 2.0)


async def lost_requests(world: "World") -> None:
    """Requests do not arrive."""
    await _spoil(world, "requests_lost", 0.1, 0.5, 1.0)


async def lost_replies(world: "World") -> None:
    """What was asked happens, and nobody is told."""
    await _spoil(world, "replies_lost", 0.1, 0.5, 1.0)


async def repeated_appends(world: "World") -> None:
    """Batches arrive twice, the second time later."""
    await _spoil(world, "appends_repeated", 0.2, 1.0)


async def server_away(world: "World") -> None:
    """The server answers nobody."""
    log = world.server.log
    log.unavailable = True
    await world.last()
    log.unavailable = False


async def killed(world: "World") -> None:
    """A process ends without a word, and starts from the vault."""
    await world.choose_process().kill()
    await world.last()


async def stalled(world: "World") -> None:
    """A process stands still, and goes on as if nothing had been."""
    process = world.choose_process()
    if process.running:
        connection = process.connection
        connection.stalled.clear()
        await world.last()
        connection.stalled.set()


async def keepers_gone(world: "World") -> None:
    """No tick comes for a while."""
    world.absent |= {process.name for process in world.processes if process.is_keeper}
    for process in world.processes:
        if process.is_keeper:
            await process.kill()
    await world.last()
    world.absent.clear()


async def two_keepers(world: "World") -> None:
    """Every keeper believes that it leads."""
    world.server.lease_for_all = True
    await world.last()
    world.server.lease_for_all = False


async def wrong_clock(world: "World") -> None:
    """A process goes by a wrong clock: ticks come early or late, or its batches are refused."""
    clock = world.choose_process().clock
    clock.ahead = world.chance.choice((-20, -4, 4, 20)) * SECOND
    await world.last(CLOCK_WRONG)
    clock.ahead = 0


async def standing_clock(world: "World") -> None:
    """The server's stamps stand still."""
    clock = world.server.clock
    clock.stopped = clock()
    await world.last(CLOCK_WRONG)
    clock.stopped = None


async def torn_snapshot(world: "World") -> None:
    """The newest snapshot has a wrong byte or an end too soon; who starts takes the one before."""
    if await world.tear_snapshot():
        await world.choose_process().kill()
        await world.last()


async def leaping_clock(world: "World") -> None:
    """The server's clock is an hour ahead for a while. The log's IDs stay there: time passes, or a human
    begins the next epoch."""
    world.server.clock.ahead = HOUR
    await asyncio.sleep(world.chance.choice((0.05, 0.5)))
    world.server.clock.ahead = 0
    if world.chance.random() < 0.5:
        world.time.skip(HOUR + SECOND)
    else:
        await end_epoch(world)


async def end_epoch(world: "World") -> None:
    """A human begins the next epoch, from the state at the end of this one."""
    log = await world.reach_log()
    id = await log.append(encode(EndEpoch(), world))
    await world.until(lambda: any(world.ended_replicas()), WAIT)
    ended = next(world.ended_replicas())
    assert ended.cursor is not None
    timing = timing_of(ended.program.events)
    world.judge.note(Position(log.epoch, *id), Verdict(ended.cursor.payload, ended.digest, [None], timing))
    await world.rotate(ended.program)


async def lost_tail(world: "World") -> None:
    """The server comes back without its newest entries, which replicas have read and clients were told of.
    Whoever has read them stops, and everybody with it; a human goes on from the state that was saved."""
    log = await world.reach_log()
    entries = await log.range(world.snapshot_id(), (2**63, 0), count=10**6)
    count = min(world.chance.randrange(1, 9), len(entries) - 1)
    if count < 1:
        return
    log.drop_tail(count)
    world.lose(Position(log.epoch, *entries[-count - 1].id), entries[-count:])
    await log.append(encode(Tick(), world))
    await world.until(lambda: world.server.epoch > log.epoch or not world.misses_entries(), WAIT)


async def emptied_server(world: "World") -> None:
    """The server lost everything. Every process stops; a human goes on from the newest snapshot."""
    if world.newest_snapshot() is None:
        return
    epoch = world.server.epoch
    for process in world.processes:
        await process.kill()
    world.server.log.drop_tail(10**9)
    world.lossy = True
    await world.until(lambda: world.server.epoch > epoch, WAIT)


async def replaced_entry(world: "World") -> None:
    """Where all replicas have read, the log holds something else for a while: nobody reads on."""
    log = await world.reach_log()
    last = await log.last()
    if last is None or last.id[0] == 0 or not world.all_at(Position(log.epoch, *last.id)):
        return
    world.holding = True
    log.replace(last.id, encode(Tick(), world))
    nudge = await log.append(encode(Tick(), world))
    await world.until(lambda: world.all_say("another entry"), WAIT)
    if Position(log.epoch, *nudge) in world.judge.verdicts:
        world.judge.fail("a replica read on although its own entry had been replaced")
    log.replace(last.id, last.payload)
    world.holding = False


async def poison(world: "World") -> None:
    """An entry that nobody can read, or that only a newer version understands. Every replica stops at it, and
    says how to take it out."""
    log = await world.reach_log()
    batch = Batch(SCHEMA + 1, world.chance.randbytes(16), 1, world.next_stamp(), [])
    payload = world.chance.choice(
        (b"\xc1", msgspec.msgpack.encode(batch), encode(RaiseLevel(LEVEL + 1), world), b"\x95\x01\xc4")
    )
    id = await log.append(payload)
    await world.until(lambda: world.all_say(f"livelot log drop {Position(log.epoch, *id)}"), WAIT)
    await world.reach_log()
    await log.remove(id)


MILD: Final[dict[str, tuple[Fault, int]]] = {
    fault.__name__: (fault, weight)
    for fault, weight in (
        (latency, 6),
        (lost_requests, 4),
        (lost_replies, 6),
        (repeated_appends, 6),
        (server_away, 3),
        (killed, 8),
        (stalled, 4),
        (keepers_gone, 3),
        (two_keepers, 4),
        (wrong_clock, 4),
        (torn_snapshot, 3),
    )
}
"""What the code copes with by itself, and how often it comes."""

GRAVE: Final[dict[str, tuple[Fault, int]]] = {
    fault.__name__: (fault, weight)
    for fault, weight in (
        (standing_clock, 6),
        (leaping_clock, 3),
        (lost_tail, 3),
        (emptied_server, 1),
        (replaced_entry, 2),
        (poison, 2),
    )
}
"""What befalls the server, likewise."""


async def _spoil(world: "World", field: str, *values: float) -> None:
    """One of ``Weather``'s fields on some connection, for a while."""
    weather = world.choose_process().weather
    setattr(weather, field, world.chance.choice(values))
    await world.last()
    setattr(weather, field, 0.0)


def encode(command: EndEpoch | RaiseLevel | Tick, world: "World") -> bytes:
    """A batch of a stranger's that holds one command."""
    body = msgspec.msgpack.encode(command)
    envelope = Envelope("operator", KEEPER, "", hash_body(body), NEVER, command)
    origin = world.chance.randbytes(16)
    return msgspec.msgpack.encode(Batch(SCHEMA, origin, 1, world.next_stamp(), [envelope]))
