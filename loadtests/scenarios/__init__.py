"""The scenarios that `livelot storm` knows: one question a file.

livelot storm --list
"""

from collections.abc import Mapping
from types import MappingProxyType

from loadtests.scenario import Scenario
from loadtests.scenarios.auctionmark import AuctionMark
from loadtests.scenarios.bids import Bids
from loadtests.scenarios.browse import Browse
from loadtests.scenarios.closing import Closing
from loadtests.scenarios.flash import Flash
from loadtests.scenarios.hot import Hot
from loadtests.scenarios.nexmark import Nexmark
from loadtests.scenarios.reconnect import Reconnect
from loadtests.scenarios.rush import Rush
from loadtests.scenarios.soak import Soak
from loadtests.scenarios.tune import Tune

_ALL: tuple[type[Scenario], ...] = (
    Bids,
    Hot,
    Closing,
    Nexmark,
    AuctionMark,
    Browse,
    Tune,
    Rush,
    Flash,
    Reconnect,
    Soak,
)

SCENARIOS: Mapping[str, type[Scenario]] = MappingProxyType({scenario.name: scenario for scenario in _ALL})
"""By name, in the order in which they are told."""
