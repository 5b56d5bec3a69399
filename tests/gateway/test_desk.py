"""The desk without doors: windows of time, made keys, positions that are waited for, refusals."""

import asyncio
from typing import Any

import pytest

from engine.commands import MEMBER, CreditPoints
from engine.errors import Rejected, Rejection
from engine.position import Position
from gateway.desk import Desk
from gateway.identity import Caller
from gateway.limits import Limits
from gateway.operations import BY_NAME
from tests.gateway.harness import LocalReplica, LocalWriter

M1 = Caller("m1", MEMBER, "member", 2**53)
GET, BID = BY_NAME["auction.get"], BY_NAME["auction.bid"]


class Answers(list[Any]):
    """Takes answers."""

    def __call__(self, position: Position, outcome: Any) -> None:
        self.append((position, outcome))


def test_made_keys_are_never_the_same(replica: LocalReplica, writer: LocalWriter) -> None:
    desks = [Desk(replica, writer, Limits()) for _ in range(2)]
    for desk in desks * 3:
        desk.ask(BID, M1, BID.request(auction="a1", maximum=600), 0, Answers())  # type: ignore[call-arg]
    keys = {one["key"] for one in writer.submitted}
    assert len(keys) == 6
    assert all(key.startswith("~") and len(key) <= 64 for key in keys)


def test_what_the_writer_refuses_is_passed_on(
    replica: LocalReplica, writer: LocalWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise Rejection("unavailable", "Too many wait.")

    monkeypatch.setattr(writer, "submit", refuse)
    answers = Answers()
    with pytest.raises(Rejection) as caught:
        Desk(replica, writer, Limits()).ask(BID, M1, BID.request(auction="a1", maximum=600), 0, answers)  # type: ignore[call-arg]
    assert caught.value.rejected.code == "unavailable"
    assert answers == []


def test_waiting_for_a_position(replica: LocalReplica, writer: LocalWriter) -> None:
    async def ask(desk: Desk, auction: str, ahead: int, answers: Answers) -> Position:
        wanted = replica.position._replace(milliseconds=replica.position.milliseconds + ahead)
        desk.ask(GET, M1, GET.request(auction=auction, position=str(wanted)), 0, answers)  # type: ignore[call-arg]
        await asyncio.sleep(0)
        return wanted

    async def body() -> None:
        replica.open_auction("a1")
        desk = Desk(replica, writer, Limits(position_seconds=10))
        here, there, refused = Answers(), Answers(), Answers()
        await ask(desk, "a1", 0, here)
        assert len(here) == 1
        await ask(desk, "a1", 1, there)
        await ask(desk, "none", 1, refused)
        assert there == refused == []
        replica.apply(CreditPoints("m1", 5))
        async with asyncio.timeout(10):
            while not (there and refused):
                await asyncio.sleep(0)
        [(position, view)] = there
        assert (position, view.id) == (replica.position, "a1")
        [(_, outcome)] = refused
        assert outcome == Rejected("unknown_auction", "There is no auction 'none'.", {"auction": "none"})

        late = Answers()
        wanted = await ask(Desk(replica, writer, Limits(position_seconds=0.01)), "a1", 10**9, late)
        async with asyncio.timeout(10):
            while not late:
                await asyncio.sleep(0.001)
        [(_, outcome)] = late
        assert outcome.code == "unavailable"
        assert str(wanted) in outcome.message

    asyncio.run(body())


def test_positions_become_text_once(replica: LocalReplica, writer: LocalWriter) -> None:
    desk = Desk(replica, writer, Limits())
    position = Position(1, 5, 0)
    assert desk.text_of(position) == "1:5-0"
    assert desk.text_of(position) is desk.text_of(position)
    assert desk.text_of(None) == str(replica.position)
