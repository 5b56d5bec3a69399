"""A whole storm: prepare, connect, bid by the schedule, wait for the last answers, verify, report."""

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from loadtests.api import Api
from loadtests.crowd import Crowd
from loadtests.formats import Format
from loadtests.preparation import (
    announce_auctions,
    end_auctions,
    find_open_auctions,
    name_members,
    open_announced,
    prepare_auctions,
    prepare_members,
)
from loadtests.report import Options, Report, make_report
from loadtests.sales import wait_for_ends
from loadtests.schedule import Arrival, draw_arrivals, pace
from loadtests.tally import Tally
from loadtests.tokens import Tokens
from loadtests.verification import verify
from loadtests.wire import StormError

BID = "bid"

CONNECTING_SECONDS = 60
"""How long all sockets together may take to come up."""

PUSH_SECONDS = 2
"""How long after the last answer the last pushes may come."""

MARGIN_SECONDS = 600
"""How much longer than the storm prepared English auctions stay open."""


async def storm(
    options: Options, api: Api, tokens: Tokens, console: Console, tally: Tally | None = None
) -> Report:
    """Runs a storm and verifies it; what became of each bid goes into ``tally`` as well. Raises an exception
    group of ``StormError`` where it cannot go on."""
    tally = tally or Tally()
    members = name_members(options.prefix, options.members)
    auctions = await _set_stage(options, api, tokens, members)
    crowd = Crowd(
        api.socket_url,
        members,
        auctions,
        watched=options.watched,
        token_of=lambda member: _get_token(tokens, member),
        seed=options.seed,
    )
    async with asyncio.TaskGroup() as group:
        sockets = group.create_task(crowd.run())
        await _connect(crowd)
        if options.prepare and options.format is not Format.ENGLISH:
            await open_announced(api, tokens, auctions, options.format, seconds=options.seconds)
        started_at, began = int(time.time() * 1000), time.monotonic()
        await _bid(options, crowd, console, tally)
        seconds = time.monotonic() - began
        await _wait_for_pushes(crowd)
        sockets.cancel()
    unanswered = Counter(bid.auction for bid in crowd.unanswered.values())
    if options.prepare and options.format is not Format.ENGLISH:
        await wait_for_ends(api, tokens, auctions)
    verification = await verify(
        api, tokens, crowd.measures, unanswered=unanswered, alone=options.prepare, format=options.format
    )
    if options.prepare and options.format is Format.ENGLISH:
        await end_auctions(api, tokens, auctions)
    return make_report(
        options,
        crowd.measures,
        crowd.counts,
        started_at=started_at,
        seconds=seconds,
        unanswered=unanswered.total(),
        verification=verification,
    )


async def _set_stage(options: Options, api: Api, tokens: Tokens, members: list[str]) -> list[str]:
    """The auctions to bid on: fresh ones, or those that are open."""
    if options.prepare:
        await prepare_members(api, tokens, members, tier=options.tier, market=options.market)
        return await _prepare(options, api, tokens)
    reader = await tokens.get(members[0], "member")
    auctions = await find_open_auctions(api, reader, options.auctions, options.format)
    if not auctions:
        kind = "" if options.format is Format.ENGLISH else f" of format {options.format}"
        raise StormError(f"no auction{kind} is open: open some, or have the storm do so with --prepare")
    return auctions


async def _prepare(options: Options, api: Api, tokens: Tokens) -> list[str]:
    """English auctions, open; or others, announced, whose clocks are not to run before the crowd is there."""
    count, seconds = options.auctions, options.seconds
    if options.format is Format.ENGLISH:
        return await prepare_auctions(api, tokens, count, seconds=seconds + MARGIN_SECONDS)
    crowd = -(-options.members * min(options.watched, count) // count)
    return await announce_auctions(api, tokens, count, options.format, seconds=seconds, crowd=crowd)


def _get_token(tokens: Tokens, member: str) -> Callable[[], Awaitable[str]]:
    return lambda: tokens.get(member, "member")


async def _connect(crowd: Crowd) -> None:
    try:
        async with asyncio.timeout(CONNECTING_SECONDS):
            await crowd.wait_until_ready()
    except TimeoutError as error:
        words = f"{crowd.counts.connected} of {len(crowd.sockets)} sockets came up in {CONNECTING_SECONDS} s"
        raise StormError(f"{words}: is the gateway overloaded, or does it limit connections?") from error


async def _bid(options: Options, crowd: Crowd, console: Console, tally: Tally) -> None:
    """Places every bid when it is due, and waits for the answers as long as the storm's patience lasts."""
    loop = asyncio.get_running_loop()
    arrivals = draw_arrivals(
        rate=options.rate,
        seconds=options.seconds,
        members=options.members,
        auctions=len(crowd.auctions),
        watched=options.watched,
        seed=options.seed,
    )
    with _make_progress(console) as progress:
        # What is there by now stays: a collection that looked at all of it would delay bids by milliseconds.
        gc.collect()
        gc.freeze()
        row = progress.add_task("bidding", total=options.seconds, counts="")
        start = loop.time()
        try:
            async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as bids:
                async for arrival in pace(arrivals, start):
                    tally.begin(BID, arrival.at)
                    bids.create_task(_place(crowd, arrival, start, tally))
                    _show(progress, row, crowd, arrival.at)
                limit.reschedule(loop.time() + options.patience)
        except TimeoutError:
            # What has no answer by now stays in crowd.unanswered, and the report counts it.
            console.print(f"{len(crowd.unanswered)} bids have no answer after {options.patience:g} s.")
        finally:
            gc.unfreeze()
        _show(progress, row, crowd, options.seconds)


async def _place(crowd: Crowd, arrival: Arrival, start: float, tally: Tally) -> None:
    """Places one bid, and counts what became of it."""
    due = start + arrival.at
    tally.lateness.add(asyncio.get_running_loop().time() - due)
    outcome = await crowd.bid(arrival.member, arrival.auction, due)
    tally.end(BID, arrival.at, outcome, asyncio.get_running_loop().time() - due)


async def _wait_for_pushes(crowd: Crowd) -> None:
    """Waits for what is still on its way; a push that never comes shows in the report's counts."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PUSH_SECONDS):
            await crowd.wait_for_pushes()


def _make_progress(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[counts]}"),
    )
    return Progress(*columns, console=console, refresh_per_second=4)


def _show(progress: Progress, row: TaskID, crowd: Crowd, at: float) -> None:
    measures = crowd.measures
    refused = measures.refused.total()
    counts = f"{len(measures.acknowledged)} acknowledged, {refused} refused, {len(crowd.unanswered)} open"
    progress.update(row, completed=at, counts=counts)
