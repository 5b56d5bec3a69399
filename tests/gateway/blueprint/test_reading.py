"""Reading a program file: what it comes to, and that all that is wrong is found, each with its path."""

from pathlib import Path

import pytest

from engine.units import DAY, HOUR
from gateway.blueprint.blueprint import SECTIONS
from gateway.blueprint.faults import BlueprintError
from gateway.blueprint.reading import read_file, read_text
from tests.gateway.blueprint.harness import SMALL, formats, small

OPERA = "[auctions.opera]\ntitle = 'x'\nopening = 9\nstarts_at = 1\nends_at = 2\n"


def faults_of(text: str) -> list[str]:
    with pytest.raises(BlueprintError) as caught:
        read_text(text, "p.toml")
    assert str(caught.value).splitlines() == [f"p.toml: {fault}" for fault in caught.value.faults]
    return [str(fault) for fault in caught.value.faults]


def test_a_file_has_every_field_with_its_default() -> None:
    found = small()
    assert found.program is not None
    assert found.program["auction_retention"] == 30 * DAY
    assert found.experiences is not None
    assert found.experiences["spa"]["payment"] == {"least": 5_000, "greatest": 10_000}
    assert found.experiences["opera"]["gate"] == "locked"
    assert found.campaigns is not None
    assert [terms["draft"] for terms in found.campaigns.values()] == [False, False, True]
    assert found.campaigns["friday"]["schedule"]["recurrences"][0]["at"] == "16:00:00"
    assert found.rules is not None
    assert found.rules["rules"][0]["scope"]["tiers"] == ["gold"]
    assert found.auctions is not None
    assert found.auctions["vase"]["ends_at"] - found.auctions["vase"]["starts_at"] == DAY
    assert found.name == "small.toml"


def test_a_format_has_every_field_and_says_which_it_is() -> None:
    found = formats().auctions
    assert found is not None
    assert found["vase"]["format"] is None
    assert found["lamp"]["format"] == {
        "type": "dutch",
        "floor": 60,
        "interval": 30_000,
        "step": 5,
        "step_share": 0,
        "supply": 4,
    }
    assert found["ring"]["format"] == {"type": "sealed", "pricing": "second", "may_lower": False}


def test_sections_that_are_not_there_are_nobodys_business() -> None:
    found = read_text("[experiences]", "p.toml")
    assert found.experiences == {}
    assert [name for name in SECTIONS if getattr(found, name) is not None] == ["experiences"]


def test_times_may_be_numbers_or_as_people_write_them() -> None:
    text = SMALL.replace("[campaigns.summer]", "[campaigns.summer]\nstarts_at = 1970-01-01T00:00:01Z")
    text = text.replace("[program]", '[program]\nauction_retention = "PT6H"\nrelease_grace = 5')
    found = read_text(text, "p.toml")
    assert found.program is not None and found.campaigns is not None
    assert (found.program["auction_retention"], found.program["release_grace"]) == (6 * HOUR, 5)
    assert found.campaigns["summer"]["starts_at"] == 1_000


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            "[program",
            ["it is not TOML: Expected ']' at the end of a table declaration (at end of document)."],
        ),
        ("[program]\ntiers = 'gold'", ["program.tiers: Expected array, got str."]),
        ("[program]\ntiers = [5]", ["program.tiers[0]: Expected str, got int."]),
        ("[experiences.spa]\npoints = 5", ["experiences.spa.kind: it is missing."]),
        (
            "[experiences.spa]\nkind = 'x'\npoints = 5\npayment = { least = 10001 }",
            ["experiences.spa.payment.least: Expected int <= 10000."],
        ),
        (
            "[experiences.spa]\nkind = 'x'\npoints = 5\npayment = 7",
            ["experiences.spa.payment: Expected object | null, got int."],
        ),
        (
            "[experiences.spa]\nkind = 'x'\npoint = 5",
            [
                "experiences.spa.point: there is no such field; did you mean points?",
                "experiences.spa.points: it is missing.",
            ],
        ),
        ("[auction.a]", ["auction: there is no such field; did you mean auctions?"]),
        (
            "[campaigns.a]\nstarts_at = 2026-11-24T18:00:00",
            [
                "campaigns.a.starts_at: 2026-11-24T18:00:00 where? Say its offset: "
                "2026-11-24T18:00:00+01:00, or 2026-11-24T18:00:00Z for UTC."
            ],
        ),
        ("[program]\nrelease_grace = 'soon'", ['program.release_grace: a length of time is such as "PT6H"']),
        (
            "[campaigns.a]\nwindows = [[1, 2, 3]]",
            ["campaigns.a.windows[0]: Expected array of length 2, got 3."],
        ),
        (
            "[campaigns.a]\nwindows = [[1, 2]]\nschedule = { zone = 'UTC' }",
            ["campaigns.a.windows: leave them out: with a schedule they follow from it."],
        ),
        (
            "[experiences.'a b']\nkind = 'x'\npoints = 5",
            ["experiences.a b: Use letters, digits and . _ : @ ~ -, with a letter or digit in front."],
        ),
        (
            "[experiences.a]\nkind = 'x y'\npoints = 5\ntitles = { English = 'x' }",
            [
                "experiences.a.kind: Use letters, digits and . _ -, with a letter or digit in front.",
                "experiences.a.titles.English: Use a language such as en, pt-BR or zh-Hant.",
            ],
        ),
        (
            "[program.money]\nnorth = { currency = 'euro', exponent = 2, rate = 1 }",
            ["program.money.north.currency: Use a currency's three letters, such as EUR."],
        ),
        (
            f"{OPERA}format = {{ type = 'dutsch', floor = 5 }}",
            ["auctions.opera.format.type: Use one of dutch, sealed, multi_unit, clock."],
        ),
        (
            f"{OPERA}format = {{ floor = 5, interval = 1000 }}",
            ["auctions.opera.format.type: Use one of dutch, sealed, multi_unit, clock."],
        ),
        (
            f"{OPERA}format = {{ type = 'dutch', flor = 5, interval = 'PT0.05S' }}",
            [
                "auctions.opera.format.flor: there is no such field; did you mean floor?",
                "auctions.opera.format.interval: Expected int >= 100.",
                "auctions.opera.format.floor: it is missing.",
            ],
        ),
        (
            f"{OPERA}format = {{ type = 'sealed', pricing = 'third' }}",
            ["auctions.opera.format.pricing: Invalid enum value 'third'."],
        ),
        (f"{OPERA}format = 'dutch'", ["auctions.opera.format: Expected object | null, got str."]),
        ("[rules]\ngroups = []", ["rules.rules: it is missing."]),
    ],
)
def test_what_is_wrong_is_found_with_its_path(text: str, faults: list[str]) -> None:
    found = faults_of(text)
    assert len(found) == len(faults)
    for fault, expected in zip(found, faults, strict=True):
        assert fault.startswith(expected)


def test_everything_that_is_wrong_is_found_at_once() -> None:
    text = SMALL.replace("points = 1000", "points = -1").replace('mode = "best"', 'mode = "worst"')
    assert faults_of(text) == [
        "experiences.spa.points: Expected int >= 0.",
        "rules.groups[1].mode: Invalid enum value 'worst'.",
    ]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BlueprintError, match=r"nix\.toml: it cannot be read: No such file"):
        read_file(tmp_path / "nix.toml")
    (tmp_path / "p.toml").write_bytes(b"\xff")
    with pytest.raises(BlueprintError, match=r"p\.toml: it is not UTF-8 text"):
        read_file(tmp_path / "p.toml")
