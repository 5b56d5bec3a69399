"""What members and staff see of the catalogue, redemptions and campaigns."""

import pytest

from engine.commands import (
    ArchiveCampaign,
    Configure,
    EndCampaign,
    MarketMoney,
    Payment,
    ProgramSettings,
    RefundRedemption,
    RemoveExperience,
    ReportPayment,
    Rotation,
    Shelf,
    TuneRule,
)
from engine.errors import Rejection
from engine.rewards import views
from engine.rewards.answers import PriceView, StepView
from engine.units import HOUR
from tests.engine.harness import MIDNIGHT, Stage
from tests.engine.offering import publish, put, redeem, rule, run_campaign

MONEY = {"north": MarketMoney("EUR", 2, 5_000, 2_500)}


@pytest.fixture
def stage():
    stage = Stage(ProgramSettings(money=MONEY))
    stage.members("anna")
    stage.member("sue", tier="blue", market="south")
    return stage


def seen(stage, member="anna", **given):
    return [offer.experience for offer in views.list_offers(stage.program, member, **given).offers]


def test_what_a_member_sees(stage):
    put(stage, "spa", titles={"en": "Spa", "ar": "منتجع"}, stock=3, limit=2)
    put(stage, "nordic", markets=("north",), kind="travel")
    put(stage, "later", visible_from=MIDNIGHT + HOUR)
    put(stage, "hidden", tiers=("gold",), gate="hidden")
    put(stage, "locked", tiers=("gold",), points=700)
    assert seen(stage) == ["spa", "nordic", "hidden", "locked"]
    assert seen(stage, "sue") == ["spa", "locked"]
    assert seen(stage, kind="travel") == ["nordic"]
    redeem(stage)
    publish(stage, rule("less", "factor", 9_000))
    offer = views.get_offer(stage.program, "anna", "spa")
    assert (offer.base, offer.price, offer.left, offer.limit, offer.had) == (
        1_000,
        PriceView(900, 0, "", 0, 0),
        2,
        2,
        1,
    )
    assert (offer.titles["ar"], offer.locked) == ("منتجع", False)
    assert offer.steps == [StepView("less", "points", 1_000, 900, "")]
    assert views.list_redemptions(stage.program, "anna").redemptions[0].titles == offer.titles
    stage.do(RemoveExperience("spa"))
    assert views.list_redemptions(stage.program, "anna").redemptions[0].titles == {}
    locked = views.get_offer(stage.program, "sue", "locked")
    assert (locked.locked, locked.unlocked_by, locked.price.points) == (True, ("gold",), 630)
    with pytest.raises(Rejection, match="no experience"):
        views.get_offer(stage.program, "sue", "hidden")


def test_a_price_in_cash_has_its_currency_and_tax(stage):
    put(stage, payment=Payment(2_000, 4_000))
    offer = views.get_offer(stage.program, "anna", "spa")
    # 600 points are worth 300 cents, of which a fifth is tax.
    assert offer.price == PriceView(400, 300, "EUR", 2, 60)
    assert (offer.least, offer.greatest) == (2_000, 4_000)
    assert views.get_offer(stage.program, "sue", "spa").price is None
    publish(stage, rule("fee", "add", 50, "cash"))
    put(stage, "opera")
    assert views.get_offer(stage.program, "sue", "opera").price is None


def test_pages(stage):
    for number in range(5):
        put(stage, f"x{number}", kind="travel" if number % 2 else "dining")
    first = views.list_offers(stage.program, "anna", limit=2)
    second = views.list_offers(stage.program, "anna", limit=2, after=first.next)
    third = views.list_offers(stage.program, "anna", limit=2, after=second.next)
    ids = [[one.experience for one in page.offers] for page in (first, second, third)]
    assert (ids, third.next) == ([["x0", "x1"], ["x2", "x3"], ["x4"]], "")
    staff = views.list_experiences(stage.program, limit=3)
    rest = views.list_experiences(stage.program, limit=3, after=staff.next)
    assert [one.experience for one in (*staff.experiences, *rest.experiences)] == [f"x{n}" for n in range(5)]
    assert rest.next == ""
    for after in ("x", "9" * 20, "9" * 5_000):
        for listed in (views.list_experiences, views.list_all_redemptions, views.list_campaigns):
            with pytest.raises(Rejection, match="'next' of a page"):
                listed(stage.program, after=after)
        with pytest.raises(Rejection, match="'next' of a page"):
            views.list_offers(stage.program, "anna", after=after)


def test_a_page_looks_at_so_many(stage, monkeypatch):
    monkeypatch.setattr(views, "SCAN_LIMIT", 2)
    for number in range(5):
        put(stage, f"x{number}", kind="travel" if number == 4 else "dining")
    found, after, pages = [], "", 0
    while pages == 0 or after:
        page = views.list_offers(stage.program, "anna", kind="travel", after=after)
        found += [one.experience for one in page.offers]
        after, pages = page.next, pages + 1
    assert (found, pages) == (["x4"], 3)


