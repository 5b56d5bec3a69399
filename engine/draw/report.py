"""What a verification says: its steps, up to the first that failed, and what must be taken on trust."""

from datetime import UTC, datetime

import msgspec


class Step(msgspec.Struct, frozen=True):
    """One thing that was checked, by its id, and in words what was found."""

    id: str
    passed: bool
    words: str


class Report(msgspec.Struct, frozen=True):
    """All steps in order; the first that failed is the last. ``notes`` say what no file can prove."""

    steps: list[Step]
    notes: list[str]

    @property
    def passed(self) -> bool:
        """Whether every step passed."""
        return self.failed is None

    @property
    def failed(self) -> Step | None:
        """The step that failed."""
        return next((step for step in self.steps if not step.passed), None)


def write_time(at: int) -> str:
    """An instant (ms since the Unix epoch) for people: ``2023-08-23 15:59:24 UTC``; milliseconds where there
    are any. Past the year 9999 it stays a number."""
    try:
        moment = datetime.fromtimestamp(at // 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return f"{at} ms"
    fraction = f".{at % 1000:03}" if at % 1000 else ""
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} UTC"
