"""What a part of a run tells the process that started it: that it waits for the others, and how it goes.

Messages are lines of JSON on the part's standard output. One that waits goes on when it reads a line.
"""

import asyncio
import sys
from types import TracebackType
from typing import Self

import msgspec

from loadtests.result import Sample, Second
from loadtests.wire import StormError


class Waiting(msgspec.Struct, frozen=True, tag="waiting"):
    """The part has come to the ``point`` with this name, and waits there."""

    point: str


class Told(msgspec.Struct, frozen=True, tag="told"):
    """A second of the part that is over, with the newest sample if there is one."""

    second: Second
    sample: Sample | None = None


class Over(msgspec.Struct, frozen=True, tag="over"):
    """No further second comes."""


class Note(msgspec.Struct, frozen=True, tag="note"):
    """A line that is to be shown to people."""

    words: str


Message = Waiting | Told | Over | Note

decode_message = msgspec.json.Decoder(Message).decode


def tell(message: Message) -> None:
    """Writes a message."""
    sys.stdout.write(msgspec.json.encode(message).decode() + "\n")
    sys.stdout.flush()


def tell_note(words: str) -> None:
    """Has a line shown to people."""
    tell(Note(words))


async def wait_for_others(point: str) -> None:
    """A part's barrier. Raises ``StormError`` where the others are gone."""
    tell(Waiting(point))
    if not await asyncio.to_thread(sys.stdin.readline):
        raise StormError("the other parts of the run are gone")


class Teller:
    """Tells of each second instead of showing it: it stands where a view does."""

    merging = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tell(Over())

    def show(self, second: Second, sample: Sample | None = None) -> None:
        """Tells of a second that is over, and of the newest sample if there is one."""
        tell(Told(second, sample))
