"""Everything that can be asked of a gateway: one table.

A row names an operation, where HTTP has it, what answers it (a command of the log, or a view of the state),
the shapes of request and reply, and who may ask. HTTP routes, socket methods, the OpenAPI and the AsyncAPI
document and the reference page all come from here. A command's request is derived from the command itself
(see ``gateway/shapes.py``).

Beside the fields of its own, every request may carry: ``key``, an idempotency key (commands; HTTP: the
``Idempotency-Key`` header), ``not_after``, the instant after which it must not be applied any more (commands;
HTTP: the ``Livelot-Not-After`` header), and ``position``, which this gateway must have reached first (HTTP:
``Livelot-Position``).
"""

from typing import Final

from gateway.operations.auctions import AUCTION_OPERATIONS
from gateway.operations.audit import AUDIT_OPERATIONS
from gateway.operations.calendar import CALENDAR_OPERATIONS
from gateway.operations.campaigns import CAMPAIGN_OPERATIONS
from gateway.operations.card import CARD_OPERATIONS
from gateway.operations.directory import DIRECTORY_OPERATIONS
from gateway.operations.members import MEMBER_OPERATIONS
from gateway.operations.prices import PRICE_OPERATIONS
from gateway.operations.raffles import RAFFLE_OPERATIONS
from gateway.operations.rewards import REWARD_OPERATIONS
from gateway.operations.row import Operation as Operation, Row as Row

OPERATIONS: Final = (
    *AUCTION_OPERATIONS,
    *RAFFLE_OPERATIONS,
    *REWARD_OPERATIONS,
    *CAMPAIGN_OPERATIONS,
    *PRICE_OPERATIONS,
    *DIRECTORY_OPERATIONS,
    *MEMBER_OPERATIONS,
    *CARD_OPERATIONS,
    *CALENDAR_OPERATIONS,
    *AUDIT_OPERATIONS,
)
"""All of them, in the order of the reference page."""

BY_NAME: Final = {operation.name: operation for operation in OPERATIONS}
