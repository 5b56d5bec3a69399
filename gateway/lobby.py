"""What all sessions of a process share, and how many sockets each member has in it."""

from collections import Counter

from gateway.desk import Desk
from gateway.hub import Hub
from gateway.identity import Verifier
from gateway.limits import Buckets
from gateway.metrics import Metrics


class Lobby:
    """What all sessions of a process share."""

    def __init__(self, desk: Desk, hub: Hub, verifier: Verifier, metrics: Metrics) -> None:
        self.desk = desk
        self.hub = hub
        self.verifier = verifier
        self.metrics = metrics
        self.limits = desk.limits
        self.buckets = Buckets(desk.limits)
        self.seats: Counter[str] = Counter()

    def take_seat(self, member: str) -> bool:
        """Whether the member may have one more socket; ``give_back`` it then."""
        if self.seats[member] >= self.limits.member_sockets:
            return False
        self.seats[member] += 1
        return True

    def give_back(self, member: str) -> None:
        """A socket of the member's has ended."""
        self.seats[member] -= 1
        if not self.seats[member]:
            del self.seats[member]
