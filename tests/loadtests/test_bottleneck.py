"""Which figures blame what."""

from pathlib import Path

import pytest

from loadtests.bottleneck import Cause, Cores, Load, count_busy, find_bottleneck, read_cores
from loadtests.measures import Summary
from loadtests.pauses import Pauses
from loadtests.vitals import Spent


def load(
    p99: float = 200.0,
    late: float = 3.0,
    gateway: float = 0.3,
    crowd: float = 0.3,
    append: float = 0.002,
    slow: float = 0.005,
    busy: float = 1.0,
    pauses: dict[str, Pauses] | None = None,
    own: dict[str, Pauses] | None = None,
) -> Load:
    return Load(
        latency=Summary(count=100, p99=p99),
        lateness=Summary(count=100, p99=late),
        spent=Spent(10.0, gateway, crowd, append, slow, 0.5, pauses or {}),
        cores=4,
        busy=busy,
        own_pauses=own or {},
    )


COLLECTOR = {"collector": Pauses(2, 0.3, 0.2)}
WAITING = {"waiting": Pauses(2, 0.3, 0.2)}


@pytest.mark.parametrize(
    ("found", "cause", "words"),
    [
        (load(late=150, crowd=0.98), Cause.CLIENT, "the crowd was 150 ms late at p99, of 200 ms"),
        (load(late=150), Cause.CLIENT, "the crowd 0.30"),
        (load(late=150, busy=4.0), Cause.MACHINE, "3.40 of them with neither crowd nor gateway"),
        (load(gateway=0.95), Cause.GATEWAY, "the gateway used 0.95 of a core"),
        (load(gateway=0.95, append=0.3, busy=4.0), Cause.GATEWAY, "more gateways"),
        (load(append=0.12), Cause.LOG, "an append took 120.0 ms on average"),
        (load(slow=0.25), Cause.LOG, "up to 250 ms, one was under way 50% of the time"),
        (load(slow=0.25, busy=3.9), Cause.MACHINE, "3.90 of this machine's 4 cores were busy"),
        (load(pauses=COLLECTOR), Cause.PAUSE, "it stood still 2 times, for up to 200"),
        (load(pauses=COLLECTOR, slow=0.25), Cause.PAUSE, "since the garbage collector was at work"),
        (load(pauses=COLLECTOR, busy=3.9), Cause.PAUSE, "the gateway used 0.30 of a core"),
        (load(pauses=COLLECTOR, gateway=0.95), Cause.GATEWAY, "the gateway used 0.95 of a core"),
        (load(pauses=COLLECTOR, p99=500), Cause.UNKNOWN, "an append took"),
        (load(pauses=WAITING), Cause.PAUSE, "since no core was free for it"),
        (load(pauses=WAITING, busy=3.9), Cause.MACHINE, "3.90 of this machine's 4 cores were busy"),
        (load(late=150, own=COLLECTOR), Cause.CLIENT, "the crowd's event loop stood still 2 times"),
        (load(), Cause.UNKNOWN, "an append took 2.0 ms on average and up to 5 ms"),
    ],
)
def test_the_cause_is_named_with_its_figures(found: Load, cause: Cause, words: str) -> None:
    bottleneck = find_bottleneck(found)
    assert bottleneck.cause == cause
    assert words in bottleneck.words


def test_a_client_that_has_no_cpu_left_is_told_what_helps() -> None:
    assert "--processes" in find_bottleneck(load(late=150, crowd=0.98)).words
    assert "--processes" not in find_bottleneck(load(late=150)).words


def test_cores_are_counted_between_two_readings(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    stat.write_text("cpu  100 10 50 800 40 1 2 3 0 0\ncpu0 1 1 1 1\n")
    before = read_cores(stat)
    assert before == Cores(166, 1006)
    assert count_busy(before, Cores(166 + 30, 1006 + 40), 4) == 3.0
    assert count_busy(before, before, 4) == 0.0
    assert read_cores(tmp_path / "none") == Cores(0, 0)
    assert read_cores().all > 0
