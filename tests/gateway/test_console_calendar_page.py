"""The calendar of campaigns in the console, in a real Chromium; and what it stands on: days, zones, rules."""

from typing import Any, Final

import pytest

from engine.commands import (
    CampaignTerms,
    Configure,
    MarketMoney,
    ProgramSettings,
    PutCampaign,
    ScheduleCampaign,
)
from rules.rule import Effect, PriceRule
from rules.scope import Scope
from tests.gateway.browsing import Page, with_browser
from tests.gateway.consoling import fill, key, no_word_is_missing, on_console, press, send
from tests.gateway.harness import OpenWorld, Run
from tests.gateway.shop import add_rule, shop, shows, wellness

SETTINGS: Final = ProgramSettings(
    tiers=("gold",), markets=("north", "gulf"), money={"north": MarketMoney("NOK", 2, 5_000)}
)
MARCH: Final = "/campaigns//calendar/2027-03"
GULF: Final = "[data-market=gulf]"

OWN: Final = PriceRule(
    "own", Scope(markets=("north",), campaigns=("easter",)), Effect("factor", 9_000), "all"
)


async def set_up(here: Any) -> None:
    await here.apply(Configure(SETTINGS))
    # 25 to 29 March 2027, in Oslo.
    terms = CampaignTerms(
        {"en": "Easter", "ar": "الفصح"}, "promotional", 1_805_929_200_000, 1_806_357_600_000, budget=500
    )
    await here.apply(PutCampaign("easter", terms))
    await here.apply(ScheduleCampaign("easter"))
    await add_rule(here, OWN)


@with_browser
def test_a_month_of_campaigns_and_cultural_days(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness()) as here:
            await set_up(here)
            async with on_console(here, browser, MARCH) as page:
                await shows(page, "[data-market=north]", "Good Friday")
                await shows(page, GULF, "Asia/Dubai (GMT+4)")
                await shows(page, GULF, "Eid al-Fitr (estimated)")
                bar = await page.run("document.querySelector('.bar').getAttribute('aria-label')")
                assert bar == (
                    "Easter, scheduled, Thursday, March 25 to Monday, March 29. Budget: 0 of 500 (0%)"
                )
                assert await page.run("document.querySelectorAll('.bar').length") == 1
                await no_word_is_missing(page)
                await choose_place(page)
                await walk_to_a_day(page)
                await fill(page, "template", "easter")
                await send(page)
                await page.until(
                    "document.querySelector('dialog [name=starts_at]')?.value === '2027-03-26T00:00'"
                )
                await press(page, "Cancel", "dialog")
                await press(page, "Week")
                await shows(page, ".calendar-way strong", "Feb 28")
                await press(page, "Month")
                await page.click("#calendar-list")
                await shows(page, "[data-date='2027-03-29']", "Easter scheduled north last day")
            async with on_console(here, browser, MARCH, languages="ar", width=390) as page:
                await shows(page, "[data-date='2027-03-09']", "عيد الفطر (تقديري)")
                await shows(page, "[data-date='2027-03-25']", "الفصح")
                await no_word_is_missing(page)
                assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())


async def choose_place(page: Page) -> None:
    """Other countries for a market are asked of the gateway, and stay in the browser."""
    await press(page, "Zone and calendars", GULF)
    await fill(page, "countries", "ZZ")
    await send(page)
    await shows(page, "dialog .form-error", "no calendar of 'ZZ'")
    await fill(page, "countries", "ma")
    await fill(page, "zone", "Mars/Olympus")
    await send(page)
    await shows(page, "[data-field=zone] .field-error", "There is no such time zone.")
    await fill(page, "zone", "Africa/Casablanca")
    await send(page)
    await shows(page, GULF, "Morocco")
    await shows(page, GULF, "Africa/Casablanca")


async def walk_to_a_day(page: Page) -> None:
    """From the day that Tab reaches to another with the arrow keys; Enter begins a campaign."""
    day = "[data-market=north] [data-date='2027-03-{:02}']"
    assert await page.run("document.querySelectorAll('[data-market=north] [tabindex=\"0\"]').length") == 1
    await page.run(f'document.querySelector("{day.format(31)}").focus()')
    for date in (30, 29, 28, 27, 26):
        await key(page, "ArrowLeft")
        assert await page.run("document.activeElement.dataset.date") == f"2027-03-{date}"
    label = await page.run("document.activeElement.getAttribute('aria-label')")
    assert label == "Friday, March 26. Good Friday (Norway). Begin a campaign on this day"
    await page.run("document.activeElement.click()")


