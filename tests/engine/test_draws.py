"""The keeper's part in raffles: whole lives by real keepers, a beacon over HTTP, evidence that verifies."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from engine.commands import ChangeDrawKey, CommitSecret, PublishDrawKey, SignLock, Tick, VoidRaffle
from engine.draw.beacon import time_of_round
from engine.draw.evidence import read_evidence
from engine.draw.verification import verify_evidence
from engine.draws import COMMANDS_AT_ONCE, find_errands
from engine.errors import Rejected
from engine.raffles.state import DRAWN, LOCKED, OPEN, SCHEDULED, VOID
from engine.units import MINUTE
from engine.vault import Vault
from tests.conftest import Logs
from tests.engine.drawing import (
    GOOD,
    KEY,
    OTHER_KEY,
    ROUND_PATH,
    Life,
    evidence_of,
    outside,
    respond,
    said,
    until,
    wait_for_ever,
)
from tests.engine.raffling import CLOSE, ROUND, SIGNATURE, SIGNER
from tests.engine.running import Node


def read_file(vault: Vault, name: str) -> bytes:
    with vault.open_for_read(f"evidence/{name}") as file:
        return file.read()


def is_there(vault: Vault, name: str) -> Callable[[], bool]:
    return lambda: name in evidence_of(vault)


def check(vault: Vault, name: str) -> None:
    report = verify_evidence(read_file(vault, name), keys=[bytes.fromhex(KEY.public)])
    assert report.passed, report.failed


def test_a_raffle_with_a_beacon_lives_from_its_opening_to_its_evidence(tmp_path: Path) -> None:
    async def body() -> None:
        life = Life(tmp_path)
        async with outside(GOOD) as drand, life.keeper((drand.url,)) as node:
            await life.furnish(node)
            raffle = await life.open(node)
            assert raffle.status == OPEN
            raffles = node.replica.program.raffles
            await life.buy(node)
            await until(lambda: raffles.key == KEY.public)
            life.at = CLOSE
            await until(lambda: raffle.status == LOCKED and raffles.locks[0].signature)
            await asyncio.sleep(0.1)
            assert drand.asked == []  # not before its time
            life.pass_to_round()
            await until(lambda: raffle.status == DRAWN)
            assert raffle.signature == SIGNATURE
            assert drand.asked == [ROUND_PATH]
            await until(is_there(life.vault, "1-r.json"))
            check(life.vault, "1-r.json")
            evidence = read_evidence(read_file(life.vault, "1-r.json"))
            assert [place.prize for place in evidence.places] == ["car", "car", "bicycle", "", ""]
            assert evidence.program == "test"

    asyncio.run(body())


def test_a_raffle_with_a_commitment_lives_from_its_opening_to_its_evidence(
    logs: Logs, tmp_path: Path
) -> None:
    """On a real server too, by the machine's clock."""

    async def body() -> None:
        async with logs.open() as log:
            life = Life(tmp_path, log)
            async with life.keeper() as node:
                await life.furnish(node)
                raffle = await life.open(node, randomness="commitment", closes_at=life.at + 1_000)
                await until(lambda: raffle.status == OPEN)
                await life.buy(node)
                assert raffle.secret == ""
                await until(lambda: raffle.status == DRAWN)
                await until(is_there(life.vault, "1-r.json"))
                check(life.vault, "1-r.json")

    asyncio.run(body())


def test_a_keeper_that_starts_between_any_two_steps_goes_on(tmp_path: Path) -> None:
    async def body() -> None:
        life = Life(tmp_path)
        async with life.node() as node, outside(GOOD) as drand:
            await life.furnish(node)
            raffle = await life.open(node)
            secret = await life.open(node, "s", randomness="commitment")
            program = node.replica.program

            async def keep_until(holds: Callable[[], object]) -> None:
                """A keeper that lives for one step: it sees to one thing, and the next one has to go on."""
                async with life.keeper((drand.url,)):
                    await until(holds)

            await keep_until(lambda: program.raffles.key)
            await keep_until(lambda: secret.status == OPEN)
            for id in ("r", "s"):
                await life.buy(node, id)
            life.at = CLOSE
            while (await life.do(node, Tick())).due:
                pass
            assert (raffle.status, secret.status) == (LOCKED, LOCKED)
            await keep_until(lambda: all(lock.signature for lock in program.raffles.locks))
            await keep_until(lambda: secret.seed)
            life.pass_to_round()
            await keep_until(lambda: raffle.seed)
            await keep_until(lambda: raffle.status == secret.status == DRAWN)
            names = {f"{raffle.lock}-r.json", f"{secret.lock}-s.json"}
            await keep_until(lambda: names <= evidence_of(life.vault))
            for name in names:
                check(life.vault, name)

    asyncio.run(body())


