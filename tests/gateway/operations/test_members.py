"""Finding members, and what staff sees of one, through both doors."""

from typing import Any

import pytest

from tests.gateway.harness import OpenWorld, Run
from tests.gateway.test_operations import DOORS


@DOORS
def test_a_member_is_found_by_id_or_how_it_begins(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:

            async def find(query: str) -> tuple[list[str], bool]:
                code, found = await ask(here, "boss", "manager", "member.find", {"query": query})
                assert code == "ok"
                return [one["member"] for one in found["members"]], found["complete"]

            for number in range(30):
                given = {"member": f"m2{number:02}", "tier": "silver", "market": "north"}
                assert (await ask(here, "boss", "manager", "member.upsert", given))[0] == "ok"
            assert await find("m1") == (["m1"], True)
            assert await find("m2") == (["m2", *(f"m2{number:02}" for number in range(19))], False)
            assert await find("m22") == ([f"m22{number}" for number in range(10)], True)
            assert await find("nobody") == ([], True)
            _, found = await ask(here, "boss", "manager", "member.find", {"query": "m200"})
            assert (found["members"][0]["tier"], found["members"][0]["available"]) == ("silver", 0)

    run(body())


@DOORS
def test_a_member_is_found_by_its_entry_in_the_directory(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:

            async def find(query: str) -> list[str]:
                code, found = await ask(here, "olga", "operator", "member.find", {"query": query})
                assert (code, found["complete"]) == ("ok", True)
                return [one["member"] for one in found["members"]]

            anna = {"email": "Anna@Example.com", "phone": "+47 91 23 45 67"}
            assert (await ask(here, "crm", "service", "directory.put", {"member": "m3"} | anna))[0] == "ok"
            assert await find("anna@EXAMPLE.com") == ["m3"]
            assert await find("+4791234567") == ["m3"]
            assert await find("anna") == []
            assert await find("ann@example.com") == []
            assert (await ask(here, "boss", "manager", "member.erase", {"member": "m3"}))[0] == "ok"
            assert await find("anna@example.com") == []

    run(body())


@pytest.mark.parametrize("query", ["", "x" * 255])
def test_a_query_has_a_size(run: Run, world: OpenWorld, query: str) -> None:
    async def body() -> None:
        async with world() as here:
            headers = {"Authorization": f"Bearer {here.token('boss', 'manager')}"}
            response = await here.http.get("/v1/members", params={"query": query}, headers=headers)
            assert response.json()["code"] == "invalid_parameters"

    run(body())


@DOORS
def test_what_a_member_has(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            bid = {"auction": "a1", "maximum": 777}
            assert (await ask(here, "m1", "member", "auction.bid", bid))[0] == "ok"

            async def look(name: str) -> Any:
                code, found = await ask(here, "boss", "manager", name, {"member": "m1"})
                assert (code, found["member"]) == ("ok", "m1")
                return found

            points = await look("member.points")
            assert points["holds"] == [{"subject": "auctions", "points": 777}]
            assert [lot["points"] for lot in points["lots"]] == [points["available"]]
            [bid] = (await look("member.bids"))["auctions"]
            assert (bid["auction"], bid["status"], bid["maximum"]) == ("a1", "open", 0)
            assert (await look("member.raffles"))["raffles"] == []
            assert (await look("member.redemptions"))["redemptions"] == []
            for name in ("points", "bids", "raffles", "redemptions"):
                unknown = await ask(here, "boss", "manager", f"member.{name}", {"member": "ghost"})
                assert unknown[0] == "unknown_member"

    run(body())
