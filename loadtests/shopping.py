"""What scenarios have in common whose members look at prices: a catalogue, price rules, segments."""

from functools import partial
from itertools import cycle, islice

from loadtests.result import Check
from loadtests.scenario import Scenario, Stage
from loadtests.shelves import Rules, publish_rules, retract_rules
from loadtests.shoppers import Shopper, check_prices
from loadtests.sockets import MemberSocket
from loadtests.staging import make_members, put_experiences, remove_experiences, wait_for
from loadtests.visitors import reach
from loadtests.wire import StormError

INFORMING_SECONDS = 20
"""How long the first prices may take."""

SETTLING_SECONDS = 3.0
"""How long after the last change the last prices may come."""


class ShoppingScenario(Scenario):
    """Members that show ``shown`` of ``experiences``, in ``segments`` that see prices of their own."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.experiences = [stage.name(number) for number in range(1, stage.own("experiences") + 1)]
        self.segments = [f"storm-{number}" for number in range(1, stage.own("segments") + 1)]
        self.shoppers: list[Shopper] = []

    @property
    def rules(self) -> Rules:
        """Price rules: one that concerns everybody, and one for each segment."""
        everybody = {"id": self.slider, "scope": {"kinds": [self.kind]}}
        return [
            {**everybody, "effect": {"operation": "factor", "number": 10_000}},
            *(
                {
                    "id": f"{self.stage.name(0)}-{segment}",
                    "scope": {"segments": [segment], "kinds": [self.kind]},
                    "effect": {"operation": "factor", "number": 9_900 - 100 * number},
                }
                for number, segment in enumerate(self.segments)
            ),
        ]

    @property
    def kind(self) -> str:
        """The kind of the run's experiences, by which its rules know them."""
        return self.stage.name(0)

    @property
    def slider(self) -> str:
        """The rule that concerns everybody."""
        return f"{self.stage.name(0)}-slider"

    @property
    def sockets(self) -> list[MemberSocket]:
        """See ``Scenario``."""
        return [shopper.socket for shopper in self.shoppers]

    def page(self, number: int) -> list[str]:
        """Which experiences stand on the page with this number."""
        shown = min(self.stage.own("shown"), len(self.experiences))
        first = number * shown % len(self.experiences)
        return list(islice(cycle(self.experiences), first, first + shown))

    async def prepare(self) -> None:
        """See ``Scenario``."""
        stage = self.stage
        if stage.first:
            await put_experiences(stage, self.experiences, kind=self.kind)
            await publish_rules(stage, self.rules)
        else:
            await wait_for(stage, f"/v1/experiences/{self.experiences[-1]}")
        of = dict(zip(stage.members, cycle(self.segments), strict=False))
        await make_members(stage, segment_of=of.__getitem__)
        self.shoppers = [
            Shopper(stage, member, of[member], self.page(number))
            for number, member in enumerate(stage.members)
        ]

    async def begin(self) -> None:
        """See ``Scenario``: everybody has to know its prices."""
        if not await reach(partial(self.all_informed), INFORMING_SECONDS):
            raise StormError(f"not every member was told its prices within {INFORMING_SECONDS} s")

    def all_informed(self) -> bool:
        """Whether everybody knows all prices that it shows."""
        return all(shopper.is_informed for shopper in self.shoppers)

    async def check(self) -> list[Check]:
        """See ``Scenario``."""
        return [await check_prices(self.stage, self.shoppers, self.experiences)]

    async def finish(self) -> None:
        """See ``Scenario``."""
        if self.stage.first:
            await retract_rules(self.stage, [rule["id"] for rule in self.rules])
            await remove_experiences(self.stage, self.experiences)
