"""Everything that can be asked, side by side, with what the domain is known for: hot auctions, bursts of bids
before a close, many deadlines at one instant."""

from random import Random
from typing import Any

from msgspec.structs import replace

from engine import commands as c
from engine.simulator.auditor.model import Model
from engine.simulator.workload.auctions import AuctionWorkload
from engine.simulator.workload.formats import FormatWorkload
from engine.simulator.workload.raffles import RaffleWorkload
from engine.simulator.workload.rewards import RewardWorkload
from engine.units import HOUR, MINUTE

SHARES = {AuctionWorkload: 30, FormatWorkload: 25, RewardWorkload: 20, RaffleWorkload: 25}
"""How often what is asked comes from each."""

PROMPT = 10_000
SLICES_OF_LATE = (3, 64)


class MixedWorkload(FormatWorkload, RaffleWorkload):
    """A chapter's. ``model`` is set anew before each burst. ``slice`` is how many units of due work are done
    before a command in this chapter.

    Where the agenda's slices show, the auditor, which knows of none, could not follow: so most chapters do
    all that is due at once. One whose agenda may be ``late`` goes without raffles, whose refunds come in
    slices, without the other formats, whose members leave in slices, without a grace, which begins late then,
    and with one lot a member, since points that are freed late are not spent first.
    """

    def __init__(self, random: Random, model: Model) -> None:
        self.random = random
        self.model = model
        self.late = late = random.random() < 0.4
        self.grace = 0 if late else random.choice((0, 0, HOUR))
        """For how long points that come back late can be spent, in ms: the same throughout a chapter."""
        self.slice = random.choice(SLICES_OF_LATE) if late else PROMPT
        sliced = (FormatWorkload, RaffleWorkload) if late else ()
        self._shares = {source: share for source, share in SHARES.items() if source not in sliced}

    def next_command(self) -> tuple[c.Command, str]:
        """See ``AuctionWorkload.next_command``."""
        source = self.random.choices([*self._shares], [*self._shares.values()])[0]
        return source.next_command(self)

    def next_instants(self) -> list[int]:
        """When something will be due (ms): ends, closes, and lots that expire."""
        model = self.model
        ends = [one.ends_at for one in model.auctions.values() if one.status == "open"]
        closes = [one.closes_at for one in model.raffles.values() if one.status == "open"]
        expiries = [lot[1] for person in model.people.values() for lot in person.lots]
        return [at for at in (*ends, *closes, *expiries, *super().next_instants()) if at > model.at]

    def first_commands(self) -> list[c.Command]:
        """See ``AuctionWorkload.first_commands``."""
        commands = super().first_commands()
        return [self._in_one_lot(one) if isinstance(one, c.CreditPoints) else one for one in commands]

    def _credit_points(self, auction: str, member: str) -> c.CreditPoints:
        return self._in_one_lot(super()._credit_points(auction, member))

    def _adjust_points(self, auction: str, member: str) -> c.AdjustPoints:
        command = super()._adjust_points(auction, member)
        return replace(command, amount=-abs(command.amount)) if self.late else command

    def _in_one_lot(self, command: c.CreditPoints) -> c.CreditPoints:
        return replace(command, expires_at=0, earned_at=1) if self.late else command

    def _settings(self, order: Any) -> c.ProgramSettings:
        return replace(super()._settings(order), release_grace=self.grace)

    def _terms(self) -> c.AuctionTerms:
        terms = super()._terms()
        return replace(terms, ends_at=self._join_others(terms.ends_at))

    def _raffle_terms(self) -> c.RaffleTerms:
        terms = super()._raffle_terms()
        return replace(terms, closes_at=self._join_others(terms.closes_at))

    def _join_others(self, at: int) -> int:
        """Half of all deadlines fall on a full ten minutes, where others fall too."""
        return at if self.random.random() < 0.5 else -(-at // (10 * MINUTE)) * 10 * MINUTE
