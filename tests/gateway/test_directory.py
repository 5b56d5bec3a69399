"""The directory: entries come and go, and what was erased stays away, whoever is late."""

import asyncio
import json
import logging

import pytest

from engine.errors import Rejection
from engine.log.table import MemoryTable
from gateway import directory
from gateway.directory import Directory, Entry, Erasure
from gateway.logs import configure_logs

ANNA = Entry("Anna Larsen", "anna@example.com", "+47 91 23 45 67")


class SlowTable(MemoryTable):
    """Between two looks others get their turn."""

    async def get(self, field: str) -> bytes | None:
        value = await super().get(field)
        await asyncio.sleep(0)
        return value


def test_an_entry_is_put_found_and_replaced_as_a_whole() -> None:
    async def body() -> None:
        directory = Directory(MemoryTable(), lambda: 5)
        assert await directory.find("anna") == Entry()
        await directory.put("anna", ANNA)
        assert await directory.find("anna") == ANNA
        await directory.put("anna", Entry(phone="1"))
        assert await directory.find("anna") == Entry(phone="1")
        assert await directory.find("ben") == Entry()

    asyncio.run(body())


def test_what_was_erased_stays_erased() -> None:
    async def body() -> None:
        table = MemoryTable()
        directory = Directory(table, iter(range(1_000)).__next__)
        await directory.put("anna", ANNA)
        assert await directory.erase("anna", "maria") == (Erasure(0, "maria"), True)
        assert b"Larsen" not in b"".join(table.values.values())
        with pytest.raises(Rejection) as late:
            await directory.put("anna", ANNA)
        assert late.value.rejected.code == "member_erased"
        # Erased again it is as it was: the first who did it is told.
        assert await directory.erase("anna", "olga") == (Erasure(0, "maria"), True)
        assert await directory.find("anna") == Erasure(0, "maria")
        # Whoever had no entry can be erased too.
        assert (await directory.erase("ben", "olga"))[0] == Erasure(1, "olga")

    asyncio.run(body())


def test_an_import_beside_an_erasure_never_wins() -> None:
    async def body() -> None:
        for _ in range(20):
            table = SlowTable()
            here, there = Directory(table, lambda: 5), Directory(table, lambda: 6)
            await here.put("anna", ANNA)
            puts = [there.put("anna", Entry(f"Anna {number}")) for number in range(5)]
            await asyncio.gather(*puts[:3], here.erase("anna", "maria"), *puts[3:], return_exceptions=True)
            assert await there.find("anna") == Erasure(5, "maria")

    asyncio.run(body())


def test_an_erasure_is_logged_without_who_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    async def body() -> None:
        directory = Directory(MemoryTable(), lambda: 5)
        await directory.put("m1", ANNA)
        await directory.erase("m1", "maria")

    configure_logs("debug")
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    asyncio.run(body())
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["member"], line["by"], line["at"]) for line in lines] == [
        ("member erased", "m1", "maria", 5)
    ]


def test_a_table_that_cannot_be_reached() -> None:
    async def body() -> None:
        table = MemoryTable()
        directory = Directory(table, lambda: 5)
        table.unavailable = True
        for attempt in (directory.find("m1"), directory.put("m1", ANNA), directory.erase("m1", "x")):
            with pytest.raises(Rejection) as refused:
                await attempt
            assert refused.value.rejected.code == "unavailable"

    asyncio.run(body())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("anna@example.com", ["anna", "twin"]),
        ("ANNA@Example.com ", ["anna", "twin"]),
        ("anna@example.co", []),
        ("+47 91 23 45 67", ["anna"]),
        ("4791234567", ["anna"]),
        ("(47) 912-34-567", ["anna"]),
        ("91234567", []),
        ("12345", []),
        ("anna", []),
        ("tel 4791234567", []),
    ],
)
def test_members_are_found_by_address_or_number(query: str, found: list[str]) -> None:
    async def body() -> None:
        directory = Directory(MemoryTable(), lambda: 5)
        await directory.put("twin", Entry(email="Anna@example.com", phone="12345"))
        await directory.put("anna", Entry("Anna", "anna@example.com", "+47 91 23 45 67"))
        await directory.put("ben", Entry(email="ben@example.com"))
        await directory.put("gone", Entry(email="anna@example.com"))
        await directory.erase("gone", "maria")
        assert await directory.search(query) == (found, True)

    asyncio.run(body())


def test_a_search_ends_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body() -> None:
        found = Directory(MemoryTable(), lambda: 5)
        for number in range(50):
            await found.put(f"m{number:02}", Entry(email="anna@example.com"))
        members, complete = await found.search("anna@example.com")
        assert (members, complete) == ([f"m{number:02}" for number in range(20)], False)
        members, complete = await found.search("ben@example.com")
        assert (members, complete) == ([], False)

    monkeypatch.setattr(directory, "_PAGE", 10)
    monkeypatch.setattr(directory, "ENTRIES_SEARCHED", 40)
    asyncio.run(body())
