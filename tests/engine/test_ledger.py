"""Points: what was issued is always somewhere, and comes back to where it came from."""

from collections import Counter

import pytest
from hypothesis import given, settings, strategies as st

from engine.agenda import Agenda, Duty
from engine.errors import Rejection
from engine.events import PointsExpired
from engine.ledger import LOT_LIMIT, Ledger, check_conservation
from engine.members import Lot, Member
from engine.units import MAXIMUM_POINTS, NEVER

SOON, LATER = 1_000, 2_000


class Purse:
    """One member with its ledger. Lots are (earned at, expires at, points)."""

    def __init__(self, *lots, order="expiry", grace=0):
        self.agenda = Agenda()
        self.events = []
        self.ledger = Ledger(self.agenda, self.events)
        self.ledger.configure(order, grace)
        self.member = Member("anna", "gold", "north", (), False, ())
        for lot in lots:
            self.credit(*lot)

    def credit(self, *lot):
        self.ledger.check_credit(self.member, Lot(*lot))
        self.ledger.credit(self.member, Lot(*lot))

    def hold(self, amount, subject="a"):
        self.ledger.hold(subject, self.member, amount)

    def extend(self, amount, subject="a"):
        self.ledger.extend_hold(subject, amount)

    def release(self, at=0, subject="a"):
        self.ledger.release(subject, at)

    def capture(self, amount, at=0, subject="a"):
        return [plain(lot) for lot in self.ledger.capture(subject, amount, at)]

    @property
    def lots(self):
        return [plain(lot) for lot in self.member.lots]

    @property
    def held(self):
        return {subject: [plain(part) for part in parts] for subject, (_, parts) in self.ledger.holds.items()}

    @property
    def points(self):
        check_conservation([self.member], self.ledger)
        return self.member.available, self.member.held, self.member.spent, self.member.expired


def plain(lot):
    return lot.earned_at, lot.expires_at, lot.points


# Lots.


@pytest.mark.parametrize(
    ("order", "spent"),
    [
        ("expiry", [(50, SOON, 10), (60, SOON, 10), (10, LATER, 5)]),
        ("earned", [(10, LATER, 10), (20, NEVER, 10), (50, SOON, 5)]),
    ],
)
def test_lots_are_spent_in_order(order, spent):
    purse = Purse((60, SOON, 10), (20, NEVER, 10), (50, SOON, 10), (10, LATER, 10), order=order)
    assert [plain(lot) for lot in purse.ledger.spend(purse.member, 25)] == spent
    assert purse.points == (15, 0, 25, 0)


def test_points_of_one_period_and_expiry_share_a_lot():
    purse = Purse((10, SOON, 1), (10, SOON, 2), (20, SOON, 4), (10, LATER, 8))
    assert purse.lots == [(10, SOON, 3), (20, SOON, 4), (10, LATER, 8)]


def test_a_member_has_so_many_lots():
    purse = Purse(*((number, SOON, 1) for number in range(LOT_LIMIT)))
    with pytest.raises(Rejection, match="at most 256 lots") as caught:
        purse.credit(LOT_LIMIT, SOON, 1)
    assert caught.value.rejected.code == "too_many_lots"
    purse.credit(7, SOON, 1)
    assert purse.points == (LOT_LIMIT + 1, 0, 0, 0)


def test_a_member_is_issued_so_many_points():
    purse = Purse((0, NEVER, MAXIMUM_POINTS - 1))
    purse.ledger.spend(purse.member, MAXIMUM_POINTS - 1)
    with pytest.raises(Rejection) as caught:
        purse.credit(0, NEVER, 2)
    assert caught.value.rejected.code == "balance_too_large"
    purse.credit(0, NEVER, 1)
    assert purse.points == (1, 0, MAXIMUM_POINTS - 1, 0)


def test_a_shortage_says_how_much_is_missing():
    rejected = Purse((0, NEVER, 70)).ledger.shortage(Purse((0, NEVER, 70)).member, 100).rejected
    assert rejected.code == "insufficient_points"
    assert rejected.details == {"available": 70, "needed": 100, "missing": 30}
    assert "30 are missing" in rejected.message


# Holds.


