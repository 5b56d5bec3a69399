"""Entries: bought and granted, numbered, limited; what they leave in the ledger and in the tree."""

import pytest

from engine.commands import BuyTickets, Eligibility, Envelope, GrantTickets, UpsertMember
from engine.draw.entries import encode_leaf, entrant_of
from engine.draw.merkle import hash_leaf, root_of
from engine.events import TicketsIssued
from engine.raffles import tickets
from engine.raffles.state import STRETCH
from engine.results import Entered
from tests.engine.harness import ProgramSettings, Stage, envelope
from tests.engine.raffling import buy, close, grant, open_raffle


def test_tickets_are_numbered_in_the_order_of_the_log() -> None:
    stage = Stage()
    stage.members("anna", "ben")
    raffle = open_raffle(stage)
    bought = [buy(stage, "anna", 3), buy(stage, "ben", 2), buy(stage, "anna", 1)]
    assert [(one.entry, one.first, one.last, one.points, one.tickets) for one in bought] == [
        (0, 1, 3, 300, 3),
        (1, 4, 5, 200, 2),
        (2, 6, 6, 100, 4),
    ]
    assert stage.points("anna") == (9_600, 0, 400, 0)
    assert (raffle.tickets, raffle.entries, stage.program.raffles.entries) == (6, 3, 3)
    assert stage.events(TicketsIssued) == [TicketsIssued("r", "anna", 1, 100)]
    assert bought[0].entrant == bought[2].entrant == entrant_of(raffle.salt, "anna") != bought[1].entrant


def test_a_grant_is_recorded_with_who_and_why() -> None:
    stage = Stage()
    stage.members("anna", points=0)
    raffle = open_raffle(stage, price=None)
    stage.refuse(BuyTickets("r", 1, 100), "tickets_not_sold", "anna")
    granted = grant(stage, "anna", 2)
    assert (granted.first, granted.last, granted.points) == (1, 2, 0)
    entry = raffle.entry(0)
    assert (entry.by, entry.reason, entry.parts, entry.at) == ("maria", "a welcome", (), stage.at)


def test_the_tree_is_that_of_all_leaves() -> None:
    stage = Stage()
    names = ("anna", "ben", "carl")
    stage.members(*names, points=10**6)
    raffle = open_raffle(stage, price=1)
    leaves = []
    for number in range(2 * STRETCH + 3):
        member = names[number % 3]
        if number in (1, 2, 5, STRETCH - 1, STRETCH, STRETCH + 1, 2 * STRETCH):
            assert raffle.root() == root_of(leaves)
        outcome = stage.send(envelope_of(member, 1 + number % 4), audit=False)[0]
        assert isinstance(outcome, Entered)
        leaf = encode_leaf(entrant_of(raffle.salt, member), number, outcome.first, outcome.last)
        leaves.append(hash_leaf(leaf))
    assert [len(stretch.entries) for stretch in raffle.stretches] == [STRETCH, STRETCH, 3]
    assert raffle.root() == root_of(leaves)


def envelope_of(member: str, count: int) -> Envelope:
    return envelope(BuyTickets("r", count, 100), member)


def test_staff_and_those_who_are_not_eligible_stay_out() -> None:
    stage = Stage()
    stage.member("maria", staff=True)
    stage.member("ben", tier="silver")
    stage.member("anna")
    open_raffle(stage, eligibility=Eligibility(("gold",)))
    stage.refuse(BuyTickets("r", 1, 100), "staff_may_not_enter", "maria")
    stage.refuse(GrantTickets("r", "maria", 1, "why"), "staff_may_not_enter")
    refused = stage.refuse(BuyTickets("r", 1, 100), "not_eligible", "ben")
    assert refused.details == {"dimension": "tiers", "wanted": ["gold"]}
    stage.refuse(GrantTickets("r", "ben", 1, "why"), "not_eligible")
    stage.refuse(GrantTickets("r", "nobody", 1, "why"), "unknown_member")
    buy(stage, "anna")


