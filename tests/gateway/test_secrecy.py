"""Until the close, a sealed bid leaves through no view, count, refusal, push, metric or log line.

Two programs differ in nothing but a sealed bid: in one of them a member bids, and changes its bid; in the
other it asks for something that changes nothing, as often. Whatever anybody else asks or does, it is answered
the same by both.
"""

from typing import Any

import msgspec
import pytest

from engine import machine
from engine.commands import (
    CreateFormatAuction,
    CreditPoints,
    Format,
    LeaveAuction,
    MultiUnit,
    OpenAuction,
    PlaceBid,
    ProgramSettings,
    Sealed,
    Tick,
    UpsertMember,
)
from engine.errors import Rejection
from engine.units import HOUR
from engine.views import list_live_auctions, view_auction, view_me, view_terms
from gateway.operations import BY_NAME
from tests.engine.harness import Stage, copy_of, envelope
from tests.gateway.harness import OpenWorld, Run
from tests.gateway.test_operations import ALLOWED, BEHALF

AMOUNT = 4_321
FORMATS = [Sealed("first"), Sealed("second", may_lower=True), MultiUnit(3, sealed=True)]
OTHERS = [("m2", "member"), ("boss", "manager"), ("olga", "operator"), ("backend", "service")]


def build_worlds(format: Format, settings: ProgramSettings | None = None) -> tuple[Stage, Stage]:
    """A program in which m1 has a sealed bid in a1, and one in which it has none."""
    worlds = Stage(settings), Stage(settings)
    for stage in worlds:
        stage.members("m1", "m2")
        terms = stage.terms(increments=(), reserve=800)
        stage.do(CreateFormatAuction("a1", terms, format))
        stage.do(OpenAuction("a1"))
        stage.open("a3")
        stage.bid("m2", 900, "a3")
        stage.wait(1_000)
    with_bid, without = worlds
    for maximum in (AMOUNT - 1, AMOUNT):
        with_bid.send(
            envelope(PlaceBid("a1", maximum), "m1", 0, key=f"k{maximum}", not_after=with_bid.at + 1_000)
        )
        without.send(envelope(LeaveAuction("a1"), "m1", 0, key=f"k{maximum}", not_after=without.at + 1_000))
    assert with_bid.points("m1") == (10_000 - AMOUNT, AMOUNT, 0, 0)
    assert without.points("m1") == (10_000, 0, 0, 0)
    return worlds


@pytest.fixture(params=FORMATS, ids=["first", "second", "several"])
def worlds(request: pytest.FixtureRequest) -> tuple[Stage, Stage]:
    return build_worlds(request.param)


def answer(stage: Stage, name: str, actor: str, role: str, parameters: dict[str, Any]) -> bytes:
    """What an operation answers; a command is done to a copy."""
    operation = BY_NAME[name]
    request = msgspec.convert(parameters, operation.request)
    member = parameters.get("member", "") if role == "service" else actor if role == "member" else ""
    if operation.view is not None:
        try:
            return msgspec.json.encode(operation.view(stage.program, request, member))
        except Rejection as refused:
            return msgspec.json.encode(refused.rejected)
        except TypeError:  # a job for a thread: it reads what it was given
            return b""
    assert operation.build is not None
    twin = Stage()
    twin.program, twin.at, twin.number = copy_of(stage.program), stage.at, 10**6
    outcome = twin.ask(operation.build(request, member if role == "service" else ""), actor)
    return msgspec.json.encode(outcome)


CASES = [
    (name, actor, role, parameters | more)
    for name, (roles, parameters) in ALLOWED.items()
    for actor, role in OTHERS
    if role in roles
    for more in (
        [{"member": "m2"}]
        if name in BEHALF and role == "service"
        else [{}, {"member": "m1"}]
        if parameters.get("member") == "m2"
        else [{}]
    )
]


def test_whatever_others_ask_the_answer_is_the_same(worlds: tuple[Stage, Stage]) -> None:
    assert {name for name, *_ in CASES} == set(BY_NAME)
    for asked in CASES:
        with_bid, without = (answer(stage, *asked) for stage in worlds)
        assert with_bid == without, asked
        assert str(AMOUNT).encode() not in with_bid, asked


@pytest.mark.parametrize("amount", [-10_001, 5])
def test_staff_that_changes_the_bidders_points_learns_nothing(
    worlds: tuple[Stage, Stage], amount: int
) -> None:
    asked = {"member": "m1", "amount": amount, "reason": "r"}
    answers = [answer(stage, "points.adjust", "boss", "manager", asked) for stage in worlds]
    assert answers[0] == answers[1]


def test_a_snapshot_keeps_the_secret(worlds: tuple[Stage, Stage]) -> None:
    asked = ("member.get", "boss", "manager", {"member": "m1"})
    for stage in worlds:
        stage.program = copy_of(stage.program)
    assert answer(worlds[0], *asked) == answer(worlds[1], *asked)


