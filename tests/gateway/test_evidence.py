"""Evidence over HTTP: found, streamed, kept by caches, and never in anybody's way."""

import asyncio
import secrets
import tracemalloc
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from engine.commands import (
    CommitSecret,
    CreateRaffle,
    Draw,
    OpenRaffle,
    Prize,
    PublishDrawKey,
    RaffleTerms,
    SignLock,
    Tick,
    VoidRaffle,
)
from engine.draw.verification import verify_evidence
from engine.evidence import evidence_name, write_raffle
from engine.raffles.state import Raffle
from engine.vault import Vault
from gateway import evidence
from gateway.clock import now
from tests.engine.raffling import KEY, SECRET, SIGNER
from tests.gateway.harness import Eventually, OpenWorld, Run, World

PATH = "/v1/raffles/r/evidence"
MEGABYTE = 1024 * 1024


async def open_raffle(here: World, id: str = "r", *, lasts: int = 150) -> Raffle:
    terms = RaffleTerms({"en": "A car"}, (Prize("car"),), 100, now(), now() + lasts, randomness="commitment")
    await here.apply(CreateRaffle(id, terms))
    await here.apply(OpenRaffle(id))
    await here.apply(CommitSecret(id, sha256(SECRET).hexdigest()))
    return here.gateway.replica.program.raffles.by_id[id]


async def draw(here: World, raffle: Raffle) -> Raffle:
    raffles = here.gateway.replica.program.raffles
    while not raffle.lock:
        await here.apply(Tick())
        await asyncio.sleep(0.01)
    text = raffles.locks[raffle.lock - 1].text
    await here.apply(PublishDrawKey(KEY))
    await here.apply(SignLock(raffle.lock, KEY, SIGNER.sign(text.encode()).hex()))
    await here.apply(Draw(raffle.id, secret=SECRET.hex()))
    while not raffle.finished:
        await here.apply(Tick())
    return raffle


def write(here: World, vault: Vault, raffle: Raffle) -> None:
    write_raffle(vault, here.gateway.replica.program, raffle)


async def prepare(here: World, vault: Vault, megabytes: int) -> bytes:
    """A raffle whose evidence has this size: it is streamed, not read."""
    raffle = await draw(here, await open_raffle(here))
    content = secrets.token_bytes(megabytes * MEGABYTE)
    locks = here.gateway.replica.program.raffles.locks
    with vault.open_for_write(evidence_name(raffle.lock, locks[raffle.lock - 1])) as file:
        file.write(content)
    return content


async def ask(here: World, *, subject: str = "m1", method: str = "GET", **headers: str) -> httpx.Response:
    return await here.ask(subject, "member", method, PATH, **headers)


def refused(response: httpx.Response, status: int, code: str, words: str) -> bool:
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code)
    assert words in problem["detail"]
    assert response.headers["cache-control"] == "no-store"
    return True


@pytest.mark.parametrize("kind", ["folder", "memory"])
def test_from_the_opening_until_the_raffle_is_forgotten(
    run: Run, world: OpenWorld, tmp_path: Path, kind: str
) -> None:
    async def body() -> None:
        vault = Vault(tmp_path if kind == "folder" else f"memory://{secrets.token_hex(8)}")
        async with world(vault=vault) as here:
            assert refused(await ask(here), 404, "unknown_raffle", "'r'")
            raffle = await open_raffle(here, lasts=400)
            for member in ("m1", "m2"):
                tickets = {"tickets": 3, "most": 300}
                bought = await here.ask(member, "member", "POST", "/v1/raffles/r/tickets", tickets)
                assert bought.status_code == 200, bought.text
            assert refused(await ask(here), 404, "no_evidence", "is open; its evidence comes")
            await draw(here, raffle)
            assert refused(await ask(here), 404, "no_evidence", "being written")
            write(here, vault, raffle)

            response = await ask(here)
            assert response.status_code == 200
            report = verify_evidence(response.content, keys=[bytes.fromhex(KEY)])
            assert report.passed, report.failed
            headers = response.headers
            assert headers["content-type"] == "application/json"
            assert headers["content-length"] == str(len(response.content))
            assert headers["content-disposition"] == 'attachment; filename="1-r.json"'
            assert headers["cache-control"] == "private, no-cache"  # it may still be voided
            head = await ask(here, method="HEAD")
            assert (head.status_code, head.content) == (200, b"")
            for name in ("content-length", "etag", "content-type"):
                assert head.headers[name] == headers[name]
            again = await ask(here, If_None_Match=headers["etag"])
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == headers["etag"]
            assert (await ask(here, If_None_Match='"other"')).status_code == 200

            here.gateway.replica.program.raffles.forget(raffle)
            kept = await ask(here)
            assert kept.content == response.content
            assert kept.headers["cache-control"] == "private, max-age=31536000, immutable"

    run(body())


