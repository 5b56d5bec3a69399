"""The ledger's audit finds whatever does not add up; and what is hidden adds up too."""

import pytest

from engine.agenda import Agenda
from engine.ledger import Ledger, Totals, check_conservation, split_sealed
from engine.members import Lot, Member

SOON, LATER = 1_000, 2_000


def person(id):
    return Member(id, "gold", "north", (), False, ())


@pytest.mark.parametrize(
    "break_it",
    [
        lambda member, ledger: setattr(member, "issued", member.issued + 1),
        lambda member, ledger: setattr(member, "spent", member.spent + 1),
        lambda member, ledger: setattr(member, "expired", member.expired - 1),
        lambda member, ledger: setattr(member.lots[0], "points", member.lots[0].points + 1),
        lambda member, ledger: setattr(member, "lots", (*member.lots, Lot(9, 9, 0))),
        lambda member, ledger: ledger.holds.clear(),
        lambda member, ledger: ledger.holds.update(b=ledger.holds["a"]),
        lambda member, ledger: ledger.holds.update(
            a=(Member("ben", "", "", (), False, ()), ledger.holds["a"][1])
        ),
        lambda member, ledger: setattr(ledger.totals, "issued", ledger.totals.issued + 1),
        lambda member, ledger: setattr(ledger.totals, "held", ledger.totals.held - 1),
        lambda member, ledger: setattr(ledger.totals, "spent", ledger.totals.spent - 1),
        lambda member, ledger: setattr(ledger.totals, "expired", ledger.totals.expired + 1),
    ],
)
def test_the_audit_finds_what_does_not_add_up(break_it):
    anna, ledger = person("anna"), Ledger(Agenda(), [])
    ledger.credit(anna, Lot(0, 1_000, 10))
    ledger.credit(anna, Lot(0, 2_000, 20))
    ledger.hold("a", anna, 15)
    check_conservation([anna], ledger)
    break_it(anna, ledger)
    with pytest.raises(AssertionError):
        check_conservation([anna], ledger)


def test_the_audit_finds_holds_of_nobody():
    anna, ledger = person("anna"), Ledger(Agenda(), [])
    ledger.credit(anna, Lot(0, 1_000, 10))
    ledger.hold("a", anna, 4)
    ledger.totals = Totals()
    with pytest.raises(AssertionError, match="anna"):
        check_conservation([], ledger)


def test_what_sealed_bids_hold_is_counted_by_member_and_expiry():
    member = person("anna")
    ledger = Ledger(Agenda(), [])
    for lot in (Lot(10, SOON, 30), Lot(10, LATER, 40), Lot(20, LATER, 50)):
        ledger.credit(member, lot)
    ledger.hold("a", member, 20)
    ledger.hold("b", member, 60)
    id = member.id
    for subject in ("a", "b"):
        ledger.count_sealed(subject, 1)
    assert ledger.sealed == {id: {SOON: 30, LATER: 50}}
    assert ledger.all_sealed == {SOON: 30, LATER: 50}
    ledger.count_sealed("a", -1)
    assert ledger.sealed == {id: {SOON: 10, LATER: 50}}
    ledger.count_sealed("b", -1)
    assert (ledger.sealed, ledger.all_sealed) == ({}, {})


@pytest.mark.parametrize(
    ("shares", "at", "split"),
    [
        (None, SOON, (0, 0)),
        ({}, SOON, (0, 0)),
        ({SOON: 10, LATER: 7}, SOON - 1, (17, 0)),
        ({SOON: 10, LATER: 7}, SOON, (7, 10)),
        ({SOON: 10, LATER: 7}, LATER, (0, 17)),
    ],
)
def test_sealed_points_would_be_available_or_have_expired(shares, at, split):
    assert split_sealed(shares, at) == split


@pytest.mark.parametrize(("grace", "lots"), [(0, {SOON: 60}), (50, {SOON: 60, SOON + 50: 40})])
def test_points_that_come_back_at_their_last_instant_have_expired(grace, lots):
    """Although the agenda has not come to the rest of their lot yet."""
    anna, ledger = person("anna"), Ledger(Agenda(), [])
    ledger.configure("expiry", grace)
    ledger.credit(anna, Lot(0, SOON, 100))
    ledger.hold("a", anna, 40)
    ledger.release("a", SOON)
    assert {lot.expires_at: lot.points for lot in anna.lots} == lots
    assert anna.expired == 100 - sum(lots.values())
    check_conservation([anna], ledger)
