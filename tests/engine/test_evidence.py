"""Evidence: every draw has its file, written once, beside the keeper's other duties, and verifiable."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from engine.commands import DeclinePrize, Draw, ForfeitPrize, Prize, VoidRaffle
from engine.draw.evidence import encode_evidence, read_evidence
from engine.draw.verification import verify_evidence
from engine.evidence import EvidenceDuty, write_raffle
from engine.program import Program
from engine.raffles.state import Raffle
from engine.units import DAY
from engine.vault import Vault, VaultError
from tests.engine.drawing import evidence_of, said
from tests.engine.harness import Stage
from tests.engine.raffling import KEY, SECRET, SIGNATURE, beacon_stage, buy, close, draw, open_raffle


def stand_in(stage: Stage) -> Any:
    """What the duty needs of a replica."""
    return SimpleNamespace(program=stage.program, listeners=[])


def duty_of(
    stage: Stage,
    vault: Vault,
    *,
    leads: list[bool] | None = None,
    stopwatch: Callable[[], float] = time.monotonic,
) -> EvidenceDuty:
    return EvidenceDuty(stand_in(stage), vault, lambda: (leads or [True])[0], stopwatch=stopwatch)


def read(vault: Vault, name: str) -> bytes:
    with vault.open_for_read(f"evidence/{name}") as file:
        return file.read()


def sell(stage: Stage, id: str = "r") -> None:
    for number in range(1, 6):
        buy(stage, f"m{number}", number, id)


@pytest.fixture
def stage() -> Stage:
    stage = beacon_stage()
    stage.members(*(f"m{number}" for number in range(1, 6)), points=100_000)
    return stage


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


@pytest.mark.parametrize("randomness", ["beacon", "commitment"])
def test_the_file_is_what_was_drawn_and_verifies(stage: Stage, vault: Vault, randomness: str) -> None:
    open_raffle(stage, randomness=randomness, prizes=(Prize("car", 2), Prize("bicycle")), reserves=1)
    sell(stage)
    raffle = draw(stage)
    assert asyncio.run(duty_of(stage, vault).write_due()) == 1
    data = read(vault, "1-r.json")
    evidence = read_evidence(data)
    assert encode_evidence(evidence) == data
    assert (evidence.program, evidence.key, evidence.void, evidence.timestamp) == ("test", KEY, None, None)
    assert [tickets for _, tickets in evidence.entries] == [1, 2, 3, 4, 5]
    assert [place.prize for place in evidence.places] == ["car", "car", "bicycle", ""]
    assert [(place.ticket, place.entry) for place in evidence.places] == [
        (place.ticket, place.entry) for place in raffle.places
    ]
    if randomness == "beacon":
        assert evidence.beacon is not None
        assert (evidence.beacon.signature, evidence.secret) == (SIGNATURE, None)
    else:
        assert (evidence.beacon, evidence.secret) == (None, SECRET.hex())
    report = verify_evidence(data, keys=[bytes.fromhex(KEY)])
    assert report.passed, report.failed


def test_what_is_passed_on_to_a_reserve_later_is_not_in_it(stage: Stage, vault: Vault) -> None:
    open_raffle(stage, reserves=2)
    sell(stage)
    raffle = draw(stage)
    stage.do(DeclinePrize("r"), raffle.places[0].member)
    stage.do(ForfeitPrize("r", 2, "no passport"))
    asyncio.run(duty_of(stage, vault).write_due())
    assert [place.prize for place in read_evidence(read(vault, "1-r.json")).places] == ["car", "", ""]
    assert verify_evidence(read(vault, "1-r.json"), keys=[bytes.fromhex(KEY)]).passed


def test_a_raffle_without_entries_and_a_void_one_without_a_signature(stage: Stage, vault: Vault) -> None:
    open_raffle(stage, "empty")
    draw(stage, "empty")
    open_raffle(stage, "v", closes_at=stage.at + DAY)
    sell(stage, "v")
    raffle = close(stage, "v", signed=False)
    stage.do(VoidRaffle("v", "nobody came"))
    assert asyncio.run(duty_of(stage, vault).write_due()) == 1  # the other one is not drawn yet
    draw_void(stage, "v")
    assert asyncio.run(duty_of(stage, vault).write_due()) == 1
    assert evidence_of(vault) == {"1-empty.json", "2-v.void.json"}
    evidence = read_evidence(read(vault, "2-v.void.json"))
    assert evidence.void is not None
    assert (evidence.void.at, evidence.void.reason) == (raffle.ended_at, "nobody came")
    assert (evidence.signature, evidence.key) == ("", KEY)
    for name in evidence_of(vault):
        report = verify_evidence(read(vault, name), keys=[bytes.fromhex(KEY)])
        assert report.passed, report.failed


def draw_void(stage: Stage, id: str) -> None:
    stage.do(Draw(id, secret=SECRET.hex()))
    stage.tick()


def test_each_file_is_written_once_also_by_the_next_process(stage: Stage, vault: Vault) -> None:
    for id in ("r", "s"):
        open_raffle(stage, id)
        sell(stage, id)
    draw(stage, "r")
    duty = duty_of(stage, vault)
    assert [asyncio.run(duty.write_due()) for _ in range(2)] == [1, 0]
    mark = vault.look_at("evidence/1-r.json")
    draw(stage, "s")
    assert [asyncio.run(duty.write_due()) for _ in range(2)] == [1, 0]
    assert asyncio.run(duty_of(stage, vault).write_due()) == 0
    write_raffle(vault, stage.program, stage.program.raffles.by_id["r"])
    assert vault.look_at("evidence/1-r.json") == mark
    assert stage.program.raffles.locks[0].fate == "drawn"


def test_a_raffle_that_was_forgotten_without_evidence_is_not_looked_for(stage: Stage, vault: Vault) -> None:
    open_raffle(stage)
    draw(stage)
    stage.tick(stage.at + stage.program.settings.raffle_retention)
    assert "r" not in stage.program.raffles.by_id
    assert asyncio.run(duty_of(stage, vault).write_due()) == 0


def test_only_the_leader_writes_and_it_looks_anew_when_it_leads_again(stage: Stage, vault: Vault) -> None:
    leads = [True]
    duty = duty_of(stage, vault, leads=leads)
    open_raffle(stage)
    draw(stage)
    leads[0] = False
    assert asyncio.run(duty.write_due()) == 0
    assert evidence_of(vault) == set()
    assert asyncio.run(duty_of(stage, vault).write_due()) == 1  # another keeper does
    leads[0] = True
    assert asyncio.run(duty.write_due()) == 0


def test_a_file_that_cannot_be_written_is_tried_again_later(
    stage: Stage, vault: Vault, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """And keeps no other one from being written."""
    for id in ("r", "s"):
        open_raffle(stage, id)
    for id in ("r", "s"):
        draw(stage, id)
    at = [100.0]
    duty = duty_of(stage, vault, stopwatch=lambda: at[0])
    open_for_write = vault.open_for_write

    def refuse(name: str) -> Any:
        if "-r" in name:
            raise VaultError("the disk is full")
        return open_for_write(name)

    async def body() -> None:
        with structlog.testing.capture_logs() as logs:
            monkeypatch.setattr(vault, "open_for_write", refuse)
            assert await duty.write_due() == 1
            assert [await duty.write_due() for _ in range(3)] == [0, 0, 0]
            (line,) = said(logs, "evidence not written")
            assert (line["file"], line["again_in"]) == ("evidence/1-r.json", 1.0)
            monkeypatch.setattr(vault, "open_for_write", open_for_write)
            at[0] += 0.999
            assert await duty.write_due() == 0
            at[0] += 0.001
            assert await duty.write_due() == 1
        assert evidence_of(vault) == {"1-r.json", "2-s.json"}

    asyncio.run(body())
    assert "the disk is full" in capfd.readouterr().err


def test_the_keeper_goes_on_while_it_is_written(
    stage: Stage, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_raffle(stage)
    draw(stage)

    def write_slowly(vault: Vault, program: Program, raffle: Raffle) -> None:
        time.sleep(0.4)
        write_raffle(vault, program, raffle)

    async def body() -> None:
        monkeypatch.setattr("engine.evidence.write_raffle", write_slowly)
        writing = asyncio.create_task(duty_of(stage, vault).write_due())
        beats = 0
        while not writing.done():
            await asyncio.sleep(0.005)
            beats += 1
        assert await writing == 1
        assert beats > 20

    asyncio.run(body())


def test_what_an_ended_child_left_is_cleared_away(stage: Stage, vault: Vault, tmp_path: Path) -> None:
    open_raffle(stage)
    draw(stage)
    asyncio.run(duty_of(stage, vault).write_due())
    for name in ("1-r.json.abcd1234.part", "2-s.json.abcd1234.part"):
        (tmp_path / "evidence" / name).write_text("half")
    asyncio.run(duty_of(stage, vault).write_due())
    assert vault.names("evidence") == ["1-r.json", "2-s.json.abcd1234.part"]


def test_evidence_that_could_not_be_written_until_the_raffle_was_forgotten_is_said_to_be_lost(
    stage: Stage, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_raffle(stage)
    draw(stage)
    duty = duty_of(stage, vault)

    def refuse(name: str) -> Any:
        raise VaultError("the disk is full")

    monkeypatch.setattr(vault, "open_for_write", refuse)
    with structlog.testing.capture_logs() as logs:
        assert asyncio.run(duty.write_due()) == 0
        stage.tick(stage.at + stage.program.settings.raffle_retention)
        assert asyncio.run(duty.write_due()) == 0
        assert asyncio.run(duty.write_due()) == 0
    (line,) = said(logs, "evidence lost")
    assert line["file"] == "evidence/1-r.json"
