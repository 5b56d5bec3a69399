"""Members: what the engine knows of them (opaque ids, tier, market, segments: no personal data), and where
they are kept.

A member's points stand here too, because every mechanic needs both at once; what may happen to points is
ledger.py's. Nothing that there is one of a member or a bid is seen by Python's collector (structs with
``gc=False``, tuples and dicts of such): it would walk through millions of them to find no cycle.
"""

from collections.abc import Callable, Iterator
from heapq import nsmallest
from itertools import chain
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from engine.errors import Rejection

SHARD_MASK = 255
SHARDS = SHARD_MASK + 1
"""One dict of a million entries stalls for 90 ms when it grows; a shard's growth is not felt."""


class Remembered(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What is remembered under a key: the command's body hash, whether it was rejected, its outcome.

    The outcome is a ``Result`` or ``Rejected``, or the plain dict of one after a snapshot was loaded.
    """

    body_hash: int
    rejected: bool
    outcome: Any


class Lot(msgspec.Struct, array_like=True, gc=False):
    """Points that were earned together and expire together. ``earned_at`` is the start of the earned period
    (ms)."""

    earned_at: int
    expires_at: int
    points: int


class Holding(msgspec.Struct, array_like=True, gc=False):
    """A member's part in one raffle: its tickets, the numbers of its entries, and the place (from 1) that it
    was drawn at (0: none)."""

    tickets: int = 0
    entries: tuple[int, ...] = ()
    place: int = 0


class Member(msgspec.Struct, array_like=True, gc=False):
    """One member. The points that it was ever ``issued`` are always available, held, spent or expired.

    ``lots`` stand in spending order, and none is empty.
    ``auctions`` are the ids that the member has bid on, oldest first. ``keys`` are the member's remembered
    idempotency keys (see keys.py).
    ``redemptions`` are those that it looks back on, oldest first; ``uses`` counts how often it profited, by
    price rule with a limit. ``raffles`` are its holdings by raffle, in the order of first entry.
    """

    id: str
    tier: str
    market: str
    segments: tuple[str, ...]
    staff: bool
    lots: tuple[Lot, ...]
    issued: int = 0
    spent: int = 0
    expired: int = 0
    auctions: tuple[str, ...] = ()
    keys: dict[str, Remembered] | None = None
    redemptions: tuple[str, ...] = ()
    uses: dict[str, int] | None = None
    raffles: dict[str, Holding] | None = None

    @property
    def available(self) -> int:
        """What is in lots."""
        return sum([lot.points for lot in self.lots])

    @property
    def held(self) -> int:
        """What is on hold: derived, as ``available`` is, so that a bid has fewer sums to keep."""
        return self.issued - self.available - self.spent - self.expired


FIND_LIMIT = 20
"""Members that one search finds."""

IDS_SEARCHED = 1_000_000
"""Ids that one search looks through: some 300 ms of a thread, in which others have their turn."""


class FoundIds(NamedTuple):
    """Ids that begin alike, in order; ``complete`` false: there are more, or some were not looked at."""

    ids: list[str]
    complete: bool


def shard_of(key: str) -> int:
    """The shard that ``key`` lives in: the same in every process, unlike ``hash``."""
    return crc32(key.encode()) & SHARD_MASK


class Members:
    """All members, by id, in fixed shards."""

    __slots__ = ("count", "names", "shards")

    def __init__(self) -> None:
        self.shards: list[dict[str, Member]] = [{} for _ in range(SHARDS)]
        self.count = 0
        self.names: dict[str, str] = {}

    def __iter__(self) -> Iterator[Member]:
        return chain.from_iterable(map(dict.values, filter(None, self.shards)))

    def find(self, id: str) -> Member | None:
        """The member, or None."""
        return self.shards[crc32(id.encode()) & SHARD_MASK].get(id)

    def get(self, id: str) -> Member:
        """The member. Raises ``Rejection("unknown_member")``."""
        member = self.shards[crc32(id.encode()) & SHARD_MASK].get(id)
        if member is None:
            raise Rejection("unknown_member", f"There is no member {id!r}; upsert it first.", member=id)
        return member

    def add(self, member: Member) -> None:
        """Keeps a member that is not known yet."""
        self.share_names(member)
        self.shards[shard_of(member.id)][member.id] = member
        self.count += 1

    def share_names(self, member: Member) -> None:
        """Makes members of one tier and market hold the same two strings: a hundred bytes a member less."""
        member.tier = self.names.setdefault(member.tier, member.tier)
        member.market = self.names.setdefault(member.market, member.market)

    def share_id(self, id: str) -> str:
        """The string that the member itself holds for its id; ``id`` where there is no such member."""
        member = self.find(id)
        return member.id if member is not None else id

    def adopt_shard(self, number: int, members: list[Member], instants: dict[int, int]) -> None:
        """Takes a shard's members, just decoded, and makes them hold the names and ``instants`` that others
        hold already."""
        for member in members:
            self.share_names(member)
            for lot in member.lots:
                lot.earned_at = instants.setdefault(lot.earned_at, lot.earned_at)
                lot.expires_at = instants.setdefault(lot.expires_at, lot.expires_at)
        self.shards[number] = {member.id: member for member in members}
        self.count += len(members)


def find_ids(members: Members, start: str, rest: Callable[[], None] = lambda: None) -> FoundIds:
    """The first ``FIND_LIMIT`` ids that begin with ``start``; where that is an id itself, it is the first.

    For a thread of its own: while it looks, members may be added, which it may see or not, and after each
    shard it ``rest``s, so that others have their turn.
    """
    found: list[str] = []
    looked_at, complete = 0, True
    for shard in members.shards:
        if looked_at >= IDS_SEARCHED:
            complete = False
            break
        # One step of the interpreter, so that nothing is added meanwhile.
        ids = list(shard)
        looked_at += len(ids)
        begin_so = [id for id in ids if id.startswith(start)]
        if begin_so:
            found = nsmallest(FIND_LIMIT + 1, found + begin_so)
        rest()
    if start not in found and members.find(start) is not None:
        found.insert(0, start)
    return FoundIds(found[:FIND_LIMIT], complete and len(found) <= FIND_LIMIT)
