"""A trial in memory: what the engine would refuse is found with the path in the file, before anything is
asked."""

import pytest

from gateway.blueprint.blueprint import Blueprint
from gateway.blueprint.difference import compare
from gateway.blueprint.reading import read_file, read_text
from gateway.blueprint.rehearsal import Findings, rehearse as rehearse_plan
from gateway.blueprint.running import Running, Standing
from gateway.demo.catalogue import PROGRAM_FILE
from tests.gateway.blueprint.harness import formats, small

NOW = 1_800_000_000_000

NOTHING = Running(settings={})


def rehearse(wanted: Blueprint, running: Running, now: int) -> Findings:
    return rehearse_plan(wanted, running, compare(wanted, running, now), now)


@pytest.mark.parametrize("year", range(2024, 2040))
def test_the_example_program_is_fine_in_any_year(year: int) -> None:
    findings = rehearse(read_file(PROGRAM_FILE), NOTHING, (year - 1970) * 31_557_600_000)
    assert (findings.faults, findings.warnings) == ([], [])


@pytest.mark.parametrize(
    ("replaced", "faults"),
    [
        (
            ("[program]", "[program.money]\nnorth = { currency = 'NOK', exponent = 3, rate = 5 }\n[program]"),
            ["program.money.north: NOK with 3 decimals: NOK has 2 decimals."],
        ),
        (
            ("[program]", "[program.money]\nnorth = { currency = 'XYZ', exponent = 2, rate = 5 }\n[program]"),
            ["program.money.north: XYZ with 2 decimals: use ISO 4217's."],
        ),
        (
            ("payment = { least = 5000 }", "payment = { least = 5000, greatest = 4000 }"),
            ["experiences.spa.payment: The least share in points is at most the greatest."],
        ),
        (
            ("points = 2000", "points = 2000\ntiers = ['tin']"),
            ["experiences.opera: The program's tiers are blue"],
        ),
        (
            ('zone = "Europe/Oslo"', 'zone = "Europe/Atlantis"'),
            ["campaigns.friday.schedule.zone: There is no such time zone; use an IANA name"],
        ),
        (
            ("at = 16:00:00", "since = 2026-05-01, until = 2026-04-01, at = 16:00:00"),
            ["campaigns.friday.schedule.recurrences[0].until: The last date must not be before the first."],
        ),
        (
            ('campaigns = ["summer"]', 'campaigns = ["winter"]'),
            ["rules.summer.scope.campaigns[0]: There is no campaign 'winter' in this program."],
        ),
        (('budget = "summer"', 'budget = "friday"'), ["rules.summer.budget: There is no budget 'friday'."]),
        (
            ("number = 9000", "number = 0"),
            ["rules.gold.effect.number: A factor is 1 to 1000000 basis points"],
        ),
        (("opening = 500", "opening = 500\nbuy_now = 5"), ["auctions.vase.buy_now: "]),
        (("pays = 4", "pays = 6"), ["raffles.car.bundles"]),
    ],
)
def test_what_would_be_refused(replaced: tuple[str, str], faults: list[str]) -> None:
    found = rehearse(small(replaced), NOTHING, NOW).faults
    assert len(found) == len(faults)
    for fault, expected in zip(found, faults, strict=True):
        assert str(fault).startswith(expected)


@pytest.mark.parametrize(
    ("replaced", "fault"),
    [
        (("floor = 60", "floor = 100"), "auctions.lamp.format.floor: The floor must lie below the opening"),
        (("step = 5", "step = 5, step_share = 5"), "auctions.lamp.format.step: Give a step in points"),
        (('interval = "PT30S"', 'interval = "P1D"'), "auctions.lamp.ends_at: The price needs"),
        (
            ('title = "A ring"', 'title = "A ring"\nbuy_now = 900'),
            "auctions.ring.buy_now: This format has no",
        ),
    ],
)
def test_what_would_be_refused_of_a_format(replaced: tuple[str, str], fault: str) -> None:
    found = rehearse(formats(replaced), NOTHING, NOW).faults
    assert [str(one)[: len(fault)] for one in found] == [fault]


def test_names_may_be_those_of_what_runs_already() -> None:
    wanted = read_text(
        "[rules]\ngroups = [{ id = 'a' }]\n[[rules.rules]]\nid = 'x'\ngroup = 'a'\n"
        "scope = { tiers = ['gold'], experiences = ['spa'], campaigns = ['summer'] }\n"
        "effect = { operation = 'factor', number = 10000 }",
        "rules.toml",
    )
    full = small()
    assert full.experiences is not None and full.campaigns is not None
    summer = {name: value for name, value in full.campaigns["summer"].items() if name != "draft"}
    running = Running(
        settings=full.program,
        experiences=full.experiences,
        campaigns={"summer": Standing("running", summer)},
    )
    findings = rehearse(wanted, running, NOW)
    assert findings.faults == []
    assert [str(fault) for fault in findings.warnings] == ["rules.x.effect.number: It changes no price."]
    assert {fault.path for fault in rehearse(wanted, NOTHING, NOW).faults} == {
        "rules.x.scope.experiences[0]",
        "rules.x.scope.campaigns[0]",
    }


def test_what_a_newer_gateway_knows_more_is_no_fault() -> None:
    full = small()
    assert full.program is not None and full.experiences is not None
    running = Running(
        settings=full.program | {"moons": 2},
        experiences={"spa": full.experiences["spa"] | {"moon": 1}},
    )
    wanted = read_text(
        "[rules]\ngroups = [{ id = 'a' }]\n[[rules.rules]]\nid = 'x'\ngroup = 'a'\n"
        "scope = { tiers = ['gold'], experiences = ['spa'] }\n"
        "effect = { operation = 'factor', number = 9000 }",
        "rules.toml",
    )
    assert rehearse(wanted, running, NOW).faults == []
