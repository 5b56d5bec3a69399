"""The console's frame in a real Chromium: signing in, languages, lost connections, refusals, large tables."""

import json

import pytest

from engine.errors import CODES
from gateway.wire import REBUILDING
from tests.gateway.browsing import Page, demo_world, open_tab, with_browser
from tests.gateway.consoling import fill, key, no_word_is_missing, on_console, press
from tests.gateway.harness import OpenWorld, Run, connections
from tests.gateway.shop import shows

KEPT = "Object.keys(sessionStorage).filter((name) => name.startsWith('console')).join()"


async def paste(page: Page, token: str, keep: bool = False) -> None:
    await page.until("document.querySelector('#token') !== null")
    await page.run(f"""(() => {{
        document.querySelector("#token").value = {json.dumps(token)};
        document.querySelector("#keep").checked = {json.dumps(keep)};
        document.querySelector("form").requestSubmit();
    }})()""")


@with_browser
def test_only_staff_signs_in_and_the_token_stays_in_memory(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here, open_tab(here, browser, path="/console") as page:
            await shows(page, "h1", "Sign in")
            await paste(page, "")
            await shows(page, "#sign-in-error", "Paste a token first.")
            await paste(page, "nonsense")
            await shows(page, "#sign-in-error", "Sign in with a fresh one.")
            await paste(page, here.token("m1"))
            await shows(page, "#sign-in-error", "This is not a manager’s token.")
            await paste(page, here.token("maria", "manager", program="another"))
            await shows(page, "#sign-in-error", "This token is for another program.")
            await paste(page, here.token("maria", "manager"))
            await shows(page, "h1", "Now")
            assert await page.text(".who") == "maria"
            await no_word_is_missing(page)
            assert await page.run(f"{KEPT} + localStorage.length + location.href.includes('ey')") == "0false"
            # A reload is somebody else's turn, unless it was asked otherwise.
            await page.tab.reload()
            await shows(page, "h1", "Sign in")
            await paste(page, here.token("maria", "manager"), keep=True)
            await shows(page, "h1", "Now")
            await page.tab.reload()
            await shows(page, ".who", "maria")
            await press(page, "Sign out")
            await shows(page, "h1", "Sign in")
            assert await page.run(KEPT) == ""

    run(body())


@with_browser
def test_the_demos_staff_signs_in_with_one_press(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here, open_tab(here, browser, path="/console") as page:
            await press(page, "Olga, operator")
            await shows(page, ".who", "olga")
        async with world() as plain, open_tab(plain, browser, path="/console") as page:
            await press(page, "Maria, manager")
            await shows(page, "#sign-in-error", "This gateway runs without the demo.")

    run(body())


@with_browser
@pytest.mark.parametrize(
    ("language", "direction", "title"),
    [("fr", "ltr", "En direct"), ("es", "ltr", "Ahora"), ("ar", "rtl", "الآن")],
)
def test_another_language_keeps_who_is_signed_in(
    run: Run, world: OpenWorld, browser: str, language: str, direction: str, title: str
) -> None:
    async def body() -> None:
        async with demo_world(world) as here, open_tab(here, browser, path="/console", width=390) as page:
            await paste(page, here.token("maria", "manager"))
            await shows(page, "h1", "Now")
            await page.run(f"""(() => {{
                const choice = document.querySelector(".languages");
                choice.value = "{language}";
                // The page is loaded anew: the answer has to be out first.
                setTimeout(() => choice.dispatchEvent(new Event("change")), 50);
            }})()""")
            await shows(page, "h1", title)
            assert (
                await page.run("[document.documentElement.lang, document.dir].join()")
                == f"{language},{direction}"
            )
            assert await page.run(KEPT) == ""
            assert await page.run("document.documentElement.scrollWidth <= innerWidth")
            await page.run("localStorage.clear()")

    run(body())


@with_browser
def test_a_lost_connection_heals_and_an_expired_token_is_asked_for_anew(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with demo_world(world) as here, on_console(here, browser) as page:
            await shows(page, "h1", "Now")
            await page.run("""
                window.seen = [];
                new MutationObserver(() => seen.push(document.querySelector(".stale").textContent))
                    .observe(document.querySelector(".stale"), { childList: true, attributes: true });
            """)
            await page.until("document.querySelector('.connection').dataset.phase === 'live'")
            for connection in connections(here):
                connection.close(REBUILDING)
            await page.until("window.seen.some((words) => words.startsWith('The connection is lost'))")
            await page.until("document.querySelector('.connection').dataset.phase === 'live'")
            await page.until("document.querySelector('.stale').hidden")
            await page.run("location.hash = '#/auctions'")
            await press(page, "New auction")
            await page.until("document.querySelector('dialog[open]') !== null")
            await page.run("(() => { const later = Date.now() + 7_200_000; Date.now = () => later; })()")
            for connection in connections(here):
                connection.close(REBUILDING)
            await shows(page, "dialog:last-child", "Your token has expired. Sign in with a fresh one")
            await page.tab.bring_to_front()
            await key(page, "Escape")
            assert await page.run("document.querySelectorAll('dialog[open]').length") == 2
            # What was asked for is whose it was: somebody else begins anew.
            token = json.dumps(here.token("omar", "manager"))
            await page.run(f"document.querySelector('#token').value = {token}")
            await page.run("document.querySelector('.sign-in form').requestSubmit()")
            await page.until("document.querySelector('.connection')?.dataset.phase === 'live'")
            await page.until("document.querySelector('dialog') === null")

    run(body())


@with_browser
def test_every_refusal_says_what_to_do(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here, on_console(here, browser) as page:
            await shows(page, "h1", "Now")
            advice = await page.run(f"""(async () => {{
                const {{ Refused }} = await import(own("socket.js"));
                const {{ explain }} = await import(own("console/refusals.js"));
                const say = (code) => explain(new Refused({{ message: "", data: {{ code }} }})).advice;
                return Object.fromEntries({json.dumps(list(CODES))}.map((code) => [code, say(code)]));
            }})()""")
            assert [code for code, words in advice.items() if not words or "refusal." in words] == []
            assert advice["approval_by_another"] == "Another manager has to approve what you asked for."
            assert advice["unknown_draft"] == "It is not there any more. Go back to the list."

    run(body())


TABLE = """(async () => {
    const { makeTable } = await import(own("console/data-table.js"));
    const make = (_, number) => ({ id: `row-${number}`, number: (number * 7) % 1000 });
    const rows = Array.from({ length: 1000 }, make);
    const byId = (row) => row.id;
    const byNumber = (row) => row.number;
    const table = makeTable([
        { key: "id", label: "Id", title: true, cell: byId, value: byId },
        { key: "number", label: "Number", end: true, cell: (row) => String(row.number), value: byNumber },
    ], { caption: "Rows", key: (row) => row.id, open: (row) => { window.opened = row.id; } });
    document.querySelector("#main").replaceChildren(table);
    const begun = performance.now();
    table.show(rows);
    table.getBoundingClientRect();
    window.table = table;
    return performance.now() - begun;
})()"""

SHOWN = "[...document.querySelectorAll('data-table tbody tr')].map((row) => row.cells[0].innerText)"


@with_browser
def test_a_thousand_rows_are_a_page_at_a_time_sorted_and_walked_by_keys(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with demo_world(world) as here, on_console(here, browser) as page:
            await shows(page, "h1", "Now")
            await page.run(TABLE)
            assert await page.run(f"{SHOWN}.length") == 50
            await shows(page, ".pager", "1–50 of 1,000")
            await press(page, "Next")
            await shows(page, ".pager", "51–100 of 1,000")
            assert await page.run(f"{SHOWN}[0]") == "row-50"
            await press(page, "Number", "data-table")
            assert await page.run(f"{SHOWN}.slice(0, 2).join()") == "row-0,row-143"
            await press(page, "Number", "data-table")
            assert await page.run("document.querySelector('[aria-sort]').ariaSort") == "descending"
            assert await page.run(f"{SHOWN}[0]") == "row-857"
            await page.run("document.querySelector('.row-link').focus()")
            await key(page, "ArrowDown")
            await key(page, "Enter")
            await page.run("document.activeElement.click()")
            await page.until(f"window.opened === {SHOWN}[1]")
            await key(page, "PageDown")
            await shows(page, ".pager", "51–100 of 1,000")
            # Rows that come anew change what is shown, and nothing jumps: the same row is the same node.
            await page.run("window.first = document.querySelector('data-table tbody tr')")
            await page.run("table.show(table.rows.map((row) => ({ ...row })))")
            assert await page.run("window.first === document.querySelector('data-table tbody tr')")
            await page.run("table.show([])")
            await shows(page, "data-table .state", "There is nothing here yet.")

    run(body())


@with_browser
def test_on_a_phone_a_table_is_cards_that_say_what_is_what(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here, on_console(here, browser, width=390) as page:
            await shows(page, "h1", "Now")
            await page.run(TABLE)
            assert await page.run("document.documentElement.scrollWidth <= innerWidth")
            label = "getComputedStyle(document.querySelector('td[data-key=number]'), '::before').content"
            assert await page.run(label) == '"Number"'
            await page.run("""(() => {
                const choice = document.querySelector(".sorter");
                choice.value = "number/down";
                choice.dispatchEvent(new Event("change"));
            })()""")
            assert await page.run(f"{SHOWN}[0]") == "row-857"

    run(body())


@with_browser
def test_a_form_says_what_is_wrong_at_the_field(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here, on_console(here, browser) as page:
            await shows(page, "h1", "Now")
            await page.run("""(async () => {
                const { askForm } = await import(own("console/form.js"));
                const { Refused } = await import(own("socket.js"));
                const points = { required: true, least: 1, greatest: 1000 };
                const fields = [
                    { name: "points", kind: "number", label: "Points", ...points },
                    { name: "title", label: "Title" },
                ];
                const act = ({ points, title }) => {
                    const data = { code: "invalid_auction", field: title ? "terms.points" : "" };
                    if (points < 500) throw new Refused({ message: "The opening price is below 500.", data });
                    return { points };
                };
                askForm({ title: "A form", fields, act }).then((result) => { window.result = result; });
            })()""")
            await press(page, "Save", "dialog")
            await shows(page, "[data-field=points] .field-error", "This is needed.")
            await fill(page, "points", "1,001")
            await press(page, "Save", "dialog")
            await shows(page, "[data-field=points] .field-error", "Between 1 and 1,000.")
            await fill(page, "points", "١٠٠")
            await press(page, "Save", "dialog")
            await shows(page, ".form-error", "The opening price is below 500.")
            await fill(page, "title", "A title")
            await press(page, "Save", "dialog")
            await shows(page, "[data-field=points] .field-error", "The opening price is below 500.")
            assert await page.run("document.activeElement.name") == "points"
            await fill(page, "points", "700")
            await press(page, "Save", "dialog")
            await page.until("document.querySelector('dialog') === null && window.result.points === 700")

    run(body())