def test_points_that_would_have_expired_are_shown_as_if_they_had(worlds: tuple[Stage, Stage]) -> None:
    answers = []
    for stage in worlds:
        stage.do(CreditPoints("m1", 20_000, stage.at + 60_000))
        if stage is worlds[0]:
            stage.do(PlaceBid("a1", 9_000), "m1")
        stage.tick(stage.at + 60_000)
        answers.append(
            [
                answer(stage, "member.get", "boss", "manager", {"member": "m1"}),
                answer(stage, "program.get", "boss", "manager", {}),
                answer(stage, "points.credit", "boss", "manager", {"member": "m1", "amount": 1}),
            ]
        )
    assert worlds[0].who("m1").held == 9_000
    assert answers[0] == answers[1]


def test_a_member_looks_the_same_before_the_agenda_has_come_to_its_lots(
    worlds: tuple[Stage, Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "SLICE", 0)
    answers = []
    for stage in worlds:
        stage.do(CreditPoints("m1", 20_000, stage.at + 60_000))
        if stage is worlds[0]:
            stage.do(PlaceBid("a1", 9_000), "m1")
        stage.wait(60_000)
        stage.do(Tick())
        answers.append(answer(stage, "member.get", "boss", "manager", {"member": "m1"}))
    assert worlds[1].who("m1").available == 30_000
    assert answers[0] == answers[1]
    assert b'"available":10000' in answers[0]


def test_its_own_member_sees_it(worlds: tuple[Stage, Stage]) -> None:
    stage = worlds[0]
    own = view_me(stage.program, "m1")
    assert (own.held, own.auctions[0].maximum, own.auctions[0].bidder) == (AMOUNT, AMOUNT, 0)
    held = BY_NAME["me.points"].view(stage.program, None, "m1").holds  # type: ignore[misc]
    assert [(hold.subject, hold.points) for hold in held] == [("a1", AMOUNT)]


def test_managers_see_how_many_have_bid_only_if_the_program_says_so() -> None:
    assert view_terms(build_worlds(FORMATS[0])[0].program, "a1").sealed_bidders is None
    told = [
        view_terms(stage.program, "a1").sealed_bidders
        for stage in build_worlds(FORMATS[0], ProgramSettings(sealed_counts=True))
    ]
    assert told == [1, 0]


def test_after_the_close_winners_are_known_and_losing_bids_are_not() -> None:
    stage = build_worlds(Sealed("second"))[0]
    stage.do(PlaceBid("a1", 5_000), "m2")
    stage.close("a1")
    view = view_auction(stage.program, "a1")
    assert (view.winner, view.hammer_price, view.bids, view.bidders) == (2, AMOUNT, 3, 2)
    stage = build_worlds(Sealed("first"))[0]
    stage.do(PlaceBid("a1", 5_000), "m2")
    stage.close("a1")
    page = BY_NAME["auction.bids"].view  # type: ignore[union-attr]
    request = msgspec.convert({"auction": "a1"}, BY_NAME["auction.bids"].request)
    seen = msgspec.json.encode([page(stage.program, request, "m2"), list_live_auctions(stage.program)])  # type: ignore[misc]
    assert str(AMOUNT).encode() not in seen


def test_no_push_metric_or_log_line_tells_of_it(
    run: Run, world: OpenWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    async def body() -> None:
        async with world() as here:
            at = here.gateway.replica.program.at
            for member in ("m1", "m2"):
                await here.apply(UpsertMember(member, "gold", "north"))
                await here.apply(CreditPoints(member, 10_000))
            asked = {
                "auction": "s",
                "terms": {"title": "t", "opening": 500, "starts_at": at, "ends_at": at + HOUR},
                "format": {"type": "sealed", "pricing": "second"},
            }
            assert (await here.ask("boss", "manager", "POST", "/v1/auctions", asked)).is_success
            assert (await here.ask("boss", "manager", "POST", "/v1/auctions/s/open")).is_success
            async with (
                here.socket("m1", "member") as own,
                here.socket("m2", "member") as other,
                here.socket("boss", "manager") as boss,
            ):
                for socket, topics in (
                    (own, ["auctions", "auction:s", "me"]),
                    (other, ["auctions", "auction:s", "me"]),
                    (boss, ["auctions", "auction:s"]),
                ):
                    await socket.call("subscribe", topics=topics)
                for socket in (other, boss):
                    for topic in ("auctions", "auction:s"):
                        await socket.push(topic)
                taken = await own.call("auction.bid", auction="s", maximum=AMOUNT)
                assert (taken["result"]["number"], taken["result"]["bidder"]) == (1, 0)
                await own.push("me", lambda state: state["held"] == AMOUNT)
                # The next that others see of it is what a manager does: nothing was pushed before that.
                assert (await here.ask("boss", "manager", "POST", "/v1/auctions/s/pause")).is_success
                for socket in (other, boss):
                    push = await socket.push("auction:s")
                    assert (push["state"]["status"], push["state"]["bids"]) == ("paused", 0)
                    push = await socket.push("auctions")
                    assert push["state"]["auctions"][0]["status"] == "paused"
            metrics = (await here.http.get("/metrics")).text
            assert str(AMOUNT) not in metrics
            assert 'auction="s"' not in metrics

    run(body())
    written = capsys.readouterr()
    assert str(AMOUNT) not in written.out + written.err
