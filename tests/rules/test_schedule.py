"""Local times and recurrences become instants, also where clocks change."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from rules.celebration import Celebration
from rules.schedule import (
    LONGEST,
    WEEKDAYS,
    LocalWindow,
    Recurrence,
    Schedule,
    ScheduleFaultyError,
    check_schedule,
    expand,
)

HOUR = 3_600_000
DAY = 24 * HOUR


def utc(text):
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def expanded(schedule, since, until):
    """The windows in UTC, as text."""
    return [
        tuple(datetime.fromtimestamp(at / 1000, UTC).strftime("%m-%d %H:%M") for at in window)
        for window in expand(schedule, utc(since), utc(until))
    ]


def recurring(at, minutes, *, zone="Europe/Paris", **given):
    return Schedule(zone, recurrences=(Recurrence(at, minutes, **given),))


@pytest.mark.parametrize(
    ("schedule", "since", "until", "windows"),
    [
        # a happy hour over the nights on which clocks go forward and back
        (
            recurring("18:00", 60),
            "2026-03-28",
            "2026-03-30",
            [("03-28 17:00", "03-28 18:00"), ("03-29 16:00", "03-29 17:00")],
        ),
        (
            recurring("18:00", 60),
            "2026-10-24",
            "2026-10-26",
            [("10-24 16:00", "10-24 17:00"), ("10-25 17:00", "10-25 18:00")],
        ),
        # 02:30 does not exist on 29 March: it begins as the gap ends, at 03:00 local
        (recurring("02:30", 60), "2026-03-29", "2026-03-30", [("03-29 01:00", "03-29 02:00")]),
        # 02:30 happens twice on 25 October: the first counts
        (recurring("02:30", 60), "2026-10-25", "2026-10-26", [("10-25 00:30", "10-25 01:30")]),
        # the second friday, the last monday, in Tokyo
        (
            recurring("09:00", 30, zone="Asia/Tokyo", weekdays=("friday",), nth=2),
            "2026-11-01",
            "2026-12-31",
            [("11-13 00:00", "11-13 00:30"), ("12-11 00:00", "12-11 00:30")],
        ),
        (
            recurring("09:00", 30, zone="Asia/Tokyo", weekdays=("monday",), nth=-1),
            "2026-11-01",
            "2026-12-31",
            [("11-30 00:00", "11-30 00:30"), ("12-28 00:00", "12-28 00:30")],
        ),
        # only months with a fifth friday have one
        (recurring("12:00", 1, zone="UTC", weekdays=("friday",), nth=5), "2026-11-01", "2026-12-31", []),
        # a weekend of two whole days is one window
        (
            recurring("00:00", 1440, zone="UTC", weekdays=("saturday", "sunday")),
            "2026-11-23",
            "2026-11-30",
            [("11-28 00:00", "11-30 00:00")],
        ),
        # one that began the day before reaches in, whole
        (
            recurring("22:00", 240, zone="UTC", since="2026-11-24", until="2026-11-24"),
            "2026-11-25",
            "2026-11-26",
            [("11-24 22:00", "11-25 02:00")],
        ),
        # first and last date are local
        (
            recurring("00:30", 30, zone="Pacific/Auckland", since="2026-11-24", until="2026-11-24"),
            "2026-11-20",
            "2026-11-30",
            [("11-23 11:30", "11-23 12:00")],
        ),
        # named windows, and two that touch
        (
            Schedule(
                "America/New_York",
                (
                    LocalWindow("2026-11-27T00:00", "2026-11-28T00:00"),
                    LocalWindow("2026-11-28T00:00", "2026-11-29T12:00"),
                    LocalWindow("2027-11-28T00:00", "2027-11-29T12:00"),
                ),
            ),
            "2026-11-01",
            "2026-12-01",
            [("11-27 05:00", "11-29 17:00")],
        ),
    ],
)
def test_windows(schedule, since, until, windows):
    assert check_schedule(schedule) == []
    assert expanded(schedule, since, until) == windows


@pytest.mark.parametrize(
    ("schedule", "path", "code"),
    [
        (Schedule("Mars/Olympus"), "zone", "unknown_zone"),
        (Schedule(""), "zone", "unknown_zone"),
        (Schedule("../etc/passwd"), "zone", "unknown_zone"),
        # names that mean something else on another machine, or count leap seconds
        (Schedule("localtime"), "zone", "unknown_zone"),
        (Schedule("posixrules"), "zone", "unknown_zone"),
        (Schedule("right/Europe/Paris"), "zone", "unknown_zone"),
        # no instant is below 0, and none lies past the calendar's end in any zone
        (
            Schedule("Europe/Paris", (LocalWindow("1960-01-01T00:00", "2030-12-31T23:59"),)),
            "windows[0].starts",
            "time_out_of_bounds",
        ),
        (
            Schedule("Asia/Tokyo", (LocalWindow("1970-01-01T08:59", "2030-12-31T23:59"),)),
            "windows[0].starts",
            "time_out_of_bounds",
        ),
        (
            Schedule("Asia/Tokyo", (LocalWindow("0001-01-01T00:00", "2030-12-31T23:59"),)),
            "windows[0].starts",
            "time_out_of_bounds",
        ),
        (
            Schedule("America/New_York", (LocalWindow("2026-01-01T00:00", "9999-12-31T23:59"),)),
            "windows[0].ends",
            "time_out_of_bounds",
        ),
        (Schedule("UTC", (LocalWindow("soon", "2026-11-24T18:00"),)), "windows[0].starts", "invalid_time"),
        (
            Schedule("UTC", (LocalWindow("2026-11-24", "2026-11-25T18:00"),)),
            "windows[0].starts",
            "invalid_time",
        ),
        (
            Schedule("UTC", (LocalWindow("2026-11-24T18:00", "2026-11-24T19:00+01:00"),)),
            "windows[0].ends",
            "invalid_time",
        ),
        (
            Schedule("Europe/Paris", (LocalWindow("2026-03-29T01:00", "2026-03-29T02:30"),)),
            "windows[0].ends",
            "time_does_not_exist",
        ),
        (
            Schedule("UTC", (LocalWindow("2026-11-24T18:00", "2026-11-24T18:00"),)),
            "windows[0].ends",
            "window_ends_before_it_starts",
        ),
        (recurring("25:00", 1), "recurrences[0].at", "invalid_time"),
        (recurring("18:00+01:00", 1), "recurrences[0].at", "invalid_time"),
        (recurring("18:00", 1, since="24/11/2026"), "recurrences[0].since", "invalid_date"),
        (
            recurring("18:00", 1, since="2026-11-24", until="2026-11-23"),
            "recurrences[0].until",
            "invalid_recurrence",
        ),
        (recurring("18:00", 1, nth=3), "recurrences[0].nth", "invalid_recurrence"),
        (
            Schedule("UTC", celebrations=(Celebration("ZZ", ("Diwali",)),)),
            "celebrations[0].country",
            "unknown_country",
        ),
        (
            Schedule("UTC", celebrations=(Celebration("JP", ("Showa Day", "Diwali")),)),
            "celebrations[0].names[1]",
            "unknown_celebration",
        ),
    ],
)
def test_faults(schedule, path, code):
    assert [(fault.path, fault.code) for fault in check_schedule(schedule)] == [(path, code)]
    with pytest.raises(ScheduleFaultyError, match=f"^{path.replace('[', '.').replace(']', '.')}: "):
        expand(schedule, 0, DAY)


def test_celebrations_are_whole_local_days():
    schedule = Schedule(
        "Asia/Singapore", celebrations=(Celebration("SG", ("Chinese New Year",), days_before=1),)
    )
    assert expand(schedule, utc("2026-02-01"), utc("2026-03-01")) == (
        (utc("2026-02-15T16:00"), utc("2026-02-18T16:00")),
    )


def test_no_instant_is_below_zero():
    since_always = Schedule("Asia/Tokyo", recurrences=(Recurrence("08:30", 60),))
    assert expand(since_always, 0, DAY) == ((0, HOUR // 2), (DAY - HOUR // 2, DAY + HOUR // 2))
    begins_before = Schedule("Asia/Tokyo", celebrations=(Celebration("JP", ("New Year's Day",)),))
    assert expand(begins_before, 0, DAY) == ((0, 15 * HOUR),)
    assert expand(Schedule("Asia/Tokyo", (LocalWindow("1970-01-01T09:00", "9998-12-31T23:59"),)), 0, DAY)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Paris", "2026-10-24", 24),
        ("Europe/Paris", "2026-10-25", 25),
        ("Europe/Paris", "2027-03-28", 23),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
    ],
)
def test_all_day_is_from_midnight_to_midnight(zone, day, hours):
    schedule = recurring("00:00", 0, zone=zone, since=day, until=day)
    ((start, end),) = expand(schedule, utc(day) - DAY, utc(day) + 2 * DAY)
    assert end - start == hours * HOUR
    # The rest of the day, and a day that began long before.
    ((later, same),) = expand(recurring("18:00", 0, zone=zone, since=day, until=day), end - 1, end)
    assert (same, end - later) == (end, 6 * HOUR)
    every = recurring("00:00", 0, zone=zone)
    assert len(expand(every, utc(day) - 3 * DAY, utc(day) + 3 * DAY)) == 1


def test_so_much_at_once():
    with pytest.raises(ValueError, match="400 days"):
        expand(recurring("18:00", 1), 0, LONGEST + 1)


recurrences = st.builds(
    Recurrence,
    st.sampled_from(["00:00", "02:30", "18:00"]),
    st.integers(1, 3_000),
    st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(lambda days: tuple(sorted(days))),
    st.integers(-1, 5),
)
schedules = st.builds(
    Schedule,
    st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"]),
    st.just(()),
    st.lists(recurrences, max_size=3).map(tuple),
)


@settings(max_examples=100, deadline=None)
@given(schedules, st.integers(0, 365), st.integers(1, 40), st.integers(1, 40))
def test_pieces_join_to_the_whole(schedule, first, one, other):
    since = utc("2026-01-01") + first * DAY
    middle, until = since + one * DAY, since + (one + other) * DAY
    whole = expand(schedule, since, until)
    assert all(start < end for start, end in whole)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(whole))
    pieces = [*expand(schedule, since, middle), *expand(schedule, middle, until)]
    for at in range(since, until, HOUR // 2):
        assert any(start <= at < end for start, end in whole) == any(
            start <= at < end for start, end in pieces
        )
