"""Files that can be downloaded, over HTTP alone: they are too large for a message, and are streamed."""

from typing import Final, NamedTuple

import msgspec

from engine.draw.evidence import Evidence


class Download(NamedTuple):
    """A file: its name, its path and the fields in it, what is in it, and words about it."""

    name: str
    path: str
    path_names: tuple[str, ...]
    content: type[msgspec.Struct]
    words: str


EVIDENCE: Final = Download(
    "raffle.evidence",
    "/v1/raffles/{raffle}/evidence",
    ("raffle",),
    Evidence,
    "Everything that proves a raffle's draw, as one JSON file: what ``livelot verify-draw`` reads.\n\n"
    "It is there a moment after the last place was drawn, and stays when the raffle itself is forgotten. "
    "Entrants stand in it by their pseudonyms.",
)

DOWNLOADS: Final = (EVIDENCE,)
"""All of them."""
