"""What a page full of auctions does when it hears of bids: how often it draws and lays out, and how much it
writes."""

from gateway.clock import now
from tests.gateway.browsing import Page, demo_world, hold, open_tab, with_browser
from tests.gateway.harness import HOUR, OpenWorld, Run, World

AUCTIONS = 210
SHOWN = 200
"""As many as the list of live auctions has."""

BIDS = 12
"""All of them on the screen."""

LISTEN = """
window.frame = requestAnimationFrame.bind(window);
window.held = null;
window.requestAnimationFrame = (then) => {
  window.wantedAt = performance.now();
  return held ? held.push(then) : frame(then);
};
window.heard = new Set();
window.asked = [];
window.WebSocket = class extends WebSocket {
  constructor(...options) {
    super(...options);
    this.addEventListener("message", ({ data }) => heard.add(JSON.parse(data).params?.topic));
  }
  send(text) {
    asked.push(JSON.parse(text).method);
    super.send(text);
  }
};
"""
"""Holds frames back while `held` is a list, and notes when one was wanted last, which topics are heard of and
what is asked."""

HEARD = (
    "[...heard].filter((topic) => topic?.startsWith('auction:')).map((topic) => topic.slice(8)).sort().join()"
)
NEAR = """
[...document.querySelectorAll("[data-auction]")].filter((card) => {
  const { top, bottom } = card.getBoundingClientRect();
  return bottom > -innerHeight / 4 && top < innerHeight * 5 / 4;
}).map((card) => card.dataset.auction).sort().join()
"""
"""What is on the screen, or a quarter of it away."""

RELEASE = """(async () => {
  const written = [];
  const cardOf = ({ target }) => target.parentElement.closest("[data-auction]");
  const note = (records) => written.push(...records.map(cardOf));
  const observer = new MutationObserver(note);
  observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  const [draw, ...others] = held;
  held = null;
  await new Promise((resolve) => frame(() => { draw(); frame(resolve); }));
  note(observer.takeRecords());
  const cards = written.map((card) => card?.dataset.auction ?? "elsewhere");
  return { others: others.length, cards: [...new Set(cards)].sort(), writes: cards.length };
})()"""
"""Lets one frame come; what was written in it."""


async def count_layouts(page: Page) -> int:
    metrics = (await page.command("Performance.getMetrics"))["metrics"]
    return next(int(one["value"]) for one in metrics if one["name"] == "LayoutCount")


async def tells(page: Page, auction: str, facts: str) -> None:
    """Returns once the auction's card says that of its bids."""
    await page.until(f"document.querySelector('[data-auction={auction}] .facts').textContent === '{facts}'")


async def bid_on(here: World, auctions: list[str], member: str, maximum: int) -> None:
    for auction in auctions:
        path = f"/v1/auctions/{auction}/bids"
        answer = await here.ask(member, "member", "POST", path, {"maximum": maximum})
        assert answer.is_success, answer.text


@with_browser
def test_many_bids_are_one_drawing_one_layout_and_few_writes(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            for number in range(AUCTIONS):
                # What is left is told in hours and minutes: nothing but bids changes the page.
                await here.open_auction(f"a{number:03}", ends_at=now() + 100 * HOUR)
            async with open_tab(here, browser, script=LISTEN) as page:
                await page.until(f"document.querySelectorAll('[data-auction]').length === {SHOWN}")
                await page.until(f"{HEARD} === {NEAR}")
                assert await page.run("asked.filter((one) => one === 'subscribe').length") == 2
                await page.command("Performance.enable")
                changed = [f"a{number:03}" for number in range(BIDS)]
                await bid_on(here, changed, "m3", 500)
                facts = (
                    "[...document.querySelectorAll('.facts')].filter((one) => one.textContent === '1 bid')"
                )
                await page.until(f"{facts}.length === {BIDS}")
                # The list told of all of them, too: cards that nobody sees follow some in each frame.
                await page.until("performance.now() - wantedAt > 200")
                await page.run("heard.clear(), (held = [])")
                await bid_on(here, changed, "m2", 900)
                await page.until(f"{HEARD} === '{','.join(changed)}'")
                before = await count_layouts(page)
                drawn = await page.run(RELEASE)
                assert await count_layouts(page) - before <= 2
                assert drawn["others"] == 0
                assert drawn["cards"] == changed, drawn
                assert drawn["writes"] <= 8 * BIDS

    run(body())


@with_browser
def test_only_auctions_near_the_screen_are_listened_to_and_those_with_a_part_in_them(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            for number in range(40):
                await here.open_auction(f"a{number:03}", ends_at=now() + 100 * HOUR)
            await bid_on(here, ["a020"], "m1", 500)
            async with open_tab(here, browser, script=LISTEN) as page:
                await page.until(f"heard.has('auction:a000') && heard.has('auction:a020') && {NEAR} !== ''")
                near = (await page.run(NEAR)).split(",")
                await page.until(f"{HEARD} === '{','.join(sorted([*near, 'a020']))}'")
                assert "a039" not in near
                # What is out of sight follows by the list; what comes into sight, at once.
                await bid_on(here, ["a039"], "m2", 500)
                await tells(page, "a039", "1 bid")
                await page.run(
                    "heard.clear(), document.querySelector('[data-auction=a039]').scrollIntoView()"
                )
                await page.until("heard.has('auction:a039') && asked.includes('unsubscribe')")
                await page.run("heard.clear()")
                await bid_on(here, ["a039", "a000"], "m3", 900)
                await tells(page, "a039", "2 bids")
                await tells(page, "a000", "1 bid")
                await page.until("heard.has('auction:a039') && heard.has('auctions')")
                assert not await page.run("heard.has('auction:a000')")

    run(body())


@with_browser
def test_the_end_of_a_long_list_brings_what_ends_later(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            for number in range(AUCTIONS):
                await here.open_auction(f"a{number:03}", ends_at=now() + 100 * HOUR)
            async with open_tab(here, browser, address="a205", script=LISTEN) as page:
                await page.until("document.querySelector('#panel[data-standing]') !== null")
                await page.until(f"document.querySelectorAll('[data-auction]').length === {SHOWN + 1}")
                assert await page.text(".more") == "Show 9 more"
                await page.run("document.querySelector('.more').scrollIntoView()")
                await page.until(f"document.querySelectorAll('[data-auction]').length === {AUCTIONS}")
                await page.until("document.querySelector('.more').hidden")
                await page.run("document.querySelector('[data-auction=a209]').scrollIntoView()")
                await page.until("heard.has('auction:a209')")
                await bid_on(here, ["a209"], "m3", 500)
                await tells(page, "a209", "1 bid")
                # The list says nothing of it, and it is not lost by that.
                await bid_on(here, ["a000"], "m3", 500)
                await tells(page, "a000", "1 bid")
                assert await page.run("document.querySelectorAll('[data-auction]').length") == AUCTIONS

    run(body())


@with_browser
def test_an_address_is_waited_for_unless_nothing_is_there(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            for number in range(AUCTIONS):
                await here.open_auction(f"a{number:03}", ends_at=now() + 100 * HOUR)
            async with open_tab(here, browser, address="a205", script=LISTEN + hold('"auction:')) as page:
                await page.until(f"document.querySelectorAll('[data-auction]').length === {SHOWN}")
                await page.has_held_back()
                assert await page.run("location.hash") == "#a205"
                await page.release()
                await page.until("document.querySelector('#panel[data-standing]') !== null")
                assert await page.text("#panel h2") == "a205"
                await page.run("location.hash = '#none'")
                await page.until("location.hash === ''")
                assert await page.run("document.querySelector('#panel').hidden")

    run(body())
