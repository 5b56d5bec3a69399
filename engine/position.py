"""Where in a program's history something is: the log's epoch and an entry's ID in it.

A log that had to be rebuilt or rotated starts a new epoch, so that a client never takes old positions for new
ones.
"""

from typing import NamedTuple

from engine.errors import Rejection


class Position(NamedTuple):
    """Ordered. ``milliseconds`` and ``sequence`` are the stream ID that the log's server stamped."""

    epoch: int
    milliseconds: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.milliseconds}-{self.sequence}"

    @classmethod
    def parse(cls, text: str) -> "Position":
        """The position that ``str`` wrote.

        Raises ``Rejection("invalid_parameters")`` for anything else.
        """
        try:
            epoch, rest = text.split(":")
            milliseconds, sequence = rest.split("-")
            position = cls(int(epoch), int(milliseconds), int(sequence))
        except ValueError:
            position = START
        if position == START or min(position) < 0 or max(position) >= 2**64:
            raise Rejection(
                "invalid_parameters", "A position looks like 1:1732233434000-0.", field="position"
            )
        return position


START = Position(0, 0, 0)
"""Before anything."""
