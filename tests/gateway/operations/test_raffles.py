"""Raffles as members, staff and auditors use them, through both doors; who is told what, and when."""

import asyncio
from hashlib import sha256
from typing import Any

from engine.commands import CommitSecret, Draw, MoveClose, PublishDrawKey, SignLock, Tick
from engine.draw.beacon import CHAIN
from gateway.clock import now
from gateway.operations import BY_NAME
from gateway.operations.downloads import DOWNLOADS
from gateway.operations.raffles import TAKEN_IDS
from tests.engine.raffling import KEY, ROUND, SECRET, SIGNATURE, SIGNER
from tests.gateway.harness import DEADLINE, OpenWorld, Run, World
from tests.gateway.test_operations import DOORS, ask_over_http as ask

HOUR = 3_600_000


def terms(**given: Any) -> dict[str, Any]:
    return {
        "titles": {"en": "A red car", "ar": "سيارة حمراء"},
        "prizes": [{"id": "car", "titles": {"en": "The car"}}, {"id": "mug"}],
        "price": 100,
        "opens_at": now(),
        "closes_at": now() + HOUR,
        "reserves": 1,
        "bundles": [{"tickets": 5, "pays": 4}],
        "randomness": "commitment",
    } | given


async def open_raffle(here: World, ask: Any, **given: Any) -> None:
    for name, parameters in (("raffle.create", {"terms": terms(**given)}), ("raffle.open", {})):
        code, content = await ask(here, "boss", "manager", name, {"raffle": "r"} | parameters)
        assert code == "ok", content
    await here.apply(CommitSecret("r", sha256(SECRET).hexdigest()))


async def lock(here: World, *, signed: bool = True) -> None:
    """Brings the close forward, waits for it, and signs as the keeper does."""
    await here.apply(MoveClose("r", now() + 20))
    raffles = here.gateway.replica.program.raffles
    async with asyncio.timeout(DEADLINE):
        while not raffles.by_id["r"].lock:
            await here.apply(Tick())
    if signed:
        await here.apply(PublishDrawKey(KEY))
        signature = SIGNER.sign(raffles.locks[0].text.encode()).hex()
        await here.apply(SignLock(1, KEY, signature))


async def draw(here: World) -> None:
    await here.apply(Draw("r", secret=SECRET.hex()))
    async with asyncio.timeout(DEADLINE):
        while not here.gateway.replica.program.raffles.by_id["r"].finished:
            await here.apply(Tick())


