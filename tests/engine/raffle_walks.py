"""Random walks with raffles beside the catalogue and the auctions. See walks.py."""

from typing import Any

from engine import commands as c
from engine.errors import Rejected
from engine.machine import Outcome
from engine.simulator.workload.raffles import RaffleWorkload
from tests.engine.reward_walks import RewardWalk
from tests.engine.walks import main


class RaffleWalk(RaffleWorkload, RewardWalk):
    """A walk on which members take part in raffles more often than in anything else."""

    def _judge(self, command: Any, actor: str, reasons: set[str], outcome: Outcome) -> None:
        super()._judge(command, actor, reasons, outcome)
        if isinstance(command, c.CreateRaffle) and not isinstance(outcome, Rejected):
            salt = self.stage.program.raffles.by_id[command.raffle].salt
            self.model.raffles[command.raffle].salt = salt


if __name__ == "__main__":
    main(RaffleWalk)
