"""A catalogue with a thousand price rules, put through a gateway's front door, for benchmarks of prices.

There are 24 cells: four tiers in six markets. About five rules match an experience in a cell, and one more,
``all``, matches everything: tuning it changes every price.
"""

import itertools
import random
from typing import Any, Final

from loadtests.api import Api
from loadtests.preparation import gather_bounded
from loadtests.tokens import Tokens

TIERS: Final = ("blue", "silver", "gold", "platinum")
MARKETS: Final = ("north", "south", "east", "west", "isles", "lakes")
KINDS: Final = ("travel", "dining", "leisure", "wellness", "lifestyle", "voucher", "merchandise", "service")
CELLS: Final = tuple(itertools.product(TIERS, MARKETS))

CHUNK: Final = 100
"""Rules that are put at once."""


async def prepare_catalogue(
    api: Api, tokens: Tokens, experiences: list[str], *, rules: int, seed: int = 1
) -> None:
    """Configures the program, puts ``experiences``, and publishes ``rules`` rules. Raises ``StormError``."""
    operator = await tokens.get("bench-operator", "operator")
    generator = random.Random(seed)
    await api.send("PUT", "/v1/program", operator, {"settings": {"tiers": TIERS, "markets": MARKETS}})
    terms = {
        id: {"kind": generator.choice(KINDS), "points": generator.randrange(500, 20_000)}
        for id in experiences
    }
    await gather_bounded(
        api.send("PUT", f"/v1/experiences/{id}", operator, {"terms": own}) for id, own in terms.items()
    )
    await api.send("POST", "/v1/rules/drafts", operator, {"draft": "bench"})
    groups = [{"id": "stack", "mode": "stack"}, {"id": "best", "mode": "best"}]
    made = [make_rule(generator, number) for number in range(rules - 1)]
    made.append(
        {"id": "all", "scope": {}, "effect": {"operation": "factor", "number": 10_000}, "group": "stack"}
    )
    path = "/v1/rules/drafts/bench"
    for first in range(0, len(made), CHUNK):
        body = {"rules": made[first : first + CHUNK], "groups": groups}
        await api.send("POST", f"{path}/rules", operator, body)
    version = 1 + -(-len(made) // CHUNK)
    await api.send("POST", f"{path}/publish", operator, {"version": version, "why": "a benchmark"})


def make_rule(generator: random.Random, number: int) -> dict[str, Any]:
    """A rule of four dimensions, as the wire has it."""
    operation, low, high = generator.choice(
        (("factor", 8_000, 9_900), ("add", -90, -10), ("cap", 9_000, 15_000))
    )
    return {
        "id": f"rule{number:04}",
        "scope": {
            "mechanics": ["redemption"],
            "tiers": [generator.choice(TIERS)],
            "markets": [generator.choice(MARKETS)],
            "kinds": [generator.choice(KINDS)],
        },
        "effect": {"operation": operation, "number": generator.randrange(low, high)},
        "group": generator.choice(("stack", "best")),
        "priority": generator.randrange(10),
    }
