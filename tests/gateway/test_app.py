"""The whole gateway: on a log in memory and on a real server, two gateways on one log, and how it ends."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from engine.log.contract import LogUnavailable
from engine.replica import ReplicaStopped
from engine.units import MINUTE
from engine.vault import Vault
from gateway.clock import now
from gateway.ports import listen
from tests.engine.running import DEADLINE
from tests.engine.test_keeper import keeping
from tests.gateway.harness import Eventually, OpenWorld, Run


def test_bids_and_pushes_over_both_encodings(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            async with here.socket("m1") as one, here.socket("m2", subprotocol="livelot.v1.msgpack") as two:
                await one.call("subscribe", topics=["auction:a1", "me"])
                assert (await one.push("auction:a1"))["state"]["price"] == 500
                reply = await two.call("auction.bid", auction="a1", maximum=800)
                assert reply["result"]["leading"] is True
                push = await one.push("auction:a1", lambda state: state["bids"] == 1)
                assert push["state"]["leader"] == 1
                assert push["position"] >= reply["position"]
                reply = await one.call("auction.bid", auction="a1", maximum=900)
                assert reply["result"]["price"] == 850
                me = await one.push("me", lambda state: state["held"] == 900)
                assert me["state"]["auctions"][0]["leading"] is True

    run(body())


def test_two_gateways_on_one_log(run: Run, world: OpenWorld, logs: Any) -> None:
    async def body() -> None:
        async with AsyncExitStack() as stack:
            first = await stack.enter_async_context(world(await stack.enter_async_context(logs.open())))
            second = await stack.enter_async_context(world(await stack.enter_async_context(logs.open())))
            await first.open_auction("a1")
            one = await stack.enter_async_context(first.socket("m1"))
            two = await stack.enter_async_context(second.socket("m2"))
            reply = await one.call("auction.bid", auction="a1", maximum=600, key="k1")
            seen = await two.call("auction.get", auction="a1", position=reply["position"])
            assert seen["result"]["bids"] == 1
            await two.call("subscribe", topics=["auction:a1", "me"])
            raised = await one.call("auction.bid", auction="a1", maximum=900)
            push = await two.push("auction:a1", lambda state: state["bids"] == 2)
            assert push["position"] == raised["position"]
            outbid = await two.call("auction.bid", auction="a1", maximum=5_000)
            assert outbid["result"]["leading"] is True
            # The same key is the same command, whichever gateway it comes through.
            async with second.socket("m1") as again:
                repeated = await again.call("auction.bid", auction="a1", maximum=600, key="k1")
                assert repeated["result"] == reply["result"]
                conflict = await again.call("auction.bid", auction="a1", maximum=601, key="k1")
                assert conflict["error"]["data"]["code"] == "key_conflict"
            position = first.gateway.replica.position
            await second.gateway.replica.wait_for(position)
            await first.gateway.replica.wait_for(second.gateway.replica.position)
            assert first.gateway.replica.digest == second.gateway.replica.digest

    run(body())


def test_two_gateways_and_two_keepers_on_one_log(
    run: Run, world: OpenWorld, logs: Any, tmp_path: Path
) -> None:
    async def body() -> None:
        async with AsyncExitStack() as stack:
            opened = [await stack.enter_async_context(logs.open()) for _ in range(4)]
            gateways = [await stack.enter_async_context(world(log)) for log in opened[:2]]
            keepers = [await stack.enter_async_context(keeping(log, Vault(tmp_path))) for log in opened[2:]]
            await gateways[0].open_auction("a1", ends_at=now() + 1_500)
            one = await stack.enter_async_context(gateways[0].socket("m1"))
            two = await stack.enter_async_context(gateways[1].socket("m2"))
            reply = await one.call("auction.bid", auction="a1", maximum=600)
            await two.call("subscribe", topics=["auction:a1", "me"])
            reply = await two.call("auction.bid", auction="a1", maximum=900, position=reply["position"])
            assert reply["result"]["leading"] is True
            # Nobody asks for it: one of the keepers ticks, and every replica settles the auction.
            push = await two.push("auction:a1", lambda state: state["status"] == "settled")
            assert push["state"]["hammer_price"] == 650
            await two.push("me", lambda state: state["auctions"][0]["paid"] == 650)
            assert [keeper.leading for _, keeper in keepers].count(True) == 1
            replicas = [gateway.gateway.replica for gateway in gateways] + [
                node.replica for node, _ in keepers
            ]
            async with asyncio.timeout(DEADLINE):
                while len({replica.position for replica in replicas}) > 1:
                    await asyncio.sleep(0.002)
            assert len({replica.digest for replica in replicas}) == 1
            assert len({replica.program.state_digest() for replica in replicas}) == 1

    run(body())


def test_me_says_what_is_so_to_the_leader_at_once_and_to_others_when_they_look(
    run: Run, world: OpenWorld
) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            async with here.socket("m1") as one, here.socket("m2") as two, here.socket("m3") as three:
                await three.call("auction.bid", auction="a1", maximum=500)
                await one.call("auction.bid", auction="a1", maximum=5_000)
                await one.call("subscribe", topics=["me"])
                await three.call("subscribe", topics=["me"])
                reply = await two.call("auction.bid", auction="a1", maximum=700)
                assert reply["result"]["price"] == 750
                push = await one.push("me", lambda state: state["auctions"][0]["price"] == 750)
                assert push["position"] == reply["position"]
                async with here.socket("m3") as again:
                    await again.call("subscribe", topics=["me"])
                    push = await again.push("me", lambda state: True)
                    assert push["state"]["auctions"][0]["price"] == 750

    run(body())


def test_a_members_socket_keeps_its_keys_for_minutes_only(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, here.socket("m1") as socket:
            await here.open_auction("a1")
            bid = {"auction": "a1", "maximum": 600, "key": "k1"}
            reply = await socket.call("auction.bid", **bid, not_after=now() + 16 * MINUTE)
            assert reply["error"]["data"]["code"] == "not_after_too_far"
            reply = await socket.call("auction.bid", **bid, not_after=now() + 14 * MINUTE)
            assert reply["result"]["number"] == 1

    run(body())


def test_many_calls_at_once_keep_their_order(run: Run, world: OpenWorld, logs: Any) -> None:
    async def body() -> None:
        async with AsyncExitStack() as stack:
            here = await stack.enter_async_context(
                world(await stack.enter_async_context(logs.open()), limits={"calls_per_second": 0})
            )
            await here.open_auction("a1")
            socket = await stack.enter_async_context(here.socket("m1"))
            for number in range(500):
                bid = {"auction": "a1", "maximum": 1_000 + number}
                await socket.send({"jsonrpc": "2.0", "id": number, "method": "auction.bid", "params": bid})
            replies = [await socket.receive() for _ in range(500)]
            assert [reply["id"] for reply in replies] == list(range(500))
            assert [reply["result"]["number"] for reply in replies] == list(range(1, 501))
            history = here.gateway.replica.program.auctions["a1"].history
            assert [bid.maximum for bid in history] == list(range(1_000, 1_500))

    run(body())


def test_stopping_leaves_nothing_behind(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, here.socket("m1") as socket:
            here.gateway.stop()
            assert await socket.closed() == 4100
            await here.running
            assert here.gateway.metrics.connections["socket"] == 0
            assert here.gateway.server.server_state.connections == set()
            with pytest.raises(OSError, match=r".*"):
                await asyncio.open_connection("127.0.0.1", here.port)

    run(body())


def test_nobody_waits_for_a_replica_that_stopped(
    run: Run, world: OpenWorld, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(payload: bytes) -> None:
        raise LogUnavailable("cut off")

    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            log = here.gateway.replica._log
            append = log.append
            monkeypatch.setattr(log, "append", fail)
            bid = here.ask("m1", "member", "POST", "/v1/auctions/a1/bids", {"maximum": 600})
            asking = asyncio.create_task(bid)
            await eventually(lambda: bool(here.gateway.desk.unanswered))
            await append(b"no batch at all")
            response = await asking
            assert (response.status_code, response.json()["code"]) == (503, "unavailable")
            assert "may still be applied" in response.json()["detail"]
            with pytest.raises(ReplicaStopped):
                await here.running

    run(body())


def test_what_stands_beside_ends_the_gateway_when_it_fails(run: Run, world: OpenWorld) -> None:
    async def fail() -> None:
        raise RuntimeError("the other duty failed")

    async def body() -> None:
        async with world() as here:
            gateway = here.gateway
            gateway.stop()
            await here.running
            gateway.server.should_exit = False
            with listen("127.0.0.1", 0) as listening, pytest.raises(RuntimeError, match="other duty"):
                await gateway.run(listening, fail())

    run(body())


def test_a_port_that_is_taken() -> None:
    with listen("127.0.0.1", 0) as first, pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", first.getsockname()[1])
