"""What a result says of itself: did it hold and why not, was the gateway measured or the crowd, what stood
still meanwhile, and how is it run again.

The rules are plain, and say what they go by. A latency counts from when an action was due, so what a crowd
comes too late with is in it: a client that cannot keep up makes every gateway look slow.
"""

import shlex
from collections import defaultdict
from typing import Any, Final, NamedTuple

import msgspec

from loadtests.gauges import LONGEST_APPEND, LONGEST_PAUSE
from loadtests.pauses import SHARE, WORDS
from loadtests.result import MERGED, Result, Sample
from loadtests.timelines import second_of
from loadtests.wording import is_secret, word_figure, word_milliseconds, word_place, word_share

LATE: Final = 5.0
"""Ms of p99 lateness up to which a crowd keeps its schedule."""

LARGE_SHARE: Final = 0.25
"""Of a latency's p99: if so much of it is lateness, it is the crowd's more than anybody's."""

BUSY: Final = 0.9
"""Of a core that a single-threaded process uses: it waits for itself. Of a machine: all wait for each
other."""

FELT: Final = 0.05
"""Seconds that something has to stand still for to be told."""

CROWD: Final = "storm"
"""What the names of the crowd's own processes start with."""


NAMING: Final = frozenset({"part", "parts", "run", "scenario", "url"})
"""Settings that say which run it was, or stand elsewhere in a result."""


class Diagnosis(msgspec.Struct, frozen=True):
    """Whether the ``client`` was what limited the run, with the sentences that say why, or why not."""

    client: bool
    sentences: list[str]


def list_reasons(result: Result) -> list[str]:
    """Why a result is not held; nothing if it is."""
    reasons = []
    if not result.checks:
        reasons.append("Nothing was checked: whether the answers were right is not known.")
    for check in result.checks:
        if check.findings:
            times = "once" if len(check.findings) == 1 else f"{word_figure(len(check.findings))} times"
            reasons.append(f"“{check.name}” was broken {times} in {word_figure(check.checked)}.")
    for verdict in result.verdicts:
        if verdict.held:
            continue
        if verdict.value is None:
            reasons.append(f"{verdict.name} could not be had; the limit is {word_figure(verdict.limit)}.")
        else:
            came = word_figure(verdict.value)
            reasons.append(f"{verdict.name} came to {came}; the limit is {word_figure(verdict.limit)}.")
    return reasons


def diagnose(result: Result) -> Diagnosis:
    """Looks at lateness, at the crowd's own CPU, at that of the machine, and at what stood still."""
    sentences: list[str] = []
    late = _judge_lateness(result, sentences)
    busy = [
        f"{name} used {word_figure(cores)} of a core on average: it had no time left to be punctual."
        for name, cores in mean_cores(result.samples).items()
        if name.startswith(CROWD) and cores >= BUSY
    ]
    sentences += busy
    crowded = _judge_machine(result, sentences)
    if late or busy:
        sentences.append(
            "Part of the latencies is the client's own. Divide the crowd over more processes or more hosts, "
            "or lower the rate, before you judge the gateway."
        )
    elif crowded:
        sentences.append("Run the crowd from another machine to see what the gateway does by itself.")
    _judge_pauses(result, sentences)
    return Diagnosis(bool(late or busy), sentences)


def _judge_pauses(result: Result, sentences: list[str]) -> None:
    """What stood still for so long that the slowest actions may have waited for it."""
    least = max(FELT, SHARE * _slowest(result) / 1000)
    pause, append = (_find_worst(result, prefix) for prefix in (LONGEST_PAUSE, LONGEST_APPEND))
    if pause is not None and pause.seconds >= least:
        cause, _, whose = pause.gauge.removeprefix(f'{LONGEST_PAUSE}{{cause="').partition('"}')
        loop = f"the event loop of {whose.strip() or 'the gateway'}"
        words = f"In second {pause.at} {loop} stood still for up to {word_milliseconds(1000 * pause.seconds)}"
        sentences.append(f"{words}, since {WORDS.get(cause, cause)}.")
    # A gateway that stands still does not hear the log's answer either.
    heard = pause is None or append is None or pause.at != append.at or pause.seconds < append.seconds / 2
    if append is not None and append.seconds >= least and heard:
        length = word_milliseconds(1000 * append.seconds)
        sentences.append(
            f"In second {append.at} the log took up to {length} for a batch: its disk, or its server, stood "
            "still."
        )


