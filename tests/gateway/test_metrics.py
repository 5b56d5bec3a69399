"""Metrics: what is counted is what happened."""

from prometheus_client.parser import text_string_to_metric_families

from gateway.pulse import Cause
from tests.gateway.harness import OpenWorld, Run, World


async def read(here: World) -> dict[tuple[str, ...], float]:
    """Values by name and label values."""
    text = (await here.http.get("/metrics")).text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_counts(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            before = await read(here)
            async with here.socket("m1") as socket:
                await socket.call("subscribe", topics=["auction:a1"])
                for maximum in (600, 10):
                    await socket.call("auction.bid", auction="a1", maximum=maximum)
                await here.ask("m2", "member", "POST", "/v1/auctions/a1/bids", {"maximum": 800})
                await socket.push("auction:a1", lambda state: state["bids"] == 2)
                during = await read(here)
            assert during["livelot_calls_total", "auction.bid", "ok"] == 2
            assert during["livelot_calls_total", "auction.bid", "already_leading"] == 1
            assert during["livelot_calls_total", "conversation", "ok"] == 1
            assert during["livelot_connections", "socket"] == 1
            assert during["livelot_calls_in_flight",] == 0
            assert during["livelot_pushes_total",] >= 2
            assert during["livelot_replica_ready",] == 1
            assert during["livelot_replica_epoch",] == 1
            assert 0 <= during["livelot_replica_entry_age_seconds",] < 60
            batches = "livelot_batch_commands_count"
            assert during[batches,] - before[batches,] == 3
            assert during["livelot_append_seconds_count",] >= 3
            assert during["process_cpu_seconds_total",] >= before["process_cpu_seconds_total",] > 0
            assert during["process_resident_memory_bytes",] > 2**24

    run(body())


def test_pauses_are_counted_by_their_cause(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            before = await read(here)
            here.gateway.metrics.count_pause(Cause.BLOCKED, 7.0)
            after = await read(here)
            growth = {key: after[key] - before[key] for key in after if key[0].startswith("livelot_pause")}
            assert growth["livelot_pause_seconds_sum", "blocked"] >= 7
            assert growth["livelot_pause_seconds_bucket", "blocked", "+Inf"] >= 1
            assert growth["livelot_pause_seconds_bucket", "blocked", "5.0"] < 1
            causes = {key[1] for key in growth}
            assert causes == {"collector", "computing", "waiting", "blocked"}

    run(body())


def test_unknown_methods_make_no_new_series(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, here.socket("m1") as socket:
            for name in ("x", "y", "z"):
                await socket.call(name)
            families = [key for key in await read(here) if key[0] == "livelot_calls_total"]
            assert families == [("livelot_calls_total", "conversation", "unknown_operation")]

    run(body())
