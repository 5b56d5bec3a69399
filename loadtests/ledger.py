"""Do points add up after a run: in total, and of those who took part?

Always: issued = available + held + spent + expired.
"""

from collections.abc import Sequence

import msgspec

from loadtests.findings import Verification, conclude
from loadtests.preparation import gather_bounded
from loadtests.result import Check
from loadtests.sales import OwnPoints, read_totals, verify_points
from loadtests.scenario import Stage

LOOKED_AT = 500
"""Members whose points are looked at, at most, evenly spread over all."""


async def check_ledger(stage: Stage, more: Sequence[str] = ()) -> Check:
    """Looks at the program's totals and at the points of this part's members, and of ``more``. Raises
    ``StormError`` if it cannot."""
    verification = Verification()
    verify_points(verification, "the program", await read_totals(stage.api, stage.tokens), set())
    everybody = [*stage.members, *more]
    members = everybody[:: -(-len(everybody) // LOOKED_AT)]

    async def look(member: str) -> None:
        message = await stage.services.ask("member.get", member=member)
        verify_points(verification, member, msgspec.json.decode(message.result, type=OwnPoints), set())

    await gather_bounded(look(member) for member in members)
    return conclude("points add up", 1 + len(members), verification)
