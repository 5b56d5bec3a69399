"""What the naive model knows of one raffle: entries in one list, tickets one by one, the tree from its
definition. See raffles.py."""

import hmac
import json
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256

from engine import commands as c
from engine.simulator.auditor.points import Parts

GENESIS, PERIOD = 1_692_803_367_000, 3_000
CHAIN = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"


@dataclass
class Entry:
    member: str
    tickets: int
    parts: Parts
    given: dict[str, int]
    uses: Counter[str]
    tier: str
    by: str
    reason: str


@dataclass
class Place:
    member: str
    entry: int
    ticket: int
    fate: str
    prize: int
    until: int = 0
    posted: int = 0


@dataclass
class Raffle:
    id: str
    terms: c.RaffleTerms
    closes_at: int
    salt: bytes = b""
    status: str = "draft"
    round: int = 0
    commitment: str = ""
    entries: list[Entry] = field(default_factory=list)
    lock: int = 0
    drawn: bool = False
    places: list[Place] = field(default_factory=list)
    posted: int = 0

    def tickets(self) -> int:
        return sum(entry.tickets for entry in self.entries)

    def round_at(self) -> int:
        return GENESIS + PERIOD * (self.round - 1)

    def prizes(self) -> list[int]:
        """The number of each place's prize."""
        return [number for number, prize in enumerate(self.terms.prizes) for _ in range(prize.quantity)]

    def owners(self) -> list[int]:
        """The entry of each ticket."""
        return [number for number, entry in enumerate(self.entries) for _ in range(entry.tickets)]

    def root(self) -> bytes:
        leaves, first = [], 1
        for number, entry in enumerate(self.entries):
            entrant = hmac.new(self.salt, entry.member.encode(), sha256).digest()[:16].hex()
            leaf = {"entrant": entrant, "entry": number, "first": first, "last": first + entry.tickets - 1}
            first += entry.tickets
            leaves.append(json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode())
        return hash_tree(leaves)


def hash_tree(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while 2 * split < len(leaves):
        split *= 2
    return sha256(b"\x01" + hash_tree(leaves[:split]) + hash_tree(leaves[split:])).digest()
