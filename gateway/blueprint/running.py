"""The program as it runs: what a comparison and an export need of it, read through the operations."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

import msgspec

from engine.errors import Rejection
from gateway.blueprint.blueprint import SECTIONS, Blueprint, Call, Terms

CHANGEABLE: Final = ("draft", "scheduled")
"""The statuses of an auction or a raffle in which its terms can still be replaced."""


class Standing(msgspec.Struct, frozen=True):
    """A campaign, an auction or a raffle: its status, and its terms (None: not looked at). An auction's
    ``format`` stands among them; None for an English one."""

    status: str
    terms: Terms | None


class RuleSetView(msgspec.Struct, frozen=True):
    """Groups and rules, of what runs or of a draft; ``number`` is the revision, ``version`` the draft's."""

    groups: list[Terms]
    rules: dict[str, Terms]
    number: int
    version: int = 0


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What runs, in the sections that were asked for. ``drafts`` are price rules' drafts: who asked to
    publish each, or nobody."""

    settings: Terms | None = None
    experiences: dict[str, Terms] = {}
    campaigns: dict[str, Standing] = {}
    auctions: dict[str, Standing] = {}
    raffles: dict[str, Standing] = {}
    rules: RuleSetView = RuleSetView([], {}, 0)
    drafts: dict[str, str] = {}


async def read_running(call: Call, wanted: Blueprint | None = None) -> Running:
    """What runs: for an export all that a file can hold, with ``wanted`` what that has to be compared with.

    Raises what ``call`` does.
    """
    sections = [name for name in SECTIONS if wanted is None or getattr(wanted, name) is not None]
    settings = (await call("program.get"))["settings"]
    history = await call("rules.history") if "rules" in sections else {"drafts": []}
    catalogue = {"experiences", "rules"} & set(sections)
    campaigns = {"campaigns", "rules"} & set(sections)
    return Running(
        settings=settings,
        experiences=await _read_experiences(call) if catalogue else {},
        campaigns=await _read_campaigns(call) if campaigns else {},
        auctions=await _read_openings(call, "auction", wanted.auctions if wanted else None)
        if "auctions" in sections
        else {},
        raffles=await _read_openings(call, "raffle", wanted.raffles if wanted else None)
        if "raffles" in sections
        else {},
        rules=await read_rules(call) if "rules" in sections else Running().rules,
        drafts={draft["draft"]: draft["asked_by"] for draft in history["drafts"]},
    )


async def read_rules(call: Call, draft: str = "") -> RuleSetView:
    """All rules of a draft, or of what runs. Raises what ``call`` does."""
    rules: dict[str, Terms] = {}
    after = 0
    while True:
        page = await call("rules.get", draft=draft, after=after, limit=200)
        rules |= {rule["id"]: rule for rule in page["rules"]}
        after = page["next"]
        if not after:
            return RuleSetView(page["groups"], rules, page["revision"], page["version"])


async def _read_experiences(call: Call) -> dict[str, Terms]:
    return {one["experience"]: one["terms"] async for one in _pages(call, "experience.list", "experiences")}


async def _read_campaigns(call: Call) -> dict[str, Standing]:
    """All of them: archived ones, which are listed apart, may still be named by rules."""
    return {
        one["campaign"]: Standing(one["status"], one["terms"])
        for status in ("", "archived")
        async for one in _pages(call, "campaign.list", "campaigns", status=status)
    }


async def _read_openings(call: Call, noun: str, named: Iterable[str] | None) -> dict[str, Standing]:
    """Auctions or raffles: those that can still be changed, and those that are ``named``; None: the terms of
    all of them."""
    found: dict[str, Standing] = {}
    for status in CHANGEABLE:
        async for one in _pages(call, f"{noun}.list", f"{noun}s", status=status):
            found[one["id"]] = Standing(status, None)
    for id in list(found) if named is None else named:
        record = await _ask(call, f"unknown_{noun}", f"{noun}.terms", **{noun: id})
        if record is not None:
            format = {"format": record.get("format")} if noun == "auction" else {}
            found[id] = Standing(record["status"], record["terms"] | format)
    return {id: found[id] for id in reversed(found)}  # lists have the newest first


async def _pages(call: Call, operation: str, field: str, **filters: Any) -> AsyncIterator[dict[str, Any]]:
    after = ""
    while True:
        page = await call(operation, after=after, limit=100, **filters)
        for one in page[field]:
            yield one
        after = page["next"]
        if not after:
            return


async def _ask(call: Call, unknown: str, operation: str, **parameters: Any) -> dict[str, Any] | None:
    """The answer, or None for the refusal ``unknown``."""
    try:
        return await call(operation, **parameters)
    except Rejection as refusal:
        if refusal.rejected.code != unknown:
            raise
        return None
