"""Which of a campaign's shelves is up, and when the next one comes.

The first is up when the campaign starts. In a peak shelves turn at the peak's own period; the next one comes
up when a peak begins and when it ends.
"""

from collections.abc import Iterator

from engine.commands import CampaignTerms, Rotation, Shelf
from engine.units import MAXIMUM_TIME

Stretch = tuple[int, int, int]
"""Start, end and period of a time in which shelves turn alike, in ms."""


def find_shelf(terms: CampaignTerms, at: int) -> Shelf | None:
    """The shelf that is up at ``at`` ms; None before the start, and without shelves."""
    if not terms.shelves or at < terms.starts_at:
        return None
    if terms.rotation is None:
        return terms.shelves[0]
    return terms.shelves[_count_turns(terms, terms.rotation, at) % len(terms.shelves)]


def next_turn(terms: CampaignTerms, at: int) -> int:
    """When (ms) the next shelf comes up after ``at``; ``MAXIMUM_TIME`` for never."""
    if len(terms.shelves) < 2 or terms.rotation is None:
        return MAXIMUM_TIME
    for start, end, period in _stretches(terms, terms.rotation):
        if at < start:
            return start
        if at < end:
            return min(start + ((at - start) // period + 1) * period, end)
    return MAXIMUM_TIME


def _count_turns(terms: CampaignTerms, rotation: Rotation, at: int) -> int:
    turns = -1
    for start, end, period in _stretches(terms, rotation):
        if at < start:
            break
        last = min(at, end - 1)
        turns += (last - start) // period + 1
    return turns


def _stretches(terms: CampaignTerms, rotation: Rotation) -> Iterator[Stretch]:
    start = terms.starts_at
    for peak in rotation.peaks:
        if peak.ends_at <= start:
            continue
        if start < peak.starts_at:
            yield start, peak.starts_at, rotation.period
        start = max(start, peak.starts_at)
        yield start, peak.ends_at, peak.period
        start = peak.ends_at
    yield start, MAXIMUM_TIME, rotation.period
