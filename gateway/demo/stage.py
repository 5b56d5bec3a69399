"""The demo's staff: sets the program up, keeps members in points, and lists each experience again and again.

Everything may be done twice: members are looked at before they are credited, and credits and listings have
fixed keys and ids. So a second start goes on where the first one stopped.
"""

import asyncio
import random
from typing import Any, Final

import structlog

from engine.commands import LEVEL
from engine.units import DAY, MINUTE, SECOND
from gateway.blueprint.carrying_out import apply_blueprint
from gateway.blueprint.reading import read_file
from gateway.clock import now
from gateway.demo.catalogue import (
    LISTED,
    LOW_BALANCE,
    MEMBERS,
    PROGRAM_FILE,
    TOP_UP,
    Experience,
    lots_of,
    market_of,
    member_id,
    segments_of,
    split_id,
    terms_of,
    tier_of,
)
from gateway.demo.connection import DemoSocket, Place, Refused, stay_connected
from gateway.demo.raffles import host_raffles, thank_members
from gateway.demo.shop import keep_shop

ROUND_SECONDS: Final = 60.0
"""How often balances are looked at."""

AT_ONCE: Final = 50
"""Members that are looked at together."""

FIRST_PAUSES: Final = (0, 0, 0, 20, 0, 0, 0, 35, 0, 8, 0, 15, 0, 0, 12, 0, 5, 0)
"""Seconds until the first auction of each experience opens: some are still to come when people look first."""

LATER_PAUSES: Final = (6.0, 25.0)
"""Seconds between an experience's auctions, at least and at most."""

ENDED: Final = ("settled", "unsold", "cancelled")

_log = structlog.get_logger("livelot.demo")


class Stage:
    """``run`` never returns by itself; ``ready`` is set once the members can bid."""

    def __init__(self, place: Place, chance: random.Random) -> None:
        self.ready = asyncio.Event()
        self._place = place
        self._chance = chance

    async def run(self) -> None:
        """Does all of it until cancelled."""
        await stay_connected(self._place, "demo-operator", "operator", set_up_program)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stay_connected(self._place, "demo-service", "service", self._tend_members))
            tasks.create_task(stay_connected(self._place, "demo-manager", "manager", self._list_experiences))
            tasks.create_task(stay_connected(self._place, "demo-shop", "service", keep_shop))
            tasks.create_task(stay_connected(self._place, "demo-raffles", "operator", host_raffles))
            tasks.create_task(stay_connected(self._place, "demo-thanks", "service", self._thank))

    async def _tend_members(self, socket: DemoSocket) -> None:
        while True:
            for first in range(1, MEMBERS + 1, AT_ONCE):
                numbers = range(first, min(first + AT_ONCE, MEMBERS + 1))
                await asyncio.gather(*(tend_member(socket, number) for number in numbers))
            if not self.ready.is_set():
                _log.info("demo members ready", members=MEMBERS)
            self.ready.set()
            await asyncio.sleep(ROUND_SECONDS)

    async def _thank(self, socket: DemoSocket) -> None:
        await thank_members(socket, self._chance)

    async def _list_experiences(self, socket: DemoSocket) -> None:
        newest = await find_newest(socket)
        async with asyncio.TaskGroup() as tasks:
            for experience, pause in zip(LISTED, FIRST_PAUSES, strict=True):
                number = newest.get(experience.stem, 0)
                tasks.create_task(self._keep_listing(socket, experience, number, pause))

    async def _keep_listing(
        self, socket: DemoSocket, experience: Experience, number: int, pause: float
    ) -> None:
        """Sees auction ``number`` (0: none) of an experience to its end, and then lists one after another."""
        while True:
            if number:
                await see_to_its_end(socket, f"{experience.stem}{number}")
                pause = self._chance.uniform(*LATER_PAUSES)
            number += 1
            starts_at = now() + int(pause * SECOND) + SECOND
            await list_auction(socket, f"{experience.stem}{number}", experience, starts_at)


async def set_up_program(socket: DemoSocket) -> None:
    """Has the program be what its file says; what was changed meanwhile is changed back."""
    if (await socket.call("program.get"))["level"] < LEVEL:
        await socket.call("program.raise_level", level=LEVEL)  # its processes are all of this version
    outcomes = await apply_blueprint(socket.call, read_file(PROGRAM_FILE), now=now(), why="the demo starts")
    for outcome in outcomes:
        if outcome.status != "done":
            _log.warning("demo change refused", what=outcome.name, reason=outcome.words, code=outcome.code)
    _log.info("demo program ready", changes=len(outcomes))


async def tend_member(socket: DemoSocket, number: int) -> None:
    """Makes member ``number`` known with points to spend; one that runs low gets more."""
    id = member_id(number)
    try:
        member = await socket.call("member.get", member=id)
    except Refused as refusal:
        if refusal.code != "unknown_member":
            raise
        own = {"tier": tier_of(number), "market": market_of(number), "segments": segments_of(number)}
        await socket.call("member.upsert", member=id, **own)
        member = {"issued": 0}
    if not member["issued"]:
        today = now() // DAY * DAY
        for order, lot in enumerate(lots_of(number), 1):
            expires_at = today + DAY + lot.lasts if lot.lasts else 0
            await _credit(socket, id, lot.amount, f"{id}-lot-{order}", expires_at=expires_at)
    elif member["available"] + member["held"] < LOW_BALANCE:
        await _credit(socket, id, TOP_UP, f"{id}-top-up-{now() // MINUTE}", reason="demo top-up")


async def _credit(socket: DemoSocket, member: str, amount: int, key: str, **more: Any) -> None:
    not_after = now() + DAY
    try:
        await socket.call("points.credit", member=member, amount=amount, key=key, not_after=not_after, **more)
    except Refused as refusal:
        # Another start of the demo gave these points, on another day.
        if refusal.code != "key_conflict":
            raise


async def find_newest(socket: DemoSocket) -> dict[str, int]:
    """By the stem of their ids, the running number of an experience's newest auction; without those that have
    none."""
    newest: dict[str, int] = {}
    cursor = ""
    while True:
        page = await socket.call("auction.list", after=cursor, limit=100)
        for auction in page["auctions"]:
            found = split_id(auction["id"])
            if found is not None:
                newest.setdefault(*found)
        cursor = page["next"]
        if not cursor or all(experience.stem in newest for experience in LISTED):
            return newest


async def list_auction(socket: DemoSocket, id: str, experience: Experience, starts_at: int) -> None:
    """Makes and schedules an auction that opens at ``starts_at`` (ms), whether or not a part of it was done
    before."""
    wanted = {"terms": terms_of(experience, starts_at), "format": experience.format}
    await socket.call_unless("auction_exists", "auction.create", auction=id, **wanted)
    await socket.call_unless("wrong_status", "auction.schedule", auction=id)


async def see_to_its_end(socket: DemoSocket, id: str) -> None:
    """Returns once the auction has ended; a draft that an earlier start left behind is cancelled."""
    if (await socket.call("auction.get", auction=id))["status"] == "draft":
        await socket.call_unless("wrong_status", "auction.cancel", auction=id, reason="left over")
        return
    topic = f"auction:{id}"
    await socket.call("subscribe", topics=[topic])
    await socket.watch(topic, lambda state: state is None or state["status"] in ENDED)
    await socket.call("unsubscribe", topics=[topic])
    del socket.states[topic]