def test_a_hold_takes_points_out_of_lots_and_gives_them_back():
    lots = [(0, SOON, 10), (0, LATER, 20), (0, NEVER, 30)]
    purse = Purse(*lots)
    purse.hold(25)
    assert purse.held == {"a": [(0, SOON, 10), (0, LATER, 15)]}
    assert purse.lots == [(0, LATER, 5), (0, NEVER, 30)]
    assert purse.points == (35, 25, 0, 0)
    purse.release()
    assert purse.lots == lots
    assert purse.points == (60, 0, 0, 0)
    assert purse.held == {}


def test_a_hold_passes_from_one_member_to_another():
    purse = Purse((0, SOON, 10), (0, LATER, 20))
    ben = Member("ben", "gold", "north", (), False, ())
    purse.ledger.credit(ben, Lot(0, NEVER, 50))
    purse.hold(15)
    purse.ledger.pass_hold("a", ben, 40, 0)
    assert purse.lots == [(0, SOON, 10), (0, LATER, 20)]
    assert purse.held == {"a": [(0, NEVER, 40)]}
    assert purse.ledger.held_for("a") == ben.held == 40
    assert (ben.available, purse.member.held, purse.ledger.totals.held) == (10, 0, 40)
    check_conservation([purse.member, ben], purse.ledger)


def test_a_hold_shrinks_to_what_is_spent_first():
    purse = Purse((0, SOON, 10), (0, LATER, 20))
    purse.hold(25)
    purse.ledger.shrink_hold("a", 12, 0)
    assert purse.held == {"a": [(0, SOON, 10), (0, LATER, 2)]}
    assert purse.points == (18, 12, 0, 0)
    purse.ledger.shrink_hold("a", 4, SOON)
    assert purse.held == {"a": [(0, SOON, 4)]}
    assert purse.points == (20, 4, 0, 6)


@pytest.mark.parametrize("amount", [1, 10, 11, 59, 60])
def test_holds_of_any_size_come_back_whole(amount):
    lots = [(0, SOON, 10), (0, LATER, 20), (0, NEVER, 30)]
    purse = Purse(*lots)
    purse.hold(amount)
    assert purse.points == (60 - amount, amount, 0, 0)
    purse.release()
    assert purse.lots == lots


@pytest.mark.parametrize(
    ("captured", "spent", "left"),
    [
        (1, [(0, SOON, 1)], [(0, SOON, 9), (0, LATER, 20)]),
        (10, [(0, SOON, 10)], [(0, LATER, 20)]),
        (11, [(0, SOON, 10), (0, LATER, 1)], [(0, LATER, 19)]),
        (30, [(0, SOON, 10), (0, LATER, 20)], []),
    ],
)
def test_a_capture_spends_what_expires_first_and_releases_the_rest(captured, spent, left):
    purse = Purse((0, SOON, 10), (0, LATER, 20))
    purse.hold(30)
    assert purse.capture(captured) == spent
    assert purse.lots == left
    assert purse.points == (30 - captured, 0, captured, 0)


def test_holds_are_kept_apart():
    purse = Purse((0, SOON, 10), (0, LATER, 20))
    purse.hold(5, "a")
    purse.hold(10, "b")
    purse.release(subject="a")
    assert purse.held == {"b": [(0, SOON, 5), (0, LATER, 5)]}
    assert purse.points == (20, 10, 0, 0)


def test_an_extended_hold_stays_in_spending_order():
    purse = Purse((0, LATER, 10))
    purse.hold(5)
    purse.credit(0, SOON, 10)
    purse.extend(12)
    assert purse.held == {"a": [(0, SOON, 10), (0, LATER, 7)]}
    assert purse.capture(12) == [(0, SOON, 10), (0, LATER, 2)]
    assert purse.lots == [(0, LATER, 8)]


def test_a_hold_that_is_extended_often_stays_small():
    purse = Purse((0, LATER, 1_000))
    purse.hold(1)
    for _ in range(999):
        purse.extend(1)
    assert purse.held == {"a": [(0, LATER, 1_000)]}
    assert purse.points == (0, 1_000, 0, 0)


# Expiry.


