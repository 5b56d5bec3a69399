"""Bids on auctions of any format: does every bid stand that was acknowledged, and is sold what the bids make?

Bids are on auctions that are open, by members that there are: "m0001" and so on. With ``--prepare`` the run
makes both, and its members' names start with "storm-"; auctions of another format than English then end with
it, and what was sold is checked too.
"""

from collections.abc import Iterator
from functools import partial

import msgspec

from loadtests.bidding import BID, BiddingScenario, gather_crowd
from loadtests.findings import Verification, conclude
from loadtests.formats import TAIL_SECONDS, Format
from loadtests.ledger import check_ledger
from loadtests.preparation import (
    ANNOUNCED_SECONDS,
    announce_auctions,
    find_open_auctions,
    open_announced,
)
from loadtests.result import Check
from loadtests.sales import wait_for_ends
from loadtests.scenario import Defaults, Due, Plan, Setting, Stage
from loadtests.schedule import choose_watched
from loadtests.staging import make_members, wait_for
from loadtests.tally import Tally
from loadtests.wire import StormError


class Bids(BiddingScenario):
    """See the file's docstring."""

    name = "bids"
    defaults = Defaults(
        members=100,
        rate=50,
        seconds=30,
        prefix="",
        own={
            "auctions": Setting(10, "On how many auctions, at most."),
            "watched": Setting(1, "How many auctions each member follows and bids on."),
            "format": Setting(Format.ENGLISH, "The format of the auctions to bid on."),
            "prepare": Setting(False, "Make members, points and auctions first. Needs --token-secret."),
            "demo": Setting(False, "Ask a gateway with --demo for tokens instead."),
        },
    )
    climbs = False

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.format = Format(stage.own("format"))
        self.prepares: bool = stage.own("prepare")
        if self.prepares and not stage.tokens.staffed:
            raise StormError("a demo gateway gives no tokens to services and managers: give --token-secret")

    @classmethod
    def complete(cls, plan: Plan) -> Plan:
        """See ``Scenario``: members that are made are not to be those that there are."""
        prefix = plan.prefix or ("storm-" if plan.own["prepare"] else "m")
        return msgspec.structs.replace(plan, prefix=prefix)

    @property
    def ends(self) -> bool:
        """Whether the auctions end with the run."""
        return self.prepares and self.format is not Format.ENGLISH

    @property
    def watched(self) -> int:
        """See ``BiddingScenario``."""
        return int(self.stage.own("watched"))

    async def prepare(self) -> None:
        """See ``Scenario``: auctions that are open, or fresh ones. The clocks of other formats than English
        are not to run before the crowd is there: those are announced."""
        if self.ends:
            await make_members(self.stage)
            names = await self.announce()
        elif self.prepares:
            await super().prepare()
            return
        else:
            names = await self.find()
        self.crowd = gather_crowd(self.stage, names, self.watched)

    async def announce(self) -> list[str]:
        """Auctions that are announced, by the first part for all."""
        stage, count = self.stage, self.auctions
        names = [stage.name(number) for number in range(1, count + 1)]
        if not stage.first:
            await wait_for(stage, f"/v1/auctions/{names[-1]}")
            return names
        crowd = -(-stage.plan.members * min(self.watched, count) // count)
        await announce_auctions(
            stage.api,
            stage.tokens,
            names,
            self.format,
            seconds=stage.plan.seconds,
            crowd=crowd,
            starts_at=stage.end_after(ANNOUNCED_SECONDS),
        )
        return names

    async def find(self) -> list[str]:
        """Auctions that are open."""
        stage = self.stage
        reader = await stage.tokens.get(stage.members[0], "member")
        names = await find_open_auctions(stage.api, reader, self.auctions, self.format)
        if not names:
            kind = "" if self.format is Format.ENGLISH else f" of format {self.format}"
            raise StormError(f"no auction{kind} is open: open some, or have the storm do so with --prepare")
        return names

    async def begin(self) -> None:
        """See ``Scenario``: what was announced is opened now."""
        if self.ends and self.stage.first:
            stage = self.stage
            ends_at = stage.end_after(stage.plan.seconds + TAIL_SECONDS)
            names = self.crowd.auctions
            await open_announced(stage.api, stage.tokens, names, self.format, ends_at=ends_at)
        await super().begin()

    def draw_actions(self, instants: Iterator[float]) -> Iterator[Due]:
        """Anybody, on any auction that it follows."""
        for at in instants:
            member = self.stage.turns.choose(at)
            watched = choose_watched(member, len(self.crowd.auctions), self.watched)
            yield Due(at, BID, partial(self.crowd.bid, member, self.stage.draw.choice(watched)))

    async def settle(self, tally: Tally, start: float) -> None:
        """See ``Scenario``: only an English auction has a lead to lose, and nobody is shown sealed bids."""
        if self.format.kind != "sealed":
            await self.wait_for_pushes()
            self.count_auction_pushes(tally, start)
        if self.format is Format.ENGLISH:
            self.count_own_pushes(tally, start)
        if self.ends:
            await wait_for_ends(self.stage.api, self.stage.tokens, self.crowd.auctions)

    async def check(self) -> list[Check]:
        """See ``Scenario``: and what was sold, where that is known."""
        sold = Verification()
        verification = await self.verify(
            alone=self.stage.alone and self.prepares,
            exclusive=self.prepares,
            format=self.format,
            sold=sold if self.ends else None,
        )
        if verification.secret:
            name, checked = "sealed bids are as their members are told", verification.secret
        else:
            name, checked = "acknowledged bids stand, once and in order", verification.acknowledged
        checks = [conclude(name, checked, verification)]
        if self.ends and self.stage.alone:
            checks.append(conclude("what was sold is what the bids make", sold.sales, sold))
        return [*checks, *([await check_ledger(self.stage)] if self.prepares else [])]

    def count(self) -> dict[str, int]:
        """See ``Scenario``: acknowledged like a bid, but none."""
        return {"left": len(self.crowd.measures.departures)}

    async def finish(self) -> None:
        """See ``Scenario``: what others opened is theirs, and what ends does so by itself."""
        if self.prepares and not self.ends:
            await super().finish()
