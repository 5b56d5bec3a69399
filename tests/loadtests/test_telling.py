"""What a part tells is what the process that started it reads."""

import asyncio
import io

import pytest

from loadtests.measures import Histogram
from loadtests.result import Sample, Second, Usage
from loadtests.telling import Note, Over, Teller, Told, Waiting, decode_message, tell_note, wait_for_others
from loadtests.wire import StormError

LATENCIES = Histogram([0.001, 0.5])
SECOND = Second(
    at=3,
    due=2,
    acknowledged=1,
    refused={"no": 1},
    latency=LATENCIES.summarize(),
    histogram=LATENCIES.encode(),
)
SAMPLE = Sample(at=3.5, processes={"storm 1": Usage(0.5, 7)}, gauges={"g": 1.0})


def test_seconds_notes_and_the_end_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    with Teller() as teller:
        teller.show(SECOND, SAMPLE)
        tell_note("a line\nor two")
        teller.show(Second(at=4))
    messages = [decode_message(line) for line in capsys.readouterr().out.splitlines()]
    assert messages == [Told(SECOND, SAMPLE), Note("a line\nor two"), Told(Second(at=4)), Over()]


def test_a_part_goes_on_when_it_is_told_to(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("go\n"))
    asyncio.run(wait_for_others("connected"))
    assert decode_message(capsys.readouterr().out) == Waiting("connected")
    with pytest.raises(StormError, match="the other parts of the run are gone"):
        asyncio.run(wait_for_others("acted"))
