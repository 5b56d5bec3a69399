"""The operation on a member's card: what a store scans to credit points."""

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import Final

import msgspec
import segno

from engine.program import Program
from gateway.operations.row import BIDDERS, OwnState, view_row

CARDS_KEPT: Final = 1_000
"""Cards that are drawn already: one takes some ms, and members look at theirs again and again."""


class Card(msgspec.Struct, frozen=True):
    """A member's card. ``code`` is what a store scans: it says whom to credit, and authorises nothing.

    ``svg`` shows it as a QR code (ISO 18004), with the margin that scanners need. Only its dark modules are
    drawn: it wants a light ground.
    """

    code: str
    svg: str


def code_of(program: str, member: str) -> str:
    """What stands in a member's card: ids hold no slash."""
    return f"livelot:{program}/{member}"


@lru_cache(CARDS_KEPT)
def draw_card(code: str) -> Card:
    """The card with ``code``."""
    drawn = BytesIO()
    segno.make_qr(code, error="m").save(
        drawn, kind="svg", border=4, omitsize=True, svgclass=None, lineclass=None, xmldecl=False, nl=False
    )
    return Card(code, drawn.getvalue().decode())


def _begin(program: Program, request: OwnState, member: str) -> Callable[[], Card]:
    code = code_of(program.id, program.members.get(member).id)
    return lambda: draw_card(code)


CARD_OPERATIONS: Final = (
    view_row("me.card", "/v1/me/card", _begin, OwnState, Card, BIDDERS, behalf=True, background=True),
)
