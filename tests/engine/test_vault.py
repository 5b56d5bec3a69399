"""The vault: what is written is complete or not there, and what is damaged is told."""

import os
import sys
from pathlib import Path

import pytest

from engine.log.contract import Entry
from engine.position import Position
from engine.vault import ArchiveRange, Vault, VaultError


@pytest.fixture(params=["folder", "memory"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    """A vault in a folder that does not exist yet, and one that is not a folder."""
    return Vault(tmp_path / "new vault" if request.param == "folder" else f"memory://{tmp_path.name}/vault")


def entries(*numbers: int) -> list[Entry]:
    return [Entry((number, number % 3), b"%d" % number * number) for number in numbers]


def write(vault: Vault, position: Position, content: bytes) -> None:
    with vault.open_snapshot_for_write(position) as file:
        file.write(content)


def test_snapshots_are_found_by_position(vault):
    positions = [Position(1, 9, 0), Position(1, 10, 0), Position(1, 10, 2), Position(2, 1, 0)]
    assert vault.snapshots() == []
    for position in reversed(positions):
        write(vault, position, str(position).encode())
    assert vault.snapshots() == positions
    assert vault.snapshots(epoch=2) == positions[3:]
    with vault.open_snapshot(positions[1]) as file:
        assert file.read() == b"1:10-0"


def test_a_snapshot_can_be_written_again(vault):
    write(vault, Position(1, 1, 0), b"first, and longer")
    write(vault, Position(1, 1, 0), b"second")
    with vault.open_snapshot(Position(1, 1, 0)) as file:
        assert file.read() == b"second"
    assert vault.names("snapshots") == ["1-1-0.snapshot"]


def test_what_was_not_finished_is_not_there(vault):
    with pytest.raises(ZeroDivisionError), vault.open_snapshot_for_write(Position(1, 1, 0)) as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert vault.snapshots() == []
    assert vault.names("snapshots") == []


def test_the_newest_snapshots_are_kept_and_leftovers_deleted(vault):
    positions = [Position(1, number, 0) for number in range(5)]
    for position in positions:
        write(vault, position, b"content")
    for leftover in ("1-2-0.snapshot.00ff.part", "1-4-0.snapshot.00ff.part"):
        with vault.open_for_write(f"snapshots/{leftover}") as file:
            file.write(b"half")
    assert vault.keep(2) == positions[:3]
    assert vault.snapshots() == positions[3:]
    assert vault.names("snapshots") == ["1-3-0.snapshot", "1-4-0.snapshot", "1-4-0.snapshot.00ff.part"]
    assert vault.keep(2) == []


def test_the_archive_reads_back_in_order_and_each_entry_once(vault):
    assert list(vault.read_archive(1)) == []
    assert vault.write_archive(1, entries(9, 10, 11)) == ArchiveRange(1, (9, 0), (11, 2))
    vault.write_archive(1, entries(1, 2, 8))
    vault.write_archive(1, entries(10, 11, 12))
    vault.write_archive(2, entries(1))
    assert vault.archive_ranges(1) == [
        ArchiveRange(1, (1, 1), (8, 2)),
        ArchiveRange(1, (9, 0), (11, 2)),
        ArchiveRange(1, (10, 1), (12, 0)),
    ]
    assert list(vault.read_archive(1)) == entries(1, 2, 8, 9, 10, 11, 12)
    assert list(vault.read_archive(1, after=(9, 0))) == entries(10, 11, 12)
    assert list(vault.read_archive(2)) == entries(1)


@pytest.mark.parametrize("damage", ["flip", "cut", "cut at an entry", "header"])
def test_a_damaged_archive_is_told(vault, damage):
    archived = vault.write_archive(1, entries(5, 6, 7))
    name = f"archive/{vault.names('archive')[0]}"
    with vault.open_for_read(name) as file:
        content = file.read()
    last = 20 + 7 + 4
    changed = {
        "flip": content[:-6] + bytes([content[-6] ^ 1]) + content[-5:],
        "cut": content[: -last + 5],
        "cut at an entry": content[:-last],
        "header": b"L" + content[1:],
    }
    with vault.open_for_write(name) as file:
        file.write(changed[damage])
    with pytest.raises(VaultError, match=f"{name} .*is damaged"):
        list(vault.read_archive(1))
    assert vault.archive_ranges() == [archived]


def test_other_files_are_left_alone(vault):
    for name in ("snapshots/notes.txt", "snapshots/1-1-0.snapshot.txt", "archive/1-2.log"):
        with vault.open_for_write(name) as file:
            file.write(b"notes")
    assert (vault.snapshots(), vault.archive_ranges(), vault.keep(0)) == ([], [], [])
    assert "notes.txt" in vault.names("snapshots")


def test_what_is_missing_is_told(vault):
    with (
        pytest.raises(VaultError, match=r"could not read snapshots/1-1-0\.snapshot"),
        vault.open_snapshot(Position(1, 1, 0)),
    ):
        pass
    with pytest.raises(VaultError, match="could not delete archive/x"):
        vault.delete("archive/x")


def test_a_vault_that_can_be_written(vault):
    vault.require_writable()
    assert vault.names("") == []


def test_a_vault_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(VaultError, match="could not write"):
        Vault(tmp_path / "file").require_writable()


def test_an_address_that_cannot_be_used_is_told_without_its_password():
    with pytest.raises(VaultError, match="The vault nonsense://host/x cannot be used") as refusal:
        Vault("nonsense://name:secret@host/x")
    assert "secret" not in str(refusal.value)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_can_write_a_snapshot(tmp_path):
    vault = Vault(tmp_path)
    child = os.fork()
    if child == 0:
        write(vault, Position(1, 1, 0), b"of the child")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with vault.open_snapshot(Position(1, 1, 0)) as file:
        assert file.read() == b"of the child"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_snapshot_is_on_disk_before_it_has_its_name(tmp_path, monkeypatch):
    synced = []

    def note(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    real = os.fsync
    monkeypatch.setattr(os, "fsync", note)
    write(Vault(tmp_path), Position(1, 1, 0), b"content")
    assert [name.partition(".")[0] for name in synced] == ["1-1-0", "snapshots"]
    assert synced[0].endswith(".part")


def test_a_look_tells_a_file_from_another_one_of_its_name(tmp_path: Path) -> None:
    for vault in (Vault(tmp_path), Vault(f"memory://{tmp_path.name}")):
        assert vault.look_at("evidence/1-r.json") is None
        marks = []
        for content in (b"one", b"another"):
            with vault.open_for_write("evidence/1-r.json") as file:
                file.write(content)
            marks.append(vault.look_at("evidence/1-r.json"))
            assert vault.look_at("evidence/1-r.json") == marks[-1]
        assert len(set(marks)) == 2
        assert all(mark is not None and len(mark) == 64 for mark in marks)
