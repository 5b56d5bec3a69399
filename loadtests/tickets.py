"""Tickets that a crowd was told of, and whether the raffle has them: each number once, none beyond the caps.

The comparisons are pure; the readers ask.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

import msgspec

from engine.draw.verification import verify_evidence
from loadtests.api import Api, RequestError
from loadtests.findings import Verification
from loadtests.preparation import MANAGER
from loadtests.tokens import Tokens
from loadtests.wire import StormError

PAGE = 100

DRAWN = frozenset({"drawn", "settled"})

DRAWING_SECONDS = 60
"""How long a raffle may take from its close to its evidence."""


class Entered(msgspec.Struct, frozen=True):
    """The reply to a purchase: entry number ``entry`` has the tickets ``first`` to ``last``."""

    entry: int
    first: int
    last: int
    points: int


class Bought(msgspec.Struct, frozen=True):
    """What a member was told that it has."""

    member: str
    entry: int
    first: int
    last: int
    points: int


class Entry(msgspec.Struct, frozen=True):
    """An entry as staff sees it."""

    entry: int
    member: str
    first: int
    tickets: int
    points: int


class EntryPage(msgspec.Struct, frozen=True):
    """In order; ``next`` is the cursor of the page after, 0 at the end."""

    entries: list[Entry]
    next: int


class OwnPart(msgspec.Struct, frozen=True):
    """A member's part in a raffle, as it is told."""

    raffle: str
    tickets: int


class OwnRaffles(msgspec.Struct, frozen=True):
    """The state of the topic ``me``, as far as raffles go."""

    raffles: list[OwnPart] = []


class RaffleState(msgspec.Struct, frozen=True):
    """The state of a topic ``raffle:…``, or a raffle over HTTP."""

    id: str
    status: str
    tickets: int
    entries: int
    most: int | None = None


decode_entered = msgspec.json.Decoder(Entered).decode
decode_own_raffles = msgspec.json.Decoder(OwnRaffles).decode
decode_raffle = msgspec.json.Decoder(RaffleState).decode


def verify_bought(verification: Verification, told: list[Bought], found: list[Entry], strays: int) -> None:
    """Compares what members were told with the entries of these members that are ``found``; ``strays`` got no
    answer: so many more there may be."""
    known = {one.entry: one for one in found}
    for bought in told:
        name = f"entry {bought.entry} of {bought.member}, tickets {bought.first} to {bought.last}"
        one = known.pop(bought.entry, None)
        if one is None:
            verification.report(f"{name}: it is not there, or was told twice")
            continue
        shown = Bought(one.member, one.entry, one.first, one.first + one.tickets - 1, one.points)
        if shown != bought:
            words = f"tickets {shown.first} to {shown.last} of {shown.member} for {shown.points} points"
            verification.report(f"{name} for {bought.points} points: the raffle has {words}")
    if len(known) > strays:
        words = f"{len(known)} entries were told to nobody, and only {strays} have no answer"
        verification.report(words)


def verify_numbers(verification: Verification, raffle: RaffleState, entries: Sequence[Entry]) -> None:
    """Tickets are numbered from 1 without a gap, in the order of the entries, and the raffle counts as many;
    no more than its cap allows."""
    ticket = 1
    for number, one in enumerate(entries):
        if (one.entry, one.first) != (number, ticket):
            expected, found = f"entry {number}, ticket {ticket}", f"entry {one.entry}, ticket {one.first}"
            verification.report(f"{raffle.id}: next comes {expected}; it has {found}")
            return
        ticket += one.tickets
    sold = ticket - 1
    if (len(entries), sold) != (raffle.entries, raffle.tickets):
        words = f"{len(entries)} entries with {sold} tickets, it says {raffle.entries} with {raffle.tickets}"
        verification.report(f"{raffle.id}: {words}")
    if raffle.most is not None and sold > raffle.most:
        verification.report(f"{raffle.id}: oversold: {sold} tickets, {raffle.most} are the most")


def verify_caps(verification: Verification, entries: Sequence[Entry], most_each: int) -> None:
    """No member has more tickets than it may."""
    tickets: Counter[str] = Counter()
    for one in entries:
        tickets[one.member] += one.tickets
    for member, count in tickets.items():
        if count > most_each:
            verification.report(f"{member} has {count} tickets, {most_each} are the most")


def verify_page(
    verification: Verification,
    member: str,
    shown: RaffleState | None,
    raffle: RaffleState,
    own: OwnRaffles,
    acknowledged: int,
) -> None:
    """What a member was shown last of a raffle is what it is now, and of its own tickets it is told no fewer
    than were ``acknowledged`` to it, as long as it is told of them at all."""
    if shown is None or (shown.status not in DRAWN, shown.tickets) != (False, raffle.tickets):
        words = f"{shown.tickets} tickets, {shown.status}" if shown is not None else "nothing"
        verification.report(f"{member} is shown {words}; the raffle has {raffle.tickets}, {raffle.status}")
    for part in own.raffles:
        if part.raffle == raffle.id and part.tickets < acknowledged:
            words = f"{part.tickets} tickets, {acknowledged} were acknowledged"
            verification.report(f"{member} is told that it has {words}")


async def read_entries(api: Api, tokens: Tokens, raffle: str) -> list[Entry]:
    """All entries of a raffle. Raises ``StormError``."""
    token = await tokens.get(MANAGER, "manager")
    found: list[Entry] = []
    after = 0
    while True:
        answer = await api.get(f"/v1/raffles/{raffle}/entries", token, after=after, limit=PAGE)
        page = msgspec.json.decode(answer.body, type=EntryPage)
        found += page.entries
        after = page.next
        if not after:
            return found


async def read_raffle(api: Api, tokens: Tokens, raffle: str) -> RaffleState:
    """A raffle as it is now. Raises ``StormError``."""
    token = await tokens.get(MANAGER, "manager")
    return decode_raffle((await api.get(f"/v1/raffles/{raffle}", token)).body)


async def wait_for_status(api: Api, tokens: Tokens, raffle: str, statuses: frozenset[str]) -> RaffleState:
    """The raffle, once it has one of these. Raises ``StormError`` if that takes too long."""
    deadline = time.monotonic() + DRAWING_SECONDS
    while True:
        state = await read_raffle(api, tokens, raffle)
        if state.status in statuses:
            return state
        if time.monotonic() > deadline:
            expected = " or ".join(sorted(statuses))
            words = f"{raffle} is {state.status}, not {expected}, after {DRAWING_SECONDS} s"
            raise StormError(f"{words}: is a keeper running?")
        await asyncio.sleep(0.05)


async def verify_draw(verification: Verification, api: Api, tokens: Tokens, raffle: str) -> None:
    """Draws a raffle again from its evidence. Raises ``StormError`` if there is none in time."""
    token = await tokens.get(MANAGER, "manager")
    deadline = time.monotonic() + DRAWING_SECONDS
    while True:
        try:
            answer = await api.get(f"/v1/raffles/{raffle}/evidence", token)
        except RequestError as error:
            if error.code != "no_evidence" or time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)
        else:
            break
    report = await asyncio.to_thread(verify_evidence, answer.body)
    if report.failed is not None:
        words = f"its evidence does not hold: {report.failed.id}: {report.failed.words}"
        verification.report(f"{raffle}: {words}")
