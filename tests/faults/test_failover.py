"""A replica server that is behind is promoted: it has what was acknowledged, or it is not gone on with."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.embedded import EmbeddedServer
from tests.faults.proxy import Proxy
from tests.faults.stage import (
    audit,
    client_of,
    load_on,
    machine,
    make_server,
    port_of,
    wait_until,
    written,
)
from tests.faults.test_lost_log import crash, wait_until_stopped

BACK_SECONDS = 30.0
"""From the promotion until commands are acknowledged again."""


class Pair(NamedTuple):
    """A primary and its replica; ``between`` carries what the one sends the other, ``address`` is where
    Livelot finds whoever is the primary."""

    primary: EmbeddedServer
    replica: EmbeddedServer
    between: Proxy
    address: Proxy

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.address.port}"

    def promote(self) -> None:
        """The primary dies, the replica takes its place with what it has."""
        crash(self.primary)
        self.between.cut()
        with client_of(self.replica) as client:
            client.replicaof("NO", "ONE")
        self.address.switch(port_of(self.replica))

    def bring_back(self) -> None:
        """The old primary starts again, as a replica."""
        self.primary.start()
        with client_of(self.primary) as client:
            client.replicaof("127.0.0.1", port_of(self.replica))


@contextmanager
def make_pair(folder: Path) -> Iterator[Pair]:
    with (
        make_server(folder / "primary") as primary,
        make_server(folder / "replica") as replica,
        Proxy(port_of(primary)) as between,
        Proxy(port_of(primary)) as address,
    ):
        with client_of(replica) as client:
            client.replicaof("127.0.0.1", between.port)
            wait_until(
                lambda: client.info("replication").get("master_link_status") == "up",
                within=BACK_SECONDS,
                what="replication",
            )
        yield Pair(primary, replica, between, address)


@pytest.mark.faults
def test_a_replica_that_is_behind_has_all_that_was_acknowledged(tmp_path: Path) -> None:
    """With --replicas 1 nothing counts before the replica has it: what it lacks, nobody was told of."""
    with make_pair(tmp_path) as pair, machine(tmp_path, "--log-url", pair.url, "--replicas", "1") as livelot:
        with load_on(livelot) as load:
            load.wait_for_more(50, within=BACK_SECONDS)
            pair.between.hold()
            wait_until(lambda: load.count_in(1.0) == 0, within=BACK_SECONDS, what="holding back")
            pair.promote()
            pair.bring_back()
            load.wait_for_more(50, within=BACK_SECONDS)
        audit(f"redis://127.0.0.1:{port_of(pair.replica)}", load, livelot)
        assert "has lost entries" not in written(livelot)
        assert livelot.end() == 0


@pytest.mark.faults
def test_a_replica_that_lacks_what_was_acknowledged_is_not_gone_on_with(tmp_path: Path) -> None:
    """Without --replicas the promise ends with the primary, and whoever has read more says so."""
    with make_pair(tmp_path) as pair, machine(tmp_path, "--log-url", pair.url) as livelot:
        with load_on(livelot) as load:
            load.wait_for_more(50, within=BACK_SECONDS)
            pair.between.hold()
            load.wait_for_more(50, within=BACK_SECONDS)
            said = len(livelot.lines)
            pair.promote()
            wait_until_stopped(livelot, said=said)
            assert load.count_in(1.0) == 0
            # The old primary has it all: it is put back where it was.
            pair.primary.start()
            pair.address.switch(port_of(pair.primary))
            load.wait_for_more(50, within=2 * BACK_SECONDS)
        audit(pair.primary.url, load, livelot)
        assert livelot.end() == 0