CASES: Final = (
    # Clocks go forward in Oslo on 28 March 2027 at 2:00, and back on 31 October at 3:00.
    ("z.fromLocal('2027-03-28T02:30', 'Europe/Oslo')", None),
    ("z.fromLocal('2027-03-28T03:00', 'Europe/Oslo')", 1_806_195_600_000),
    ("z.fromLocal('2027-10-31T02:30', 'Europe/Oslo')", 1_824_942_600_000),
    ("z.toLocal(1_824_942_600_000, 'Europe/Oslo')", "2027-10-31T02:30:00"),
    ("z.toLocal(1_824_946_200_000, 'Europe/Oslo')", "2027-10-31T02:30:00"),
    ("z.offsetOf(1_806_195_600_000, 'Asia/Kolkata')", 19_800_000),
    ("z.startOf('2027-03-28', 'Asia/Beirut') - z.startOf('2027-03-27', 'Asia/Beirut')", 86_400_000),
    ("z.toLocal(z.startOf('2027-03-28', 'Asia/Beirut'), 'Asia/Beirut')", "2027-03-28T01:00:00"),
    ("z.findChanges('Europe/Oslo', 1_806_000_000_000, 1_825_000_000_000)", [
        {"at": 1_806_195_600_000, "by": 3_600_000},
        {"at": 1_824_944_400_000, "by": -3_600_000},
    ]),
    ("z.isZone('Mars/Olympus')", False),
    ("d.listDates('2028-02').length", 29),
    ("d.listDates('2026-12-28').at(-1)", "2027-01-03"),
    ("[d.movePeriod('2026-12', 1), d.movePeriod('2026-01', -1), d.movePeriod('2026-12-28', 1)]", [
        "2027-01", "2025-12", "2027-01-04",
    ]),
    ("[1, 7, 6].map((first) => d.weekOf('2026-11-29', first))", [
        "2026-11-23", "2026-11-29", "2026-11-28",
    ]),
    ("['2026-12', '2026-13', '2026-02-31', 'x'].map(d.isPeriod)", [True, False, False, False]),
    # A window until midnight does not touch the next day; days that follow on one another are one stretch.
    ("stretches('running', always([1, 2], [2.5, 3], [5, 6]))", [
        {"first": 0, "last": 1}, {"first": 4, "last": 4},
    ]),
    ("stretches('running', { starts_at: day(3), ends_at: 0, windows: [] })", [{"first": 2, "last": 6}]),
    ("stretches('ended', { starts_at: day(1), ends_at: 0, windows: [] })", [{"first": 0, "last": 1}]),
    ("stretches('running', { starts_at: day(9), ends_at: 0, windows: [] })", []),
    ("d.packLanes([[0, 0], [1, 3], [2, 2]].map(span), 2).map(({ lane }) => lane)", [0, 1, 0]),
    ("d.marketsOf('a', [scope('b', 'x')])", None),
    ("[...d.marketsOf('a', [scope('a', 'x'), scope('b', 'y')])]", ["x"]),
    ("d.marketsOf('a', [scope('a', 'x'), scope('a')])", None),
    ("l.adaptRule(rule('eid-table', ['eid', 'x'], 'eid'), how('eid', 'eid-2', true))", {
        "id": "eid-2-table", "scope": {"campaigns": ["eid-2"]}, "windows": [[6, 7]], "budget": "eid-2",
    }),
    ("l.adaptRule(rule('festival', ['eid'], 'eid'), how('eid', 'b', false))", {
        "id": "festival-b-2", "scope": {"campaigns": ["b"]}, "windows": [[6, 7]], "budget": "",
    }),
    ("l.adaptRule(rule('x'.repeat(64), [], 'other'), how('eid', 'b', false)).budget", "other"),
    ("m.guessPlace('north', { money: { north: { currency: 'KWD' } } }, [], [])", {
        "zone": "Asia/Kuwait", "countries": ["KW"],
    }),
    ("m.guessPlace('dach', { money: { dach: { currency: 'EUR' } } }, [], [])", {
        "zone": "Europe/Berlin", "countries": ["DE", "AT", "CH"],
    }),
    ("m.guessPlace('x', { money: {} }, [{ campaign: 'a', terms: { schedule: tokyo } }], [scope('a', 'x')])", {
        "zone": "Asia/Tokyo", "countries": ["JP"],
    }),
)  # fmt: skip
"""What an expression comes to."""

PRELUDE: Final = """
const day = (number) => Date.UTC(2027, 2, 1) + (number - 1) * 86_400_000;
return Promise.all(["zones", "calendar-days", "launch-rules", "market-places"]
    .map((name) => import(`/console/${name}.js`)))
    .then(([z, d, l, m]) => Object.assign(window, { z, d, l, m, day,
        stretches: (status, terms) => d.findStretches({ status, terms }, null,
            d.listDates("2027-03-01"), "UTC", Date.UTC(2027, 2, 3)),
        always: (...days) => ({ starts_at: 0, ends_at: 0, windows: days.map((edges) => edges.map(day)) }),
        span: ([first, last]) => ({ first, last }),
        scope: (campaign, ...markets) => ({ scope: { campaigns: [campaign], markets } }),
        tokyo: { zone: "Asia/Tokyo", celebrations: [{ country: "JP" }] },
        rule: (id, campaigns, budget) => ({ id, scope: { campaigns }, windows: [[1, 2]], budget }),
        how: (from, to, hasBudget) => ({ from, to, hasBudget, shift: 5, taken: new Set(["festival-b"]) }),
    }))
    .then(() => true);
"""


@with_browser
def test_days_zones_and_rules(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness()) as here, on_console(here, browser) as page:
            await page.run(f"(() => {{ {PRELUDE} }})()")
            for script, expected in CASES:
                found = await page.run(f"JSON.parse(JSON.stringify({script}) ?? 'null')")
                assert found == expected, script

    run(body())


@with_browser
@pytest.mark.parametrize("language", ["fr", "es"])
def test_in_other_languages(run: Run, world: OpenWorld, browser: str, language: str) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness()) as here:
            await set_up(here)
            async with on_console(here, browser, MARCH, languages=language) as page:
                await page.until("document.querySelector('.bar') !== null")
                await no_word_is_missing(page)
                await page.run("document.querySelector('.head .actions button').click()")
                await fill(page, "template", "easter")
                await send(page)
                await page.until("document.querySelector('dialog [name=starts_at]') !== null")
                await send(page)
                await page.until("document.querySelector('dialog .preview') !== null")
                await no_word_is_missing(page)

    run(body())
