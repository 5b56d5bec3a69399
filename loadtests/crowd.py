"""The members of a crowd: each on a socket of its own, bidding when it is told to.

Nothing here decides when; that is the schedule's. A bid's key, maximum and deadline are fixed when it is
first sent, and stay as they are however often it has to be sent.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

import msgspec

from loadtests.book import Book, Entry, choose_maximum
from loadtests.measures import Acknowledgement, Departure, Measures
from loadtests.moves import Move, Part, choose_move
from loadtests.schedule import choose_watched
from loadtests.sockets import Counts, MemberSocket
from loadtests.tally import ACKNOWLEDGED, PASSED
from loadtests.wire import (
    BidTaken,
    Message,
    PushParameters,
    Refusal,
    decode_auction,
    decode_bid,
    decode_left,
    decode_live,
    decode_own,
    read_place,
)

BID_LIFETIME = 60_000
"""How long after it was due a bid may still be applied, in ms: its ``not_after``."""

FOLLOWED = 190
"""How many auctions an observer follows: a gateway lets a socket have 200 topics."""

BARRED = frozenset(
    {"not_eligible", "staff_may_not_bid", "win_limit_reached", "too_many_bids", "entry_is_over", "not_in"}
)
"""Refusals after which a member leaves an auction alone."""


class Bid(msgspec.Struct, frozen=True, omit_defaults=True):
    """The parameters of `auction.bid`."""

    auction: str
    maximum: int
    key: str
    not_after: int
    quantity: int = 1
    partial: bool = False


class Leave(msgspec.Struct, frozen=True):
    """The parameters of `auction.leave`."""

    auction: str
    key: str
    not_after: int


class Bidder:
    """One member: its socket, its points, its last bid in each auction, and where it may not bid."""

    def __init__(self, member: str, crowd: "Crowd", topics: list[str]) -> None:
        self.member = member
        self.available = 0
        self.maxima: dict[str, int] = {}
        self.quantities: dict[str, int] = {}
        self.leading: set[str] = set()
        self.barred: set[str] = set()
        self.informed = asyncio.Event()
        self.socket = MemberSocket(crowd.url, crowd.token_of(member), topics, self._take_push, crowd.counts)
        self._crowd = crowd

    def affordable(self, auction: str) -> int:
        """How high it can go there: what it still holds there counts again."""
        return self.available + (self.maxima.get(auction, 0) if auction in self.leading else 0)

    def part_in(self, auction: str) -> Part:
        """Its part in an auction of another format than English: there what it bid last is held, whether it
        gets something or not."""
        maximum, quantity = self.maxima.get(auction, 0), self.quantities.get(auction, 0)
        return Part(self.member, maximum, quantity, auction in self.leading, self.available)

    def _take_push(self, push: PushParameters, at: float) -> None:
        if push.topic == "me":
            state = decode_own(push.state)
            self.available = state.available
            self.informed.set()
            self.maxima.update((own.auction, own.maximum) for own in state.auctions)
            self.quantities.update((own.auction, own.quantity) for own in state.auctions)
            self.leading = {own.auction for own in state.auctions if own.leading}
            self._crowd.measures.note_own_push(self.member, read_place(push.position), at)
        else:
            self._crowd.take_public_push(push)


class Crowd:
    """All members, and observers who only listen, as many as it takes to hear of every auction."""

    def __init__(
        self,
        url: str,
        members: list[str],
        auctions: list[str],
        *,
        watched: int,
        token_of: Callable[[str], Callable[[], Awaitable[str]]],
        seed: int,
        counts: Counts | None = None,
    ) -> None:
        """``url`` is the socket's. Everybody follows ``me`` and the auctions that it watches; the
        observers, all of them."""
        self.url = url
        self.token_of = token_of
        self.book = Book()
        self.counts = counts or Counts()
        self.measures = Measures()
        self.auctions = auctions
        self.bidders = []
        for index, member in enumerate(members):
            topics = [
                f"auction:{auctions[choice]}" for choice in choose_watched(index, len(auctions), watched)
            ]
            self.bidders.append(Bidder(member, self, ["me", *topics]))
        self.observers = []
        for first in range(0, len(auctions), FOLLOWED):
            topics = [f"auction:{auction}" for auction in auctions[first : first + FOLLOWED]]
            self.observers.append(
                MemberSocket(
                    url,
                    token_of(members[0]),
                    ["auctions", *topics],
                    self._take_observed_push,
                    self.counts,
                )
            )
        self._pushed = asyncio.Event()
        self._draw = random.Random(seed)
        self.unanswered: dict[str, Bid | Leave] = {}
        self.ended: dict[str, float] = {}
        """When observers were first shown that an auction has ended, by the loop's clock."""
        self._run = f"{time.time_ns():x}"
        self._bids = 0

    @property
    def sockets(self) -> list[MemberSocket]:
        """The observers' and everybody's."""
        return [*self.observers, *(bidder.socket for bidder in self.bidders)]

    @property
    def is_informed(self) -> bool:
        """Whether everybody knows its points, and the crowd every auction."""
        known = all(self.book.find(auction) is not None for auction in self.auctions)
        return known and all(bidder.informed.is_set() for bidder in self.bidders)

    async def run(self) -> None:
        """Keeps all sockets up until cancelled. Raises ``StormError`` if a gateway refuses one for good."""
        async with asyncio.TaskGroup() as group:
            for socket in self.sockets:
                group.create_task(socket.run())

    async def wait_until_ready(self) -> None:
        """Returns once every socket is up."""
        for socket in self.sockets:
            await socket.ready.wait()

    async def wait_for_pushes(self) -> None:
        """Returns once the observers have seen the effect of every acknowledged bid."""
        while not self.measures.pushes_are_complete():
            self._pushed.clear()
            await self._pushed.wait()

    async def bid(self, member: int, auction: int, due: float) -> str:
        """Places one bid that was due at ``due`` by the loop's clock, notes what became of it, and returns
        that as a tally has it."""
        measures, bidder = self.measures, self.bidders[member]
        choice = self._choose(bidder, self.auctions[auction])
        if choice is None:
            measures.passed += 1
            return PASSED
        call = self._write(bidder, *choice)
        measures.note_sent(asyncio.get_running_loop().time() - due)
        self.unanswered[call.key] = call
        method = "auction.bid" if isinstance(call, Bid) else "auction.leave"
        message, sent = await bidder.socket.persist(method, call, call.not_after)
        del self.unanswered[call.key]
        latency = asyncio.get_running_loop().time() - due
        if message.error is not None:
            self._take_refusal(bidder, call, message.error, latency)
            return message.error.code
        if isinstance(call, Leave):
            left = decode_left(message.result)
            departure = Departure(left.auction, bidder.member, left.price, message.position, call.key)
            measures.note_left(departure, latency)
        else:
            self._take_reply(bidder, call, message, sent, due, latency)
        return ACKNOWLEDGED

    def take_public_push(self, push: PushParameters) -> None:
        """Learns from a push that anybody gets."""
        place = read_place(push.position)
        if push.topic == "auctions":
            for state in decode_live(push.state).auctions:
                self.book.learn_state(state, place)
        elif push.state != b"null":
            self.book.learn_state(decode_auction(push.state), place)

    def _write(self, bidder: Bidder, name: str, move: Move) -> Bid | Leave:
        """The call of a move; the bidder remembers what it bid."""
        self._bids += 1
        key, not_after = f"{self._run}-{self._bids}", int(time.time() * 1000) + BID_LIFETIME
        if not move.maximum:
            bidder.barred.add(name)
            return Leave(name, key, not_after)
        bidder.maxima[name], bidder.quantities[name] = move.maximum, move.quantity
        return Bid(name, move.maximum, key, not_after, move.quantity, move.partial)

    def _choose(self, bidder: Bidder, preferred: str) -> tuple[str, Move] | None:
        """The auction and the move: in the preferred one, else in any other that is open and that it can
        afford."""
        for name in (preferred, *self._draw.sample(self.auctions, min(3, len(self.auctions)))):
            entry = self.book.find(name)
            if entry is not None and entry.open and name not in bidder.barred:
                move = self._choose_in(entry, bidder, name)
                if move is not None:
                    return name, move
        return None

    def _choose_in(self, entry: Entry, bidder: Bidder, name: str) -> Move | None:
        if entry.format != "english":
            return choose_move(entry, bidder.part_in(name), int(time.time() * 1000), self._draw)
        own = bidder.maxima.get(name, 0)
        maximum = choose_maximum(entry, own, bidder.affordable(name), self._draw)
        return Move(maximum) if maximum else None

    def _take_refusal(self, bidder: Bidder, call: Bid | Leave, refusal: Refusal, latency: float) -> None:
        self.book.learn_refusal(call.auction, refusal.code, refusal.minimum)
        self.measures.note_refused(refusal.code, latency)
        if refusal.code in BARRED:
            bidder.barred.add(call.auction)

    def _take_reply(
        self, bidder: Bidder, bid: Bid, message: Message, sent: int, due: float, latency: float
    ) -> None:
        taken = decode_bid(message.result)
        place = read_place(message.position)
        self.book.learn_bid(taken, place)
        if taken.leading:
            bidder.leading.add(taken.auction)
        acknowledgement = _acknowledge(bidder.member, bid, taken, message.position, sent)
        self.measures.note_acknowledged(acknowledgement, due, latency)

    def _take_observed_push(self, push: PushParameters, at: float) -> None:
        self.take_public_push(push)
        if push.topic == "auctions":
            return
        auction = push.topic.removeprefix("auction:")
        self.measures.note_auction_push(auction, read_place(push.position), at)
        entry = self.book.find(auction)
        if entry is not None and entry.ended:
            self.ended.setdefault(auction, at)
        self._pushed.set()


def _acknowledge(member: str, bid: Bid, taken: BidTaken, position: str, sent: int) -> Acknowledgement:
    return Acknowledgement(
        auction=taken.auction,
        number=taken.number,
        member=member,
        maximum=bid.maximum,
        bidder=taken.bidder,
        price=taken.price,
        leading=taken.leading,
        position=position,
        key=bid.key,
        sent=sent,
        quantity=bid.quantity,
        partial=bid.partial,
    )
