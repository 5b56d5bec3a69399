"""A run as it goes, in the terminal: how far it is, what is due and what is answered, latency, CPU.

It is redrawn when a second is handed to it and at no other time: a thread that draws would take its time from
the crowd. Where the output is no terminal, it is a plain line every ten seconds.
"""

from collections import deque
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table

from loadtests.result import Sample, Second
from loadtests.timelines import order_of
from loadtests.wording import word_figure, word_milliseconds, word_seconds

RECENT: Final = 10
"""How many of the last seconds rates and latencies are of."""

SHOWN: Final = 24
"""How many seconds the little graphs go back."""

PLAIN_SECONDS: Final = 10
"""How often a line is written where there is no terminal."""

MOST_CODES: Final = 5
"""How many codes of refusals are shown, those that came most often."""

BARS: Final = "▁▂▃▄▅▆▇█"


class LiveView:
    """Shows the run of ``scenario``, which lasts ``seconds``. Used as a context manager."""

    merging = False

    def __init__(self, console: Console, scenario: str, seconds: float) -> None:
        self._console = console
        self._scenario = scenario
        self._seconds = seconds
        self._recent: deque[Second] = deque(maxlen=SHOWN)
        self._sample: Sample | None = None
        self._refused: dict[str, int] = {}
        self._unanswered = 0
        # The first second has a line of its own, which tells that the run has begun.
        self._next_line = 0
        self._live = (
            Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
        )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, second: Second, sample: Sample | None = None) -> None:
        """Takes a second that is over, and the newest sample if there is one, and shows them."""
        self._recent.append(second)
        self._sample = sample if sample is not None else self._sample
        self._unanswered += second.unanswered
        for code, count in second.refused.items():
            self._refused[code] = self._refused.get(code, 0) + count
        if self._live is not None:
            self._live.update(self.draw(), refresh=True)
        elif second.at >= self._next_line:
            self._console.print(self.write_line(), highlight=False, markup=False, soft_wrap=True)
            self._next_line = second.at - second.at % PLAIN_SECONDS + PLAIN_SECONDS

    def write_line(self) -> str:
        """Everything in one line."""
        due, acknowledged = self._rates()
        parts = [
            f"{self._scenario} {word_seconds(self._at)} of {word_seconds(self._seconds)}",
            f"{word_figure(due)} due/s",
            f"{word_figure(acknowledged)} acknowledged/s",
            *self._word_latency(),
            *(f"{word_figure(count)} {code}" for code, count in self._refused.items()),
        ]
        if self._unanswered:
            parts.append(f"{word_figure(self._unanswered)} unanswered")
        return ", ".join([*parts, *self._word_cores()])

    def draw(self) -> RenderableType:
        """What the terminal shows."""
        due, acknowledged = self._rates()
        head = Table.grid(padding=(0, 1))
        head.add_row(
            f"[bold]{escape(self._scenario)}[/]",
            ProgressBar(total=self._seconds, completed=min(self._at, self._seconds), width=30),
            f"{word_seconds(self._at)} of {word_seconds(self._seconds)}",
        )
        body = Table.grid(padding=(0, 2))
        body.add_row("due", draw_bars([one.due for one in self._recent]), f"{word_figure(due)}/s")
        rates = [one.acknowledged for one in self._recent]
        body.add_row("acknowledged", f"[green]{draw_bars(rates)}[/]", f"{word_figure(acknowledged)}/s")
        worst = [one.latency.p99 for one in self._recent]
        words = ", ".join(self._word_latency()) or "no answer yet"
        body.add_row("latency (p99)", f"[cyan]{draw_bars(worst)}[/]", words)
        for code, count in sorted(self._refused.items(), key=lambda item: -item[1])[:MOST_CODES]:
            body.add_row(f"[yellow]{escape(code)}[/]", "", word_figure(count))
        if self._unanswered:
            body.add_row("[red]unanswered[/]", "", word_figure(self._unanswered))
        if cores := self._word_cores():
            body.add_row("CPU", "", escape(", ".join(cores)))
        return Group(head, body)

    @property
    def _at(self) -> float:
        return float(self._recent[-1].at + 1) if self._recent else 0.0

    def _last(self) -> list[Second]:
        return list(self._recent)[-RECENT:]

    def _rates(self) -> tuple[float, float]:
        """Due and acknowledged a second, of the last seconds."""
        last = self._last()
        count = max(1, len(last))
        return sum(one.due for one in last) / count, sum(one.acknowledged for one in last) / count

    def _word_latency(self) -> list[str]:
        """The middle second's median, and the worst of p99 and the longest, of the last seconds."""
        answered = [one.latency for one in self._last() if one.latency.count]
        if not answered:
            return []
        medians = sorted(latency.p50 for latency in answered)
        return [
            f"p50 {word_milliseconds(medians[len(medians) // 2])}",
            f"p99 {word_milliseconds(max(latency.p99 for latency in answered))}",
            f"longest {word_milliseconds(max(latency.longest for latency in answered))}",
        ]

    def _word_cores(self) -> list[str]:
        """Each process with its CPU, in percent of a core."""
        processes = {} if self._sample is None else self._sample.processes
        return [f"{name} {100 * processes[name].cores:.0f} %" for name in sorted(processes, key=order_of)]


def draw_bars(values: list[float] | list[int]) -> str:
    """A graph of one line: the highest value is a full block.

    >>> draw_bars([0, 1, 4, 8])
    '▁▂▅█'
    """
    highest = max(values, default=0)
    if highest <= 0:
        return BARS[0] * len(values)
    last = len(BARS) - 1
    return "".join(
        BARS[min(last, int(value / highest * last + 0.5))] if value > 0 else BARS[0] for value in values
    )