def test_the_shelf_that_is_up(stage):
    for id in ("spa", "opera"):
        put(stage, id)
    shelves = (Shelf("one", ("spa", "gone"), {"en": "First"}), Shelf("two", ("opera", "spa")))
    run_campaign(stage, shelves=shelves, rotation=Rotation(6 * HOUR))
    page = views.list_offers(stage.program, "anna", campaign="spring")
    assert ([one.experience for one in page.offers], page.shelf, page.titles, page.turns_at) == (
        ["spa"],
        "one",
        {"en": "First"},
        MIDNIGHT + 6 * HOUR,
    )
    stage.tick(MIDNIGHT + 6 * HOUR)
    assert seen(stage, campaign="spring") == ["opera", "spa"]
    stage.do(EndCampaign("spring"))
    assert seen(stage, campaign="spring") == []
    with pytest.raises(Rejection, match="no campaign"):
        seen(stage, campaign="autumn")


def test_redemptions(stage):
    put(stage, payment=Payment(4_000, 4_000))
    publish(stage, rule("less", "factor", 9_000))
    redeem(stage)
    stage.do(ReportPayment("R1", "visa-1", 300))
    stage.do(RefundRedemption("R1", "half", 100, 30))
    view = views.view_redemption(stage.program, "R1", "anna")
    assert (view.status, view.price, view.refunded, view.cash_refunded) == (
        "confirmed",
        PriceView(360, 300, "EUR", 2, 60),
        100,
        30,
    )
    assert [(step.rule, step.before, step.after) for step in view.steps] == [("less", 400, 360)]
    assert views.list_redemptions(stage.program, "anna").redemptions == [view]
    assert views.list_redemptions(stage.program, "sue").redemptions == []
    with pytest.raises(Rejection, match="no redemption"):
        views.view_redemption(stage.program, "R1", "sue")


def test_a_redemption_keeps_the_money_that_it_was_made_in(stage):
    put(stage, payment=Payment(4_000, 4_000))
    redeem(stage)
    stage.do(Configure(ProgramSettings(money={"north": MarketMoney("EUR", 4, 5_000)})))
    assert views.view_redemption(stage.program, "R1").price == PriceView(400, 300, "EUR", 2, 60)
    stage.do(Configure(ProgramSettings()))
    assert views.view_redemption(stage.program, "R1").price == PriceView(400, 300, "EUR", 2, 60)


def test_everybodys_redemptions(stage, monkeypatch):
    monkeypatch.setattr(views, "SCAN_LIMIT", 3)
    put(stage, fulfilment="booked")
    put(stage, "opera")
    for number in range(8):
        redeem(stage, "anna", "opera" if number % 4 else "spa")

    def pages(**asked):
        found, after = [], ""
        while True:
            page = views.list_all_redemptions(stage.program, after=after, **asked)
            found.append([one.redemption for one in page.redemptions])
            after = page.next
            if not after:
                return found

    assert pages(limit=3) == [["R8", "R7", "R6"], ["R5", "R4", "R3"], ["R2", "R1"]]
    assert pages(status="pending") == [[], ["R5"], ["R1"]]
    assert pages(experience="opera", limit=2) == [["R8", "R7"], ["R6", "R4"], ["R3", "R2"], []]
    stage.tick(stage.at + stage.program.settings.redemption_retention)
    assert pages() == [[]]
    with pytest.raises(Rejection, match="page before"):
        views.list_all_redemptions(stage.program, after="x")


def test_campaigns(stage):
    run_campaign(stage, budget=500, windows=((MIDNIGHT, MIDNIGHT + HOUR),))
    run_campaign(stage, "old")
    put(stage)
    publish(stage, rule("less", "add", -200, budget="spring"))
    redeem(stage)
    record = views.view_campaign(stage.program, "spring")
    assert (record.status, record.in_force, record.given, record.left, record.turns_at) == (
        "running",
        True,
        200,
        300,
        MIDNIGHT + HOUR,
    )
    stage.do(EndCampaign("old"))
    stage.do(ArchiveCampaign("old"))
    listed = [one.campaign for one in views.list_campaigns(stage.program).campaigns]
    assert listed == ["spring"]
    archived = views.list_campaigns(stage.program, status="archived").campaigns
    assert [one.campaign for one in archived] == ["old"]


def test_a_tuned_price_is_seen_at_once(stage):
    put(stage)
    publish(stage, rule("less", "factor", 9_000))
    stage.do(TuneRule("less", 8_000))
    assert views.get_offer(stage.program, "anna", "spa").price.points == 800
