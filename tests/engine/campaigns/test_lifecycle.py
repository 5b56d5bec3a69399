"""A campaign's life, and when it is in force."""

from random import Random

import pytest

from engine.campaigns import lifecycle
from engine.campaigns.rotation import find_shelf
from engine.campaigns.state import Campaign
from engine.commands import (
    ArchiveCampaign,
    CampaignTerms,
    EndCampaign,
    ExtendSchedule,
    PauseCampaign,
    Peak,
    ProgramSettings,
    PutCampaign,
    ResumeCampaign,
    Rotation,
    ScheduleCampaign,
    Shelf,
)
from engine.events import CampaignChanged
from engine.units import DAY, HOUR, MINUTE
from tests.engine.harness import MIDNIGHT, Stage, copy_of
from tests.engine.offering import publish, put, redeem, rule, run_campaign


@pytest.fixture
def stage():
    stage = Stage()
    stage.members("anna")
    return stage


def statuses(stage):
    return [event.status for event in stage.last.events if isinstance(event, CampaignChanged)]


def in_force(stage, at):
    return stage.program.campaigns.in_force(at)


def test_from_draft_to_archive(stage):
    stage.do(PutCampaign("spring", CampaignTerms(starts_at=MIDNIGHT + HOUR, ends_at=MIDNIGHT + 3 * HOUR)))
    assert statuses(stage) == ["draft"]
    assert in_force(stage, MIDNIGHT + 2 * HOUR) == ()
    assert stage.do(ScheduleCampaign("spring")).status == "scheduled"
    assert stage.tick(MIDNIGHT + HOUR - 1) == []
    assert stage.tick(MIDNIGHT + HOUR) == [CampaignChanged("spring", "running")]
    assert stage.do(PauseCampaign("spring", "a mistake")).status == "paused"
    assert in_force(stage, stage.at) == ()
    assert stage.do(ResumeCampaign("spring")).status == "running"
    assert in_force(stage, stage.at) == ("spring",)
    assert stage.tick(MIDNIGHT + 3 * HOUR) == [CampaignChanged("spring", "ended")]
    assert in_force(stage, stage.at) == ()
    assert stage.do(ArchiveCampaign("spring")).status == "archived"


def test_by_hand(stage):
    run_campaign(stage)
    assert stage.do(EndCampaign("spring", "sold out")).status == "ended"
    for command in (
        ScheduleCampaign("spring"),
        PauseCampaign("spring"),
        ResumeCampaign("spring"),
        EndCampaign("spring"),
        PutCampaign("spring", CampaignTerms()),
        ExtendSchedule("spring", "", (), 0),
    ):
        assert stage.refuse(command, "wrong_campaign_status").details == {"status": "ended"}
    stage.refuse(ArchiveCampaign("other"), "unknown_campaign")


def test_one_that_is_over_is_not_scheduled(stage):
    stage.do(PutCampaign("spring", CampaignTerms(ends_at=MIDNIGHT)))
    stage.refuse(ScheduleCampaign("spring"), "already_past")


def test_a_late_agenda_changes_nothing(stage):
    """What is in force follows from the terms: no tick comes here."""
    campaign = run_campaign(stage, starts_at=MIDNIGHT + HOUR, ends_at=MIDNIGHT + 2 * HOUR)
    assert campaign.status == "scheduled"
    assert [in_force(stage, MIDNIGHT + hours * HOUR) for hours in (0, 1, 2)] == [(), ("spring",), ()]


def test_windows_are_happy_hours(stage):
    hours = [(MIDNIGHT + day * DAY + 18 * HOUR, MIDNIGHT + day * DAY + 19 * HOUR) for day in range(3)]
    run_campaign(stage, windows=tuple(hours))
    put(stage, points=1_000)
    publish(stage, rule("happy", "factor", 5_000, campaigns=("spring",)))
    seen = []
    for start, end in hours:
        for at in (start - 1, start, end - 1, end):
            stage.tick(at)
            seen.append(redeem(stage).points)
    assert seen == [1_000, 500, 500, 1_000] * 3


def test_edges_are_told_once_each(stage):
    windows = ((MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR), (MIDNIGHT + 3 * HOUR, MIDNIGHT + 4 * HOUR))
    campaign = run_campaign(stage, windows=windows)
    stage.do(PauseCampaign("spring"))
    stage.do(ResumeCampaign("spring"))
    stage.do(PutCampaign("spring", campaign.terms))
    happened = []
    for minute in range(0, 5 * 60, 10):
        happened += [(minute, event) for event in stage.tick(MIDNIGHT + minute * MINUTE)]
    told = [minute for minute, event in happened if isinstance(event, CampaignChanged)]
    assert told == [60, 120, 180, 240]
    assert not [one for one in stage.program.agenda.heap if one.subject == "spring"]


