"""The writer: group commit, lost replies, disagreeing clocks; nothing is lost, nothing happens twice."""

import asyncio

import pytest

from engine.commands import LEVEL, MEMBER, CreditPoints, PlaceBid, RaiseLevel, UpsertMember
from engine.errors import Rejected, Rejection
from engine.log.contract import EntryId
from engine.log.memory import MemoryLog
from engine.replica import Replica
from engine.units import MINUTE
from engine.writer import Writer, wall_clock
from tests.conftest import Logs
from tests.engine.running import DEADLINE, running


def test_commands_that_arrive_during_an_append_share_the_next_entry(logs: Logs) -> None:
    async def body() -> None:
        async with logs.open() as log, running(log) as node:
            await node.furnish()
            entries = (await log.size())[0]
            first = node.submit(UpsertMember("n0", "gold", "fr"))
            await asyncio.sleep(0)
            others = [node.submit(UpsertMember(f"n{number}", "gold", "fr")) for number in range(1, 200)]
            outcomes = await asyncio.wait_for(asyncio.gather(first, *others), DEADLINE)
            assert [outcome.member for outcome in outcomes] == [f"n{number}" for number in range(200)]
            assert (await log.size())[0] - entries <= 3

    asyncio.run(body())


def test_a_lost_reply_is_sent_again_and_applied_once() -> None:
    async def body() -> None:
        log = MemoryLog()
        async with running(log) as node:
            await node.furnish()
            log.lose_reply_of_next_append = True
            before = node.replica.program.members.get("m1").available
            await node.do(CreditPoints("m1", 70))
            await node.do(CreditPoints("m1", 1))
            assert node.replica.program.members.get("m1").available == before + 71

    asyncio.run(body())


def test_listeners_are_told_once_how_long_each_append_took() -> None:
    async def body() -> None:
        log = MemoryLog()
        async with running(log) as node:
            await node.furnish()
            seconds: list[float] = []
            node.writer.listeners.append(seconds.append)
            log.lose_reply_of_next_append = True
            for points in (1, 2, 3):
                await node.do(CreditPoints("m1", points))
            # The last one may be applied before its reply has come.
            assert len(seconds) in (2, 3)
            assert min(seconds) >= 0

    asyncio.run(body())


def test_a_copy_in_the_log_is_ignored() -> None:
    async def body() -> None:
        log = MemoryLog()
        async with running(log) as node:
            await node.furnish()
            await node.do(CreditPoints("m1", 70))
            assert node.replica.cursor is not None
            copy = node.replica.cursor.payload
            available = node.replica.program.members.get("m1").available
            await log.append(copy)
            await node.do(UpsertMember("n", "gold", "fr"))
            assert node.replica.program.members.get("m1").available == available

    asyncio.run(body())


def test_an_append_that_never_happened_is_sent_again() -> None:
    async def body() -> None:
        log = MemoryLog()
        async with running(log) as node:
            await node.furnish()
            log.fail_next_append = True
            await node.do(CreditPoints("m1", 70))

    asyncio.run(body())


def test_no_reply_comes_while_the_append_is_not_confirmed_and_applied() -> None:
    async def body() -> None:
        log = MemoryLog()
        async with running(log) as node:
            log.unavailable = True
            waiting = node.submit(UpsertMember("n", "gold", "fr"))
            for _ in range(20):
                await asyncio.sleep(0)
            assert not waiting.done()
            log.unavailable = False
            assert (await asyncio.wait_for(waiting, DEADLINE)).member == "n"

    asyncio.run(body())


def test_a_batch_whose_clock_disagrees_goes_again_with_a_new_clock() -> None:
    async def body() -> None:
        ahead = [6_000]
        log = MemoryLog(clock=lambda: wall_clock() + ahead[0])
        async with running(log, clock=lambda: wall_clock() + 0) as node:
            at = node.replica.program.at
            waiting = node.submit(UpsertMember("n", "gold", "fr"))
            while node.replica.position.sequence == 1 and node.replica.position.milliseconds == 0:
                await asyncio.sleep(0.005)
            assert node.replica.program.at == at
            assert not waiting.done()
            ahead[0] = 0
            # The memory log never stamps lower than before; neither does a server.
            outcome = await asyncio.wait_for(waiting, DEADLINE)
            assert outcome.member == "n"

    asyncio.run(body())


def test_a_disagreeing_clock_is_told_once_the_command_has_had_its_time() -> None:
    async def body() -> None:
        log = MemoryLog(clock=lambda: wall_clock() + 60_000)
        async with running(log) as node:
            command = UpsertMember("n", "gold", "fr")
            outcome = await asyncio.wait_for(node.submit(command, not_after=wall_clock() + 300), DEADLINE)
            assert isinstance(outcome, Rejected)
            assert outcome.code == "clock_disagrees"
            assert node.replica.program.members.count == 0

    asyncio.run(body())


