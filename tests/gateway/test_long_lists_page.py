"""Long lists on the page: a thousand rewards, narrowed down, more raffles than are pushed, and a thousand
rows of history."""

import asyncio

from engine.commands import CreateRaffle, ExperienceTerms, OpenRaffle, Prize, RaffleTerms, TuneRule
from engine.raffles.views import LIVE_LIMIT
from gateway.clock import now
from tests.gateway.browsing import LOOKS, demo_world, open_tab, with_browser
from tests.gateway.harness import HOUR, OpenWorld, Run, World
from tests.gateway.shop import card, on_catalogue, put, shop, shows, wellness

pytestmark = with_browser

(PHONE,) = LOOKS[1].values

CARDS = "[...document.querySelectorAll('.reward')].map((one) => one.dataset.experience)"

SEARCH = """(() => {
    const field = document.querySelector(".finding input");
    field.value = WORDS;
    field.dispatchEvent(new Event("input"));
})()"""

HISTORY = """(async () => {
    const [{ MyHistory }, words] = await Promise.all([import(own("my-history.js")), import(own("words.js"))]);
    for (const folder of ["raffles", "points"]) await words.addWords(new URL(own(`words/${folder}/`)));
    const history = new MyHistory();
    document.querySelector("#rewards").append(history.node);
    const bids = [...Array(1_000).keys()].map((row) => ({
        auction: `a${row}`, title: `Row ${row}`, status: "settled", ends_at: 0, paid: 7, maximum: 9,
    }));
    history.update({ bids, raffles: [], redemptions: [] });
    history.buttons[1].click();
})()"""
ROWS = "document.querySelectorAll('.history li').length"


def cafe(number: int) -> ExperienceTerms:
    """Every other one is dearer than anybody can pay."""
    titles = {"en": f"Café Zürich no. {number}", "ar": f"مقهى زيورخ {number}"}
    return ExperienceTerms("music" if number >= 900 else "dining", 2_000_000 if number % 2 else 1_000, titles)


def test_a_thousand_rewards_are_drawn_some_at_a_time_and_all_are_found_at_live_prices(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness()) as here:
            for hundred in range(0, 1_000, 100):
                await asyncio.gather(*(put(here, f"e{n}", cafe(n)) for n in range(hundred, hundred + 100)))
            async with on_catalogue(here, browser, **PHONE) as page:
                drawn = await page.run(CARDS)
                assert drawn[0] == "spa"
                assert 48 <= len(drawn) <= 192
                await page.run("scrollTo(0, document.body.scrollHeight)")
                await page.until(f"{CARDS}.length > {len(drawn)}")
                assert (await page.run(CARDS))[: len(drawn)] == drawn
                await page.is_sound()

                await page.run(SEARCH.replace("WORDS", "'cafe 988'"))
                await page.until(f"{CARDS}.length === 0")
                await page.is_sound()
                await page.run(SEARCH.replace("WORDS", "' 987  مَقهى'"))
                await page.until(f"{CARDS}.join() === 'e987'")
                await page.run(SEARCH.replace("WORDS", "''"))
                await page.click("[data-kind=music]")
                await page.until(f"{CARDS}.slice(0, 2).join() === 'e900,e901'")
                await page.click(".finding button")
                await page.until(f"{CARDS}.slice(0, 2).join() === 'e900,e902'")
                await shows(page, f"{card('e902')} .cost", "٩٠٠")
                await here.apply(TuneRule("gold-saves", 7_000))
                await shows(page, f"{card('e902')} .cost", "٧٠٠")

    run(body())


def test_a_thousand_rows_of_history_are_drawn_some_at_a_time(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness()) as here, on_catalogue(here, browser) as page:
            await page.run(HISTORY)
            await page.until(f"{ROWS} >= 50")
            shown = await page.run(ROWS)
            assert shown <= 150
            await shows(page, ".history .more", f"Show {1_000 - shown} more")
            await page.run("document.querySelector('.history .more').click()")
            await page.until(f"{ROWS} >= {shown + 50}")
            assert await page.text(".history li:last-child .name") == f"Row {await page.run(ROWS) - 1}"

    run(body())


def test_raffles_that_close_later_than_the_list_goes_are_brought_by_its_end_and_ones_own_at_once(
    run: Run, world: OpenWorld, browser: str
) -> None:
    raffles = [f"r{number:02}" for number in range(LIVE_LIMIT + 10)]
    shown = "[...document.querySelectorAll('[data-raffle]')].map((one) => one.dataset.raffle)"

    def tells(raffle: str, facts: str) -> str:
        return f"document.querySelector('[data-raffle={raffle}] .facts').textContent === '{facts}'"

    async def buy(here: World, raffle: str) -> None:
        path = f"/v1/raffles/{raffle}/tickets"
        answer = await here.ask("m1", "member", "POST", path, {"tickets": 1, "most": 100})
        assert answer.is_success, answer.text

    async def body() -> None:
        async with demo_world(world) as here:
            for number, id in enumerate(raffles):
                terms = RaffleTerms({}, (Prize("mug"),), 100, now(), now() + HOUR + number)
                await here.apply(CreateRaffle(id, terms))
                await here.apply(OpenRaffle(id))
            await buy(here, "r54")
            async with open_tab(here, browser, address="/raffles") as page:
                await page.until(f"{shown}.length === {LIVE_LIMIT + 1}")
                assert await page.run(shown) == [*raffles[:LIVE_LIMIT], "r54"]
                await page.until(tells("r54", "1 ticket"))
                assert await page.text("#raffles .more") == "Show 9 more"
                await page.run("document.querySelector('#raffles .more').scrollIntoView()")
                await page.until("document.querySelector('#raffles .more').hidden")
                assert await page.run(shown) == raffles
                # The list says nothing of what it is too short for, and that is not lost by it.
                await buy(here, "r01")
                await page.until(tells("r01", "1 ticket"))
                assert await page.run(shown) == raffles

    run(body())
