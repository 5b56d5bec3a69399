"""What an experience and a redemption are while they live."""

from typing import Final

import msgspec

from engine.commands import ExperienceTerms
from engine.members import Lot
from rules.pricing import Step

AWAITING_PAYMENT: Final = "awaiting_payment"
PENDING: Final = "pending"
CONFIRMED: Final = "confirmed"
CANCELLED: Final = "cancelled"
LAPSED: Final = "lapsed"
REFUNDED: Final = "refunded"


class Experience(msgspec.Struct, array_like=True):
    """An experience, and what was taken of it.

    ``takers`` holds by member when (ms) it took a piece that counts towards the member's limit. ``awaiting``
    are by market the redemptions that wait for their payment, and until when (ms), in the order of their
    making. ``since``: redemptions with a lower serial took nothing of it. ``awaited`` is the instant (ms) of
    its entry in the agenda that counts.
    """

    id: str
    terms: ExperienceTerms
    taken: int = 0
    taken_by_market: dict[str, int] = {}
    takers: dict[str, tuple[int, ...]] = {}
    awaiting: dict[str, dict[str, int]] = {}
    since: int = 1
    awaited: int = 0


class Redemption(msgspec.Struct, array_like=True, gc=False):
    """A redemption.

    ``points`` and ``cash`` (minor units of ``currency``, ``tax`` basis points of it included) are its price,
    ``base`` is the experience's in points. ``parts`` are the parts of lots that were spent and not refunded.
    ``given`` are the points that it took from budgets by campaign, ``limited`` the rules with a limit for
    each member that it used; ``steps`` is the trace of its price. It was made at
    ``at``, and ended (cancelled, lapsed or refunded as a whole) at ``ended_at`` ms. ``exponent``: how many
    decimals its currency had then.
    """

    id: str
    serial: int
    member: str
    experience: str
    market: str
    channel: str
    status: str
    base: int
    points: int
    cash: int
    currency: str
    tax: int
    at: int
    pays_until: int
    booked: bool
    steps: tuple[Step, ...]
    given: dict[str, int]
    limited: tuple[str, ...]
    parts: tuple[Lot, ...] = ()
    reference: str = ""
    refunded: int = 0
    cash_refunded: int = 0
    ended_at: int = 0
    reason: str = ""
    exponent: int = 0

    @property
    def subject(self) -> str:
        """What its points are held for: no auction's id has a space in it."""
        return f"redemption {self.id}"
