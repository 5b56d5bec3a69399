"""Deadlines come out by instant, then in the order of posting."""

from hypothesis import given, strategies as st

from engine.agenda import Agenda, Deadline, Duty
from engine.units import NEVER


def test_an_empty_agenda_waits_forever():
    assert Agenda().next_at == NEVER


def test_ties_come_in_the_order_of_posting():
    agenda = Agenda()
    agenda.post(5, Duty.CLOSE_AUCTION, "second in time")
    agenda.post(3, Duty.CLOSE_AUCTION, "z")
    agenda.post(3, Duty.OPEN_AUCTION, "a")
    subjects = []
    while agenda.heap:
        subjects.append(agenda.heap[0].subject)
        agenda.drop_first()
    assert subjects == ["z", "a", "second in time"]
    assert agenda.next_at == NEVER


def test_duties_keep_their_numbers():
    assert {duty.name: duty.value for duty in Duty} == {
        "OPEN_AUCTION": 1,
        "CLOSE_AUCTION": 2,
        "LAPSE_OFFER": 3,
        "FORGET_AUCTION": 4,
        "EXPIRE_POINTS": 10,
        "FORGET_KEYS": 20,
        "FORGET_ORIGIN": 21,
        "LAPSE_REDEMPTION": 30,
        "FORGET_REDEMPTION": 31,
        "TURN_CAMPAIGN": 40,
        "TURN_RULES": 41,
        "TURN_EXPERIENCE": 42,
        "OPEN_RAFFLE": 50,
        "CLOSE_RAFFLE": 51,
        "LAPSE_LOCK": 52,
        "DRAW_PLACE": 53,
        "LAPSE_CLAIM": 54,
        "REFUND_TICKETS": 55,
        "FORGET_RAFFLE": 56,
        "CLEAR_AUCTION": 60,
        "DROP_OUT": 61,
    }


@given(st.lists(st.one_of(st.integers(0, 50), st.none()), max_size=60))
def test_it_is_a_sorted_list(steps):
    """A number posts a deadline, None takes the first out; a copy made halfway goes on alike."""
    agenda = Agenda()
    model: list[tuple[int, int]] = []
    for posted, at in enumerate(steps, start=1):
        if at is not None:
            agenda.post(at, Duty.FORGET_KEYS)
            model.append((at, posted))
        elif model:
            assert (agenda.heap[0].at, agenda.next_at) == (min(model)[0], min(model)[0])
            model.remove(min(model))
            agenda.drop_first()
        agenda = Agenda([Deadline(*entry) for entry in agenda.heap], agenda.sequence)
        assert agenda.next_at == min(model, default=(NEVER, 0))[0]
        assert len(agenda.heap) == len(model)
