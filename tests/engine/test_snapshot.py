"""Snapshot files: what is read is what was written, or it is refused."""

from pathlib import Path

import pytest

from engine.commands import BeginDraft, Genesis, PublishRules, PutRules
from engine.founding import begin_epoch
from engine.members import Lot, Member
from engine.position import Position
from engine.program import Program
from engine.snapshot import SnapshotError, load_newest, load_snapshot, payload_hash, write_snapshot
from engine.vault import Vault
from rules.rule import Effect, Group, PriceRule
from rules.scope import Scope
from tests.engine.harness import Stage


def small_program(milliseconds: int = 5) -> Program:
    program = Program(Genesis("test"))
    program.members.add(Member("m1", "gold", "fr", (), False, []))
    program.ledger.credit(program.members.get("m1"), Lot(0, 10**12, 500))
    program.at = milliseconds
    program.position = Position(1, milliseconds, 0)
    return program


def snapshot_file(folder: Path) -> Path:
    (file,) = (folder / "snapshots").iterdir()
    return file


def test_it_reads_back_as_the_same_state(tmp_path: Path) -> None:
    program = small_program()
    write_snapshot(Vault(tmp_path), program, payload_hash(b"entry"))
    read, entry_hash = load_snapshot(Vault(tmp_path), program.position)
    assert list(read.encode()) == list(program.encode())
    assert entry_hash == payload_hash(b"entry")


def test_any_flipped_byte_is_noticed(tmp_path: Path) -> None:
    program = small_program()
    vault = Vault(tmp_path)
    write_snapshot(vault, program, payload_hash(b"entry"))
    file = snapshot_file(tmp_path)
    whole = bytearray(file.read_bytes())
    for offset in [*range(60), *range(60, len(whole), 7), len(whole) - 1]:
        whole[offset] ^= 1
        file.write_bytes(whole)
        with pytest.raises(SnapshotError):
            load_snapshot(vault, program.position)
        whole[offset] ^= 1


def test_a_flipped_byte_that_decodes_is_noticed_too(tmp_path: Path) -> None:
    """A rule then speaks for a group that there is not, say."""
    stage = Stage()
    stage.do(BeginDraft("d"))
    stage.do(
        PutRules("d", (PriceRule("r", Scope(), Effect("factor", 9_000), "stacked"),), (), (Group("stacked"),))
    )
    stage.do(PublishRules("d", 2, "why"))
    vault = Vault(tmp_path)
    write_snapshot(vault, stage.program, payload_hash(b"entry"))
    file = snapshot_file(tmp_path)
    whole = bytearray(file.read_bytes())
    for offset in range(whole.index(b"stacked"), len(whole)):
        for bit in (1, 32):
            whole[offset] ^= bit
            file.write_bytes(whole)
            with pytest.raises(SnapshotError):
                load_snapshot(vault, stage.program.position)
            whole[offset] ^= bit


def test_a_file_without_the_last_digest_is_read(tmp_path: Path) -> None:
    """Releases before it wrote none."""
    program = small_program()
    vault = Vault(tmp_path)
    write_snapshot(vault, program, payload_hash(b"entry"))
    file = snapshot_file(tmp_path)
    file.write_bytes(file.read_bytes()[:-32])
    assert load_snapshot(vault, program.position)[1] == payload_hash(b"entry")


@pytest.mark.parametrize("kept", [0, 10, 60, 200, -72, -33, -1])
def test_a_torn_file_is_noticed(tmp_path: Path, kept: int) -> None:
    program = small_program()
    vault = Vault(tmp_path)
    write_snapshot(vault, program, payload_hash(b"entry"))
    file = snapshot_file(tmp_path)
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(SnapshotError):
        load_snapshot(vault, program.position)


def test_the_older_one_serves_when_the_newest_is_damaged(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    for milliseconds in (5, 9):
        write_snapshot(vault, small_program(milliseconds), payload_hash(b"entry"))
    newest = max((tmp_path / "snapshots").iterdir(), key=lambda file: file.name)
    newest.write_bytes(b"nothing")
    loaded = load_newest(vault, 1)
    assert loaded is not None
    assert loaded[0].position == Position(1, 5, 0)
    for file in (tmp_path / "snapshots").iterdir():
        file.write_bytes(b"nothing")
    with pytest.raises(SnapshotError, match="no snapshot in the vault can be used"):
        load_newest(vault, 1)


def test_a_format_that_this_code_does_not_read_is_not_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, program = Vault(tmp_path), small_program()
    with monkeypatch.context() as later:
        later.setattr("engine.program.FORMAT", 99)
        write_snapshot(vault, program, payload_hash(b"entry"))
    with pytest.raises(SnapshotError, match="cannot be read: it has format 99; this code reads 2: upgrade"):
        load_snapshot(vault, program.position)


def test_there_may_be_none(tmp_path: Path) -> None:
    assert load_newest(Vault(tmp_path), 1) is None


def test_a_new_epoch_begins_with_the_old_ones_state(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    program = small_program()
    payload = begin_epoch(program, vault)
    loaded = load_newest(vault, 2)
    assert loaded is not None
    successor, entry_hash = loaded
    assert entry_hash == payload_hash(payload)
    assert successor.position == Position(2, 0, 1)
    assert successor.at == 5
    assert successor.members.get("m1").available == 500