def test_a_schedule_without_a_window_is_never_in_force(stage):
    run_campaign(stage, schedule="every full moon")
    assert in_force(stage, MIDNIGHT) == ()
    stage.refuse(ExtendSchedule("spring", "another", ((0, 1),), 5), "schedule_changed")
    stage.do(ExtendSchedule("spring", "every full moon", ((MIDNIGHT, MIDNIGHT + 1),), MIDNIGHT + DAY))
    assert in_force(stage, MIDNIGHT) == ("spring",)
    assert stage.program.campaigns.by_id["spring"].terms.expanded_until == MIDNIGHT + DAY
    assert in_force(stage, MIDNIGHT + 1) == ()


def test_the_same_schedule_keeps_its_windows(stage):
    """A manager changes a title in the middle of a happy hour: the hour goes on."""
    run_campaign(stage, schedule="daily")
    stage.do(ExtendSchedule("spring", "daily", ((MIDNIGHT, MIDNIGHT + HOUR),), MIDNIGHT + DAY))
    put(stage, points=1_000)
    publish(stage, rule("happy", "factor", 5_000, campaigns=("spring",)))
    stage.do(PutCampaign("spring", CampaignTerms({"en": "Happy"}, starts_at=MIDNIGHT, schedule="daily")))
    terms = stage.program.campaigns.by_id["spring"].terms
    assert (terms.titles, terms.expanded_until) == ({"en": "Happy"}, MIDNIGHT + DAY)
    assert redeem(stage).points == 500
    stage.do(PutCampaign("spring", CampaignTerms(starts_at=MIDNIGHT, schedule="weekly")))
    assert stage.program.campaigns.by_id["spring"].terms.windows == ()
    assert redeem(stage).points == 1_000
    stage.do(PutCampaign("spring", CampaignTerms(starts_at=MIDNIGHT)))
    assert redeem(stage).points == 500


def test_a_start_that_moves_to_later(stage):
    """It runs from its start on, whatever it did before."""
    campaign = run_campaign(stage, shelves=(Shelf("one", ("spa",)),))
    later = CampaignTerms(starts_at=MIDNIGHT + DAY, shelves=(Shelf("one", ("spa",)),))
    assert stage.do(PutCampaign("spring", later)).status == "scheduled"
    assert (in_force(stage, stage.at), find_shelf(later, stage.at)) == ((), None)
    stage.refuse(PauseCampaign("spring"), "wrong_campaign_status")
    assert stage.tick(MIDNIGHT + DAY) == [CampaignChanged("spring", "running")]
    assert in_force(stage, stage.at) == ("spring",)
    assert copy_of(stage.program).campaigns.in_force(stage.at) == ("spring",)
    assert campaign.status == "running"


def test_a_paused_one_whose_start_moves_to_later(stage):
    run_campaign(stage)
    stage.do(PauseCampaign("spring"))
    assert stage.do(PutCampaign("spring", CampaignTerms(starts_at=MIDNIGHT + DAY))).status == "paused"
    assert stage.do(ResumeCampaign("spring")).status == "scheduled"
    assert in_force(stage, stage.at) == ()
    assert stage.tick(MIDNIGHT + DAY) == [CampaignChanged("spring", "running")]


def test_shelves_turn_through_the_agenda(stage):
    shelves = (Shelf("one", ("spa",)), Shelf("two", ("opera",)))
    run_campaign(stage, shelves=shelves, rotation=Rotation(6 * HOUR))
    assert stage.tick(MIDNIGHT + 6 * HOUR - 1) == []
    assert stage.tick(MIDNIGHT + 6 * HOUR) == [CampaignChanged("spring", "running")]
    assert stage.tick(MIDNIGHT + 12 * HOUR) == [CampaignChanged("spring", "running")]


def test_budgets_are_changed_while_it_runs(stage):
    run_campaign(stage, budget=1_000)
    put(stage, points=1_000)
    publish(stage, rule("less", "add", -600, budget="spring"))
    assert [redeem(stage).points, redeem(stage).points] == [400, 1_000]
    stage.do(PutCampaign("spring", CampaignTerms(starts_at=MIDNIGHT, budget=1_200)))
    assert [redeem(stage).points, redeem(stage).points] == [400, 1_000]
    assert copy_of(stage.program).campaigns.left == {"spring": 0}
    stage.do(PutCampaign("spring", CampaignTerms(starts_at=MIDNIGHT, budget=500)))
    assert stage.program.campaigns.left == {"spring": 0}
    stage.do(PutCampaign("spring", CampaignTerms(starts_at=MIDNIGHT)))
    assert redeem(stage).points == 400


