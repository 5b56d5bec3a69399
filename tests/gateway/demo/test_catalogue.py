"""What the demo program is made of: it has to be what the engine takes and the page knows."""

import re
from collections import Counter
from itertools import pairwise

import msgspec
import pytest

from engine.units import DAY
from gateway.blueprint.reading import read_file
from gateway.demo.catalogue import (
    EXPERIENCES,
    LISTED,
    MARKETS,
    MEMBERS,
    PROGRAM_FILE,
    TIERS,
    Experience,
    lots_of,
    market_of,
    member_id,
    member_ids,
    terms_of,
    tier_of,
)
from gateway.operations import BY_NAME
from gateway.web_files import WEB
from tests.gateway.harness import LocalReplica


def test_there_are_two_thousand_members_of_three_tiers_and_four_markets() -> None:
    ids = list(member_ids())
    assert (len(ids), ids[0], ids[-1]) == (2_000, "m0001", "m2000")
    numbers = range(1, MEMBERS + 1)
    assert Counter(map(tier_of, numbers)) == {"blue": 1_200, "silver": 600, "gold": 200}
    assert set(map(market_of, numbers)) == set(MARKETS)
    assert {(tier_of(number), market_of(number)) for number in numbers} == {
        (tier, market) for tier in TIERS for market in MARKETS
    }


def test_members_have_points_in_lots_that_expire_soon_late_and_never() -> None:
    assert member_id(7) == "m0007"
    for number in (1, 10, 1_999):
        assert [lot.lasts for lot in lots_of(number)] == [30 * DAY, 180 * DAY, 0]
        assert all(lot.amount > 0 for lot in lots_of(number))


def test_the_program_file_speaks_of_the_same_tiers_and_markets() -> None:
    settings = read_file(PROGRAM_FILE).program
    assert settings is not None
    assert (tuple(settings["tiers"]), tuple(settings["markets"])) == (TIERS, MARKETS)
    steps = [(step["below"], step["increment"]) for step in settings["increments"]]
    assert all(low[0] < high[0] and low[1] < high[1] for low, high in pairwise(steps[:-1]))


@pytest.mark.parametrize("experience", LISTED, ids=lambda experience: experience.stem)
def test_each_experience_can_be_auctioned(experience: Experience, replica: LocalReplica) -> None:
    create = BY_NAME["auction.create"]
    assert create.build is not None
    terms = terms_of(experience, replica.clock)
    wire = {"auction": f"{experience.stem}1", "terms": terms, "format": experience.format}
    assert replica.apply(create.build(msgspec.convert(wire, create.request), "")).status == "draft"
    if experience.format is None or experience.format["type"] != "dutch":
        assert experience.opening < experience.worth
    else:
        assert experience.format["floor"] < experience.worth < experience.opening
    assert 60_000 <= experience.length <= 360_000


def test_there_are_a_dozen_and_the_page_has_a_picture_of_each() -> None:
    slugs = [experience.slug for experience in EXPERIENCES]
    assert len(set(slugs)) == 12
    known = re.search(r"new Set\(\[(.*?)\]\)", (WEB / "covers.js").read_text(), re.DOTALL)
    assert known is not None
    assert re.findall(r'"([^"]+)"', known[1]) == sorted(slugs)
    assert {experience.slug for experience in LISTED} == set(slugs)
    assert len({experience.stem for experience in LISTED}) == len({one.title for one in LISTED}) == 18
    assert all((WEB / f"cover-{slug}.svg").exists() for slug in [*slugs, "default"])