def test_a_repeated_key_gets_the_first_outcome_through_another_gateway(logs: Logs) -> None:
    async def body() -> None:
        async with (
            logs.open() as log,
            logs.open() as other_log,
            running(log) as one,
            running(other_log) as two,
        ):
            await one.furnish()
            not_after = wall_clock() + MINUTE
            first = await one.bid("m1", "a1", 800, key="k", not_after=not_after)
            await one.bid("m2", "a1", 2_000)
            again = await two.bid("m1", "a1", 800, key="k", not_after=not_after)
            assert again == first
            assert (again.number, again.price) == (1, 500)
            conflict = await two.bid("m1", "a1", 850, key="k", not_after=not_after)
            assert conflict.code == "key_conflict"
            low = await one.bid("m3", "a1", 1, key="low", not_after=not_after)
            low_again = await two.bid("m3", "a1", 1, key="low", not_after=not_after)
            assert low == low_again
            assert low.code == "bid_too_low"

    asyncio.run(body())


def _submit(writer: Writer) -> None:
    writer.submit(
        actor="m1",
        role=MEMBER,
        key="k",
        not_after=wall_clock() + MINUTE,
        command=PlaceBid("a1", 1),
        done=lambda position, outcome: None,
    )


def test_nothing_is_taken_before_the_replica_has_caught_up() -> None:
    log = MemoryLog()
    writer = Writer(log, Replica(log))
    with pytest.raises(Rejection) as refused:
        _submit(writer)
    assert refused.value.rejected.code == "not_ready"


def test_draining_finishes_what_was_taken_and_takes_no_more(logs: Logs) -> None:
    async def body() -> None:
        async with logs.open() as log, running(log) as node:
            await node.furnish()
            taken = [node.submit(UpsertMember(f"n{number}", "gold", "fr")) for number in range(50)]
            await asyncio.wait_for(node.writer.drain(), DEADLINE)
            assert all(future.done() for future in taken)
            with pytest.raises(Rejection) as refused:
                _submit(node.writer)
            assert refused.value.rejected.code == "shutting_down"
            assert node.writer.unfinished == 0

    asyncio.run(body())


def test_a_full_queue_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body() -> None:
        monkeypatch.setattr("engine.writer.QUEUE_LIMIT", 2)
        log = MemoryLog()
        async with running(log) as node:
            log.unavailable = True
            waiting = [node.submit(UpsertMember(f"n{number}", "gold", "fr")) for number in range(2)]
            with pytest.raises(Rejection) as refused:
                _submit(node.writer)
            assert refused.value.rejected.code == "unavailable"
            log.unavailable = False
            await asyncio.wait_for(asyncio.gather(*waiting), DEADLINE)

    asyncio.run(body())


def test_a_level_that_this_version_does_not_know_never_reaches_the_log(logs: Logs) -> None:
    async def body() -> None:
        async with logs.open() as log, running(log) as node:
            entries = (await log.size())[0]
            with pytest.raises(Rejection) as refused:
                node.submit(RaiseLevel(LEVEL + 1))
            assert refused.value.rejected.code == "level_unknown"
            assert (await log.size())[0] == entries
            await node.do(UpsertMember("n", "gold", "fr"))

    asyncio.run(body())


class Forgetful(MemoryLog):
    """Acknowledges the next ``lose`` appends, and does not have them: a failover lost them."""

    lose = 0

    async def append(self, payload: bytes, *, id: str = "*") -> EntryId:
        if self.lose:
            self.lose -= 1
            return (2**40, 0)
        return await super().append(payload, id=id)


def test_a_batch_that_a_failover_lost_goes_again_with_the_next() -> None:
    async def body() -> None:
        log = Forgetful()
        async with running(log) as node:
            await node.furnish()
            log.lose = 1
            lost = node.submit(CreditPoints("m1", 70))
            while log.lose:
                await asyncio.sleep(0)
            await node.do(CreditPoints("m1", 1))
            await asyncio.wait_for(lost, DEADLINE)
            assert node.replica.program.members.get("m1").available == 10_071

    asyncio.run(body())


def test_a_batch_that_a_failover_lost_goes_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body() -> None:
        monkeypatch.setattr("engine.writer._SILENCE", 0.05)
        log = Forgetful()
        async with running(log) as node:
            await node.furnish()
            log.lose = 1
            await node.do(CreditPoints("m1", 70))
            assert node.replica.program.members.get("m1").available == 10_070
            assert node.writer.unfinished == 0

    asyncio.run(body())
