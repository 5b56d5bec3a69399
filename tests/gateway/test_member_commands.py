"""``livelot member export`` and ``erase``, as they are typed, against a gateway."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.log.table import MemoryTable
from tests.gateway.test_program_commands import Run, Served, command, served

__all__ = ["command", "served"]

ANNA = {"name": "Anna Larsen", "email": "anna@example.com"}


def put_entry(served: Served) -> None:
    served.ask("directory.put", member="m1", **ANNA)


def test_an_export_is_one_document(command: Run, served: Served, tmp_path: Path) -> None:
    put_entry(served)
    code, printed, _ = command("member", "export", "m1")
    assert code == 0
    document = json.loads(printed)
    assert document["directory"]["name"] == "Anna Larsen"
    assert document["dossier"]["member"]["available"] == 1_000_000
    assert document["dossier"]["purse"] is None
    code, printed, _ = command("member", "export", "m1", tmp_path / "m1.json")
    assert (code, printed) == (0, "")
    assert json.loads((tmp_path / "m1.json").read_text()) == document
    assert command("member", "export", "nobody")[0] == 2
    code, _, words = command("member", "export", "m1", tmp_path)
    assert (code, "cannot be written" in words) == (73, True)


def test_a_member_exports_itself(command: Run, served: Served) -> None:
    put_entry(served)
    token = served.world.token("m1")
    code, printed, _ = command("member", "export", "m1", "--own", "--token", token)
    assert code == 0
    assert json.loads(printed)["dossier"]["purse"]["available"] == 1_000_000
    code, _, words = command("member", "export", "m2", "--own", "--token", token)
    assert (code, "Only a service asks for another" in words) == (2, True)


def test_an_erasure_is_asked_for_and_done(
    command: Run, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_entry(served)
    monkeypatch.setattr("typer.confirm", lambda words: "m1" not in words)
    assert command("member", "erase", "m1")[0] != 0
    assert served.ask("directory.get", member="m1")["name"] == "Anna Larsen"
    code, printed, _ = command("member", "erase", "m1", "--yes")
    assert (code, printed.startswith("m1 is erased, since ")) == (0, True)
    shown: dict[str, Any] = served.ask("directory.get", member="m1")
    assert (shown["name"], shown["erased_at"] > 0) == ("", True)


def test_a_file_that_still_has_it_is_told(
    command: Run, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(table: MemoryTable) -> bool:
        return False

    monkeypatch.setattr(MemoryTable, "forget", refuse)
    put_entry(served)
    code, _, words = command("member", "erase", "m1", "--yes")
    assert (code, "BGREWRITEAOF" in words) == (1, True)
    assert served.ask("directory.get", member="m1")["name"] == ""
