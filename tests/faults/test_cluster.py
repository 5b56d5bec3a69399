"""A Valkey Cluster of three primaries, each with a replica and a program; one primary dies under load."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import redis

from engine.embedded import EmbeddedServer
from tests.faults.load import Load
from tests.faults.stage import audit, client_of, free_port, load_on, machine, make_server, port_of, wait_until
from tests.faults.test_lost_log import crash
from tests.gateway.test_supervisor import Livelot

PRIMARIES = 3
SLOTS = 16_384

NODE_TIMEOUT = 2_000
"""Milliseconds after which the cluster takes a node for dead."""

FORMING_SECONDS = 30.0
"""How long the cluster may take to come up."""

BACK_SECONDS = 40.0
"""From a primary's death until the commands of its program are acknowledged again: the node timeout, the
election, and the old one's return as a replica, which has to confirm."""


class Cluster(NamedTuple):
    """``nodes`` are the primaries, and their replicas in the same order behind them."""

    nodes: list[EmbeddedServer]

    @property
    def url(self) -> str:
        """All nodes; whoever is up tells of the others."""
        return "cluster://" + ",".join(f"127.0.0.1:{port_of(node)}" for node in self.nodes)

    def find_owner(self, program: str) -> EmbeddedServer | None:
        """The primary that has the program's log, if one has now."""
        for node in self.nodes:
            with client_of(node) as client:
                try:
                    client.exists(f"{{{program}}}:log")
                except redis.RedisError:
                    continue
                if client.role()[0] == b"master":
                    return node
        return None

    def name_programs(self) -> list[str]:
        """A program's name for each primary, in order."""
        share = -(-SLOTS // PRIMARIES)
        names: dict[int, str] = {}
        with client_of(self.nodes[0]) as client:
            for number in range(1_000):
                slot = int(client.execute_command("CLUSTER", "KEYSLOT", f"{{p{number}}}:log"))
                names.setdefault(slot // share, f"p{number}")
        return [names[index] for index in range(PRIMARIES)]


@contextmanager
def make_cluster(folder: Path) -> Iterator[Cluster]:
    """Six servers that know one another, with their roles."""
    with ExitStack() as stack:
        cluster = Cluster([make_node(folder / f"node{number}") for number in range(2 * PRIMARIES)])
        for node in cluster.nodes:
            stack.enter_context(node)
        clients = [stack.enter_context(client_of(node)) for node in cluster.nodes]
        share = -(-SLOTS // PRIMARIES)
        for number, client in enumerate(clients):
            first = cluster.nodes[0]
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            client.execute_command(
                "CLUSTER", "MEET", "127.0.0.1", port_of(first), first._settings["cluster-port"]
            )
            if number < PRIMARIES:
                last = min((number + 1) * share, SLOTS) - 1
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", number * share, last)
        ids = [client.execute_command("CLUSTER", "MYID") for client in clients]
        for index in range(PRIMARIES):
            wait_until(
                lambda index=index: follows(clients[PRIMARIES + index], ids[index]),  # type: ignore[misc]
                within=FORMING_SECONDS,
                what="replica of each primary",
            )
        wait_until(
            lambda: all(is_whole(client) for client in clients), within=FORMING_SECONDS, what="cluster"
        )
        yield cluster


def make_node(folder: Path) -> EmbeddedServer:
    return make_server(
        folder,
        cluster_enabled="yes",
        cluster_port=str(free_port()),
        cluster_node_timeout=str(NODE_TIMEOUT),
        # However long a replica has been silent, it may stand for election: it has what was acknowledged.
        cluster_replica_validity_factor="0",
    )


def follows(client: redis.Redis, primary: str) -> bool:
    """Whether it has become that primary's replica; false as long as it does not know it."""
    try:
        client.execute_command("CLUSTER", "REPLICATE", primary)
    except redis.ResponseError:
        return False
    return True


def is_whole(client: redis.Redis) -> bool:
    """Whether every slot is served, and every replica is connected."""
    role = client.role()
    linked = len(role[2]) == 1 if role[0] == b"master" else role[3] == b"connected"
    return linked and b"cluster_state:ok" in client.execute_command("CLUSTER", "INFO")


@pytest.mark.faults
def test_a_primary_that_dies_under_load(tmp_path: Path) -> None:
    with make_cluster(tmp_path) as cluster, ExitStack() as stack:
        machines: list[Livelot] = []
        loads: list[Load] = []
        programs = cluster.name_programs()
        for program in programs:
            options = ("--program", program, "--log-url", cluster.url, "--replicas", "1")
            machines.append(stack.enter_context(machine(tmp_path / program, *options)))
            loads.append(load_on(machines[-1]))
        owners = [cluster.find_owner(program) for program in programs]
        assert owners == cluster.nodes[:PRIMARIES]
        with loads[0], loads[1], loads[2]:
            for load in loads:
                load.wait_for_more(50, within=BACK_SECONDS)
            crash(cluster.nodes[0])
            wait_until(
                lambda: cluster.find_owner(programs[0]) is cluster.nodes[PRIMARIES],
                within=BACK_SECONDS,
                what="failover",
            )
            cluster.nodes[0].start()
            for load in loads:
                load.wait_for_more(50, within=BACK_SECONDS)
        for load, livelot in zip(loads, machines, strict=True):
            audit(cluster.url, load, livelot)
            assert livelot.end() == 0
