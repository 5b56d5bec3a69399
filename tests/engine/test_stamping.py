"""Time stamps: a real authority's are taken, whatever else one may answer is refused, and nothing waits."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from engine.draw.stamp import check_stamp, decode_stamp, read_certificates
from engine.draw.verification import verify_evidence
from engine.draws import ERRANDS_AT_ONCE
from engine.fetching import FetchError
from engine.raffles.state import DRAWN
from engine.stamping import fetch_stamp
from engine.units import MINUTE
from tests.engine.authority import Authority
from tests.engine.drawing import GOOD, KEY, Answer, Life, evidence_of, outside, respond, until, wait_for_ever
from tests.engine.raffling import CLOSE

LOCK = b'{"a":"lock"}'


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


async def ask(url: str, *, lock: bytes = LOCK, before: int = 0) -> str:
    async with httpx.AsyncClient() as client:
        return await fetch_stamp(client, url, lock, before=before, seconds=2.0)


def test_a_stamp_holds(authority: Authority) -> None:
    async def body() -> None:
        async with outside(lambda path, query: respond(authority.answer(query))) as server:
            soon = time.time_ns() // 1_000_000 + MINUTE
            token = await ask(f"{server.url}/tsr", before=soon)
            check_stamp(decode_stamp(token), LOCK, read_certificates(authority.certificate))
            assert server.asked == ["/tsr"]
            with pytest.raises(FetchError, match="not from before the round"):
                await ask(server.url, before=CLOSE)

    asyncio.run(body())


def test_what_is_no_stamp_of_this_lock_is_refused(authority: Authority) -> None:
    async def body() -> None:
        answers: list[bytes] = []

        def stamp(path: str, query: bytes) -> bytes:
            answers.append(authority.answer(query))
            return respond(answers[-1])

        async with outside(stamp) as server:
            await ask(server.url)
            await ask(server.url, lock=b"another lock")
        refusals: list[tuple[Answer, str]] = [
            (lambda path, query: respond(answers[0]), "to another request"),
            (lambda path, query: respond(answers[1]), "something else"),
            (lambda path, query: respond(answers[0][:-9]), "cannot be read"),
            (lambda path, query: respond(b"<html>"), "cannot be read"),
            (lambda path, query: respond(b""), "cannot be read"),
            (lambda path, query: respond(bytes(30_000)), "more than 24576 bytes"),
            (lambda path, query: respond(REJECTION), "refused: status 2"),
            (lambda path, query: respond(b"", "401 Pay"), "status 401"),
        ]
        for answer, words in refusals:
            async with outside(answer) as server:
                with pytest.raises(FetchError, match=words):
                    await ask(server.url)

    asyncio.run(body())


REJECTION = bytes.fromhex("30053003020102")
"""TimeStampResp with PKIStatus rejection, and no token."""


def test_a_raffle_with_a_commitment_has_its_stamp_in_the_evidence(
    tmp_path: Path, authority: Authority
) -> None:
    """The draw waits for one try: a secret is out at once, and no stamp comes after that."""

    async def body() -> None:
        life = Life(tmp_path)
        async with (
            outside(lambda path, query: respond(authority.answer(query))) as server,
            life.keeper(timestamp_url=server.url) as node,
        ):
            await life.furnish(node)
            raffle = await life.open(node, randomness="commitment")
            await until(lambda: raffle.opened_at)
            await life.buy(node)
            life.at = CLOSE
            await until(lambda: evidence_of(life.vault))
            with life.vault.open_for_read("evidence/1-r.json") as file:
                data = file.read()
            report = verify_evidence(
                data, keys=[bytes.fromhex(KEY.public)], certificates=authority.certificate
            )
            assert report.passed, report.failed
            assert "An outside authority saw the lock" in str(report)

    asyncio.run(body())


def test_an_authority_that_hangs_is_waited_for_once_not_by_every_raffle(tmp_path: Path) -> None:
    async def body() -> None:
        life = Life(tmp_path)
        async with (
            outside(wait_for_ever) as hanging,
            life.keeper(timestamp_url=hanging.url, seconds=0.5) as node,
        ):
            await life.furnish(node)
            raffles = [await life.open(node, f"r{n}", randomness="commitment") for n in range(40)]
            await until(lambda: all(raffle.opened_at for raffle in raffles))
            life.at = CLOSE
            await until(lambda: all(raffle.lock for raffle in raffles))
            await until(lambda: all(raffle.finished for raffle in raffles))
            assert len(hanging.asked) <= 3 * ERRANDS_AT_ONCE < len(raffles)

    asyncio.run(body())


@pytest.mark.parametrize("randomness", ["beacon", "commitment"])
def test_an_authority_that_fails_delays_nothing(tmp_path: Path, randomness: str) -> None:
    async def body() -> None:
        life = Life(tmp_path)
        async with (
            outside(b"no") as broken,
            outside(GOOD) as drand,
            life.keeper((drand.url,), timestamp_url=broken.url) as node,
        ):
            await life.furnish(node)
            raffle = await life.open(node, randomness=randomness)
            await until(lambda: raffle.opened_at)
            life.at = CLOSE
            await until(lambda: raffle.lock and node.replica.program.raffles.locks[0].signature)
            await until(lambda: len(broken.asked) >= (3 if randomness == "beacon" else 1))
            life.pass_to_round()
            await until(lambda: raffle.status == DRAWN or raffle.finished)
            await asyncio.sleep(0.3)  # what was under way may still arrive
            asked = len(broken.asked)
            await asyncio.sleep(0.3)
            assert len(broken.asked) == asked  # a stamp is worth nothing any more

    asyncio.run(body())
