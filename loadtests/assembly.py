"""Parts of a run in one view: their seconds put together as a merged result has them, while they go on."""

from collections import defaultdict
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self

from loadtests.merging import merge_seconds, take_part
from loadtests.result import Sample, Second
from loadtests.telling import Told
from loadtests.watching import View

BEHIND: Final = 3
"""How many seconds a part may be behind another one before that one's are shown without it."""


class Assembly:
    """Shows ``count`` parts, numbered from 1, in ``view``: a second comes once all that still run have told
    of it. Used as a context manager."""

    def __init__(self, view: View, count: int) -> None:
        self._view = view
        self._running = set(range(1, count + 1))
        self._told: dict[int, dict[int, Second]] = defaultdict(dict)
        self._samples: dict[int, Sample] = {}
        self._shown = self._newest = -1
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def take(self, part: int, told: Told) -> None:
        """A part tells of a second."""
        if self._newest < 0:
            self._open.enter_context(self._view)
        if told.sample is not None:
            self._samples[part] = take_part(told.sample, part)
        at = told.second.at
        self._newest = max(self._newest, at)
        # What comes when its second has been shown is in the result alone.
        if at > self._shown:
            self._told[at][part] = told.second
        self._show()

    def leave(self, part: int) -> None:
        """A part has nothing more to tell: the others are not to wait for it."""
        self._running.discard(part)
        self._show()
        if not self._running:
            self._open.close()

    def _show(self) -> None:
        for at in sorted(self._told):
            if not self._running <= self._told[at].keys() and at > self._newest - BEHIND:
                return
            self._shown = at
            self._view.show(merge_seconds(at, list(self._told.pop(at).values())), self._sample())

    def _sample(self) -> Sample | None:
        """The newest of every part, as one."""
        if not self._samples:
            return None
        samples = [self._samples[part] for part in sorted(self._samples)]
        return Sample(
            at=max(sample.at for sample in samples),
            processes={name: usage for sample in samples for name, usage in sample.processes.items()},
            gauges={name: value for sample in samples for name, value in sample.gauges.items()},
        )
