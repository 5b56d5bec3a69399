"""What a crowd measures while it bids, and what is made of it afterwards.

Latencies are in seconds until they are summed up; histograms count microseconds, so that percentiles cost the
same however many bids there were. A push's latency is from when the bid was due to when another socket had
its effect: ``auction``, the observer's first state of that auction at the bid's position or later; ``me``,
the same of whoever lost the lead by it.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from hdrh.histogram import HdrHistogram

from loadtests.wire import NOWHERE, Place, read_place

LONGEST = 600
"""Seconds; what takes longer counts as this."""

PERCENTILES = (50.0, 90.0, 99.0, 99.9)
"""Those of a summary, rising."""


Pushes = list[tuple[Place, float]]
"""A topic's pushes on one socket: the place of each, rising, and when it came by the loop's clock, in
seconds."""


class Acknowledgement(msgspec.Struct, frozen=True):
    """A bid that the gateway said stands: what must be in the auction's history from then on.

    ``bidder`` is the member's pseudonym in the auction, ``price`` the price after the bid. ``sent`` is how
    often the bid was sent; ``position`` is its own if that was once, and perhaps a later one if not. Where
    there are several pieces it is for ``quantity`` of them, or fewer where it is ``partial``.
    """

    auction: str
    number: int
    member: str
    maximum: int
    bidder: int
    price: int
    leading: bool
    position: str
    key: str
    sent: int = 1
    quantity: int = 1
    partial: bool = False


class Departure(msgspec.Struct, frozen=True):
    """The gateway said that the member is out of a clock, which showed ``price``."""

    auction: str
    member: str
    price: int
    position: str
    key: str


class Summary(msgspec.Struct, frozen=True):
    """A distribution, in milliseconds."""

    count: int = 0
    mean: float = 0.0
    p50: float = 0.0
    p90: float = 0.0
    p99: float = 0.0
    p999: float = 0.0
    longest: float = 0.0


class Histogram:
    """A distribution of seconds, to three digits, from 1 µs to ``LONGEST``.

    What is added is put where it belongs once somebody asks: that takes ten times as long, and while it acts
    a crowd has no time to lose.
    """

    def __init__(self, seconds: Iterable[float] = ()) -> None:
        self._counts = HdrHistogram(1, LONGEST * 1_000_000, 3)
        self._added: dict[int, int] = {}
        self._sum = 0.0
        for one in seconds:
            self.add(one)

    def add(self, seconds: float) -> None:
        """Counts one value."""
        microseconds = max(1, min(LONGEST * 1_000_000, int(seconds * 1_000_000)))
        self._added[microseconds] = self._added.get(microseconds, 0) + 1
        self._sum += microseconds

    def join(self, encoded: str, mean: float) -> None:
        """Counts all values of another one, which ``encode`` wrote; they have this ``mean`` (ms)."""
        if encoded:
            counts = self.settle()
            before = counts.get_total_count()
            counts.decode_and_add(encoded.encode())
            self._sum += (counts.get_total_count() - before) * mean * 1000

    def encode(self) -> str:
        """As HdrHistogram writes it (V2, compressed, base64); empty where nothing was counted."""
        counts = self.settle()
        return counts.encode().decode() if counts.get_total_count() else ""

    def summarize(self) -> Summary:
        """The usual percentiles."""
        counts = self.settle()
        count = counts.get_total_count()
        if not count:
            return Summary()
        values = counts.get_percentile_to_value_dict(PERCENTILES)
        named = (values[share] / 1000 for share in PERCENTILES)
        return Summary(count, self._sum / count / 1000, *named, counts.get_max_value() / 1000)

    def settle(self) -> HdrHistogram:
        """All that was counted."""
        for microseconds, count in self._added.items():
            self._counts.record_value(microseconds, count)
        self._added.clear()
        return self._counts


def summarize_now(microseconds: Sequence[int]) -> Summary:
    """The same of a few thousand values, at once: what a histogram takes 20 ms for takes 1 ms here."""
    ordered = sorted(microseconds)
    count = len(ordered)
    if not count:
        return Summary()
    named = (ordered[max(1, int(share * count / 100 + 0.5)) - 1] / 1000 for share in PERCENTILES)
    return Summary(count, sum(ordered) / count / 1000, *named, ordered[-1] / 1000)


class Measures:
    """Filled in while the crowd bids."""

    def __init__(self) -> None:
        self.sent = 0
        self.passed = 0
        self.refused: Counter[str] = Counter()
        self.latency = Histogram()
        self.lateness = Histogram()
        self.acknowledged: list[Acknowledgement] = []
        self.departures: list[Departure] = []
        self._due: dict[tuple[str, int], float] = {}
        self._auction_pushes: dict[str, Pushes] = defaultdict(list)
        self._own_pushes: dict[str, Pushes] = defaultdict(list)
        self._last: dict[str, Place] = {}
        self._looked_at = 0

    def note_sent(self, lateness: float) -> None:
        """A bid was sent ``lateness`` s after it was due: what the crowd itself, not the server, is to
        blame for."""
        self.sent += 1
        self.lateness.add(lateness)

    def note_acknowledged(self, acknowledgement: Acknowledgement, due: float, latency: float) -> None:
        """A bid was acknowledged."""
        self.latency.add(latency)
        self.acknowledged.append(acknowledgement)
        self._due[acknowledgement.auction, acknowledgement.number] = due

    def note_left(self, departure: Departure, latency: float) -> None:
        """A member is out of a clock, as it asked to be."""
        self.latency.add(latency)
        self.departures.append(departure)

    def note_refused(self, code: str, latency: float) -> None:
        """A bid was refused: an answer as well."""
        self.latency.add(latency)
        self.refused[code] += 1

    def note_auction_push(self, auction: str, place: Place, at: float) -> None:
        """The observer got a state of an auction."""
        append_in_order(self._auction_pushes[auction], place, at)

    def note_own_push(self, member: str, place: Place, at: float) -> None:
        """A member got its own state."""
        append_in_order(self._own_pushes[member], place, at)

    def pushes_are_complete(self) -> bool:
        """Whether the observer has had a state at or after the last acknowledged bid of every auction."""
        last = self._last
        for bid in self.acknowledged[self._looked_at :]:
            last[bid.auction] = max(last.get(bid.auction, NOWHERE), read_place(bid.position))
        self._looked_at = len(self.acknowledged)
        return all(
            find_first(self._auction_pushes[auction], place) is not None for auction, place in last.items()
        )

    def time_auction_pushes(self) -> Iterator[tuple[float, float | None]]:
        """For every acknowledged bid when it was due by the loop's clock, and how much later the observer had
        its push (s); None: it had none."""
        return self._time((bid, self._auction_pushes[bid.auction]) for bid in self.acknowledged)

    def time_own_pushes(self) -> Iterator[tuple[float, float | None]]:
        """The same for every bid that took the lead, and the push to whom it took it from."""
        outbid = find_outbid(self.acknowledged)
        return self._time((bid, self._own_pushes[member]) for bid, member in outbid)

    def _time(self, bids: Iterable[tuple[Acknowledgement, Pushes]]) -> Iterator[tuple[float, float | None]]:
        for bid, pushes in bids:
            due, came = self._due[bid.auction, bid.number], find_first(pushes, read_place(bid.position))
            yield due, None if came is None else came - due


def append_in_order(pushes: Pushes, place: Place, at: float) -> None:
    """Adds a push, unless it is older than the last one: another gateway may be behind the one that was
    lost."""
    if not pushes or place >= pushes[-1][0]:
        pushes.append((place, at))


def find_first(pushes: Pushes, place: Place) -> float | None:
    """When the first push at ``place`` or later came."""
    index = bisect_left(pushes, place, key=lambda push: push[0])
    return pushes[index][1] if index < len(pushes) else None


def find_outbid(acknowledged: list[Acknowledgement]) -> list[tuple[Acknowledgement, str]]:
    """Each bid that took the lead from another member of the crowd, with that member."""
    leaders: dict[str, tuple[int, str]] = {}
    found = []
    for bid in sorted(acknowledged, key=lambda bid: (bid.auction, bid.number)):
        number, leader = leaders.get(bid.auction, (0, ""))
        # A missing number was somebody else's bid, or one without an answer: who led is not known then.
        if number == bid.number - 1 and bid.leading and leader not in ("", bid.member):
            found.append((bid, leader))
        if bid.leading:
            leaders[bid.auction] = (bid.number, bid.member)
        elif number == bid.number - 1:
            leaders[bid.auction] = (bid.number, leader)
    return found
