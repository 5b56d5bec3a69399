"""The log's contract, held against each implementation; and the faults of the one in memory."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import pytest

from engine.log.contract import (
    FIRST_ID,
    LAST_ID,
    Entry,
    LogGap,
    LogRefused,
    LogUnavailable,
    backoff_seconds,
    format_id,
    parse_id,
)
from engine.log.memory import MemoryLog

T = TypeVar("T")

SECONDS = 20.0
"""How long anything may take before a test fails."""


async def until(ask: Callable[[], Awaitable[T]], right: Callable[[T], bool]) -> None:
    """Asks until the answer is right; fails after a while."""
    deadline = time.monotonic() + SECONDS
    while not right(await ask()):
        assert time.monotonic() < deadline, "what was waited for did not happen"
        await asyncio.sleep(0.001)


# The contract.


def test_entries_come_back_in_order_and_only_after_the_cursor(logs):
    async def body():
        async with logs.open() as log:
            assert await log.read(None, count=10, block=0) == []
            assert (await log.first(), await log.last()) == (None, None)
            ids = [await log.append(b"payload %d" % number) for number in range(5)]
            entries = [Entry(id, b"payload %d" % number) for number, id in enumerate(ids)]
            assert ids == sorted(set(ids))
            assert await log.read(None, count=10, block=0) == entries
            assert await log.read(None, count=2, block=0) == entries[:2]
            assert await log.read(entries[1], count=10, block=0) == entries[2:]
            assert await log.read(entries[4], count=10, block=1) == []
            assert (await log.first(), await log.last()) == (entries[0], entries[4])
            assert await log.range(ids[1], ids[3], count=10) == entries[1:4]
            assert await log.range(FIRST_ID, LAST_ID, count=1) == entries[:1]

    asyncio.run(body())


def test_any_bytes_are_kept_as_they_are(logs):
    async def body():
        async with logs.open() as log:
            for payload in (b"", b"\x00\r\n\xff" * 3, os.urandom(300_000)):
                await log.append(payload)
                entry = await log.last()
                assert entry is not None and entry.payload == payload

    asyncio.run(body())


def test_entries_that_travel_together_stand_in_their_order(logs):
    async def body():
        async with logs.open() as log:
            assert await log.append_all([("5-*", b"a"), ("5-*", b"b"), ("6-3", b"c")]) == (6, 3)
            entries = await log.read(None, count=10, block=0)
            assert entries == [Entry((5, 0), b"a"), Entry((5, 1), b"b"), Entry((6, 3), b"c")]
            with pytest.raises(LogRefused):
                await log.append_all([("7-*", b"d"), ("6-*", b"e")])

    asyncio.run(body())


def test_a_waiting_read_gets_what_another_appends(logs):
    async def body():
        async with logs.open() as log, logs.open() as other:
            first = Entry(await log.append(b"1"), b"1")
            reading = asyncio.create_task(log.read(first, count=10, block=60_000))
            await asyncio.sleep(0)
            second = Entry(await other.append(b"2"), b"2")
            assert await asyncio.wait_for(reading, SECONDS) == [second]

    asyncio.run(body())


def test_a_read_that_was_cancelled_leaves_nothing_behind(logs):
    async def body():
        async with logs.open() as log:
            first = Entry(await log.append(b"1"), b"1")
            with suppress(TimeoutError):
                async with asyncio.timeout(0.02):
                    await log.read(first, count=10, block=60_000)
            second = Entry(await log.append(b"2"), b"2")
            assert await log.read(None, count=10, block=0) == [first, second]
            assert await log.read(first, count=10, block=1_000) == [second]

    asyncio.run(body())


def test_explicit_ids(logs):
    async def body():
        async with logs.open() as log:
            assert await log.append(b"a", id="5-*") == (5, 0)
            assert await log.append(b"b", id="5-*") == (5, 1)
            assert await log.append(b"c", id="5-7") == (5, 7)
            assert await log.append(b"d", id="6-0") == (6, 0)
            for taken in ("5-*", "6-0", "0-0"):
                with pytest.raises(LogRefused):
                    await log.append(b"e", id=taken)
            last = await log.last()
            assert last == Entry((6, 0), b"d")

    asyncio.run(body())


def test_the_least_id(logs):
    async def body():
        async with logs.open() as log:
            assert await log.append(b"a", id="0-*") == (0, 1)

    asyncio.run(body())


def test_a_lost_tail_shows_at_once(logs):
    async def body():
        async with logs.open() as log:
            cursor = [Entry(await log.append(payload), payload) for payload in (b"1", b"2", b"3")][-1]
            logs.drop_tail(1)
            with pytest.raises(LogGap, match=format_id(cursor.id)):
                await log.read(cursor, count=10, block=0)
            await log.append(b"another 3")
            with pytest.raises(LogGap):
                await log.read(cursor, count=10, block=0)

    asyncio.run(body())


def test_other_content_at_the_cursor_shows(logs):
    async def body():
        async with logs.open() as log:
            cursor = Entry(await log.append(b"1"), b"1")
            await log.append(b"2")
            logs.replace(cursor.id, b"other")
            with pytest.raises(LogGap, match="another entry"):
                await log.read(cursor, count=10, block=0)

    asyncio.run(body())


def test_a_log_that_was_trimmed_past_the_cursor_shows(logs):
    async def body():
        async with logs.open() as log:
            entries = [Entry(await log.append(b"%d" % number), b"%d" % number) for number in range(4)]
            assert await log.read(entries[1], count=10, block=0) == entries[2:]
            assert await log.trim(entries[2].id, count=100) == 2
            with pytest.raises(LogGap):
                await log.read(entries[1], count=10, block=0)
            assert await log.read(entries[2], count=10, block=0) == entries[3:]

    asyncio.run(body())


def test_trimming_goes_in_chunks_and_stops_exactly(logs):
    async def body():
        async with logs.open() as log:
            entries = [Entry(await log.append(b"%d" % number), b"%d" % number) for number in range(350)]
            removed = []
            while chunk := await log.trim(entries[321].id, count=100):
                removed.append(chunk)
            assert sum(removed) == 321
            assert max(removed) <= 100
            assert await log.first() == entries[321]
            assert (await log.size())[0] == 29
            assert (await log.append(b"next")) > entries[-1].id

    asyncio.run(body())


def test_removing_one_entry(logs):
    async def body():
        async with logs.open() as log:
            entries = [Entry(await log.append(b"%d" % number), b"%d" % number) for number in range(3)]
            assert await log.remove(entries[1].id)
            assert not await log.remove(entries[1].id)
            assert await log.read(None, count=10, block=0) == [entries[0], entries[2]]
            assert await log.read(entries[0], count=10, block=0) == [entries[2]]

    asyncio.run(body())


def test_size_grows_with_the_payloads(logs):
    async def body():
        async with logs.open() as log:
            assert await log.size() == (0, 0)
            await log.append(bytes(1_000))
            entries, small = await log.size()
            await log.append(bytes(100_000))
            assert entries == 1
            assert (await log.size())[0] == 2
            assert (await log.size())[1] >= 100_000 > small >= 1_000

    asyncio.run(body())


def test_cursors_are_published_and_expire(logs):
    async def body():
        async with logs.open() as log, logs.open() as other:
            assert await log.cursors() == {}
            await log.publish_cursor(b"\x01" * 16, (5, 1), ttl=60_000)
            await log.publish_cursor(b"\x02" * 16, (4, 0), ttl=60_000)
            await log.publish_cursor(b"\x01" * 16, (6, 0), ttl=60_000)
            assert await other.cursors() == {b"\x01" * 16: (6, 0), b"\x02" * 16: (4, 0)}
            await log.publish_cursor(b"\x02" * 16, (7, 0), ttl=1)
            await until(lambda: other.cursors(), lambda cursors: b"\x02" * 16 not in cursors)
            assert await other.cursors() == {b"\x01" * 16: (6, 0)}

    asyncio.run(body())


def test_small_values(logs):
    async def body():
        async with logs.open() as log, logs.open() as other:
            assert await log.get("digest") is None
            assert await log.put("digest", b"1")
            assert not await log.put("digest", b"2", if_absent=True)
            assert await other.get("digest") == b"1"
            assert await log.put("digest", b"3", ttl=60_000)
            assert await other.get("digest") == b"3"
            assert await log.put("once", b"4", if_absent=True)
            assert await log.put("digest", b"5", ttl=1)
            await until(lambda: other.get("digest"), lambda value: value is None)

    asyncio.run(body())


def test_a_lease_has_one_holder(logs):
    async def body():
        async with logs.open() as log, logs.open() as other:
            assert await log.take_lease("keeper", b"a", ttl=60_000)
            assert not await other.take_lease("keeper", b"b", ttl=60_000)
            assert await log.take_lease("keeper", b"a", ttl=60_000)
            await other.release_lease("keeper", b"b")
            assert not await other.take_lease("keeper", b"b", ttl=60_000)
            await log.release_lease("keeper", b"a")
            assert await other.take_lease("keeper", b"b", ttl=1)
            await until(lambda: log.take_lease("keeper", b"a", ttl=60_000), bool)

    asyncio.run(body())


def test_ids_as_text():
    assert parse_id(format_id((5, 3))) == (5, 3) == parse_id(b"5-3")
    for wrong in ("", "5", "5-", "-3", "a-b"):
        with pytest.raises(ValueError):
            parse_id(wrong)


def test_backoff_grows_up_to_its_limit():
    for attempt in range(40):
        longest = min(2.0, 0.02 * 2.0**attempt)
        assert longest / 2 <= backoff_seconds(attempt) <= longest


# In memory.


def test_memory_stamps_with_its_clock_and_never_goes_back():
    async def body():
        times = iter([100, 100, 90, 200])
        log = MemoryLog(clock=lambda: next(times))
        ids = [await log.append(b"") for _ in range(4)]
        assert ids == [(100, 0), (100, 1), (100, 2), (200, 0)]

    asyncio.run(body())


def test_memory_loses_a_reply_but_not_the_entry():
    async def body():
        log = MemoryLog()
        log.lose_reply_of_next_append = True
        with pytest.raises(LogUnavailable):
            await log.append(b"1")
        await log.append(b"2")
        assert [entry.payload for entry in await log.read(None, count=10, block=0)] == [b"1", b"2"]

    asyncio.run(body())


def test_memory_fails_an_append_and_everything():
    async def body():
        log = MemoryLog()
        log.fail_next_append = True
        with pytest.raises(LogUnavailable):
            await log.append(b"1")
        assert await log.size() == (0, 0)
        log.unavailable = True
        with pytest.raises(LogUnavailable):
            await log.read(None, count=1, block=0)

    asyncio.run(body())


def test_memory_holds_replies_back():
    async def body():
        log = MemoryLog()
        log.replies.clear()
        appending = asyncio.create_task(log.append(b"1"))
        assert [entry.payload for entry in await log.read(None, count=1, block=60_000)] == [b"1"]
        assert not appending.done()
        log.replies.set()
        assert await appending == (await log.read(None, count=1, block=0))[0].id

    asyncio.run(body())
