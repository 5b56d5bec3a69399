"""A file of recorded bids: what is read, and what each kind of bad file is told."""

from pathlib import Path

import pytest

from engine.units import DAY
from gateway.recorded.recording import COLUMNS, RecordedAuction, RecordedBid, RecordingError, read_recording

HEADER = ",".join(COLUMNS)


def write(folder: Path, *lines: str) -> Path:
    path = folder / "bids.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_reads_auctions_in_the_files_order_and_bids_in_the_order_of_time(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        HEADER,
        "late,palm,3,100,200,900,ann,200",
        "early,xbox,7,5,0,100,bob,7",
        "late,palm,3,100,200,100,cid,150",
    )
    recording = read_recording(path)
    assert list(recording.auctions.values()) == [
        RecordedAuction("late", "palm", 100, 200, 3 * DAY, 2),
        RecordedAuction("early", "xbox", 5, 0, 7 * DAY, 3),
    ]
    assert recording.bids == [
        RecordedBid(100, 3, "early", "bob", 7),
        RecordedBid(100, 4, "late", "cid", 150),
        RecordedBid(900, 2, "late", "ann", 200),
    ]
    assert recording.remarks == []


def test_columns_may_come_in_any_order_with_others_among_them(tmp_path: Path) -> None:
    path = write(tmp_path, "note," + ",".join(reversed(COLUMNS)), "x,200,ann,5,180,100,7,palm,a1")
    assert read_recording(path).bids == [RecordedBid(5, 2, "a1", "ann", 200)]


def test_another_opening_price_is_remarked_on_and_the_first_one_counts(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER, "a1,palm,7,1,9,5,ann,9", "a1,palm,7,2,9,6,bob,8")
    recording = read_recording(path)
    assert recording.auctions["a1"].opening == 1
    assert recording.remarks == [
        "line 3: open_cents is 2, but line 2 of auction a1 has 1, which counts",
    ]


GOOD = "a1,palm,7,1,9,5,ann,9"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a1,palm,7,1,9,5,ann", "7 cells, where the header has 8."),
        ("a1,palm,7,1,9,5,ann,9,9", "9 cells, where the header has 8."),
        ("a1,palm,7,1,9,5,ann,much", "max_cents is 'much', not a whole number."),
        ("a1,palm,7,1,9,1.5,ann,9", "at_ms is '1.5', not a whole number."),
        ("a1,palm,7,1,9,5,ann,", "max_cents is '', not a whole number."),
        ("a1,palm,7,1,9,5,ann,0", "max_cents is 0; it must be 1 to 1000000000000."),
        ("a1,palm,0,1,9,5,ann,9", "days is 0; it must be 1 to 366."),
        ("a1,palm,7,1,9,-5,ann,9", "the bid comes 5 ms before its auction opens."),
        ("a1,palm,7,1,9,604800000,ann,9", "the bid comes 0 ms after its auction has ended."),
        ("a1,palm,7,1,8,5,ann,9", "final_cents is 8, but line 2 of this auction has 9."),
        ("a1,palm,6,1,9,5,ann,9", "days is 6, but line 2 of this auction has 7."),
        ("a1,xbox,7,1,9,5,ann,9", "item is 'xbox', but line 2 of this auction has 'palm'."),
        (
            "a1,palm,7,1,9,5,ann smith,9",
            "bidder 'ann smith' is not an id of at most 64 letters, digits and . _ : @ ~ -",
        ),
        ('a1,"palm,7,1,9,5,ann,9', "this is not CSV: unexpected end of data."),
    ],
)
def test_a_bad_line_is_named_in_one_line_of_words(tmp_path: Path, line: str, words: str) -> None:
    path = write(tmp_path, HEADER, GOOD, line)
    with pytest.raises(RecordingError) as raised:
        read_recording(path)
    assert str(raised.value) == f"{path}:3: {words}"


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "auction,item,days,open_cents,final_cents,at_ms,bidder", GOOD)
    with pytest.raises(
        RecordingError, match=r"bids\.csv:1: the header lacks max_cents; it needs auction,item"
    ):
        read_recording(path)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"nowhere\.csv: No such file or directory\."):
        read_recording(tmp_path / "nowhere.csv")
    with pytest.raises(RecordingError, match=r"Is a directory\."):
        read_recording(tmp_path)
    with pytest.raises(RecordingError, match=r"there is no bid in this file\."):
        read_recording(write(tmp_path, HEADER))
    with pytest.raises(RecordingError, match=r":1: the header lacks auction, item"):
        read_recording(write(tmp_path, ""))
    path = tmp_path / "bytes.csv"
    path.write_bytes(b"auction\xff")
    with pytest.raises(RecordingError, match=r"this is not UTF-8 text, at byte 7\."):
        read_recording(path)
