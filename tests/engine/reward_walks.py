"""Random walks with a catalogue, campaigns and price rules beside the auctions. See walks.py."""

from engine.simulator.workload.rewards import RewardWorkload
from tests.engine.walks import Walk, main


class RewardWalk(RewardWorkload, Walk):
    """A walk on which members redeem at least as often as they bid."""


if __name__ == "__main__":
    main(RewardWalk)
