"""Results of runs that never were, for the tests of what is made of them."""

import random
from typing import Any

from loadtests.measures import Histogram, Summary
from loadtests.result import Action, Check, Machine, Result, Sample, Second, Usage, Verdict

MACHINE = Machine("Linux 6.1", "Two Cores", 2, 8 * 1024**3, {"python": "3.11.7", "livelot": "0.1.0"})


class Recorded(Histogram):
    """A histogram that can be written down."""

    def encode(self) -> str:
        return self.settle().encode().decode()


def make_action(
    latencies: list[float], *, refused: dict[str, int] | None = None, unanswered: int = 0
) -> Action:
    """An action whose ``latencies`` are in ms; as many as were refused are counted among them."""
    histogram = Recorded(one / 1000 for one in latencies)
    refusals = refused or {}
    return Action(
        due=len(latencies) + unanswered,
        acknowledged=len(latencies) - sum(refusals.values()),
        refused=refusals,
        unanswered=unanswered,
        latency=histogram.summarize(),
        histogram=histogram.encode(),
    )


def summarize(latencies: list[float]) -> Summary:
    """What a histogram would say of them, but at once."""
    if not latencies:
        return Summary()
    ordered = sorted(latencies)
    shares = (0.5, 0.9, 0.99, 0.999, 1.0)
    values = [ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in shares]
    return Summary(len(ordered), sum(ordered) / len(ordered), *values)


def make_second(at: int, latencies: list[float], **counts: Any) -> Second:
    """A second with these latencies in ms, all acknowledged but those that are counted otherwise."""
    refused = counts.get("refused", {})
    acknowledged = len(latencies) - sum(refused.values())
    return Second(
        at=at,
        due=len(latencies) + counts.get("unanswered", 0),
        acknowledged=acknowledged,
        latency=summarize(latencies),
        **counts,
    )


def make_run(
    seconds: int = 30,
    *,
    median: float = 4.0,
    rate: int = 40,
    seed: int = 1,
    lateness: float = 0.4,
    cores: float = 0.6,
    **changes: Any,
) -> Result:
    """A run of bids and reads with log-normal latencies about ``median`` ms; ``changes`` replace fields."""
    draw = random.Random(seed)
    bids: list[float] = []
    timeline, samples = [], []
    for at in range(seconds):
        latencies = [draw.lognormvariate(0, 0.5) * median for _ in range(draw.randint(rate - 5, rate + 5))]
        bids += latencies
        timeline.append(make_second(at, latencies, refused={"bid_too_low": 2}))
        processes = {
            "gateway 1": Usage(cores * draw.uniform(0.9, 1.1), (120 + at) * 1024**2),
            "keeper": Usage(0.2, 90 * 1024**2),
            "valkey": Usage(0.1, 20 * 1024**2),
            "storm 1": Usage(0.4, 150 * 1024**2),
        }
        gauges = {"livelot_calls_in_flight": float(draw.randint(0, 9)), "livelot_price_cells": 0.0}
        samples.append(Sample(at=at + 1.0, processes=processes, gauges=gauges))
    reads = [one / 4 for one in bids[::3]]
    run: dict[str, Any] = {
        "scenario": "hot",
        "url": "http://127.0.0.1:8080",
        "started_at": 1_732_233_434_000,
        "seconds": float(seconds),
        "sockets": 201,
        "settings": {"members": 200, "rate": float(rate), "prepare": True},
        "machine": MACHINE,
        "actions": {
            "bid": make_action(bids, refused={"bid_too_low": 2 * seconds}),
            "read": make_action(reads),
        },
        "lateness": Summary(
            len(bids), lateness / 2, lateness / 2, lateness * 0.8, lateness, lateness, lateness
        ),
        "timeline": timeline,
        "samples": samples,
        "checks": [Check("every acknowledged bid is in its auction's history", len(bids))],
        "verdicts": [Verdict("p99 of bid, ms", 50.0, 21.5, True)],
    }
    return Result(**(run | changes))
