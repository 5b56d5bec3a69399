"""The audit in the console, in a real Chromium: who did what, filtered, and as a file without formulas."""

import json

import pytest

from engine.commands import ExperienceTerms, PutExperience
from tests.gateway.browsing import Page, demo_world, with_browser
from tests.gateway.consoling import no_word_is_missing, on_console, press
from tests.gateway.harness import OpenWorld, Run, World
from tests.gateway.shop import shows

ROWS = "[...document.querySelectorAll('data-table tbody tr')].map((row) => row.cells[0].innerText)"


async def act(here: World, who: str, path: str, **body: object) -> None:
    answer = await here.ask(who, "manager", "POST", path, body)
    assert answer.status_code == 200, answer.text


async def do_things(here: World) -> None:
    await act(here, "maria", "/v1/members/m1/adjustments", amount=-500, reason="=1+1 a mistake")
    await act(here, "omar", "/v1/members/m2/adjustments", amount=700, reason="a gift")
    await act(here, "omar", "/v1/rules/drafts", draft="spring")


async def choose(page: Page, id: str, value: str) -> None:
    await page.run(f"""(() => {{
        const input = document.getElementById({json.dumps(id)});
        input.value = {json.dumps(value)};
        input.dispatchEvent(new Event("input", {{ bubbles: true }}));
    }})()""")


@with_browser
@pytest.mark.parametrize("width", [390, 1_280])
def test_who_did_what_and_filters(run: Run, world: OpenWorld, browser: str, width: int) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await do_things(here)
            async with on_console(here, browser, "/audit", width=width) as page:
                await page.until(f"{ROWS}.filter(Boolean).length >= 3")
                newest = await page.run(f"{ROWS}.slice(0, 3)")
                assert newest == ["rules.begin", "points.adjust", "points.adjust"]
                await choose(page, "audit-actor", "maria")
                await page.until(f"{ROWS}.join() === 'points.adjust'")
                await shows(page, "data-table", "Member: m1")
                await shows(page, "data-table", "=1+1 a mistake")
                await choose(page, "audit-actor", "")
                await choose(page, "audit-kind", "draft")
                await page.until(f"{ROWS}.join() === 'rules.begin'")
                await choose(page, "audit-kind", "")
                await choose(page, "audit-command", "rules.dance")
                await shows(page, "data-table .state", "rules.dance")
                await choose(page, "audit-command", "points.adjust")
                await choose(page, "audit-object", "m3")
                await shows(page, "data-table .state", "Nobody did anything like this.")
                assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())


@with_browser
def test_a_file_has_all_of_it_and_runs_nothing(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await do_things(here)
            for number in range(60):
                await act(here, "maria", "/v1/rules/drafts", draft=f"draft-{number}")
                await here.ask("maria", "manager", "DELETE", f"/v1/rules/drafts/draft-{number}")
            async with on_console(here, browser, "/audit") as page:
                await page.until(f"{ROWS}.length === 50")
                await page.run("""
                    window.saved = null;
                    URL.createObjectURL = (blob) => {
                        blob.text().then((text) => { window.saved = text; });
                        return "#";
                    };
                    HTMLAnchorElement.prototype.click = function () { window.named = this.download; };
                """)
                await press(page, "Save as CSV")
                await page.until("window.saved !== null")
                lines = (await page.run("window.saved")).removeprefix("\ufeff").splitlines()
                assert lines[0] == "number,at,actor,role,command,concerns,asked,result,left_out"
                assert len(lines) > 123
                assert await page.run("window.named") == "audit.csv"
                await shows(page, ".notice", f"{len(lines) - 1} lines are saved.")
                script = 'import(own("console/csv.js")).then((csv) => csv.writeCsv(ROWS))'
                for value, written in (
                    ("=1+1", "'=1+1"),
                    ("-2", "'-2"),
                    ("+3", "'+3"),
                    ("@SUM(A1)", "'@SUM(A1)"),
                    ("\tx", "'\tx"),
                    (-2, "-2"),
                    ('a "b", c', '"a ""b"", c"'),
                    ("a\nb", '"a\nb"'),
                ):
                    text = await page.run(script.replace("ROWS", json.dumps([[value, 1]])))
                    assert text == f"\ufeff{written},1\r\n"

    run(body())


@with_browser
@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_in_every_language(run: Run, world: OpenWorld, browser: str, language: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await here.apply(PutExperience("spa", ExperienceTerms("wellness", 1_000)))
            await act(here, "omar", "/v1/rules/drafts", draft="spring")
            async with on_console(here, browser, "/audit", languages=language, width=390) as page:
                await page.until(f"{ROWS}.length > 0")
                # What the log calls things is the same in every language.
                await page.run("""(() => {
                    const style = new CSSStyleSheet();
                    style.insertRule("code, .asked { display: none; }");
                    document.adoptedStyleSheets = [style];
                })()""")
                await no_word_is_missing(page)
                assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())
