"""What scenarios stand on the stage: members with points, auctions, experiences, price rules.

Everything goes through doors, some hundred commands at a time, since a crowd of fifty thousand would wait for
minutes otherwise.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from loadtests.api import RequestError
from loadtests.preparation import POINTS, gather_bounded
from loadtests.scenario import Stage
from loadtests.wire import Message, StormError

AT_ONCE = 200
"""Commands under way at a time."""

WAITING_SECONDS = 60
"""How long the other parts wait at least for what the first one makes."""

OPENING = 500
"""What auctions open at, in points."""

MARGIN_SECONDS = 600
"""How much longer than the run auctions stay open that are not to end in it."""


async def make_members(
    stage: Stage, points: int = POINTS, *, segment_of: Callable[[str], str] | None = None
) -> None:
    """Makes this part's members known, each in its segment, and gives each ``points``. Raises
    ``StormError``."""
    who = {"tier": stage.plan.tier, "market": stage.plan.market}

    async def make(member: str) -> None:
        segments = (segment_of(member),) if segment_of is not None else ()
        await stage.services.require("member.upsert", member=member, segments=segments, **who)
        await stage.services.require("points.credit", member=member, amount=points, reason="load test")

    await gather_bounded((make(member) for member in stage.members), AT_ONCE)


async def open_auctions(stage: Stage, count: int, *, seconds: float, **terms: Any) -> list[str]:
    """The run's auctions 1 to ``count``, open for ``seconds`` from now, or from the instant at which the run
    begins; the first part opens them, the others wait until they are. ``terms`` are further ones. Raises
    ``StormError``."""
    names = [stage.name(number) for number in range(1, count + 1)]
    ends_at = stage.end_after(seconds)
    if stage.first:
        await gather_bounded((open_auction(stage, name, ends_at, **terms) for name in names), AT_ONCE)
    else:
        await wait_for(stage, f"/v1/auctions/{names[-1]}")
    return names


async def open_auction(stage: Stage, name: str, ends_at: int, **terms: Any) -> Message:
    """Makes an auction and opens it, until ``ends_at`` ms; the reply to that. Raises ``StormError``."""
    starts_at = int(stage.clock.now() * 1000)
    least = {"title": name, "opening": OPENING, "starts_at": starts_at, "ends_at": ends_at}
    await stage.managers.require("auction.create", auction=name, terms={**least, **terms})
    return await stage.managers.require("auction.open", auction=name)


async def open_raffle(stage: Stage, name: str, *, seconds: float, **terms: Any) -> None:
    """Makes a raffle that is drawn without a way out, and opens it for ``seconds``, or for as long from when
    the run begins. It is open as soon as the keeper has published its commitment. Raises ``StormError``."""
    least = {
        "titles": {"en": name},
        "prizes": [{"id": "first"}, {"id": "second", "quantity": 5}],
        "reserves": 5,
        "randomness": "commitment",
        "opens_at": int(stage.clock.now() * 1000),
        "closes_at": stage.end_after(seconds),
    }
    await stage.managers.require("raffle.create", raffle=name, terms={**least, **terms})
    await stage.managers.require("raffle.open", raffle=name)


async def cancel_auctions(stage: Stage, auctions: list[str]) -> None:
    """Cancels auctions, so that what members hold for them is released. Raises ``StormError``."""
    await gather_bounded(
        (
            stage.managers.require("auction.cancel", auction=auction, reason="the load test is over")
            for auction in auctions
        ),
        AT_ONCE,
    )


async def put_experiences(stage: Stage, names: list[str], **terms: Any) -> None:
    """Puts experiences into the catalogue, at 100 points and so on upwards. Raises ``StormError``."""

    async def put(number: int, name: str) -> None:
        least = {"kind": "storm", "points": 100 * number, "titles": {"en": name}}
        await stage.managers.require("experience.put", experience=name, terms={**least, **terms})

    await gather_bounded((put(number, name) for number, name in enumerate(names, 1)), AT_ONCE)


async def remove_experiences(stage: Stage, names: list[str]) -> None:
    """Takes them out again. Raises ``StormError``."""
    await gather_bounded(
        (stage.managers.require("experience.remove", experience=name) for name in names), AT_ONCE
    )


async def wait_for(stage: Stage, path: str) -> None:
    """Returns once the first part has made what is at ``path``. Raises ``StormError`` if that takes too
    long, or longer than until the run begins."""
    token = await stage.tokens.get("storm-reader", "manager")
    left = 0.0 if stage.begins_at is None else stage.begins_at - stage.clock.now()
    deadline = time.monotonic() + max(WAITING_SECONDS, left)
    while True:
        try:
            await stage.api.get(path, token)
        except RequestError as error:
            if not error.code.startswith("unknown_") or time.monotonic() > deadline:
                raise StormError(f"the first part has not made {path}: {error}") from error
        else:
            return
        await asyncio.sleep(0.1)
