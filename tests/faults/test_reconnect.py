"""A gateway dies with thousands of sockets on it, and all of them come back at once."""

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.clock import now
from gateway.identity import mint_token
from tests.faults.listening import Audience
from tests.faults.load import HOT, HOUR
from tests.faults.stage import audit, load_on, machine, own_log
from tests.gateway.test_supervisor import Livelot

LISTENERS = 5_000
SPARE_FILES = 500
"""What this process has open beside the listeners' sockets."""

CONNECTING_SECONDS = 90.0
"""Until all of them hear: at first, and after the gateway's death."""

BACK_SECONDS = 60.0
"""From the gateway's death until commands are acknowledged again, amid the rush."""


@pytest.fixture
def many_files() -> Iterator[None]:
    """This process, and what it starts, may open a file for each listener."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = LISTENERS + SPARE_FILES
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"a process may open {hard} files here, and {LISTENERS} listeners take {wanted}")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def make_tokens(livelot: Livelot) -> list[str]:
    """One for each listener."""
    secret = (livelot.folder / "secret").read_text().strip()
    names = (f"listener{number}" for number in range(LISTENERS))
    return [mint_token("main", name, "member", key=secret, expires_at=now() + HOUR) for name in names]


@pytest.mark.faults
def test_five_thousand_come_back_at_once(many_files: None, tmp_path: Path) -> None:
    with machine(tmp_path) as livelot:
        load = load_on(livelot)
        port = int(livelot.url.rpartition(":")[2])
        with load, Audience(port, make_tokens(livelot), HOT) as audience:
            audience.wait_until_all_hear(within=CONNECTING_SECONDS)
            load.wait_for_more(50, within=BACK_SECONDS)
            before = audience.attempts
            said = len(livelot.lines)
            os.kill(livelot.pid_of("gateway"), signal.SIGKILL)
            livelot.wait_for("The gateway is back", said)
            load.wait_for_more(50, within=BACK_SECONDS)
            audience.wait_until_all_hear(within=CONNECTING_SECONDS)
            assert audience.attempts >= before + LISTENERS
            load.wait_for_more(50, within=BACK_SECONDS)
        audit(own_log(livelot), load, livelot)
        assert livelot.end() == 0
