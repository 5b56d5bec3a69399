"""A member's dossier: everything of the member, nothing of others, to staff nothing that is secret yet."""

import msgspec
import pytest

from engine import dossier
from engine.commands import (
    CreateFormatAuction,
    GrantTickets,
    OpenAuction,
    ProgramSettings,
    RefundAuction,
    Sealed,
    VoidBid,
)
from engine.dossier import AuctionPart, OwnBid, OwnEntry, OwnSale, view_dossier
from engine.errors import Rejection
from engine.program import Program
from engine.units import HOUR
from tests.engine.harness import MIDNIGHT, Stage, copy_of
from tests.engine.offering import publish, put, redeem, rule
from tests.engine.raffling import buy, open_raffle


@pytest.fixture
def stage() -> Stage:
    stage = Stage(ProgramSettings(win_limits={"spring": 2}))
    stage.members("anna", "ben")
    return stage


def test_a_member_that_did_nothing(stage: Stage) -> None:
    found = view_dossier(stage.program, "anna", own=True)
    assert (found.at, found.member.member, found.member.tier, found.complete) == (
        MIDNIGHT,
        "anna",
        "gold",
        True,
    )
    assert (found.auctions, found.raffles, found.entries, found.redemptions) == ([], [], [], [])
    assert (found.wins, found.uses, found.taken, found.keys) == ({}, {}, {}, 0)
    assert found.purse is not None
    assert [lot.points for lot in found.purse.lots] == [10_000]
    with pytest.raises(Rejection, match="no member 'cleo'"):
        view_dossier(stage.program, "cleo", own=True)


def test_bids_and_sales_are_the_member_s_own(stage: Stage) -> None:
    stage.open(campaign="spring")
    stage.bid("anna", 600)
    stage.bid("ben", 900)
    stage.wait(5)
    stage.bid("anna", 2_000)
    stage.do(VoidBid("a", 1, "typo"), "maria")
    bids = [
        OwnBid(1, MIDNIGHT, 600, 1, "void"),
        OwnBid(3, MIDNIGHT + 5, 2_000, 1, "standing"),
    ]
    found = view_dossier(stage.program, "anna", own=True)
    assert found.auctions == [AuctionPart("a", "A thing", "open", 1, bids, [])]
    assert found.wins == {"spring": 1}
    assert found.purse is not None
    assert [(hold.subject, hold.points) for hold in found.purse.holds] == [("a", 2_000)]
    stage.close()
    stage.do(RefundAuction("a", "why"), "maria")
    for own in (True, False):
        [part] = view_dossier(stage.program, "anna", own=own).auctions
        assert (part.status, part.bids) == ("settled", bids)
        assert part.sales == [OwnSale(0, 1, 1_000, 1_000, MIDNIGHT + HOUR, stage.at)]
        [part] = view_dossier(stage.program, "ben", own=own).auctions
        assert [bid.maximum for bid in part.bids] == [900]
        assert part.sales == []


def test_redemptions_rules_and_limits(stage: Stage) -> None:
    put(stage, limit=3)
    publish(stage, rule("once", "factor", 9_000, limit=2))
    redeemed = redeem(stage)
    found = view_dossier(stage.program, "anna", own=False)
    assert [(one.redemption, one.price.points) for one in found.redemptions] == [(redeemed.redemption, 900)]
    assert (found.uses, found.taken) == ({"once": 1}, {"spa": [MIDNIGHT]})
    assert view_dossier(stage.program, "ben", own=True).redemptions == []


def test_raffles_and_their_entries(stage: Stage) -> None:
    open_raffle(stage)
    buy(stage, "ben", 3)
    buy(stage, "anna", 2)
    stage.do(GrantTickets("r", "anna", 1, "a review"), "maria")
    found = view_dossier(stage.program, "anna", own=False)
    assert [(part.raffle, part.tickets, part.ranges) for part in found.raffles] == [("r", 3, [])]
    assert found.entries == [
        OwnEntry("r", 2, 6, 1, MIDNIGHT, 0, "maria", "a review"),
        OwnEntry("r", 1, 4, 2, MIDNIGHT, 200, "", ""),
    ]


def seen_by_staff(program: Program) -> bytes:
    return msgspec.json.encode(view_dossier(program, "anna", own=False))


def test_staff_sees_nothing_of_a_bid_before_the_close(stage: Stage) -> None:
    stage.do(CreateFormatAuction("s", stage.terms(increments=(), campaign="spring"), Sealed("second")))
    stage.do(OpenAuction("s"))
    stage.open("e", campaign="spring")
    without = copy_of(stage.program)
    for auction, maximum in (("s", 4_321), ("e", 1_234)):
        stage.bid("anna", maximum, auction)
    own = msgspec.json.encode(view_dossier(stage.program, "anna", own=True))
    assert b"4321" in own
    assert b"1234" in own
    seen = msgspec.json.decode(seen_by_staff(stage.program))
    before = msgspec.json.decode(seen_by_staff(without))
    # What an open bid holds is in everybody's balance as staff sees it; a sealed one's is not.
    for balance in (seen["member"], before["member"]):
        del balance["available"], balance["held"]
    assert seen == before
    stage.tick(MIDNIGHT + HOUR)
    assert b"4321" in seen_by_staff(stage.program)


def test_one_document_is_bounded_and_says_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for id in ("a", "b"):
        stage.open(id)
        stage.bid("anna", 600, id)
        stage.bid("ben", 900, id)
    assert view_dossier(stage.program, "anna", own=True).complete
    monkeypatch.setattr(dossier, "BIDS_SEARCHED", 3)
    found = view_dossier(stage.program, "anna", own=True)
    assert ([part.auction for part in found.auctions], found.complete) == (["b"], False)
    monkeypatch.setattr(dossier, "BIDS_SEARCHED", 10)
    open_raffle(stage)
    for _ in range(3):
        buy(stage, "anna", 1)
    assert view_dossier(stage.program, "anna", own=True).complete
    monkeypatch.setattr(dossier, "ENTRIES_TOLD", 2)
    found = view_dossier(stage.program, "anna", own=True)
    assert ([one.entry for one in found.entries], found.complete) == ([2, 1], False)