@pytest.mark.parametrize(
    ("terms", "cap", "left"),
    [
        ({"most_each": 3}, "member", 1),
        ({"most_each": 9, "most_each_by_tier": {"gold": 3}}, "member", 1),
        ({"most_each": 3, "most_each_by_tier": {"silver": 9}}, "member", 1),
        ({"most_by_tier": {"gold": 5}}, "tier", 1),
        ({"most": 6}, "raffle", 1),
    ],
)
def test_caps(terms: dict[str, object], cap: str, left: int) -> None:
    stage = Stage()
    stage.members("anna", "ben")
    stage.member("carl", tier="silver")
    raffle = open_raffle(stage, **terms)
    buy(stage, "anna", 2)
    buy(stage, "ben", 2)
    buy(stage, "carl", 1)
    refused = stage.refuse(BuyTickets("r", 2, 1_000), "ticket_cap_reached", "anna")
    assert refused.details is not None
    assert (refused.details["cap"], refused.details["left"]) == (cap, left)
    assert str(left) in refused.message
    stage.refuse(GrantTickets("r", "anna", 2, "why"), "ticket_cap_reached")
    assert tickets.count_left(raffle, stage.who("anna")) == left
    buy(stage, "anna", left)
    stage.refuse(BuyTickets("r", 1, 100), "ticket_cap_reached", "anna")


def test_a_tiers_cap_counts_by_the_tier_at_the_time() -> None:
    stage = Stage()
    stage.members("anna")
    raffle = open_raffle(stage, most_by_tier={"gold": 2, "silver": 1})
    buy(stage, "anna", 2)
    stage.do(UpsertMember("anna", "silver", "north"))
    buy(stage, "anna", 1)
    stage.refuse(BuyTickets("r", 1, 100), "ticket_cap_reached", "anna")
    assert raffle.by_tier == {"gold": 2, "silver": 1}


def test_points_that_are_not_there() -> None:
    stage = Stage()
    stage.members("anna", points=250)
    open_raffle(stage)
    refused = stage.refuse(BuyTickets("r", 3, 10**12), "insufficient_points", "anna")
    assert refused.details == {"available": 250, "needed": 300, "missing": 50}
    stage.refuse(BuyTickets("r", 2, 199), "price_changed", "anna")
    buy(stage, "anna", 2)


def test_a_free_raffle_costs_nothing() -> None:
    stage = Stage()
    stage.members("anna", points=0)
    open_raffle(stage, price=0)
    assert buy(stage, "anna", 5, most=0).points == 0


def test_an_entrant_has_entries_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "ENTRIES_EACH", 2)
    stage = Stage()
    stage.members("anna", "ben")
    open_raffle(stage)
    buy(stage, "anna")
    buy(stage, "anna")
    stage.refuse(BuyTickets("r", 1, 100), "too_many_entries", "anna")
    buy(stage, "ben")


def test_a_program_has_entries_up_to_its_setting() -> None:
    stage = Stage(ProgramSettings(raffle_entries=2))
    stage.members("anna")
    open_raffle(stage, "a")
    open_raffle(stage, "b")
    buy(stage, "anna", raffle="a")
    buy(stage, "anna", raffle="b")
    refused = stage.refuse(BuyTickets("a", 1, 100), "too_many_entries", "anna")
    assert "raffle_retention" in refused.message


def test_nothing_is_taken_after_the_close() -> None:
    stage = Stage()
    stage.members("anna")
    open_raffle(stage)
    buy(stage, "anna")
    close(stage)
    stage.refuse(BuyTickets("r", 1, 100), "raffle_closed", "anna")
    stage.refuse(GrantTickets("r", "anna", 1, "why"), "raffle_closed")


def test_the_same_key_buys_once() -> None:
    stage = Stage()
    stage.members("anna")
    raffle = open_raffle(stage)
    key = {"key": "k", "not_after": stage.at + 60_000}
    first = stage.do(BuyTickets("r", 2, 1_000), "anna", 0, **key)
    again = stage.do(BuyTickets("r", 2, 1_000), "anna", 0, **key)
    assert first == again
    assert (raffle.tickets, stage.who("anna").spent) == (2, 200)