def test_two_keepers_that_both_lead_do_no_harm(tmp_path: Path) -> None:
    async def body() -> None:
        life = Life(tmp_path)
        async with (
            outside(GOOD) as drand,
            life.keeper((drand.url,), leading=True) as node,
            life.keeper((drand.url,), leading=True) as other,
        ):
            await life.furnish(node)
            for id in ("r", "s"):
                await life.open(node, id, randomness="beacon" if id == "r" else "commitment")
            raffles = node.replica.program.raffles.by_id
            await until(lambda: raffles["s"].status == OPEN)
            for id in raffles:
                await life.buy(node, id)
            life.at = CLOSE
            await until(lambda: raffles["s"].status == DRAWN)
            life.pass_to_round()
            await until(lambda: raffles["r"].status == DRAWN)
            await until(lambda: len(evidence_of(life.vault)) == 2)
            await until(lambda: other.replica.position == node.replica.position)
            assert other.replica.program.state_digest() == node.replica.program.state_digest()
            for name in evidence_of(life.vault):
                check(life.vault, name)

    asyncio.run(body())


def test_with_another_key_nothing_is_signed_or_committed_to_and_the_words_say_what_to_do(
    tmp_path: Path,
) -> None:
    async def body() -> None:
        life = Life(tmp_path)
        with structlog.testing.capture_logs() as logs:
            async with life.keeper() as node:
                await life.furnish(node)
                await life.do(node, PublishDrawKey(OTHER_KEY.public))
                raffle = await life.open(node)
                secret = await life.open(node, "s", randomness="commitment")
                await until(lambda: said(logs, "this keeper has another draw key"))
                life.at = CLOSE
                await until(lambda: raffle.status == LOCKED)
                await asyncio.sleep(0.2)
                assert not node.replica.program.raffles.locks[0].signature
                assert secret.status == SCHEDULED
                (line,) = said(logs, "this keeper has another draw key")
                assert line["log_level"] == "error"
                assert "--draw-key" in line["advice"] and "raffle.key" in line["advice"]
                await life.do(node, ChangeDrawKey(KEY.public, "the file was lost"))
                await until(lambda: node.replica.program.raffles.locks[0].signature)

    asyncio.run(body())


def test_a_secret_of_another_key_is_not_guessed_at(tmp_path: Path) -> None:
    """Its raffle waits for a keeper with that key, which may draw though it may not sign any more."""

    async def body() -> None:
        life = Life(tmp_path)
        with structlog.testing.capture_logs() as logs:
            async with life.keeper(key=OTHER_KEY) as node:
                await life.furnish(node)
                raffle = await life.open(node, randomness="commitment")
                await until(lambda: raffle.status == OPEN)
                await life.do(node, ChangeDrawKey(KEY.public, "rotation"))
            async with life.keeper() as node:
                raffle = node.replica.program.raffles.by_id["r"]
                life.at = CLOSE
                await until(lambda: said(logs, "this raffle's secret is not of this keeper's draw key"))
                assert node.replica.program.raffles.locks[0].signature
                assert not raffle.seed
            async with life.keeper(key=OTHER_KEY) as node:
                raffle = node.replica.program.raffles.by_id["r"]
                await until(lambda: raffle.finished)

    asyncio.run(body())


def test_of_several_sources_the_first_good_one_counts_and_many_raffles_ask_once(tmp_path: Path) -> None:
    async def body() -> None:
        life = Life(tmp_path)
        wrong = GOOD.replace(SIGNATURE.encode(), (SIGNATURE[:-1] + "8").encode())
        async with outside(wrong) as lying, outside(wait_for_ever) as slow, outside(GOOD) as good:
            sources = (lying.url, slow.url, "http://127.0.0.1:1", good.url)
            async with life.keeper(sources, seconds=0.3) as node:
                await life.furnish(node)
                raffles = [await life.open(node, f"r{number}") for number in range(COMMANDS_AT_ONCE + 5)]
                life.at = CLOSE
                locks = node.replica.program.raffles.locks
                await until(lambda: len(locks) == len(raffles) and all(lock.signature for lock in locks))
                life.pass_to_round()
                await until(lambda: all(raffle.finished for raffle in raffles))
                assert [len(server.asked) for server in (lying, slow, good)] == [1, 1, 1]
                await until(lambda: len(evidence_of(life.vault)) == len(raffles))

    asyncio.run(body())


def test_a_late_beacon_is_waited_for(tmp_path: Path) -> None:
    async def body() -> None:
        life = Life(tmp_path)
        late = [respond(b"not yet", "404 Not Found"), respond(b"oops", "500 Oops")]

        def answer(path: str, body: bytes) -> bytes:
            return late.pop(0) if late else respond(GOOD)

        async with outside(answer) as drand, life.keeper((drand.url,)) as node:
            await life.furnish(node)
            raffle = await life.open(node)
            life.at = CLOSE
            await until(lambda: raffle.lock and node.replica.program.raffles.locks[0].signature)
            life.pass_to_round()
            await until(lambda: raffle.finished)
            assert len(drand.asked) == 3

    asyncio.run(body())


