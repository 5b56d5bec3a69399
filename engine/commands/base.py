"""What all commands share: who asks, and the base of their structs."""

from typing import Annotated

import msgspec
from msgspec import Meta

from engine.roles import KEEPER, MEMBER

Role = Annotated[int, Meta(ge=MEMBER, le=KEEPER)]

Behalf = Annotated[str, Meta(max_length=64)]
"""The member on whose behalf a service asks, or empty for the actor itself."""

Reason = Annotated[str, Meta(min_length=1, max_length=500)]
"""Why somebody did what needs a reason."""


class Command(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """The base of all commands."""
