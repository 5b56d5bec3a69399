"""``livelot replay`` as a whole: files in, a report out; the real recording where it is at hand."""

import os
import re
from pathlib import Path

import pytest

from engine.embedded import EmbeddedServer
from gateway.recorded.recording import COLUMNS, RecordingError
from gateway.recorded.replay import replay

HEADER = ",".join(COLUMNS)
SHARED = Path(os.environ.get("LIVELOT_SHARED") or Path(__file__).parents[4] / "shared")
RECORDED = SHARED / "data" / "ebay_bids.csv"

EXAMPLE = (("A", 2500, 2500), ("B", 2601, 2600), ("A", 2800, 2701), ("B", 3500, 2900), ("A", 3502, 3502))
"""design.md §4's worked example, 2 000 higher, where the default table's increment is the example's 100:
bidder, maximum, and the price after it."""


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


def write_example(folder: Path, *, surplus: int = 0) -> Path:
    """One auction after each bid of the example, ``surplus`` cents too dear in the last."""
    lines = []
    for count in range(1, len(EXAMPLE) + 1):
        final = EXAMPLE[count - 1][2] + (surplus if count == len(EXAMPLE) else 0)
        lines += [
            f"after-{count},example,7,2500,{final},{1_000 * number},{bidder},{maximum}"
            for number, (bidder, maximum, _) in enumerate(EXAMPLE[:count])
        ]
    return write(folder / "example.csv", lines)


def test_the_worked_example_is_matched_after_every_bid(
    tmp_path: Path, valkey: EmbeddedServer, program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    replay(write_example(tmp_path), log_url=valkey.url, program=program)
    report = capsys.readouterr().out.splitlines()
    assert report[-1] == "matched 5 of 5"
    assert "bids: 15, of them refused: none" in report
    assert not any("after-" in line for line in report)
    assert any(line.startswith("points: ") and line.endswith("no hold is left") for line in report)
    assert any(
        re.match(r"commands: \d+ in \d+ entries and [\d.]+ s, [\d,]+ a second", line) for line in report
    )


def test_a_differing_price_is_shown_with_its_difference_and_likely_reason(
    tmp_path: Path, valkey: EmbeddedServer, program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    replay(write_example(tmp_path, surplus=100), log_url=valkey.url, program=program)
    report = capsys.readouterr().out.splitlines()
    (row,) = (line.split() for line in report if "after-" in line)
    assert row[:7] == ["after-5", "example", "5", "35.02", "36.02", "+1.00", "35.02"]
    assert " ".join(row[7:]) == "1.00 above the highest maximum: a bid is not in the file"
    assert report[-1] == "matched 4 of 5"


def test_all_auctions_are_shown_when_asked_for(
    tmp_path: Path, valkey: EmbeddedServer, program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    replay(write_example(tmp_path), log_url=valkey.url, program=program, show_all=True)
    report = capsys.readouterr().out.splitlines()
    shown = [line.split()[:5] for line in report if "after-" in line]
    prices = ["25.00", "26.00", "27.01", "29.00", "35.02"]
    assert shown == [
        [f"after-{count}", "example", str(count), price, price] for count, price in enumerate(prices, 1)
    ]


def test_what_a_file_says_is_never_taken_for_markup(
    tmp_path: Path, valkey: EmbeddedServer, program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "markup.csv", ["a1,[bold]x[/],7,100,100,1,ann,100"])
    replay(path, log_url=valkey.url, program=program, show_all=True)
    assert "[bold]x[/]" in capsys.readouterr().out


def test_a_bad_file_is_refused_before_anything_runs(tmp_path: Path) -> None:
    path = write(tmp_path / "bad.csv", ["a1,palm,7,100,100,soon,ann,100"])
    with pytest.raises(RecordingError) as raised:
        replay(path, log_url="redis://127.0.0.1:1")
    assert str(raised.value) == f"{path}:2: at_ms is 'soon', not a whole number."


@pytest.mark.skipif(not RECORDED.exists(), reason=f"the recorded bids are not there: {RECORDED}")
def test_the_real_recording_is_matched_in_473_of_492(capsys: pytest.CaptureFixture[str]) -> None:
    replay(RECORDED)
    report = capsys.readouterr().out.splitlines()
    assert report[-1] == "matched 473 of 492"
    assert "bids: 8728, of them refused: 50 already_leading, 4 bid_too_low" in report
    rows = [line for line in report if re.match(r" ?[0-9]{10} ", line)]
    assert len(rows) == 19
    assert sum("hidden reserve" in row for row in rows) == 12
