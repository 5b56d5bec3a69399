"""Recorded auctions, as ``livelot replay`` reads them: one bid a line, in a CSV file with these columns.

    auction, bidder   ids
    item              what was sold
    days              the auction's length
    open_cents        the least first bid
    final_cents       what it was sold for; 0: it was not
    at_ms             when the bid was placed, counted from the auction's opening
    max_cents         the most that the bidder would pay

All auctions of a file open together, at 0 on the file's own clock. Further columns are passed over.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from engine.units import DAY, MAXIMUM_POINTS

COLUMNS: Final = ("auction", "item", "days", "open_cents", "final_cents", "at_ms", "bidder", "max_cents")
LONGEST_DAYS: Final = 366

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@~-]{0,63}")
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_LONGEST_ITEM: Final = 500
_LIMITS: Final = {
    "days": (1, LONGEST_DAYS),
    "open_cents": (1, MAXIMUM_POINTS),
    "final_cents": (0, MAXIMUM_POINTS),
    "at_ms": (-(2**53), 2**53),
    "max_cents": (1, MAXIMUM_POINTS),
}


class RecordingError(Exception):
    """The file cannot be replayed; the words begin with its name and line."""


class RecordedAuction(NamedTuple):
    """An auction of the file. Prices are cents, ``ends_at`` is ms on the file's clock, ``line`` its first."""

    id: str
    item: str
    opening: int
    final: int
    ends_at: int
    line: int


class RecordedBid(NamedTuple):
    """A bid of the file: ``at`` in ms on the file's clock, ``maximum`` in cents."""

    at: int
    line: int
    auction: str
    bidder: str
    maximum: int


class Recording(NamedTuple):
    """A whole file: auctions by id in the file's order, bids in the order of time (of the same instant: of
    lines). ``remarks`` are contradictions that were settled, in words."""

    auctions: dict[str, RecordedAuction]
    bids: list[RecordedBid]
    remarks: list[str]


def read_recording(path: Path) -> Recording:
    """Reads and checks a file. Raises ``RecordingError``."""
    recording = Recording({}, [], [])
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            for line, row in _read_rows(file):
                _take_row(recording, line, row)
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise RecordingError(f"{path}: this is not UTF-8 text, at byte {error.start}.") from error
    except _LineError as error:
        raise RecordingError(f"{path}:{error.line}: {error}") from error
    if not recording.bids:
        raise RecordingError(f"{path}: there is no bid in this file.")
    recording.bids.sort()
    return recording


class _LineError(Exception):
    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.line = line


def _read_rows(file: Iterator[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows behind the header as line and cells by column."""
    rows = csv.reader(file, strict=True)
    try:
        header = next(rows, [])
        missing = [column for column in COLUMNS if column not in header]
        if missing:
            raise _LineError(1, f"the header lacks {', '.join(missing)}; it needs {','.join(COLUMNS)}.")
        for cells in rows:
            if not cells:
                continue
            if len(cells) != len(header):
                raise _LineError(rows.line_num, f"{len(cells)} cells, where the header has {len(header)}.")
            yield rows.line_num, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise _LineError(rows.line_num, f"this is not CSV: {error}.") from error


def _take_row(recording: Recording, line: int, row: dict[str, str]) -> None:
    for column in ("auction", "bidder"):
        if not _IDENTIFIER.fullmatch(row[column]):
            words = (
                f"{column} {row[column][:80]!r} is not an id of at most 64 letters, digits and . _ : @ ~ -"
            )
            raise _LineError(line, words)
    if len(row["item"]) > _LONGEST_ITEM:
        raise _LineError(line, f"item has {len(row['item'])} characters; {_LONGEST_ITEM} are the limit.")
    days, opening, final, at, maximum = (_read_number(line, column, row[column]) for column in _LIMITS)
    stated = RecordedAuction(row["auction"], row["item"], opening, final, days * DAY, line)
    auction = recording.auctions.setdefault(stated.id, stated)
    if stated is not auction:
        _compare(recording, line, auction, stated)
    if at < 0:
        raise _LineError(line, f"the bid comes {-at} ms before its auction opens.")
    if at >= auction.ends_at:
        raise _LineError(line, f"the bid comes {at - auction.ends_at} ms after its auction has ended.")
    recording.bids.append(RecordedBid(at, line, auction.id, row["bidder"], maximum))


def _read_number(line: int, column: str, text: str) -> int:
    least, most = _LIMITS[column]
    if not _NUMBER.fullmatch(text):
        raise _LineError(line, f"{column} is {text[:80]!r}, not a whole number.")
    number = int(text)
    if not least <= number <= most:
        raise _LineError(line, f"{column} is {number}; it must be {least} to {most}.")
    return number


def _compare(recording: Recording, line: int, first: RecordedAuction, stated: RecordedAuction) -> None:
    """What a line says of its auction against what the auction's first line said.

    Another opening price only matters to the first bid, so the first line is believed; other contradictions
    would leave it open what to compare with.
    """
    for name, one, other in (
        ("item", first.item, stated.item),
        ("final_cents", first.final, stated.final),
        ("days", first.ends_at // DAY, stated.ends_at // DAY),
    ):
        if one != other:
            raise _LineError(line, f"{name} is {other!r}, but line {first.line} of this auction has {one!r}.")
    if stated.opening != first.opening:
        recording.remarks.append(
            f"line {line}: open_cents is {stated.opening}, but line {first.line} of auction {first.id} has "
            f"{first.opening}, which counts"
        )
