"""The demo's raffles: staff opens one after another; members buy tickets, and claim what they win.

They are drawn from a commitment: the demo needs no way out. Everything may be done twice, as in stage.py.
"""

import asyncio
import random
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import structlog

from engine.units import MINUTE, SECOND
from gateway.clock import now
from gateway.demo.catalogue import member_id
from gateway.demo.connection import DemoSocket, Place, Refused, stay_connected

ENTRANTS: Final = tuple(member_id(number) for number in range(23, 2_000, 167))
"""Twelve members, of all tiers and markets."""

PAUSES: Final = (2.0, 9.0)
"""Seconds between two looks of an entrant, at least and at most."""

GRANT_SECONDS: Final = 20.0
"""How often the shop thanks somebody with a ticket."""

BETWEEN: Final = 15.0
"""Seconds from a raffle's end to the next one's opening."""

OVER: Final = ("settled", "void")

_log = structlog.get_logger("livelot.demo")


class Raffle(NamedTuple):
    """Something that is raffled again and again: ``slug`` begins its ids, ``length`` is ms, ``terms`` as the
    wire has them."""

    slug: str
    length: int
    terms: dict[str, Any]


RAFFLES: Final = (
    Raffle(
        "balloon-raffle",
        2 * MINUTE,
        {
            "titles": {
                "en": "A balloon ride at sunrise",
                "fr": "Un vol en ballon au lever du soleil",
                "es": "Un vuelo en globo al amanecer",
                "ar": "رحلة بالمنطاد عند شروق الشمس",
            },
            "prizes": [
                {
                    "id": "ride",
                    "titles": {
                        "en": "Balloon ride for two",
                        "fr": "Vol en ballon pour deux",
                        "es": "Vuelo en globo para dos",
                        "ar": "رحلة بالمنطاد لشخصين",
                    },
                },
                {
                    "id": "picnic",
                    "quantity": 2,
                    "titles": {
                        "en": "Picnic basket",
                        "fr": "Panier de pique-nique",
                        "es": "Cesta de pícnic",
                        "ar": "سلة نزهة",
                    },
                },
            ],
            "price": 120,
            "reserves": 3,
            "bundles": [{"tickets": 5, "pays": 4}],
            "most_each": 40,
        },
    ),
    Raffle(
        "northern-lights-raffle",
        5 * MINUTE,
        {
            "titles": {
                "en": "A week under the northern lights",
                "fr": "Une semaine sous les aurores boréales",
                "es": "Una semana bajo las auroras boreales",
                "ar": "أسبوع تحت الشفق القطبي",
            },
            "prizes": [
                {
                    "id": "week",
                    "titles": {
                        "en": "A week in Tromsø",
                        "fr": "Une semaine à Tromsø",
                        "es": "Una semana en Tromsø",
                        "ar": "أسبوع في ترومسو",
                    },
                }
            ],
            "price": 250,
            "reserves": 2,
            "bundles": [{"tickets": 3, "pays": 2}, {"tickets": 10, "pays": 6}],
        },
    ),
)


def terms_of(raffle: Raffle, opens_at: int) -> dict[str, Any]:
    """The terms of one that opens at ``opens_at`` (ms)."""
    times = {"opens_at": opens_at, "closes_at": opens_at + raffle.length, "claim_within": MINUTE}
    return {**raffle.terms, **times, "randomness": "commitment"}


async def host_raffles(socket: DemoSocket) -> None:
    """Opens each raffle again and again, until cancelled."""
    newest = await find_newest(socket)
    async with asyncio.TaskGroup() as tasks:
        for raffle in RAFFLES:
            tasks.create_task(_keep_hosting(socket, raffle, newest.get(raffle.slug, 0)))


async def thank_members(socket: DemoSocket, chance: random.Random) -> None:
    """Grants somebody a ticket now and then, as a shop does for a review."""
    while True:
        await asyncio.sleep(GRANT_SECONDS)
        live = await socket.call("raffle.list", status="open", limit=10)
        for raffle in live["raffles"][:1]:
            try:
                await socket.call(
                    "raffle.grant",
                    raffle=raffle["id"],
                    member=chance.choice(ENTRANTS),
                    tickets=1,
                    reason="a review",
                )
            except Refused as refusal:
                _log.debug("demo grant refused", raffle=raffle["id"], code=refusal.code)


