"""Patience: twice as long after each failure, up to a most."""

from engine.patience import Patience


def test_pauses_double_up_to_the_most() -> None:
    patience = Patience(least=1.0, most=5.0)
    assert patience.allows("r", 0)
    pauses = [patience.fail("r", 10.0) for _ in range(100)]
    assert pauses[:4] == [1.0, 2.0, 4.0, 5.0]
    assert pauses[-1] == 5.0
    assert not patience.allows("r", 14.9)
    assert patience.allows("r", 15.0)
    assert patience.allows("s", 10.0)


def test_what_went_well_begins_anew_and_what_is_not_wanted_is_forgotten() -> None:
    patience = Patience()
    for thing in ("r", "s", "t"):
        patience.fail(thing, 0)
        patience.fail(thing, 0)
    patience.forget("r")
    patience.forget("never")
    assert not patience.has_failed("r")
    assert patience.fail("r", 0) == 1.0
    patience.keep({"s"})
    assert [patience.has_failed(thing) for thing in ("r", "s", "t")] == [False, True, False]
