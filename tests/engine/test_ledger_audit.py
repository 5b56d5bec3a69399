"""The ledger's audit finds whatever does not add up."""

import pytest

from engine.agenda import Agenda
from engine.ledger import Ledger, Totals, check_conservation
from engine.members import Lot, Member


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
