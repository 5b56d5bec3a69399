"""One result of several: parts of a run in processes of their own, or runs from several hosts.

Counts are added, distributions joined by their histograms, seconds put beside each other by the clock, checks
put together, and thresholds judged anew on what that comes to.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from loadtests.measures import Histogram, Summary
from loadtests.result import MERGED, Action, Check, Machine, Result, Sample, Second, Verdict
from loadtests.sampling import CROWD
from loadtests.verdicts import UNANSWERED, judge_again
from loadtests.wire import StormError


def merge(results: Sequence[Result], *, one_machine: bool = False) -> Result:
    """The result of all together. ``one_machine``: they came from the same one. Raises ``StormError`` where
    they have nothing to do with each other."""
    names = sorted({result.scenario for result in results})
    if len(names) != 1:
        raise StormError(f"results of one scenario can be merged, not of {', '.join(names) or 'none'}")
    first = min(result.started_at for result in results)
    ends = max(result.started_at / 1000 + result.seconds for result in results)
    offsets = [round((result.started_at - first) / 1000) for result in results]
    lateness, histogram = join((one.lateness, one.lateness_histogram) for one in results)
    actions = merge_actions([result.actions for result in results])
    return Result(
        scenario=names[0],
        url=results[0].url,
        started_at=first,
        seconds=ends - first / 1000,
        sockets=sum(result.sockets for result in results),
        settings=merge_settings([result.settings for result in results], one_machine=one_machine),
        machine=results[0].machine if one_machine else merge_machines([one.machine for one in results]),
        actions=actions,
        lateness=lateness,
        timeline=merge_timelines([result.timeline for result in results], offsets),
        samples=merge_samples([result.samples for result in results], offsets),
        checks=merge_checks(check for result in results for check in result.checks),
        verdicts=merge_verdicts([result.verdicts for result in results], actions),
        lateness_histogram=histogram,
        counts=dict(sum((Counter(result.counts) for result in results), Counter())),
    )


def join(distributions: Iterable[tuple[Summary, str]]) -> tuple[Summary, str]:
    """The distribution of all, each given by its summary and its histogram. Raises ``StormError`` where one
    has no histogram."""
    histogram = Histogram()
    for summary, encoded in distributions:
        if summary.count and not encoded:
            raise StormError("results without histograms cannot be merged: another version wrote them")
        histogram.join(encoded, summary.mean)
    return histogram.summarize(), histogram.encode()


def merge_actions(parts: Sequence[dict[str, Action]]) -> dict[str, Action]:
    """Actions by name, in the order in which they were named first."""
    names = dict.fromkeys(name for part in parts for name in part)
    merged = {}
    for name in names:
        found = [part[name] for part in parts if name in part]
        latency, histogram = join((one.latency, one.histogram) for one in found)
        merged[name] = Action(
            due=sum(one.due for one in found),
            acknowledged=sum(one.acknowledged for one in found),
            refused=add_up(one.refused for one in found),
            unanswered=sum(one.unanswered for one in found),
            passed=sum(one.passed for one in found),
            latency=latency,
            histogram=histogram,
        )
    return merged


def add_up(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    """Counts by code, the greatest first."""
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(total.most_common())


def merge_timelines(parts: Sequence[list[Second]], offsets: Sequence[int]) -> list[Second]:
    """Seconds without a gap; each part's begin ``offsets`` after the first one's."""
    by_second: dict[int, list[Second]] = defaultdict(list)
    for part, offset in zip(parts, offsets, strict=True):
        for second in part:
            by_second[second.at + offset].append(second)
    return [merge_seconds(at, by_second[at]) for at in range(max(by_second, default=-1) + 1)]


def merge_seconds(at: int, found: Sequence[Second]) -> Second:
    """The second ``at`` of all, from each one's own. Raises ``StormError`` where one has no histogram."""
    latency, histogram = join((one.latency, one.histogram) for one in found)
    return Second(
        at=at,
        due=sum(one.due for one in found),
        acknowledged=sum(one.acknowledged for one in found),
        refused=add_up(one.refused for one in found),
        unanswered=sum(one.unanswered for one in found),
        latency=latency,
        histogram=histogram,
    )


def merge_samples(parts: Sequence[list[Sample]], offsets: Sequence[int]) -> list[Sample]:
    """Samples of all in order, as ``take_part`` leaves them."""
    merged = [
        msgspec.structs.replace(take_part(sample, number), at=sample.at + offset)
        for number, (part, offset) in enumerate(zip(parts, offsets, strict=True), 1)
        for sample in part
    ]
    return sorted(merged, key=lambda sample: sample.at)


def take_part(sample: Sample, number: int) -> Sample:
    """What counts of a sample of the part with this number, from 1. Of the deployment that is what the first
    one saw; each one's own process has the part's number."""
    own = f"{CROWD.split()[0]} {number}"
    processes = {own if name == CROWD else name: usage for name, usage in sample.processes.items()}
    if number == 1:
        return msgspec.structs.replace(sample, processes=processes)
    mine = {name: usage for name, usage in processes.items() if name == own}
    return Sample(at=sample.at, processes=mine)


def merge_checks(checks: Iterable[Check]) -> list[Check]:
    """Checks by name."""
    merged: dict[str, Check] = {}
    for check in checks:
        before = merged.get(check.name, Check(check.name, 0))
        findings = [*before.findings, *check.findings]
        merged[check.name] = Check(check.name, before.checked + check.checked, findings)
    return list(merged.values())


def merge_verdicts(parts: Sequence[list[Verdict]], actions: dict[str, Action]) -> list[Verdict]:
    """Thresholds on latencies are judged on what all came to together; of any other the worst counts."""
    by_name: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in (verdict for part in parts for verdict in part):
        by_name[verdict.name].append(verdict)
    merged = []
    for name, found in by_name.items():
        worst = max(found, key=lambda one: (not one.held, one.value is None, one.value or 0.0))
        if name == UNANSWERED:
            unanswered = sum(action.unanswered for action in actions.values())
            worst = Verdict(name, worst.limit, unanswered, unanswered <= worst.limit)
        merged.append(judge_again(worst, actions) or worst)
    return merged


def merge_settings(parts: Sequence[dict[str, Any]], *, one_machine: bool = False) -> dict[str, Any]:
    """The first one's, with how many there were: as ``processes`` where they came from ``one_machine``, since
    that is the option that runs them again. Members and rate are those of all, where the runs were not parts
    of one."""
    settings = {**parts[0], "processes" if one_machine else MERGED: len(parts)}
    if len({part.get("run") for part in parts}) > 1:
        for name in ("members", "rate"):
            if all(name in part for part in parts):
                settings[name] = sum(part[name] for part in parts)
    return settings


def merge_machines(machines: Sequence[Machine]) -> Machine:
    """All hosts as one."""
    processors = Counter(machine.processor for machine in machines)
    return msgspec.structs.replace(
        machines[0],
        processor=", ".join(f"{count} × {name}" for name, count in processors.items()),
        cores=sum(machine.cores for machine in machines),
        memory=sum(machine.memory for machine in machines),
    )