@pytest.mark.parametrize("late", [False, True])
def test_a_raffle_that_is_voided_after_its_lock_is_drawn_all_the_same(tmp_path: Path, late: bool) -> None:
    """``late``: when it was drawn and its evidence written; then it gets a second one."""

    async def body() -> None:
        life = Life(tmp_path)
        async with outside(GOOD) as drand, life.keeper((drand.url,)) as node:
            await life.furnish(node)
            raffle = await life.open(node)
            await life.buy(node)
            life.at = CLOSE
            await until(lambda: raffle.lock and node.replica.program.raffles.locks[0].signature)
            if late:
                life.pass_to_round()
                await until(is_there(life.vault, "1-r.json"))
            await life.do(node, VoidRaffle("r", "the car was stolen"))
            life.pass_to_round()
            await until(is_there(life.vault, "1-r.void.json"))
            assert (raffle.status, raffle.finished) == (VOID, True)
            assert "1-r.json" in evidence_of(life.vault) or not late
            check(life.vault, "1-r.void.json")
            evidence = read_evidence(read_file(life.vault, "1-r.void.json"))
            assert evidence.void is not None
            assert (evidence.void.at, evidence.void.reason) == (raffle.ended_at, "the car was stolen")
            assert [place.prize for place in evidence.places] == ["car", "car", "bicycle", "", ""]

    asyncio.run(body())


def test_a_lock_that_nobody_signed_in_time_is_void_and_signed_and_drawn(tmp_path: Path) -> None:
    """The keeper was away between the close and the round."""

    async def body() -> None:
        life = Life(tmp_path)
        async with life.node() as node, outside(GOOD) as drand:
            await life.furnish(node)
            raffle = await life.open(node)
            await life.buy(node)
            life.at = CLOSE
            await life.do(node, Tick())
            life.pass_to_round()
            async with life.keeper((drand.url,)):
                await until(is_there(life.vault, "1-r.void.json"))
            assert raffle.status == VOID
            check(life.vault, "1-r.void.json")

    asyncio.run(body())


async def close_two(life: Life, node: Node) -> None:
    """Two locks that are signed: of a beacon and of a commitment."""
    raffles = node.replica.program.raffles
    await life.do(node, PublishDrawKey(SIGNER.public_key().public_bytes_raw().hex()))
    await life.open(node, "r")
    await life.open(node, "s", randomness="commitment")
    await life.do(node, CommitSecret("s", "0" * 64))
    life.at = CLOSE
    while (await life.do(node, Tick())).due:
        pass
    for number, lock in enumerate(raffles.locks, 1):
        await life.do(node, SignLock(number, raffles.key, SIGNER.sign(lock.text.encode()).hex()))


def test_errands_are_what_raffles_need_from_outside_and_when(tmp_path: Path) -> None:
    async def body() -> None:
        life = Life(tmp_path)
        async with life.node() as node:
            await life.furnish(node)
            program = node.replica.program
            assert find_errands(program, CLOSE, stamps=True) == ([], [], 0)
            await close_two(life, node)
            due = time_of_round(ROUND)
            assert due == CLOSE + MINUTE
            beacon, commitment = (program.raffles.by_id[id].lock for id in ("r", "s"))
            assert find_errands(program, CLOSE, stamps=True) == (
                [],
                [beacon, commitment],
                due,
            )
            assert find_errands(program, due - 1, stamps=False) == ([], [], due)
            assert find_errands(program, due, stamps=True) == ([ROUND], [commitment], 0)
            program.raffles.locks[beacon - 1].signature = ""
            assert find_errands(program, due, stamps=False).rounds == []

    asyncio.run(body())


def test_what_the_log_refuses_is_not_asked_for_at_once_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> None:
        life = Life(tmp_path)
        async with outside(GOOD) as drand, life.keeper((drand.url,), pause=30.0) as node:
            sent: list[object] = []
            submit = node.writer.submit

            def refuse(**given: object) -> None:
                if isinstance(given["command"], SignLock):
                    sent.append(given["command"])
                    given["done"](node.replica.position, Rejected("unavailable", "no"))  # type: ignore[operator]
                else:
                    submit(**given)  # type: ignore[arg-type]

            monkeypatch.setattr(node.writer, "submit", refuse)
            await life.furnish(node)
            await life.open(node)
            life.at = CLOSE
            await until(lambda: sent)
            await life.open(node, "s", closes_at=CLOSE + MINUTE)  # news, after which it looks again
            await asyncio.sleep(0.3)
            assert len(sent) == 1

    asyncio.run(body())
