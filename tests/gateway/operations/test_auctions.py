"""Lists of auctions, and who sees drafts."""

from engine.units import HOUR
from gateway.clock import now
from tests.gateway.harness import OpenWorld, Run


def test_lists_have_cursors_and_filters(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            for number in range(5):
                await here.open_auction(f"a{number}", campaign="even" if number % 2 == 0 else "odd")
            found: list[str] = []
            cursor = ""
            while True:
                page = (await here.ask("m1", "member", "GET", f"/v1/auctions?limit=2&after={cursor}")).json()
                found += [auction["id"] for auction in page["auctions"]]
                cursor = page["next"]
                if not cursor:
                    break
            assert found == ["a4", "a3", "a2", "a1", "a0"]
            page = (await here.ask("m1", "member", "GET", "/v1/auctions?campaign=odd&status=open")).json()
            assert [auction["id"] for auction in page["auctions"]] == ["a3", "a1"]

    run(body())


def test_only_staff_sees_drafts(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            terms = {"title": "Soon", "opening": 500, "starts_at": now(), "ends_at": now() + HOUR}
            await here.ask("boss", "manager", "POST", "/v1/auctions", {"auction": "soon", "terms": terms})
            asked = {"boss": "manager", "m1": "member", "shop": "service"}
            seen = {
                role: await here.ask(who, role, "GET", "/v1/auctions/soon") for who, role in asked.items()
            }
            assert {role: answer.status_code for role, answer in seen.items()} == {
                "manager": 200,
                "member": 404,
                "service": 200,
            }
            for_member = [
                await here.ask("shop", "service", "GET", f"/v1/{path}?member=m1")
                for path in ("auctions/soon", "auctions/soon/bids")
            ]
            assert [answer.json()["code"] for answer in for_member] == ["unknown_auction"] * 2
            listed = [
                (await here.ask("boss", "manager", "GET", "/v1/auctions")).json()["auctions"],
                (await here.ask("m1", "member", "GET", "/v1/auctions")).json()["auctions"],
                (await here.ask("shop", "service", "GET", "/v1/auctions?member=m1")).json()["auctions"],
            ]
            assert [len(auctions) for auctions in listed] == [1, 0, 0]

    run(body())