def test_a_budget_stops_exactly(stage):
    """Whatever is asked for at once, never more than the budget is given away, and all that fits."""
    stage.members("ben", points=10**7)
    run_campaign(stage, budget=1_000)
    put(stage, "cheap", points=200)
    put(stage, "dear", points=700)
    publish(
        stage,
        rule("half", "factor", 5_000, budget="spring"),
        rule("fee", "add", 30, budget="spring", priority=-1),
    )
    paid = [redeem(stage, "ben", id).points for id in ("dear", "dear", "dear", "cheap", "dear", "cheap")]
    # 350 + 350 leave 300: a third dear one does not fit, two cheap ones do. The fee consumes nothing.
    assert paid == [380, 380, 730, 130, 730, 130]
    assert stage.program.campaigns.left == {"spring": 100}


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"starts_at": 5, "ends_at": 5}, "invalid_campaign", "ends_at"),
        ({"kind": "always_on", "ends_at": 5}, "invalid_campaign", "ends_at"),
        ({"shelves": (Shelf("x", ()), Shelf("x", ()))}, "invalid_campaign", "shelves"),
        ({"rotation": Rotation(MINUTE, (Peak(5, 5, MINUTE),))}, "invalid_campaign", "rotation"),
        (
            {"rotation": Rotation(MINUTE, (Peak(5, 9, MINUTE), Peak(8, 12, MINUTE)))},
            "invalid_campaign",
            "rotation",
        ),
        ({"windows": ((5, 5),)}, "window_ends_before_it_starts", "windows[0]"),
        ({"windows": ((5, 8), (7, 9))}, "windows_overlap", "windows[1]"),
    ],
)
def test_terms_that_make_no_sense(stage, given, code, field):
    refused = stage.refuse(PutCampaign("spring", CampaignTerms(**given)), code)
    assert refused.details == {"field": field}


@pytest.mark.parametrize("seed", range(20))
def test_what_is_in_force_is_what_each_of_them_says(stage, seed):
    """However one came to the instant: from the one before, from a later one, from a snapshot."""
    random = Random(seed)
    ids = [f"c{number}" for number in range(6)]
    for _ in range(80):
        id, at = random.choice(ids), stage.at
        starts_at = at + random.choice((-HOUR, 0, HOUR))
        hour = (at + random.choice((0, HOUR)), at + 2 * HOUR)
        windows = random.choice(((), (hour,), (hour, (at + 3 * HOUR, at + 4 * HOUR))))
        terms = CampaignTerms(
            starts_at=starts_at,
            ends_at=random.choice((0, at + 3 * HOUR)),
            windows=windows,
            schedule=random.choice(("", "daily")),
        )
        kinds = (ScheduleCampaign, ScheduleCampaign, PauseCampaign, ResumeCampaign, EndCampaign)
        stage.ask(random.choice((PutCampaign(id, terms), random.choice(kinds)(id))))
        if random.random() < 0.5:
            stage.wait(random.choice((MINUTE, HOUR - 1, HOUR)))
        campaigns, twin = stage.program.campaigns, copy_of(stage.program).campaigns
        for instant in (stage.at, stage.at + HOUR * random.randrange(4), stage.at):
            expected = tuple(sorted(one.id for one in campaigns.by_id.values() if one.is_in_force(instant)))
            assert campaigns.in_force(instant) == twin.in_force(instant) == expected


def test_a_change_of_one_looks_at_that_one_again(stage, monkeypatch):
    """And an instant at which something changes at those that it concerns."""
    for number in range(50):
        run_campaign(stage, f"c{number}", windows=((MIDNIGHT + number * HOUR, MIDNIGHT + 99 * HOUR),))
    assert in_force(stage, MIDNIGHT) == ("c0",)
    looked = []
    is_in_force = Campaign.is_in_force
    monkeypatch.setattr(
        Campaign, "is_in_force", lambda one, at: looked.append(one.id) or is_in_force(one, at)
    )
    stage.program.campaigns.note_change(stage.program.campaigns.by_id["c7"])
    assert in_force(stage, MIDNIGHT + 1) == ("c0",)
    assert in_force(stage, MIDNIGHT + 2 * HOUR) == ("c0", "c1", "c2")
    assert looked == ["c7", "c1", "c2"]


def test_so_many_that_have_not_ended(monkeypatch):
    monkeypatch.setattr(lifecycle, "LIVE", 2)
    stage = Stage(ProgramSettings(campaigns=3))
    run_campaign(stage, ends_at=MIDNIGHT + HOUR)
    stage.do(PutCampaign("draft", CampaignTerms()))
    stage.refuse(PutCampaign("autumn", CampaignTerms()), "too_many_campaigns")
    stage.do(PutCampaign("draft", CampaignTerms()))
    stage.wait(HOUR)
    run_campaign(stage, "autumn")


def test_so_many():
    stage = Stage(ProgramSettings(campaigns=1))
    run_campaign(stage)
    stage.refuse(PutCampaign("autumn", CampaignTerms()), "too_many_campaigns")
