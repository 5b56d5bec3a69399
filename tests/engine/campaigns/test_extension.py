"""Schedules are expanded sixty days ahead, and again before they run out."""

import msgspec
import pytest

from engine.campaigns.extension import WINDOWS, SchedulesAhead, extend
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


def test_who_is_due(stage):
    ahead = SchedulesAhead()

    def due(at):
        return [id for id, _ in ahead.find_due(stage.program.campaigns, at)]

    assert due(MIDNIGHT) == ["spring"]
    assert due(MIDNIGHT + MINUTE - 1) == []
    assert due(MIDNIGHT + MINUTE) == ["spring"]
    stage.do(extend("spring", DAILY, MIDNIGHT))
    assert [due(MIDNIGHT + day * DAY) for day in (0, 1, 2)] == [[], [], ["spring"]]
    assert due(MIDNIGHT + 2 * DAY + MINUTE - 1) == []
    assert due(MIDNIGHT + 2 * DAY + MINUTE) == ["spring"]
    stage.do(PutCampaign("spring", CampaignTerms(schedule=DAILY + " ")))
    assert due(MIDNIGHT + 2 * DAY + MINUTE) == ["spring"]
    stage.do(EndCampaign("spring"))
    assert due(MIDNIGHT + 9 * DAY) == []


def test_what_cannot_be_expanded():
    with pytest.raises(msgspec.DecodeError):
        extend("spring", "every full moon", MIDNIGHT)
    with pytest.raises(ScheduleFaultyError):
        extend("spring", '{"zone":"Mars/Olympus"}', MIDNIGHT)