@DOORS
def test_a_raffle_from_draft_to_claim(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:

            async def member(id: str, name: str, **given: Any) -> Any:
                return await ask(here, id, "member", name, {"raffle": "r"} | given)

            await open_raffle(here, ask)
            _, view = await member("m1", "raffle.get")
            assert (view["status"], view["own_price"]["points"], view["own"]["tickets"]) == ("open", 100, 0)
            code, bought = await member("m1", "raffle.buy", tickets=5, most=400)
            assert (code, bought["first"], bought["last"], bought["points"]) == ("ok", 1, 5, 400)
            code, refusal = await member("m2", "raffle.buy", tickets=6, most=499)
            assert (code, refusal.get("data", refusal)["points"]) == ("price_changed", 500)
            assert (await member("m2", "raffle.buy", tickets=1, most=100))[0] == "ok"
            granted = {"raffle": "r", "member": "m3", "tickets": 2, "reason": "a review"}
            assert (await ask(here, "shop", "service", "raffle.grant", granted))[0] == "ok"
            assert (await member("m1", "raffle.proof"))[0] == "no_proof"

            await lock(here)
            assert (await member("m1", "raffle.buy", tickets=1, most=100))[0] == "raffle_closed"
            code, proof = await member("m3", "raffle.proof")
            assert (code, [one["entry"] for one in proof["entries"]]) == ("ok", [2])
            _, locks = await ask(here, "m1", "member", "raffle.locks", {})
            assert (locks["key"], [one["number"] for one in locks["locks"]]) == (KEY, [1])
            assert locks["locks"][0]["text"] == proof["lock"]

            await draw(here)
            _, winners = await ask(here, "boss", "manager", "raffle.winners", {"raffle": "r"})
            first, second, reserve = (one["member"] for one in winners["winners"])
            assert (await member(reserve, "raffle.claim"))[0] == "prize_not_open"
            code, claimed = await member(first, "raffle.claim")
            assert (code, claimed["prize"], claimed["fate"]) == ("ok", "car", "claimed")
            assert (await member(first, "raffle.claim"))[0] == "already_claimed"
            assert (await member(second, "raffle.decline"))[0] == "ok"
            code, claimed = await ask(
                here, "shop", "service", "raffle.claim", {"raffle": "r", "member": reserve}
            )
            assert (code, claimed["prize"]) == ("ok", "mug")
            _, view = await member(first, "raffle.get")
            assert view["status"] == "settled"
            assert [place["fate"] for place in view["places"]] == ["claimed", "declined", "claimed"]
            _, own = await ask(here, first, "member", "me.raffles", {})
            assert [(one["raffle"], one["fate"]) for one in own["raffles"]] == [("r", "claimed")]

    run(body())


def test_winners_are_told_at_once_on_their_sockets(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            await open_raffle(here, ask, prizes=[{"id": "car"}], reserves=0)
            await ask(here, "m1", "member", "raffle.buy", {"raffle": "r", "tickets": 2, "most": 200})
            async with here.socket("m1") as winner, here.socket("m2") as other:
                await winner.call("subscribe", topics=["me", "raffle:r"])
                await other.call("subscribe", topics=["me", "raffle:r", "raffles"])
                await lock(here, signed=False)
                pushed = await other.push("raffle:r", lambda state: state["lock"] is not None)
                root = here.gateway.replica.program.raffles.by_id["r"].root().hex()
                assert root in pushed["state"]["lock"]["text"]
                await other.push("raffles", lambda state: state["raffles"][0]["status"] == "locked")
                await here.apply(PublishDrawKey(KEY))
                await here.apply(SignLock(1, KEY, "0" * 128))
                await draw(here)
                told = await winner.push(
                    "me", lambda state: bool(state["raffles"]) and state["raffles"][0]["fate"] == "offered"
                )
                own = told["state"]["raffles"][0]
                assert (own["raffle"], own["prize"], own["place"]) == ("r", "car", 1)
                seen = await other.push("raffle:r", lambda state: state["status"] == "drawn")
                assert [place["prize"] for place in seen["state"]["places"]] == ["car"]
                assert "m1" not in str(seen)

    run(body())


@DOORS
def test_a_wrong_beacon_is_never_written(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            await open_raffle(here, ask, randomness="beacon")
            await lock(here)
            position = here.gateway.replica.position
            for round_, signature in ((ROUND + 1, SIGNATURE), (ROUND, "0" * 96), (ROUND, "f" * 96)):
                given = {"raffle": "r", "round": round_, "signature": signature}
                code, _ = await ask(here, "olga", "operator", "raffle.draw", given)
                assert code == "beacon_invalid"
            assert here.gateway.replica.position == position
            genuine = {"raffle": "r", "round": ROUND, "signature": SIGNATURE}
            assert (await ask(here, "olga", "operator", "raffle.draw", genuine))[0] == "wrong_round"
            _, locks = await ask(here, "olga", "operator", "raffle.locks", {})
            assert CHAIN in locks["locks"][0]["text"]

    run(body())


@DOORS
def test_drafts_are_not_members(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            await ask(here, "boss", "manager", "raffle.create", {"raffle": "r", "terms": terms()})
            assert (await ask(here, "m1", "member", "raffle.get", {"raffle": "r"}))[0] == "unknown_raffle"
            assert (await ask(here, "m1", "member", "raffle.list", {}))[1]["raffles"] == []
            for operation, more in (
                ("raffle.places", {}),
                ("raffle.proof", {}),
                ("raffle.buy", {"tickets": 1, "most": 500}),
                ("raffle.claim", {}),
            ):
                code, _ = await ask(here, "m1", "member", operation, {"raffle": "r"} | more)
                assert code == "unknown_raffle", operation
            headers = {"Authorization": f"Bearer {here.token('m1')}"}
            response = await here.http.get("/v1/raffles/r/evidence", headers=headers)
            assert response.json()["code"] == "unknown_raffle"
            assert (await ask(here, "boss", "manager", "raffle.get", {"raffle": "r"}))[1]["status"] == "draft"
            async with here.socket("m1") as socket:
                reply = await socket.call("subscribe", topics=["raffle:r"])
                assert reply["error"]["data"]["code"] == "unknown_raffle"

    run(body())


@DOORS
def test_ids_whose_paths_are_taken(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            for id in TAKEN_IDS:
                code, _ = await ask(
                    here, "boss", "manager", "raffle.create", {"raffle": id, "terms": terms()}
                )
                assert code == "invalid_parameters"

    run(body())


def test_no_other_path_hides_a_path() -> None:
    paths = {tuple(one.path.split("/")) for one in (*BY_NAME.values(), *DOWNLOADS)}
    hidden = {
        path[-1]
        for path in paths
        for other in paths - {path}
        if len(path) == len(other)
        and all(one == two or two.startswith("{") for one, two in zip(path, other, strict=True))
    }
    assert hidden == set(TAKEN_IDS)


@DOORS
def test_terms_are_checked_with_the_field(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            for wrong, field in (
                ({"prizes": []}, "prizes"),
                ({"prizes": [{"id": "car", "quantity": 0}]}, "quantity"),
                ({"price": -1}, "price"),
                ({"claim_within": 1}, "claim_within"),
                ({"randomness": "dice"}, "randomness"),
            ):
                code, content = await ask(
                    here, "boss", "manager", "raffle.create", {"raffle": "r", "terms": terms(**wrong)}
                )
                assert code == "invalid_parameters"
                assert field in str(content)

    run(body())
