"""SIGSTOP: a process stands still for longer than anybody waits, and then goes on as if nothing had been.

What it had taken is done late, or again by somebody else: either way once.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.clock import now
from tests.faults.load import ASK_SECONDS
from tests.faults.stage import (
    audit,
    load_on,
    machine,
    make_server,
    own_log,
    wait_for_words,
    wait_until,
)
from tests.gateway.test_supervisor import Livelot

BACK_SECONDS = 20.0
"""From SIGCONT until commands are acknowledged again, and until whoever stood still has caught up."""

ELSEWHERE_SECONDS = 3 * ASK_SECONDS
"""Until members have gone on at the other gateway."""

TAKEOVER_SECONDS = 20.0
"""Until another keeper has taken over: the lease's 5 s, and a busy machine's time."""

SALE_SECONDS = 2.0
"""How long the auction lasts whose end falls into a keeper's pause."""


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """The process stands still within the block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.faults
def test_a_server_that_stood_still(tmp_path: Path) -> None:
    """What it had been sent it does late, and again what was sent again meanwhile: each counts once."""
    with machine(tmp_path) as livelot:
        with load_on(livelot) as load:
            load.wait_for_more(50, within=BACK_SECONDS)
            with stopped(livelot.pid_of("log")):
                wait_for_words(livelot, "no answer in 5 s", within=BACK_SECONDS)
                assert load.count_in(0.5) == 0
            load.wait_for_more(50, within=BACK_SECONDS)
        audit(own_log(livelot), load, livelot)
        assert livelot.end() == 0


@pytest.mark.faults
def test_a_gateway_that_stood_still(tmp_path: Path) -> None:
    """Its members went on at another gateway under the same keys; then it sends what it had taken."""
    data = tmp_path / "data"
    with (
        make_server(tmp_path / "valkey") as server,
        machine(tmp_path / "one", "--log-url", server.url, data=data) as one,
        machine(tmp_path / "two", "--log-url", server.url, data=data) as two,
    ):
        with load_on(one, two) as load:
            for _ in range(3):
                load.wait_for_more(50, within=BACK_SECONDS)
                with stopped(one.pid_of("gateway")):
                    load.wait_for_more(50, within=ELSEWHERE_SECONDS)
                    wait_until(lambda: load.count_in(ASK_SECONDS) > 0, within=BACK_SECONDS, what="answer")
            load.wait_for_more(50, within=BACK_SECONDS)
        assert load.resent > 0
        audit(server.url, load, one, two)
        assert (one.end(), two.end()) == (0, 0)


@pytest.mark.faults
def test_a_keeper_that_stood_still(tmp_path: Path) -> None:
    """The other one closes the auction that ends meanwhile; then there are two that were elected."""
    data = tmp_path / "data"
    with (
        make_server(tmp_path / "valkey") as server,
        machine(tmp_path / "one", "--log-url", server.url, data=data) as one,
        machine(tmp_path / "two", "--log-url", server.url, data=data) as two,
    ):
        with load_on(one, two) as load:
            wait_for_words(one, '"event": "leading"', within=BACK_SECONDS)
            with stopped(one.pid_of("keeper")):
                open_short_auction(two)
                load.wait_for_more(50, within=BACK_SECONDS)
                wait_for_words(two, '"event": "leading"', within=TAKEOVER_SECONDS)
                wait_until(lambda: has_ended(two), within=BACK_SECONDS, what="end of the auction")
            wait_for_words(one, '"event": "not leading"', within=BACK_SECONDS)
            load.wait_for_more(50, within=BACK_SECONDS)
        audit(server.url, load, one, two)
        assert (one.end(), two.end()) == (0, 0)


def open_short_auction(livelot: Livelot) -> None:
    """An auction that ends soon, with nobody in it."""
    terms = {"title": "Soon over", "opening": 500, "starts_at": now()}
    terms["ends_at"] = now() + int(SALE_SECONDS * 1_000)
    assert livelot.call("POST", "/v1/auctions", auction="short", terms=terms).status_code == 200
    assert livelot.call("POST", "/v1/auctions/short/open").status_code == 200


def has_ended(livelot: Livelot) -> bool:
    """Whether the short auction is over."""
    return bool(livelot.call("GET", "/v1/auctions/short").json()["status"] == "unsold")
