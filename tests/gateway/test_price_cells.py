"""The topic ``prices``: who is told which prices, when, and that nobody is told what has not changed."""

from typing import Any

import msgspec
import pytest

from engine.commands import (
    MANAGER,
    MEMBER,
    CampaignTerms,
    Configure,
    ExperienceTerms,
    MarketMoney,
    PauseCampaign,
    Payment,
    PutCampaign,
    PutExperience,
    Redeem,
    RemoveExperience,
    ScheduleCampaign,
    TuneRule,
    UpsertMember,
)
from engine.errors import Rejection
from gateway import price_cells
from gateway.hub import Hub
from gateway.price_cells import Shown
from gateway.wire import MESSAGEPACK
from tests.engine.offering import rule
from tests.gateway.harness import LocalReplica
from tests.gateway.hearing import Clock, Ear, caller, publish, show, told

ALL = ("spa", "opera", "jet")


def test_all_that_is_shown_comes_at_once(priced: LocalReplica, hub: Hub) -> None:
    assert told(show(hub, "m1", *ALL)) == [{"spa": 900, "opera": 1_700, "jet": 8_100}]
    assert told(show(hub, "m3", "opera", "nothing", "opera")) == [{"opera": 1_900, "nothing": None}]


def test_a_tuned_rule_reaches_whom_it_concerns(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    gold, other, silver = show(hub, "m1", *ALL), show(hub, "m2", "jet"), show(hub, "m3", *ALL)
    for ear in (gold, other, silver):
        ear.heard()
    clock.pass_time(1)
    priced.apply(TuneRule("gold", 8_000))
    assert told(gold) == []
    clock.pass_time(0)
    change = {"spa": 800, "opera": 1_500, "jet": 7_200}
    assert (told(gold), told(other), told(silver)) == ([change], [change], [])
    clock.pass_time(1)
    priced.apply(TuneRule("off", -300))
    clock.pass_time(0)
    assert (told(gold), told(silver)) == ([{"opera": 1_300}], [{"opera": 1_700}])
    clock.pass_time(60)
    assert (told(gold), told(other), told(silver)) == ([], [{"opera": 1_300}], [])


def test_a_price_that_stays_the_same_is_not_told(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    ear = show(hub, "m1", *ALL)
    ear.heard()
    clock.pass_time(1)
    priced.apply(TuneRule("gold", 8_000))
    priced.apply(TuneRule("gold", 9_000))
    publish(priced, *priced.program.book.running.rules)
    priced.apply(Configure(msgspec.structs.replace(priced.program.settings, members=10)))
    clock.pass_time(60)
    assert told(ear) == []


def test_a_slider_is_conflated(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    ear = show(hub, "m1", "spa")
    ear.heard()
    clock.pass_time(1)
    for number in range(8_900, 8_000, -100):
        priced.apply(TuneRule("gold", number))
        clock.pass_time(0)
    assert told(ear) == [{"spa": 890}]
    clock.pass_time(0.049)
    assert told(ear) == []
    clock.pass_time(0.002)
    assert told(ear) == [{"spa": 810}]


def test_a_change_is_worked_out_and_encoded_once_a_cell(
    priced: LocalReplica, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ears = [
        show(hub, member, "spa", ear=Ear(*code)) for member in ("m1", "m2") for code in ((), (MESSAGEPACK,))
    ]
    assert hub.price_cells == 1
    for ear in ears:
        ear.heard()
    clock.pass_time(1)
    asked: list[Any] = []
    found = price_cells.prices_for
    monkeypatch.setattr(price_cells, "prices_for", lambda *given: asked.append(given) or found(*given))
    priced.apply(TuneRule("gold", 8_000))
    clock.pass_time(0)
    assert len(asked) == 1
    assert len({id(ear.wire.frames[0]) for ear in ears}) == 2
    assert [told(ear) for ear in ears] == [[{"spa": 800}]] * 4


def test_cells_part_by_what_running_rules_name(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    priced.apply(UpsertMember("m2", "gold", "north", ("vip",)))
    ears = [show(hub, "m1", "spa", channel="app"), show(hub, "m1", "spa"), show(hub, "m2", "spa")]
    assert hub.price_cells == 1
    publish(
        priced,
        rule("app", "add", -1, channels=("app",)),
        rule("vip", "add", -10, segments=("vip",)),
    )
    clock.pass_time(1)
    assert hub.price_cells == 3
    assert [told(ear)[-1] for ear in ears] == [{"spa": 999}, {"spa": 1_000}, {"spa": 990}]


def test_a_member_of_another_tier_is_told_anew(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    ear, other = show(hub, "m3", *ALL), show(hub, "m1", *ALL)
    ear.heard(), other.heard()
    priced.apply(UpsertMember("m3", "gold", "north"))
    clock.pass_time(0)
    assert told(ear) == [{"spa": 900, "opera": 1_700, "jet": 8_100}]
    clock.pass_time(1)
    priced.apply(TuneRule("gold", 8_000))
    clock.pass_time(0)
    assert told(ear) == told(other) == [{"spa": 800, "opera": 1_500, "jet": 7_200}]


def test_who_has_used_a_rule_up_pays_the_whole(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    publish(priced, rule("once", "factor", 5_000, limit=1))
    ear, other = show(hub, "m1", "spa", "jet"), show(hub, "m2", "spa")
    ear.heard(), other.heard()
    priced.apply(Redeem("spa", 500), actor="m1", role=MEMBER)
    clock.pass_time(0)
    assert told(ear) == [{"spa": 1_000, "jet": 9_000}]
    assert told(other) == []


def test_an_empty_budget_gives_nothing_more(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    priced.apply(PutCampaign("spring", CampaignTerms(budget=150, starts_at=priced.clock)))
    priced.apply(ScheduleCampaign("spring"))
    publish(priced, rule("spring", "add", -100, campaigns=("spring",), budget="spring"))
    ear = show(hub, "m1", "spa")
    assert told(ear) == [{"spa": 900}]
    clock.pass_time(10)
    priced.apply(Redeem("jet", 8_900), actor="m2", role=MEMBER)
    clock.pass_time(2)
    assert told(ear) == [{"spa": 1_000}]
    priced.apply(PauseCampaign("spring"))
    clock.pass_time(2)
    assert told(ear) == []


def test_a_campaign_changes_prices_when_it_pauses(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    priced.apply(PutCampaign("spring", CampaignTerms(starts_at=priced.clock)))
    priced.apply(ScheduleCampaign("spring"))
    publish(priced, rule("spring", "add", -100, campaigns=("spring",)))
    ear = show(hub, "m1", *ALL)
    ear.heard()
    clock.pass_time(1)
    priced.apply(PauseCampaign("spring"))
    clock.pass_time(0)
    assert told(ear) == [{"spa": 1_000, "opera": 2_000, "jet": 9_000}]


def test_the_catalogue_changes(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    ear, other = show(hub, "m3", "spa"), show(hub, "m3", "jet")
    told(ear), told(other)
    clock.pass_time(1)
    priced.apply(PutExperience("spa", ExperienceTerms("wellness", 1_200)))
    priced.apply(RemoveExperience("opera"))
    clock.pass_time(0)
    assert told(ear) == [{"spa": 1_200}]
    clock.pass_time(1)
    priced.apply(PutExperience("spa", ExperienceTerms("wellness", 1_200, tiers=("gold",), gate="hidden")))
    clock.pass_time(0)
    assert told(ear) == [{"spa": None}]
    assert {id for push in told(other) for id in push} == {"spa"}


def test_cash_is_of_the_members_market(priced: LocalReplica, hub: Hub) -> None:
    terms = ExperienceTerms("travel", 1_000, payment=Payment(5_000, 5_000))
    priced.apply(PutExperience("half", terms))
    assert told(show(hub, "m3", "half")) == [{"half": None}]
    money = {"north": MarketMoney("NOK", 2, 20_000, 2_500)}
    priced.apply(Configure(msgspec.structs.replace(priced.program.settings, money=money)))
    [push] = show(hub, "m3", "half").heard()
    assert push["state"]["prices"] == {
        "half": {"points": 500, "cash": 1_000, "currency": "NOK", "exponent": 2, "tax": 200}
    }


def test_a_price_that_comes_back_is_told_to_who_came_meanwhile(
    priced: LocalReplica, hub: Hub, clock: Clock
) -> None:
    first = show(hub, "m1", "spa")
    clock.pass_time(1)
    priced.apply(TuneRule("gold", 9_500))
    clock.pass_time(0)
    priced.apply(TuneRule("gold", 8_000))
    second, slow = show(hub, "m2", "spa"), show(hub, "m2", "spa")
    assert (told(first), told(second), told(slow)) == (
        [{"spa": 900}, {"spa": 950}],
        [{"spa": 800}],
        [{"spa": 800}],
    )
    priced.apply(TuneRule("gold", 9_500))
    clock.pass_time(1)
    assert told(first) == told(second) == told(slow) == [{"spa": 950}]
    slow.wire.full = 150
    priced.apply(TuneRule("gold", 7_000))
    clock.pass_time(1)
    priced.apply(TuneRule("gold", 6_000))
    slow.wire.full = 0
    hub.caught_up(slow)
    assert told(slow) == [{"spa": 600}]
    priced.apply(TuneRule("gold", 7_000))
    clock.pass_time(1)
    assert told(slow) == [{"spa": 700}]


def test_who_moves_to_a_cell_that_there_is_is_told(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    priced.apply(UpsertMember("m2", "gold", "north", ("vip",)))
    publish(priced, rule("vip", "add", -10, segments=("vip",)), rule("app", "add", -1, channels=("app",)))
    vip, other = show(hub, "m2", "spa", channel="app"), show(hub, "m1", "spa", channel="app")
    assert (told(vip), told(other)) == ([{"spa": 989}], [{"spa": 999}])
    publish(priced, rule("app", "add", -1, channels=("app",)))
    clock.pass_time(1)
    assert hub.price_cells == 1
    assert told(vip)[-1] == {"spa": 999}


def test_a_budget_of_many_rules_is_looked_at_at_once(
    priced: LocalReplica, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    priced.apply(PutCampaign("spring", CampaignTerms(budget=100)))
    priced.apply(ScheduleCampaign("spring"))
    many = [rule(f"r{number}", "add", -1, budget="spring", group="a") for number in range(50)]
    publish(priced, *many)
    ear = show(hub, "m1", *ALL)
    assert told(ear) == [{"spa": 950, "opera": 1_950, "jet": 8_950}]
    monkeypatch.setattr(price_cells, "LOOKED_AT_ONCE", 100)
    asked: list[Any] = []
    found = price_cells.concerns
    monkeypatch.setattr(price_cells, "concerns", lambda *given: asked.append(given) or found(*given))
    clock.pass_time(5)
    for _ in range(2):
        priced.apply(Redeem("spa", 1_000), actor="m2", role=MEMBER)
    clock.pass_time(5)
    assert told(ear) == [{"spa": 1_000, "opera": 2_000, "jet": 9_000}]
    assert asked == []


@pytest.mark.parametrize(
    ("actor", "role", "shown", "code"),
    [
        ("maria", MANAGER, Shown(("spa",)), "forbidden"),
        ("m1", MEMBER, Shown(()), "invalid_parameters"),
        ("m1", MEMBER, None, "invalid_parameters"),
        ("nobody", MEMBER, Shown(("spa",)), "unknown_member"),
    ],
)
def test_refusals(
    priced: LocalReplica, hub: Hub, actor: str, role: int, shown: Shown | None, code: str
) -> None:
    with pytest.raises(Rejection) as refused:
        hub.subscribe(Ear(), caller(actor, role), ["auctions", "prices"], shown)
    assert refused.value.rejected.code == code
    assert hub.price_cells == 0
