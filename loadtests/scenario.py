"""What a scenario is: a question put to a deployment by a crowd, in one small file of ``scenarios``.

Its file says how big it is by default, what it prepares, how a member acts, and what must be true at the end;
``runner`` does what is the same for all.
"""

import inspect
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import msgspec

from loadtests.api import Api
from loadtests.arrivals import Profile, draw_instants
from loadtests.clocks import Clock, measure_clock
from loadtests.doors import Doors
from loadtests.instants import read_instant
from loadtests.preparation import name_members
from loadtests.result import Action, Check, Sample, Second, Verdict
from loadtests.sockets import Counts, MemberSocket
from loadtests.tally import Tally
from loadtests.thinking import Turns
from loadtests.tokens import Tokens
from loadtests.verdicts import Threshold

SERVICES = 4
MANAGERS = 8
"""Sockets of services and managers that a stage has. A caller is let make so many calls a second."""


Value = bool | int | float | str
"""What a setting may be; of a choice, one of the members of a ``StrEnum``."""


class Setting(NamedTuple):
    """A setting of a scenario's own: its default, which says of what type it is, and what it is."""

    default: Value
    words: str


class Defaults(msgspec.Struct, frozen=True, kw_only=True):
    """How big a scenario is if nobody says otherwise. ``rate`` is actions a second, by all together, where
    the profile is at its highest; ``own`` are the scenario's own options."""

    members: int
    rate: float
    seconds: float
    profile: Profile = Profile.STEADY
    prefix: str = "storm-"
    own: Mapping[str, Setting] = {}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for. ``run`` names what the run makes; a member thinks for ``think`` s on average before
    it acts again. Of ``parts`` that run side by side this is number ``part``, from 1, with its share of
    members and rate. Only the first makes what they share. They begin ``at`` this instant, where there is
    one, as ``instants`` reads it."""

    url: str
    program: str
    members: int
    rate: float
    seconds: float
    profile: Profile
    prefix: str
    tier: str
    market: str
    patience: float
    seed: int
    run: str
    think: float = 0.0
    part: int = 1
    parts: int = 1
    own: dict[str, Value] = {}
    at: str = ""

    @property
    def settings(self) -> dict[str, Any]:
        """What makes a run what it is, as its result has it. When it was, is said there elsewhere."""
        settings: dict[str, Any] = msgspec.to_builtins(self)
        del settings["at"]
        return settings


class Due(NamedTuple):
    """An action that is due ``at`` seconds after the start. ``do`` is given that instant by the loop's clock,
    and returns the outcome as ``tally`` has it."""

    at: float
    action: str
    do: Callable[[float], Awaitable[str]]


class Stage:
    """What a scenario stands on: the plan, the gateway, doors to it, and the members of this part.

    Once it has greeted it has the gateway's ``clock``, and ``begins_at``, where the run is to begin at an
    instant of it, in seconds since 1970.
    """

    def __init__(self, plan: Plan, api: Api, tokens: Tokens) -> None:
        self.plan = plan
        self.api = api
        self.tokens = tokens
        self.counts = Counts()
        self.clock = Clock()
        self.begins_at: float | None = None
        self.draw = random.Random(f"{plan.seed}-{plan.part}")
        named = name_members(plan.prefix, plan.members)
        self.members = named[plan.part - 1 :: plan.parts]
        self.turns = Turns(len(self.members), plan.think, self.draw)
        who = f"storm-{plan.part}"
        self.services = self._doors("service", who, SERVICES if tokens.staffed else 0)
        self.managers = self._doors("manager", who, MANAGERS if tokens.staffed else 0)

    @property
    def doors(self) -> list[MemberSocket]:
        """The sockets of services and managers; none where these have no tokens."""
        return [*self.services.sockets, *self.managers.sockets]

    @property
    def first(self) -> bool:
        """Whether this part makes what all share."""
        return self.plan.part == 1

    @property
    def alone(self) -> bool:
        """Whether there is no other part."""
        return self.plan.parts == 1

    def name(self, number: int) -> str:
        """The id of the run's thing with this number, the same in all parts."""
        return f"storm-{self.plan.run}-{number:04d}"

    def own(self, setting: str) -> Any:
        """The value of one of the scenario's own settings."""
        return self.plan.own[setting]

    def instants(self) -> Iterator[float]:
        """When this part's actions are due, by the plan's rate and profile."""
        plan = self.plan
        return draw_instants(plan.profile, plan.rate / plan.parts, plan.seconds, self.draw)

    async def greet(self) -> None:
        """Finds out whether the gateway can be reached and takes our tokens, and what time it is there.
        Raises ``StormError``."""
        if self.tokens.staffed:
            await self.api.get("/v1/program", await self.tokens.get("storm-manager", "manager"))
        else:
            await self.api.get("/v1/me", await self.tokens.get(self.members[0], "member"))
        self.clock = await measure_clock(self.api.socket_url)
        if self.plan.at:
            self.begins_at = read_instant(self.plan.at).by(self.clock.now())

    def end_after(self, seconds: float) -> int:
        """The instant, in ms by the gateway's clock, so many seconds after now, or after the run begins where
        that is at an instant."""
        return int((max(self.clock.now(), self.begins_at or 0.0) + seconds) * 1000)

    def token_of(self, member: str) -> Callable[[], Awaitable[str]]:
        """Gives a member's token, each time it is asked."""
        return lambda: self.tokens.get(member, "member")

    def _doors(self, role: str, who: str, count: int) -> Doors:
        return Doors(self.api.socket_url, self.tokens, role, f"{who}-{role}", count, self.counts)


class Scenario:
    """The base of all. What a scenario does not do is left as it is here."""

    name: ClassVar[str]
    defaults: ClassVar[Defaults]
    thresholds: ClassVar[Sequence[Threshold]] = ()
    climbs: ClassVar[bool] = True
    """Whether ``capacity`` may run it at one rate after the other."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    @classmethod
    def describe(cls) -> str:
        """What it asks, and how: its file's docstring."""
        return inspect.cleandoc(inspect.getmodule(cls).__doc__ or "")

    @classmethod
    def complete(cls, plan: Plan) -> Plan:
        """The plan with what nobody has said, where that hangs on the rest."""
        return plan

    @property
    def sockets(self) -> list[MemberSocket]:
        """The crowd's, once it is prepared."""
        return []

    async def prepare(self) -> None:
        """Makes members and whatever they act on. Doors are open, no member is connected."""

    async def begin(self) -> None:
        """Does what must happen right before the first action, with everybody connected."""

    def instants(self) -> Iterator[float]:
        """When actions are due."""
        return self.stage.instants()

    def draw_actions(self, instants: Iterator[float]) -> Iterator[Due]:
        """Who does what at each of ``instants``."""
        raise NotImplementedError

    async def settle(self, tally: Tally, start: float) -> None:
        """Waits for what follows from the actions, and counts it. The actions are over, everybody is still
        connected; ``start`` is when the first was due, by the loop's clock."""

    async def check(self) -> list[Check]:
        """Compares what was acknowledged with what the gateway says now. Doors are open, no member is
        connected."""
        raise NotImplementedError

    def judge(
        self, actions: dict[str, Action], timeline: list[Second], samples: list[Sample]
    ) -> list[Verdict]:
        """Thresholds of its own, beside ``thresholds``."""
        return []

    def count(self) -> dict[str, int]:
        """What it has counted beside actions, by a name of ``result.COUNTS``."""
        return {}

    async def finish(self) -> None:
        """Leaves the program as it was, as far as that can be."""
