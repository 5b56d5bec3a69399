"""What hostile clients are let loose on: the gateway's own fixtures."""

from tests.gateway.conftest import (
    eventually_fixture as eventually_fixture,
    run as run,
    unchanged_logging as unchanged_logging,
    world as world,
)
