"""Points that do not add up are found, in total and of a member."""

import asyncio
from types import SimpleNamespace

import msgspec
import pytest

from loadtests import ledger
from loadtests.sales import OwnPoints
from loadtests.wire import Message


class Services:
    """Answers with the points of members: of ``wrong`` ones a point is missing."""

    def __init__(self, wrong: set[str]) -> None:
        self.asked: list[str] = []
        self._wrong = wrong

    async def ask(self, method: str, *, member: str) -> Message:
        self.asked.append(member)
        available = 59 if member in self._wrong else 60
        points = {"issued": 100, "available": available, "held": 10, "spent": 25, "expired": 5}
        return Message(result=msgspec.Raw(msgspec.json.encode(points)))


def look(
    monkeypatch: pytest.MonkeyPatch, total: OwnPoints, wrong: set[str], members: int
) -> tuple[int, list]:
    async def read(*_: object) -> OwnPoints:
        return total

    monkeypatch.setattr(ledger, "read_totals", read)
    names = [f"m{number}" for number in range(members)]
    stage = SimpleNamespace(api=None, tokens=None, members=names, services=Services(wrong))
    check = asyncio.run(ledger.check_ledger(stage))
    return check.checked, check.findings


RIGHT = OwnPoints(100, 60, 10, 25, 5)


def test_points_that_add_up_are_well(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(monkeypatch, RIGHT, set(), 3) == (4, [])


def test_points_that_do_not_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    checked, findings = look(monkeypatch, OwnPoints(101, 60, 10, 25, 5), {"m1"}, 3)
    assert checked == 4
    assert findings == [
        "the program: 101 points were issued, 100 are accounted for",
        "m1: 100 points were issued, 99 are accounted for",
    ]


def test_of_a_great_crowd_some_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    checked, _ = look(monkeypatch, RIGHT, set(), 1_201)
    assert checked == 1 + 401
