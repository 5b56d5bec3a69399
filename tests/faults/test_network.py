"""What stands between a machine and the log's server cuts, delays, holds up or alters what passes.

Of two machines one has a line of its own to the server, the other goes through the proxy. The first goes on
in every case but one: a request that was altered on its way is in the log, and stops whoever reads it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.embedded import EmbeddedServer
from tests.faults.load import POINTS, Load
from tests.faults.proxy import REPLIES, REQUESTS, Damage, Proxy
from tests.faults.stage import (
    audit,
    load_on,
    machine,
    make_server,
    port_of,
    wait_for_words,
    wait_until,
    written,
)
from tests.gateway.test_supervisor import Livelot, run

BACK_SECONDS = 30.0
"""From the end of a fault until the far machine has what the near one acknowledged meanwhile."""

NEAR_SECONDS = 10.0
"""Until the near machine acknowledges, whatever happens to the far one: members ask it after 3 s at most."""

HELD_SECONDS = 8.0
"""How long everything is held up: longer than a process waits for a reply."""

LATE_SECONDS = 0.3
"""By how much each piece is late, in each direction."""


class Lines(NamedTuple):
    """``near`` has a line of its own to the ``server``, ``far`` goes through the ``proxy``."""

    server: EmbeddedServer
    proxy: Proxy
    near: Livelot
    far: Livelot


@contextmanager
def two_lines(folder: Path) -> Iterator[Lines]:
    data = folder / "data"
    with make_server(folder / "valkey") as server, Proxy(port_of(server)) as proxy:
        near_url, far_url = (f"redis://127.0.0.1:{port}" for port in (port_of(server), proxy.port))
        with (
            machine(folder / "near", "--log-url", near_url, data=data) as near,
            machine(folder / "far", "--log-url", far_url, data=data) as far,
        ):
            yield Lines(server, proxy, near, far)
            assert (near.end(), far.end()) == (0, 0)


def wait_for_far(lines: Lines, load: Load) -> None:
    """Until the far gateway has what the members have been told up to now."""
    told = {member: POINTS + load.credited[member] for member in load.members}

    def has_come() -> bool:
        answers = {member: lines.far.call("GET", f"/v1/members/{member}").json() for member in told}
        return all(own["available"] + own["held"] >= told[member] for member, own in answers.items())

    wait_until(has_come, within=BACK_SECONDS, what="catching up")


@pytest.mark.faults
def test_a_line_that_is_cut_again_and_again(tmp_path: Path) -> None:
    with two_lines(tmp_path) as lines:
        with load_on(lines.near, lines.far) as load:
            for _ in range(3):
                load.wait_for_more(20, within=BACK_SECONDS)
                lines.proxy.cut()
                load.wait_for_resent(within=NEAR_SECONDS)
                load.wait_for_more(20, within=NEAR_SECONDS)
                lines.proxy.mend()
            wait_for_far(lines, load)
        audit(lines.server.url, load, lines.near, lines.far)
        assert "log unavailable" in written(lines.far)
        assert "log unavailable" not in written(lines.near)


@pytest.mark.faults
def test_a_line_that_holds_everything_up(tmp_path: Path) -> None:
    """Nothing breaks, nothing comes: what was sent arrives when it has been sent again elsewhere."""
    with two_lines(tmp_path) as lines:
        with load_on(lines.near, lines.far) as load:
            load.wait_for_more(50, within=BACK_SECONDS)
            lines.proxy.hold()
            wait_for_words(lines.far, "no answer in 5 s", within=2 * HELD_SECONDS)
            load.wait_for_more(20, within=NEAR_SECONDS)
            lines.proxy.release()
            wait_for_far(lines, load)
            load.wait_for_more(50, within=BACK_SECONDS)
        audit(lines.server.url, load, lines.near, lines.far)


@pytest.mark.faults
def test_a_line_that_is_late(tmp_path: Path) -> None:
    with two_lines(tmp_path) as lines:
        with load_on(lines.near, lines.far) as load:
            lines.proxy.delay(LATE_SECONDS)
            load.wait_for_more(60, within=2 * BACK_SECONDS)
            lines.proxy.delay(0.0)
            wait_for_far(lines, load)
        audit(lines.server.url, load, lines.near, lines.far)
        assert "replica stopped" not in written(lines.far)


def break_framing(piece: bytes) -> bytes:
    """A reply whose length is not a number any more."""
    return re.sub(rb"^\*\d", b"*x", piece, count=1)


@pytest.mark.faults
def test_a_reply_that_is_no_reply(tmp_path: Path) -> None:
    """The connection is given up, and everything goes on on the next one."""
    with two_lines(tmp_path) as lines:
        with load_on(lines.near, lines.far) as load:
            for count in range(1, 6):
                load.wait_for_more(20, within=BACK_SECONDS)
                lines.proxy.damage_next(REPLIES, break_framing)
                lines.proxy.wait_until_damaged(count, within=BACK_SECONDS)
            wait_for_far(lines, load)
        audit(lines.server.url, load, lines.near, lines.far)
        assert "was lost: Bad multi-bulk length" in written(lines.far)


CREDIT = re.compile(rb"(\x96\x14)(\xa2w\d)([\x01-\x07])\x00\x00\xa0")
"""A credit of a load's member in a batch: its tag, the member, the amount, and three fields at their
defaults."""


def alter_amount(piece: bytes) -> bytes:
    """A credit of another amount: it can be read, and nobody but its writer knows better."""
    return CREDIT.sub(lambda found: b"%b%b\x44\x00\x00\xa0" % (found[1], found[2]), piece, count=1)


def alter_tag(piece: bytes) -> bytes:
    """A credit that cannot be read."""
    return CREDIT.sub(lambda found: b"\x96\xc1" + found[0][2:], piece, count=1)


NOTICED = {
    # As it is read; or when it was read well, and altered as the last entry that a read looks at again.
    alter_tag: ("cannot be decoded", "The log holds another entry at"),
    # By the next read, likewise, or by the keeper's digest.
    alter_amount: ("The log holds another entry at", "this replica differs from the keeper's"),
}
"""How a reader says that it has read something else than others."""


@pytest.mark.faults
@pytest.mark.parametrize("alter", [alter_amount, alter_tag])
def test_a_reply_that_was_altered_stops_its_reader(tmp_path: Path, alter: Damage) -> None:
    """The log itself is right: a fresh start makes it good."""
    with two_lines(tmp_path) as lines:
        with load_on(lines.near, lines.far) as load:
            load.wait_for_more(50, within=BACK_SECONDS)
            said = len(lines.far.lines)
            lines.proxy.damage_next(REPLIES, alter)
            lines.far.wait_for("; it is started again", said)
            told = written(lines.far)
            assert any(words in told for words in NOTICED[alter])
            load.wait_for_more(20, within=NEAR_SECONDS)
            lines.far.wait_for(" is back", said)
            wait_for_far(lines, load)
        audit(lines.server.url, load, lines.near, lines.far)
        assert "replica stopped" not in written(lines.near)


@pytest.mark.faults
def test_a_request_that_was_altered_stops_all_until_it_is_dropped(tmp_path: Path) -> None:
    """It is in the log, and nobody was told of it: without it everything goes on."""
    with two_lines(tmp_path) as lines:
        with load_on(lines.near, lines.far) as load:
            load.wait_for_more(50, within=BACK_SECONDS)
            said = max(len(lines.near.lines), len(lines.far.lines))
            lines.proxy.damage_next(REQUESTS, alter_tag)
            for livelot in (lines.near, lines.far):
                for name in ("gateway", "keeper"):
                    livelot.wait_for(f"The {name} ended (code 70); it is started again", said)
            told = re.search(r"livelot log drop (\d+:\d+-\d+)", written(lines.near))
            assert told is not None
            dropped = run(
                *("log", "drop", told[1], "--reason", "altered on its way", "--by", "a test"),
                *("--data", str(lines.near.folder), "--log-url", lines.server.url),
            )
            assert dropped.returncode == 0, dropped.stderr
            load.wait_for_more(50, within=2 * BACK_SECONDS)
            wait_for_far(lines, load)
        audit(lines.server.url, load, lines.near, lines.far)
