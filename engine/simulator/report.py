"""What a run of the simulator tells: how much was played, what was reached, what failed and how to see it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from engine.simulator.judge import Judge
from engine.simulator.shrinking import moments_of, shrink, shrink_history, tell
from engine.simulator.world import World, play


class Report:
    """Sums over chapters: ``commands`` were decided in ``entries`` of logs, in ``seconds``."""

    def __init__(self) -> None:
        self.chapters = 0
        self.commands = 0
        self.entries = 0
        self.seconds = 0.0
        self.happened: Counter[str] = Counter()

    def add(self, judge: Judge, seconds: float) -> None:
        """Counts a chapter, which ended ``seconds`` after the run began."""
        self.chapters += 1
        self.commands += judge.commands
        self.entries += len(judge.verdicts)
        self.happened += judge.happened
        self.seconds = seconds

    def progress(self) -> str:
        """One line."""
        pace = self.commands / self.seconds if self.seconds else 0
        return f"{self.commands:,} commands in {self.chapters} chapters, {pace:,.0f} a second"

    def lines(self, rare: Iterable[str]) -> Iterator[str]:
        """The whole report. ``rare`` is what a long run has to come by at least once."""
        yield f"{self.progress()}; {self.entries:,} entries; no violation"
        faults = {name[7:]: count for name, count in self.happened.items() if name.startswith("fault: ")}
        yield "faults: " + ", ".join(f"{name} {count}" for name, count in sorted(faults.items()))
        missing = [name for name in rare if not self.happened[name]]
        reached = len(set(rare)) - len(missing)
        yield f"rare paths reached: {reached} of {len(set(rare))}" + (
            f"; not reached: {', '.join(missing)}" if missing else ""
        )


def shrink_chapter(world: World, seed: str, commands: int, faults: frozenset[str]) -> Iterator[str]:
    """What is left of a failed chapter, in lines: a history of commands, or the faults that it needs."""
    verdicts = world.judge.verdicts
    at = [(position.milliseconds, verdict) for position, verdict in verdicts.items()]
    moments, words = shrink_history(moments_of(at))
    if moments:
        yield f"the log alone shows it, in {len(moments) - 1} commands: {words}"
        yield from tell(moments)
        return
    kept = shrink(
        ["", *sorted(faults)],
        lambda some: play(seed, commands, frozenset(some)).judge.violation is not None,
        tries=30,
    )
    yield f"the log alone does not show it. Faults that are needed: {','.join(kept[1:]) or 'none'}"
