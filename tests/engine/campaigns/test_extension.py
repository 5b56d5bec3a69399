"""Schedules are expanded sixty days ahead, and again before they run out."""

import msgspec
import pytest

from engine.campaigns import extension
from engine.campaigns.extension import WINDOWS, SchedulesAhead, extend, is_news
from engine.commands import CampaignTerms, EndCampaign, PutCampaign
from engine.units import DAY, HOUR, MINUTE
from rules.schedule import HORIZON, Recurrence, Schedule, ScheduleFaultyError
from tests.engine.harness import MIDNIGHT, Stage

DAILY = msgspec.json.encode(Schedule("UTC", (), (Recurrence("18:00", 60),))).decode()


@pytest.fixture
def stage():
    stage = Stage()
    stage.do(PutCampaign("spring", CampaignTerms(schedule=DAILY)))
    stage.do(PutCampaign("plain", CampaignTerms()))
    return stage


def test_sixty_days_ahead(stage):
    command = extend("spring", DAILY, MIDNIGHT)
    assert command.expanded_until == MIDNIGHT + HORIZON
    assert command.windows == tuple(
        (MIDNIGHT + day * DAY + 18 * HOUR, MIDNIGHT + day * DAY + 19 * HOUR) for day in range(60)
    )
    assert stage.do(command).status == "draft"


def test_as_many_as_there_may_be():
    often = Schedule("UTC", (), tuple(Recurrence(f"{h:02}:{m:02}", 5) for h in range(24) for m in (0, 30)))
    command = extend("spring", msgspec.json.encode(often).decode(), MIDNIGHT)
    assert len(command.windows) == WINDOWS
    assert command.expanded_until == MIDNIGHT + WINDOWS * 30 * MINUTE


def test_often_is_extended_as_half_of_its_windows_are_over(stage):
    often = Schedule("UTC", (), tuple(Recurrence(f"{h:02}:{m:02}", 5) for h in range(24) for m in (0, 30)))
    text = msgspec.json.encode(often).decode()
    stage.do(PutCampaign("spring", CampaignTerms(schedule=text)))
    ahead, looks = SchedulesAhead(), []
    for minute in range(0, 25 * 24 * 60, 10):
        now = MIDNIGHT + minute * MINUTE
        for id, schedule in ahead.find_due(stage.program.campaigns, now):
            stage.do(extend(id, schedule, now))
            looks.append(minute)
    assert looks == [0, WINDOWS // 2 * 30 + 10]
    assert stage.program.campaigns.by_id["spring"].terms.windows[0][0] == MIDNIGHT + 30_030 * MINUTE


def test_a_new_process_looks_at_each_schedule_once(stage):
    """Its calendars and zones may be newer ones."""
    stage.do(extend("spring", DAILY, MIDNIGHT))
    ahead, campaigns = SchedulesAhead(), stage.program.campaigns
    now = MIDNIGHT + 3 * DAY + 18 * HOUR + MINUTE
    assert [list(ahead.find_due(campaigns, now + n)) for n in (0, 1)] == [[("spring", DAILY)], []]
    command = extend("spring", DAILY, now)
    assert not is_news(campaigns, command, now)
    # What runs low is news, and what came out otherwise.
    assert is_news(campaigns, extend("spring", DAILY, now + 30 * DAY), now + 30 * DAY)
    moved = msgspec.structs.replace(command, windows=((command.windows[0][0], now + 1), *command.windows[1:]))
    assert is_news(campaigns, moved, now)


def test_what_is_always_open_is_no_news_for_its_ends(stage):
    always = '{"zone":"UTC","recurrences":[{"at":"00:00","minutes":0}]}'
    stage.do(PutCampaign("spring", CampaignTerms(schedule=always)))
    stage.do(extend("spring", always, MIDNIGHT))
    now = MIDNIGHT + 5 * DAY + HOUR
    assert not is_news(stage.program.campaigns, extend("spring", always, now), now)


def test_one_that_lost_its_windows_is_due_at_once(stage):
    ahead = SchedulesAhead()
    for id, schedule in list(ahead.find_due(stage.program.campaigns, MIDNIGHT)):
        stage.do(extend(id, schedule, MIDNIGHT))
    stage.do(PutCampaign("spring", CampaignTerms({"en": "Spring"}, schedule=DAILY)))
    terms = stage.program.campaigns.by_id["spring"].terms
    lost = [("spring", DAILY)] if terms.expanded_until == 0 else []
    assert list(ahead.find_due(stage.program.campaigns, MIDNIGHT + 1)) == lost
    # Whatever a put keeps by then: terms without windows are looked at.
    stage.program.campaigns.by_id["spring"].terms = CampaignTerms(schedule=DAILY)
    assert list(ahead.find_due(stage.program.campaigns, MIDNIGHT + 2)) == [("spring", DAILY)]
    assert list(ahead.find_due(stage.program.campaigns, MIDNIGHT + 3)) == []


def test_who_is_due(stage):
    ahead = SchedulesAhead()

    def due(at):
        return [id for id, _ in ahead.find_due(stage.program.campaigns, at)]

    assert due(MIDNIGHT) == ["spring"]
    assert due(MIDNIGHT + MINUTE - 1) == []
    assert due(MIDNIGHT + MINUTE) == ["spring"]
    stage.do(extend("spring", DAILY, MIDNIGHT))
    assert [due(MIDNIGHT + day * DAY) for day in (0, 1, 30, 31)] == [[], [], [], ["spring"]]
    assert due(MIDNIGHT + 31 * DAY + MINUTE - 1) == []
    assert due(MIDNIGHT + 31 * DAY + MINUTE) == ["spring"]
    stage.do(PutCampaign("spring", CampaignTerms(schedule=DAILY + " ")))
    assert due(MIDNIGHT + 31 * DAY + MINUTE) == ["spring"]
    stage.do(EndCampaign("spring"))
    assert due(MIDNIGHT + 9 * DAY) == []


def test_what_cannot_be_expanded():
    with pytest.raises(msgspec.DecodeError):
        extend("spring", "every full moon", MIDNIGHT)
    with pytest.raises(ScheduleFaultyError):
        extend("spring", '{"zone":"Mars/Olympus"}', MIDNIGHT)
    with pytest.raises(ScheduleFaultyError):
        extend(
            "spring",
            '{"zone":"UTC","windows":[{"starts":"1960-01-01T00:00","ends":"2030-01-01T00:00"}]}',
            MIDNIGHT,
        )


def test_what_the_log_could_not_hold_is_refused_here(monkeypatch):
    monkeypatch.setattr(extension, "expand", lambda *_: ((-1, 5),))
    with pytest.raises(msgspec.ValidationError):
        extend("spring", DAILY, MIDNIGHT)