def test_points_expire_at_their_instant_and_not_before():
    purse = Purse((0, SOON, 10), (5, SOON, 1), (0, LATER, 20))
    purse.ledger.expire(purse.member, SOON - 1)
    assert purse.points == (31, 0, 0, 0)
    purse.ledger.expire(purse.member, SOON)
    assert purse.points == (20, 0, 0, 11)
    assert purse.events == [PointsExpired("anna", 11)]
    purse.ledger.expire(purse.member, SOON)
    assert purse.events == [PointsExpired("anna", 11)]


def test_points_expire_whatever_the_spending_order():
    purse = Purse((0, NEVER, 10), (5, SOON, 20), order="earned")
    purse.ledger.expire(purse.member, SOON)
    assert purse.lots == [(0, NEVER, 10)]
    assert purse.points == (10, 0, 0, 20)


def test_expiry_is_asked_for_once_an_instant():
    purse = Purse((0, SOON, 10), (0, SOON, 10), (5, SOON, 1), (0, LATER, 20), (0, NEVER, 30))
    assert [(entry.at, entry.duty, entry.subject) for entry in sorted(purse.agenda.heap)] == [
        (SOON, Duty.EXPIRE_POINTS, "1000"),
        (LATER, Duty.EXPIRE_POINTS, "2000"),
    ]
    assert {at: set(ids) for at, ids in purse.ledger.expiries.items()} == {SOON: {"anna"}, LATER: {"anna"}}


def test_credits_to_one_lot_are_awaited_once():
    purse = Purse(*[(0, SOON, 1)] * 100)
    assert purse.ledger.expiries == {SOON: ["anna"]}
    purse.ledger.spend(purse.member, 100)
    purse.credit(0, SOON, 1)
    assert set(purse.ledger.expiries[SOON]) == {"anna"}


@pytest.mark.parametrize(
    ("grace", "lots", "points"),
    [(0, [(0, LATER, 20)], (20, 0, 0, 10)), (50, [(0, SOON + 55, 10), (0, LATER, 20)], (30, 0, 0, 0))],
)
def test_released_points_of_an_expired_lot(grace, lots, points):
    purse = Purse((0, SOON, 10), (0, LATER, 20), grace=grace)
    purse.hold(15)
    purse.ledger.expire(purse.member, SOON + 5)
    assert purse.points == (15, 15, 0, 0), "held points do not expire"
    purse.release(SOON + 5)
    assert purse.lots == lots
    assert purse.points == points
    purse.ledger.expire(purse.member, SOON + 55)
    assert purse.points == (20, 0, 0, 10)
    if grace:
        assert SOON + 55 in purse.ledger.expiries


def test_a_capture_releases_into_expiry_too():
    purse = Purse((0, SOON, 10), (0, LATER, 20))
    purse.hold(30)
    assert purse.capture(4, at=SOON) == [(0, SOON, 4)]
    assert purse.points == (20, 0, 4, 6)
    assert purse.events == [PointsExpired("anna", 6)]


def test_a_refund_goes_back_to_its_own_lots():
    purse = Purse((0, SOON, 10), (0, LATER, 20), (0, NEVER, 5))
    spent = purse.ledger.spend(purse.member, 12)
    purse.ledger.refund(purse.member, spent[:], 0)
    assert purse.lots == [(0, SOON, 10), (0, LATER, 20), (0, NEVER, 5)]
    spent = purse.ledger.spend(purse.member, 12)
    purse.ledger.refund(purse.member, spent, SOON)
    assert purse.points == (25, 0, 0, 10)


@pytest.mark.parametrize("order", ["expiry", "earned"])
@pytest.mark.parametrize("expires_at", [SOON, SOON + 100, LATER, NEVER])
def test_points_that_come_back_to_a_full_purse_are_not_lost_and_live_as_long(order, expires_at):
    purse = Purse((0, expires_at, 10), order=order)
    purse.hold(10)
    for number in range(LOT_LIMIT):
        purse.credit(number, SOON + 100 + number % 2, 1)
    purse.release()
    assert purse.points == (LOT_LIMIT + 10, 0, 0, 0)
    assert len(purse.lots) <= LOT_LIMIT
    assert list(purse.member.lots) == sorted(purse.member.lots, key=purse.ledger.order)
    purse.ledger.expire(purse.member, expires_at - 1)
    assert purse.points[0] >= 10