async def find_newest(socket: DemoSocket) -> dict[str, int]:
    """By slug, the running number of the newest raffle; without those that have none."""
    newest: dict[str, int] = {}
    page = await socket.call("raffle.list", limit=50)
    for raffle in page["raffles"]:
        slug, _, number = raffle["id"].rpartition("-")
        if number.isdecimal():
            newest.setdefault(slug, int(number))
    return newest


async def _keep_hosting(socket: DemoSocket, raffle: Raffle, number: int) -> None:
    """Sees raffle ``number`` (0: none) to its end, and then opens one after another."""
    while True:
        if number:
            await _see_to_its_end(socket, f"{raffle.slug}-{number}")
            await asyncio.sleep(BETWEEN)
        number += 1
        id = f"{raffle.slug}-{number}"
        terms = terms_of(raffle, now() + SECOND)
        await socket.call_unless("raffle_exists", "raffle.create", raffle=id, terms=terms)
        await socket.call_unless("wrong_raffle_status", "raffle.schedule", raffle=id)


async def _see_to_its_end(socket: DemoSocket, id: str) -> None:
    """Returns once the raffle is over, or gone; a draft that an earlier start left behind is voided."""
    state = await socket.call("raffle.get", raffle=id)
    if state["status"] == "draft":
        await socket.call_unless("wrong_raffle_status", "raffle.void", raffle=id, reason="Left over.")
        return
    topic = f"raffle:{id}"
    await socket.call("subscribe", topics=[topic])
    await socket.watch(topic, lambda state: state is None or state["status"] in OVER)
    await socket.call("unsubscribe", topics=[topic])
    del socket.states[topic]


class Entrant:
    """A member that buys tickets at a human pace, and mostly claims what it wins."""

    def __init__(self, member: str) -> None:
        self.member = member
        self._chance = random.Random(member)

    async def speak(self, socket: DemoSocket) -> None:
        """Takes part, as long as the socket lives."""
        await socket.call("subscribe", topics=["raffles", "me"])
        for topic in ("raffles", "me"):
            await socket.watch(topic, lambda state: True)
        while True:
            await asyncio.sleep(self._chance.uniform(*PAUSES))
            try:
                await self._answer_prizes(socket)
                await self._buy(socket)
            except Refused as refusal:
                _log.debug("demo entrant refused", member=self.member, code=refusal.code)

    async def _answer_prizes(self, socket: DemoSocket) -> None:
        for own in socket.states["me"]["raffles"]:
            if own["fate"] == "offered":
                await socket.call(self.choose_answer(own["raffle"]), raffle=own["raffle"])

    async def _buy(self, socket: DemoSocket) -> None:
        choice = self.choose_raffle(socket.states["raffles"]["raffles"], now())
        if choice is None:
            return
        seen = await socket.call("raffle.get", raffle=choice)
        price = seen["own_price"]
        tickets = self._chance.choice((1, 1, 2, 3, 5))
        if price is not None and price["points"] * tickets <= socket.states["me"]["available"] // 4:
            await socket.call("raffle.buy", raffle=choice, tickets=tickets, most=price["points"] * tickets)

    def choose_raffle(self, raffles: Sequence[dict[str, Any]], now: int) -> str | None:
        """One that is open for a while yet, or None."""
        live = [
            one["id"] for one in raffles if one["status"] == "open" and one["closes_at"] - now > 2 * SECOND
        ]
        return self._chance.choice(live) if live and self._chance.random() < 0.6 else None

    def choose_answer(self, raffle: str) -> str:
        """What this member makes of a prize: it declines one in five; the same after a restart."""
        declines = random.Random(f"{self.member} {raffle}").random() < 0.2
        return "raffle.decline" if declines else "raffle.claim"


async def run_entrants(place: Place) -> None:
    """Everybody takes part until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for member in ENTRANTS:
            tasks.create_task(stay_connected(place, member, "member", Entrant(member).speak))
