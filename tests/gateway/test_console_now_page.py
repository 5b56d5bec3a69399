"""What is live, in the console, in a real Chromium: it moves by itself, and says what is wrong."""

import pytest

from engine.commands import CampaignTerms, PlaceBid, PutCampaign, ScheduleCampaign
from gateway.clock import now
from tests.gateway.browsing import demo_world, with_browser
from tests.gateway.consoling import no_word_is_missing, on_console
from tests.gateway.harness import HOUR, OpenWorld, Run
from tests.gateway.shop import shows
from tests.gateway.test_raffles_page import buy, open_raffle


@with_browser
@pytest.mark.parametrize("width", [390, 1_280])
def test_it_moves_by_itself_and_warns(run: Run, world: OpenWorld, browser: str, width: int) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            # It ends within ten minutes, below its reserve.
            await here.open_auction(
                "opera", title="Opera", reserve=5_000, starts_at=now() - HOUR, ends_at=now() + HOUR // 12
            )
            await open_raffle(here)
            await here.apply(PutCampaign("spring", CampaignTerms({"en": "Spring"}, budget=10_000)))
            await here.apply(ScheduleCampaign("spring"))
            async with on_console(here, browser, "/now", width=width) as page:
                await shows(page, ".now-auctions", "Opera")
                await shows(
                    page, ".alarms", "Opera is near its end at 500 points, below its reserve of 5,000."
                )
                await shows(page, ".now-campaigns", "Spring")
                await shows(page, ".now-campaigns", "0 of 10,000 points given away (0%)")
                await page.run("window.same = document.querySelector('.now-auctions tbody tr')")
                await here.apply(PlaceBid("opera", 700, "m1"))
                await here.apply(PlaceBid("opera", 5_200, "m2"))
                await shows(page, ".now-auctions", "Bidder 2")
                await shows(page, ".figures", "Bids a minute 2")
                await page.until("document.querySelector('.alarms').hidden")
                await buy(here, "m1", 2)
                await buy(here, "m2", 6)
                await shows(page, ".now-raffles", "25% to 75%")
                await page.until("document.querySelectorAll('.charts svg[aria-label]').length === 4")
                # The row is the same one: who reads it is not thrown out of it every second.
                assert await page.run("window.same === document.querySelector('.now-auctions tbody tr')")
                await no_word_is_missing(page)
                assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())


@with_browser
@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_in_every_language(run: Run, world: OpenWorld, browser: str, language: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            async with on_console(here, browser, "/now", languages=language, width=390) as page:
                await page.until("document.querySelectorAll('.now .state:not(.loading)').length === 3")
                await no_word_is_missing(page)
            await here.open_auction(
                "opera", title="Opera", reserve=5_000, starts_at=now() - HOUR, ends_at=now() + HOUR // 12
            )
            await open_raffle(here)
            await here.apply(PutCampaign("spring", CampaignTerms({"en": "Spring"}, budget=10_000)))
            await here.apply(ScheduleCampaign("spring"))
            async with on_console(here, browser, "/now", languages=language, width=390) as page:
                await shows(page, ".alarms", "Opera")
                await no_word_is_missing(page)
                assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())