# Any order of things.

instants = st.sampled_from([10, 20, 30, 40, NEVER])
amounts = st.integers(1, 30)
subjects = st.sampled_from("ab")
steps = st.one_of(
    st.tuples(st.just("credit"), st.sampled_from([0, 1, 2]), instants, amounts),
    st.tuples(st.just("hold"), subjects, amounts),
    st.tuples(st.just("release"), subjects),
    st.tuples(st.just("capture"), subjects, amounts),
    st.tuples(st.just("spend"), amounts),
    st.tuples(st.just("refund")),
    st.tuples(st.just("wait"), st.integers(1, 8)),
)


class Jar:
    """The same, naively: one counter of lots for what is available, and one a hold."""

    def __init__(self, order, grace):
        self.key = (lambda lot: (lot[1], lot[0])) if order == "expiry" else (lambda lot: lot)
        self.grace = grace
        self.lots = Counter()
        self.holds = {}
        self.sales = []
        self.expired = self.spent = 0

    def draw(self, source, amount):
        taken = Counter()
        for lot in sorted(source, key=self.key):
            taken[lot] = min(source[lot], amount)
            source[lot] -= taken[lot]
            amount -= taken[lot]
        return +taken

    def give_back(self, parts, at):
        for (earned, expires), points in parts.items():
            if expires > at:
                self.lots[earned, expires] += points
            elif self.grace:
                self.lots[earned, at + self.grace] += points
            else:
                self.expired += points

    def expire(self, at):
        for lot in [lot for lot in self.lots if lot[1] <= at]:
            self.expired += self.lots.pop(lot)


@settings(max_examples=200, deadline=None)
@given(st.lists(steps, max_size=40), st.sampled_from(["expiry", "earned"]), st.sampled_from([0, 7]))
def test_any_order_of_things(steps, order, grace):
    purse, jar, at = Purse(order=order, grace=grace), Jar(order, grace), 0
    for name, *details in steps:
        play(name, details, purse, jar, at)
        at += details[0] if name == "wait" else 0
        purse.ledger.expire(purse.member, at)
        jar.expire(at)
        available, held = sum(jar.lots.values()), sum(sum(hold.values()) for hold in jar.holds.values())
        assert purse.points == (available, held, jar.spent, jar.expired)
        assert {(earned, expires): points for earned, expires, points in purse.lots} == +jar.lots
        assert list(purse.member.lots) == sorted(purse.member.lots, key=purse.ledger.order)
        assert {
            subject: {(earned, expires): points for earned, expires, points in parts}
            for subject, parts in purse.held.items()
        } == {subject: +hold for subject, hold in jar.holds.items()}


def play(name, given, purse, jar, at):
    """One step on both."""
    available = sum(jar.lots.values())
    if name == "credit" and given[1] > at:
        purse.credit(*given)
        jar.lots[given[0], given[1]] += given[2]
    elif name == "hold" and available >= given[1]:
        subject, amount = given
        (purse.extend if subject in jar.holds else purse.hold)(amount, subject)
        jar.holds[subject] = jar.holds.get(subject, Counter()) + jar.draw(jar.lots, amount)
    elif name == "release" and given[0] in jar.holds:
        purse.release(at, given[0])
        jar.give_back(jar.holds.pop(given[0]), at)
    elif name == "capture" and given[0] in jar.holds:
        subject = given[0]
        amount = min(given[1], sum(jar.holds[subject].values()))
        hold = jar.holds.pop(subject)
        taken = jar.draw(hold, amount)
        parts = purse.ledger.capture(subject, amount, at)
        assert {(part.earned_at, part.expires_at): part.points for part in parts} == taken
        jar.give_back(+hold, at)
        jar.spent += amount
        jar.sales.append((parts, taken))
    elif name == "spend" and available >= given[0]:
        jar.sales.append((purse.ledger.spend(purse.member, given[0]), jar.draw(jar.lots, given[0])))
        jar.spent += given[0]
    elif name == "refund" and jar.sales:
        parts, taken = jar.sales.pop()
        purse.ledger.refund(purse.member, parts, at)
        jar.give_back(taken, at)
        jar.spent -= sum(taken.values())
