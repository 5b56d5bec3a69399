"""What stands on a shelf at an instant, for whom."""

import pytest

from engine.commands import CampaignTerms, MarketMoney, Payment, ProgramSettings, PutCampaign, Rotation, Shelf
from engine.errors import Rejection
from engine.prices.table import Context
from engine.rewards import views
from engine.rewards.answers import PriceView
from engine.rewards.showcase import preview_shelf
from engine.units import DAY, HOUR
from tests.engine.harness import MIDNIGHT, Stage
from tests.engine.offering import publish, put, rule, run_campaign

SETTINGS = ProgramSettings(
    tiers=("blue", "gold"), markets=("north", "south"), money={"north": MarketMoney("EUR", 2, 5_000)}
)
SHELVES = (Shelf("calm", ("spa", "sauna")), Shelf("away", ("boat", "nothing"), {"en": "Away"}))
GOLD = Context("gold", "north")
BLUE = Context("blue", "south")


@pytest.fixture
def stage():
    stage = Stage(SETTINGS)
    put(stage, "spa", 1_000, stock=4, titles={"en": "Spa"})
    put(stage, "sauna", 500, tiers=("gold",), gate="hidden")
    put(stage, "boat", 2_000, visible_from=MIDNIGHT + 3 * DAY, early_access={"gold": 3 * DAY})
    return stage


def seen(found):
    return [(one.experience, one.unseen) for one in found.picks]


def test_shelves_turn_and_differ_by_tier(stage):
    run_campaign(stage, starts_at=MIDNIGHT + DAY, shelves=SHELVES, rotation=Rotation(HOUR))
    at = MIDNIGHT + DAY
    before = preview_shelf(stage.program, "spring", GOLD, at - 1)
    assert (before.in_force, before.shelf, before.picks, before.turns_at) == (False, "", [], at)
    first = preview_shelf(stage.program, "spring", GOLD, at)
    assert (first.shelf, first.turns_at) == ("calm", at + HOUR)
    assert seen(first) == [("spa", ""), ("sauna", "")]
    assert (first.picks[0].left, first.picks[0].titles) == (4, {"en": "Spa"})
    assert seen(preview_shelf(stage.program, "spring", BLUE, at)) == [("spa", ""), ("sauna", "tier")]
    second = preview_shelf(stage.program, "spring", BLUE, at + HOUR)
    assert (second.shelf, second.titles) == ("away", {"en": "Away"})
    assert seen(second) == [("boat", "not_yet"), ("nothing", "unknown")]
    assert seen(preview_shelf(stage.program, "spring", GOLD, at + HOUR))[0] == ("boat", "")


def test_it_is_what_a_member_sees(stage):
    stage.member("anna", tier="gold", market="north")
    run_campaign(stage, shelves=SHELVES)
    found = preview_shelf(stage.program, "spring", GOLD, stage.at)
    page = views.list_offers(stage.program, "anna", campaign="spring")
    assert [(one.experience, one.price) for one in found.picks] == [
        (one.experience, one.price) for one in page.offers
    ]


def test_a_draft_is_looked_at_as_if_it_were_scheduled_and_stays_one(stage):
    stage.do(PutCampaign("spring", CampaignTerms(shelves=SHELVES, starts_at=MIDNIGHT + DAY)))
    publish(stage, rule("less", "factor", 5_000, campaigns=("spring",)))
    before = list(stage.program.encode())
    found = preview_shelf(stage.program, "spring", GOLD, MIDNIGHT + DAY)
    assert found.picks[0].price == PriceView(500, 0, "", 0, 0)
    assert list(stage.program.encode()) == before


def test_other_shelves_than_it_has(stage):
    run_campaign(stage, shelves=SHELVES)
    turning = ((Shelf("own", ("sauna",)),), None)
    assert seen(preview_shelf(stage.program, "spring", GOLD, stage.at, turning)) == [("sauna", "")]
    assert seen(preview_shelf(stage.program, "spring", GOLD, stage.at, ((), None))) == []
    assert seen(preview_shelf(stage.program, "spring", GOLD, stage.at))[0] == ("spa", "")


def test_markets_ends_and_money(stage):
    put(stage, "spa", 1_000, markets=("north",), payment=Payment(5_000, 5_000))
    put(stage, "sauna", 500, visible_until=MIDNIGHT + DAY, payment=Payment(5_000, 5_000))
    run_campaign(stage, shelves=SHELVES)
    found = preview_shelf(stage.program, "spring", BLUE, MIDNIGHT + DAY - 1)
    assert [(one.experience, one.unseen, one.price) for one in found.picks] == [
        ("spa", "market", None),
        ("sauna", "", None),
    ]
    north = preview_shelf(stage.program, "spring", GOLD, MIDNIGHT + DAY)
    assert seen(north) == [("spa", ""), ("sauna", "over")]
    assert north.picks[0].price == PriceView(500, 250, "EUR", 2, 0)


@pytest.mark.parametrize(
    ("campaign", "context", "code"),
    [
        ("none", GOLD, "unknown_campaign"),
        ("spring", Context("tin", "north"), "unknown_tier"),
        ("spring", Context("gold", "moon"), "unknown_market"),
    ],
)
def test_what_is_refused(stage, campaign, context, code):
    run_campaign(stage, shelves=SHELVES)
    with pytest.raises(Rejection) as refused:
        preview_shelf(stage.program, campaign, context, stage.at)
    assert refused.value.rejected.code == code
