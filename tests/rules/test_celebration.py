"""Cultural calendars, against dates that governments and almanacs publish."""

from datetime import date

import pytest

from rules.celebration import (
    Celebration,
    Day,
    find_days,
    find_unknown,
    list_days,
    list_names,
    suggest_countries,
)


def days(celebration, year):
    return [
        (first.isoformat(), last.isoformat())
        for first, last in find_days(celebration, date(year, 1, 1), date(year, 12, 31))
    ]


@pytest.mark.parametrize(
    ("country", "name", "year", "expected"),
    [
        # Singapore's Ministry of Manpower, public holidays.
        ("SG", "Chinese New Year", 2025, ["2025-01-29", "2025-01-30"]),
        ("SG", "Chinese New Year", 2026, ["2026-02-17", "2026-02-18"]),
        ("SG", "Diwali", 2025, ["2025-10-20"]),
        ("IN", "Diwali", 2024, ["2024-10-31"]),
        ("TR", "Eid al-Fitr", 2025, ["2025-03-30", "2025-03-31", "2025-04-01"]),
        ("US", "Thanksgiving", 2026, ["2026-11-26"]),
    ],
)
def test_known_dates(country, name, year, expected):
    assert days(Celebration(country, (name,)), year) == [(day, day) for day in expected]


def test_golden_week_is_one_from_its_first_day_to_its_last():
    golden_week = Celebration(
        "JP", ("Showa Day", "Constitution Day", "Greenery Day", "Children's Day"), as_one=True
    )
    assert days(golden_week, 2026) == [("2026-04-29", "2026-05-05")]


def test_as_one_are_neighbouring_days_alone():
    """Eid al-Fitr comes twice in 2033."""
    eid = Celebration("AE", ("Eid al-Fitr",), as_one=True)
    assert days(eid, 2033) == [("2033-01-02", "2033-01-04"), ("2033-12-23", "2033-12-25")]


def test_as_one_over_new_year():
    festive = Celebration("US", ("Christmas", "New Year"), as_one=True, days_after=1)
    assert days(festive, 2026) == [("2025-12-25", "2026-01-02"), ("2026-12-25", "2027-01-02")]


def test_days_around_it_may_lie_in_another_year():
    around = Celebration("DE", ("New Year's Day",), days_before=3, days_after=1)
    assert days(around, 2026) == [("2025-12-29", "2026-01-02"), ("2026-12-29", "2027-01-02")]


def test_names_that_no_holiday_has():
    celebration = Celebration("JP", ("showa day", "Diwali"))
    assert find_unknown(celebration, 2026) == ["Diwali"]
    assert "Showa Day" in list_names("JP", 2026)


def test_a_country_without_a_calendar():
    with pytest.raises(NotImplementedError):
        list(find_days(Celebration("ZZ", ("Diwali",)), date(2026, 1, 1), date(2026, 2, 1)))


def test_all_days_of_a_country_in_its_language():
    # Ministerio de Trabajo, calendario laboral 2026.
    language, found = list_days("ES", date(2026, 1, 1), date(2026, 1, 31), "es")
    assert (language, found) == (
        "es",
        [
            Day(date(2026, 1, 1), "Año Nuevo", "public"),
            Day(date(2026, 1, 6), "Epifanía del Señor", "public"),
        ],
    )
    # Over a year's end; a day that is in two categories is told once, as public.
    _, found = list_days("GB", date(2025, 12, 25), date(2026, 1, 1), "en")
    assert [(one.date.isoformat(), one.category) for one in found] == [
        ("2025-12-25", "public"),
        ("2025-12-26", "public"),
        ("2026-01-01", "public"),
    ]
    _, found = list_days("IL", date(2026, 9, 21), date(2026, 9, 28), "en")
    assert [(one.name, one.category) for one in found] == [
        ("Yom Kippur", "public"),
        ("Sukkot", "public"),
        ("Sukkot holiday", "school"),
        ("Sukkot holiday", "school"),
    ]


@pytest.mark.parametrize(
    ("country", "asked", "spoken"),
    [
        ("FR", "fr", "fr"),
        ("FR", "fr-CA", "fr"),
        ("FR", "en", "en_US"),
        ("FR", "ar", "en_US"),
        ("SA", "ar", "ar"),
        ("IN", "en-IN", "en_IN"),
    ],
)
def test_names_come_in_a_language_that_there_is(country, asked, spoken):
    assert list_days(country, date(2026, 1, 1), date(2026, 1, 2), asked)[0] == spoken


@pytest.mark.parametrize("country", ["ZZ", "fr", "FRA", "", "F1"])
def test_a_country_without_days(country):
    with pytest.raises(NotImplementedError):
        list_days(country, date(2026, 1, 1), date(2026, 1, 2), "en")


@pytest.mark.parametrize(
    ("text", "countries"),
    [("germany", ["DE"]), ("Grmany", ["DE"]), ("JPN", ["JP"]), ("fr", ["FR"]), ("ZZ", [])],
)
def test_what_country_may_be_meant(text, countries):
    assert suggest_countries(text) == countries