def test_a_raffle_that_is_voided_after_its_draw_has_other_evidence(
    run: Run, world: OpenWorld, tmp_path: Path
) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with world(vault=vault) as here:
            early = await open_raffle(here, "early")
            await here.apply(VoidRaffle("early", "a mistake"))
            assert early.status == "void"
            none = await here.ask("m1", "member", "GET", "/v1/raffles/early/evidence")
            assert refused(none, 404, "no_evidence", "void before its entries were locked")
            raffle = await open_raffle(here)
            await here.ask("m1", "member", "POST", "/v1/raffles/r/tickets", {"tickets": 1, "most": 100})
            await draw(here, raffle)
            write(here, vault, raffle)
            first = await ask(here)
            await here.apply(VoidRaffle("r", "the car was stolen"))
            assert refused(await ask(here), 404, "no_evidence", "being written")
            write(here, vault, raffle)
            second = await ask(here, If_None_Match=first.headers["etag"])
            assert second.status_code == 200
            assert second.json()["void"]["reason"] == "the car was stolen"
            assert second.headers["content-disposition"] == 'attachment; filename="1-r.void.json"'
            assert second.headers["cache-control"].endswith("immutable")

    run(body())


def test_who_may_ask_and_how_often(run: Run, world: OpenWorld, tmp_path: Path) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with world(vault=vault, limits={"calls_per_second": 1, "burst": 3}) as here:
            raffle = await draw(here, await open_raffle(here))
            write(here, vault, raffle)
            nobody = await here.http.get(PATH)
            assert refused(nobody, 401, "unauthenticated", "token")
            assert nobody.headers["www-authenticate"] == "Bearer"
            for role in ("member", "manager", "operator", "service"):
                assert (await here.ask("m1", role, "GET", PATH)).status_code == 200
            codes = [(await ask(here)).status_code for _ in range(3)]
            assert codes == [200, 200, 429]  # the first was a role's above
            assert (await here.ask("m2", "member", "POST", PATH)).status_code == 405

    run(body())


def test_a_vault_that_is_not_there(run: Run, world: OpenWorld, tmp_path: Path) -> None:
    async def body() -> None:
        async with world() as here:
            await draw(here, await open_raffle(here))
            assert refused(await ask(here), 503, "unavailable", "no vault")
        (tmp_path / "evidence").write_text("a file where a folder should be")
        async with world(vault=Vault(tmp_path)) as here:
            await draw(here, await open_raffle(here))
            assert refused(await ask(here), 503, "unavailable", "try again")

    run(body())


def test_a_large_file_is_never_held_whole(run: Run, world: OpenWorld, tmp_path: Path) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with world(vault=vault) as here:
            content = await prepare(here, vault, 48)
            digest, size = sha256(), 0
            tracemalloc.start()
            try:
                headers = {"Authorization": f"Bearer {here.token('m1')}"}
                async with here.http.stream("GET", PATH, headers=headers) as response:
                    async for chunk in response.aiter_raw():
                        digest.update(chunk)
                        size += len(chunk)
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
            assert size == len(content)
            assert digest.digest() == sha256(content).digest()
            # What a tracer of lines remembers meanwhile is in it too.
            assert peak < 16 * MEGABYTE

    run(body())


async def begin(here: World, subject: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client that asks, reads the head, and then nothing more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port, limit=4_096)
    token = here.token(subject)
    writer.write(f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    return reader, writer


def test_a_few_at_once_and_one_for_each(
    run: Run, world: OpenWorld, tmp_path: Path, eventually: Eventually
) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with world(vault=vault) as here:
            await prepare(here, vault, 16)
            clients: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
            try:
                clients += [await begin(here, f"x{number}") for number in range(evidence.AT_ONCE)]
                assert refused(await ask(here, subject="x0"), 429, "too_many_calls", "One download")
                full = await ask(here)
                assert refused(full, 503, "unavailable", "Others are downloading")
                assert full.headers["retry-after"] == "1"
                clients[-1][1].transport.abort()

                async def has_room() -> bool:
                    return (await ask(here, method="HEAD")).status_code == 200

                await eventually(has_room)
            finally:
                for _, writer in clients:
                    writer.transport.abort()

    run(body())


@pytest.mark.parametrize("how", ["stuck", "slow"])
def test_whoever_is_too_slow_is_cut_off(
    run: Run,
    world: OpenWorld,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    eventually: Eventually,
    how: str,
) -> None:
    """Who takes nothing for a while, by the connection's own deadline; who takes little, by the pace."""

    async def body() -> None:
        vault = Vault(tmp_path)
        if how == "slow":
            monkeypatch.setattr(evidence, "GRACE_SECONDS", 0.3)
            monkeypatch.setattr(evidence, "LEAST_PACE", 1024 * MEGABYTE)
        limits = {"request_seconds": 0.5 if how == "stuck" else 30.0}
        async with world(vault=vault, limits=limits) as here:
            content = await prepare(here, vault, 16)
            reader, writer = await begin(here, "m1")
            try:

                async def is_free() -> bool:
                    return (await ask(here, method="HEAD")).status_code == 200

                await eventually(is_free)
                writer.transport.resume_reading()  # type: ignore[attr-defined]
                got = 0
                try:
                    while chunk := await reader.read(MEGABYTE):
                        got += len(chunk)
                except ConnectionError:
                    pass
                assert got < len(content)
            finally:
                writer.transport.abort()

    run(body())