class _Worst(NamedTuple):
    seconds: float
    at: int
    gauge: str


def _find_worst(result: Result, prefix: str) -> _Worst | None:
    """The highest value of the gauges whose names begin like this, and the second that it tells of."""
    found = [
        _Worst(value, second_of(sample), name)
        for sample in result.samples
        for name, value in sample.gauges.items()
        if name.startswith(prefix)
    ]
    return max(found, default=None)


def _slowest(result: Result) -> float:
    """The highest p99 of all actions, in ms."""
    return max((action.latency.p99 for action in result.actions.values()), default=0.0)


def _judge_lateness(result: Result, sentences: list[str]) -> bool:
    lateness = result.lateness
    if not lateness.count:
        sentences.append("By how much the crowd was late is not known.")
        return False
    slowest = _slowest(result)
    measured = f"p99 of its lateness is {word_milliseconds(lateness.p99)}"
    if lateness.p99 > LATE:
        limit = word_milliseconds(LATE)
        sentences.append(f"The crowd itself was behind its schedule: {measured}, and {limit} would be fine.")
        return True
    if slowest and lateness.p99 > LARGE_SHARE * slowest and lateness.p99 > 1:
        share = word_share(lateness.p99, slowest)
        sentences.append(f"The crowd was nearly punctual, yet {measured}, {share} of the slowest p99.")
        return True
    sentences.append(f"The crowd kept its schedule: {measured}. What was measured is the gateway.")
    return False


def _judge_machine(result: Result, sentences: list[str]) -> bool:
    """Whether the machine of the crowd, where servers that were sampled run as well, had no CPU left."""
    used = sum(mean_cores(result.samples).values())
    if used < BUSY * result.machine.cores or not result.samples:
        return False
    servers = [name for name in mean_cores(result.samples) if not name.startswith(CROWD)]
    if not servers:
        return False
    words = f"{word_figure(used)} of the machine's {result.machine.cores} cores were in use"
    sentences.append(f"{words}: crowd and servers took CPU from each other.")
    return True


def mean_cores(samples: list[Sample]) -> dict[str, float]:
    """The CPU of each process, in cores, over the samples that it is in."""
    cores: dict[str, list[float]] = defaultdict(list)
    for sample in samples:
        for name, usage in sample.processes.items():
            cores[name].append(usage.cores)
    return {name: sum(values) / len(values) for name, values in cores.items()}


def list_settings(result: Result) -> dict[str, Any]:
    """The settings that make a run what it is: a scenario's own ones beside those of all, and nothing that
    only names the run."""
    settings: dict[str, Any] = {}
    for name, value in result.settings.items():
        settings.update(value if isinstance(value, dict) else {name: value})
    return {name: value for name, value in settings.items() if name not in NAMING}


def write_command(result: Result) -> str:
    """The command line that runs it again: its scenario, its gateway, and each setting as an option. What is
    secret is left for the caller to give, and so is on how many hosts a merged run was."""
    words = ["livelot", "storm", result.scenario, "--url", word_place(result.url)]
    for name, value in list_settings(result).items():
        words += _write_option(name, value) if name != MERGED else []
    return shlex.join(words)


def _write_option(name: str, value: Any) -> list[str]:
    option = f"--{name.replace('_', '-')}"
    if is_secret(name) or value is None or isinstance(value, dict | list):
        return []
    if isinstance(value, bool):
        return [option] if value else []
    if isinstance(value, float):
        return [option, f"{value:g}"]
    return [option, str(value)] if str(value) else []
