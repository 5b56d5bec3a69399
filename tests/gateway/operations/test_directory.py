"""The directory's operations through both doors: who sees and changes what, and what an erasure leaves."""

from typing import Any

import pytest

from engine.log.memory import MemoryLog
from engine.log.table import MemoryTable
from tests.gateway.harness import OpenWorld, Run
from tests.gateway.test_operations import ask_over_http, ask_over_socket

DOORS = pytest.mark.parametrize("ask", [ask_over_http, ask_over_socket], ids=["http", "socket"])
ANNA = {"name": "Anna Larsen", "email": "anna@example.com", "phone": "+47 91 23 45 67"}


@DOORS
def test_an_entry_goes_in_by_staff_or_by_oneself(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            code, shown = await ask(here, "crm", "service", "directory.put", {"member": "m1", **ANNA})
            assert (code, shown) == ("ok", {"member": "m1", **ANNA, "erased_at": 0, "erased_by": ""})
            assert await ask(here, "m1", "member", "me.directory", {}) == ("ok", shown)
            code, own = await ask(here, "m1", "member", "me.put_directory", {"name": "Anna L."})
            assert (code, own["name"], own["email"]) == ("ok", "Anna L.", "")
            assert await ask(here, "boss", "manager", "directory.get", {"member": "m1"}) == ("ok", own)
            assert (await ask(here, "m2", "member", "me.directory", {}))[1]["name"] == ""
            assert (await ask(here, "crm", "service", "me.directory", {"member": "m1"})) == ("ok", own)
            for name in ("directory.get", "directory.put", "member.export", "member.erase"):
                assert (await ask(here, "boss", "manager", name, {"member": "ghost"}))[0] == "unknown_member"

    run(body())


@DOORS
@pytest.mark.parametrize(
    "wrong", [{"email": "anna"}, {"email": "a@b\n"}, {"phone": "call me"}, {"name": "x" * 201}, {"hat": "1"}]
)
def test_entries_have_a_shape_and_a_size(run: Run, world: OpenWorld, ask: Any, wrong: dict[str, Any]) -> None:
    async def body() -> None:
        async with world() as here:
            code, content = await ask(here, "crm", "service", "directory.put", {"member": "m1", **wrong})
            assert code == "invalid_parameters"
            assert next(iter(wrong.values())) not in str(content)

    run(body())


@DOORS
def test_an_erasure_at_one_gateway_is_one_at_all(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        log, table = MemoryLog(), MemoryTable()
        async with world(log, table=table) as here, world(log, table=table) as there:
            await ask(here, "crm", "service", "directory.put", {"member": "m1", **ANNA})
            code, erased = await ask(there, "boss", "manager", "member.erase", {"member": "m1"})
            assert code == "ok"
            assert (erased["member"], erased["erased_by"], erased["file_rewritten"]) == ("m1", "boss", True)
            shown = (await ask(here, "m1", "member", "me.directory", {}))[1]
            assert (shown["name"], shown["erased_by"]) == ("", "boss")
            assert shown["erased_at"] == erased["erased_at"] > 1_700_000_000_000
            for subject, role, name, more in (
                ("crm", "service", "directory.put", {"member": "m1"}),
                ("m1", "member", "me.put_directory", {}),
            ):
                assert (await ask(here, subject, role, name, {**ANNA, **more}))[0] == "member_erased"
            # Points and what was done stay: the books balance.
            assert (await ask(here, "m1", "member", "me", {}))[1]["available"] == 1_000_000
            export = (await ask(here, "boss", "manager", "member.export", {"member": "m1"}))[1]
            assert "Anna" not in str(export)
            assert export["directory"]["erased_by"] == "boss"

    run(body())


@DOORS
def test_a_member_s_export_has_everything(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            await ask(here, "crm", "service", "directory.put", {"member": "m1", **ANNA})
            await ask(here, "m1", "member", "auction.bid", {"auction": "a1", "maximum": 777})
            for subject, role, more in (("m1", "member", {}), ("crm", "service", {"member": "m1"})):
                code, own = await ask(here, subject, role, "me.export", more)
                assert code == "ok"
                assert own["directory"]["email"] == ANNA["email"]
                assert own["dossier"]["purse"]["holds"] == [{"subject": "a1", "points": 777}]
                assert own["dossier"]["auctions"][0]["bids"][0]["maximum"] == 777
            for role in ("manager", "operator", "service"):
                code, seen = await ask(here, "boss", role, "member.export", {"member": "m1"})
                assert (code, seen["directory"]["name"]) == ("ok", ANNA["name"])
                assert (seen["dossier"]["auctions"], seen["dossier"]["purse"]) == ([], None)

    run(body())


def test_a_directory_that_cannot_be_reached_takes_nothing_else_with_it(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        table = MemoryTable()
        async with world(table=table) as here:
            table.unavailable = True
            code, _ = await ask_over_http(here, "m1", "member", "me.directory", {})
            assert code == "unavailable"
            assert (await ask_over_http(here, "m1", "member", "me", {}))[0] == "ok"

    run(body())


@DOORS
def test_an_e_mail_address_is_no_id(run: Run, world: OpenWorld, ask: Any) -> None:
    """It would stay in the log for good: refused before anything is written."""

    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            before = here.gateway.replica.position
            address = "anna@example.com"
            for role, name, parameters in (
                ("manager", "member.upsert", {"member": address, "tier": "gold", "market": "north"}),
                ("manager", "points.credit", {"member": address, "amount": 5}),
                ("service", "auction.bid", {"auction": "a1", "maximum": 600, "member": address}),
                ("service", "raffle.grant", {"raffle": "r", "member": address, "tickets": 1, "reason": "r"}),
            ):
                code, content = await ask(here, "boss", role, name, parameters)
                assert code == "personal_id", (name, content)
                assert address not in str(content)
            response = await here.ask(address, "member", "GET", "/v1/me")
            assert response.json()["code"] == "token_invalid"
            assert here.gateway.replica.position == before
            # What only looks a little like one is an id as any other.
            upsert = {"member": "anna@north", "tier": "gold", "market": "north"}
            assert (await ask(here, "boss", "manager", "member.upsert", upsert))[0] == "ok"

    run(body())
