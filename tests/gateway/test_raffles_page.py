"""The raffles' view in a real browser: buying, the lock, the draw, the prize, and whether it is fair."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.commands import (
    CommitSecret,
    CreateRaffle,
    Draw,
    MoveClose,
    OpenRaffle,
    Prize,
    PublishDrawKey,
    RaffleTerms,
    SignLock,
    Tick,
    VoidRaffle,
)
from engine.commands.raffles import Bundle
from engine.evidence import write_raffle
from engine.vault import Vault
from gateway.clock import now
from tests.engine.raffling import KEY, SECRET, SIGNER
from tests.gateway.browsing import demo_world, open_tab, with_browser
from tests.gateway.harness import HOUR, OpenWorld, Run, World, eventually

pytestmark = with_browser

PANEL = "#raffle-panel"


async def open_raffle(here: World, **given: Any) -> None:
    terms = {
        "titles": {"en": "A red car", "ar": "سيارة حمراء"},
        "prizes": (Prize("car", 1, {"en": "The car"}), Prize("mug")),
        "price": 100,
        "opens_at": now(),
        "closes_at": now() + HOUR,
        "bundles": (Bundle(5, 4),),
        "randomness": "commitment",
    } | given
    await here.apply(CreateRaffle("r", RaffleTerms(**terms)))
    await here.apply(OpenRaffle("r"))
    await here.apply(CommitSecret("r", sha256(SECRET).hexdigest()))


async def lock(here: World) -> None:
    """Brings the close forward, and signs as the keeper does."""
    await here.apply(MoveClose("r", now() + 20))
    raffles = here.gateway.replica.program.raffles

    async def is_locked() -> bool:
        await here.apply(Tick())
        return bool(raffles.by_id["r"].lock)

    await eventually(is_locked)
    await here.apply(PublishDrawKey(KEY))
    await here.apply(SignLock(1, KEY, SIGNER.sign(raffles.locks[0].text.encode()).hex()))


async def draw(here: World, vault: Vault) -> None:
    """Draws, and writes the evidence as the keeper does."""
    await here.apply(Draw("r", secret=SECRET.hex()))
    program = here.gateway.replica.program

    async def is_drawn() -> bool:
        await here.apply(Tick())
        return program.raffles.by_id["r"].finished

    await eventually(is_drawn)
    write_raffle(vault, program, program.raffles.by_id["r"])


async def buy(here: World, member: str, tickets: int) -> None:
    headers = {"Idempotency_Key": f"{member}-{tickets}"}
    body = {"tickets": tickets, "most": 10_000}
    response = await here.ask(member, "member", "POST", "/v1/raffles/r/tickets", body, **headers)
    assert response.is_success, response.text


def test_a_member_buys_watches_the_draw_and_checks_it(
    run: Run, world: OpenWorld, browser: str, tmp_path: Path
) -> None:
    vault = Vault(tmp_path)

    async def body() -> None:
        async with demo_world(world, vault) as here:
            await open_raffle(here)
            await buy(here, "m2", 2)
            async with open_tab(here, browser, "m1", "/raffles") as page:
                await page.until("!!document.querySelector('.raffle .title')")
                assert "1 × The car · 1 × Mug" in await page.text(".raffle")
                await page.click(".raffle .title")
                await page.click(f"{PANEL} .chip")
                await page.until(shows(f"{PANEL} .tickets .primary", "400 pts"))
                assert await page.text(f"{PANEL} .tickets .primary") == "Buy 5 tickets for 400 pts"
                await page.click(f"{PANEL} .tickets .primary")
                assert await page.text(f"{PANEL} .tickets .primary") == "Yes, for 400 pts"
                await page.run(f"document.querySelector('{PANEL} .tickets .primary').focus()")
                await page.click(f"{PANEL} .tickets .primary")
                await page.until(shows(f"{PANEL} .answer", "Numbers 3 to 7"))
                focused = await page.run("document.activeElement.textContent")
                assert focused == "Buy 5 tickets for 400 pts", "the keyboard stays where it was"
                await page.until(shows(f"{PANEL}", "Your numbers: 3–7"))
                assert "5 of 7 tickets: 1 in 1.4" in await page.text(PANEL)

                await lock(here)
                root = here.gateway.replica.program.raffles.by_id["r"].root().hex()
                await page.until(shows(f"{PANEL} .lock", root))
                assert "a secret that was committed to" in await page.text(f"{PANEL} .lock")

                await draw(here, vault)
                await page.until(f"document.querySelectorAll('{PANEL} .places li').length === 2")
                await page.until(shows(f"{PANEL} .result", "You won"))
                place = next(
                    place
                    for place in here.gateway.replica.program.raffles.by_id["r"].places
                    if place.member == "m1"
                )
                mine = await page.text(f"{PANEL} .places [data-own]")
                assert f"You no. {place.ticket}" in mine
                await page.until("document.querySelector('#notices').innerText.includes('You won')")

                await page.click(f"{PANEL} .draw-check .secondary")
                await page.until(
                    f"document.querySelector('{PANEL} .verdict').innerText === 'The draw holds.'"
                )
                states = await page.run(
                    f"[...document.querySelectorAll('{PANEL} .steps li')].map((one) => one.dataset.state)"
                )
                assert states == ["passed"] * 6
                assert "against an operator who tries entries" in await page.text(f"{PANEL} .trust")

                await page.click(f"{PANEL} .prize .primary")
                await page.until(shows(f"{PANEL} .result", "It is yours"))

    run(body())


@pytest.mark.parametrize(
    ("change", "step", "words"),
    [
        (("lock", '"number":1', '"number":2'), "lock", "another one"),
        (("signature", "first", ""), "signature", "not that of this lock"),
        (("entries", "first", ""), "entries", "not those that were locked"),
        (("secret", "first", ""), "randomness", "not the one"),
        (("places", "first", ""), "places", "Place 1 comes out otherwise"),
    ],
)
def test_a_changed_file_fails_at_its_step(
    run: Run,
    world: OpenWorld,
    browser: str,
    tmp_path: Path,
    change: tuple[str, str, str],
    step: str,
    words: str,
) -> None:
    vault = Vault(tmp_path)

    async def body() -> None:
        async with demo_world(world, vault) as here:
            await open_raffle(here)
            await buy(here, "m1", 2)
            await buy(here, "m2", 3)
            await lock(here)
            await draw(here, vault)
            (path,) = (tmp_path / "evidence").iterdir()
            path.write_bytes(tamper(path.read_bytes(), *change))
            async with open_tab(here, browser, "m1", "/raffles/r") as page:
                await page.click(f"{PANEL} .draw-check .secondary")
                await page.until(shows(f"{PANEL} .verdict", "does not hold"))
                failed = await page.text(f"{PANEL} .steps li:last-child")
                assert (
                    await page.run(f"document.querySelector('{PANEL} .steps li:last-child').dataset.step")
                    == step
                )
                assert words in failed

    run(body())


def shows(selector: str, words: str) -> str:
    """Whether a person reads these words there."""
    return f"document.querySelector({selector!r})?.innerText.includes({words!r}) === true"


def tamper(data: bytes, field: str, before: str, after: str) -> bytes:
    """The same file with one thing changed in one field."""
    content = json.loads(data)
    if field == "lock":
        content["lock"] = content["lock"].replace(before, after)
    elif field == "entries":
        content["entries"][0][1] += 1
        content["entries"][1][1] -= 1
    elif field == "places":
        content["places"][0]["ticket"] += 1
    else:
        content[field] = ("0" if content[field][0] != "0" else "1") + content[field][1:]
    return msgspec.json.encode(content)


def test_a_void_raffle_says_why(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await open_raffle(here)
            await buy(here, "m1", 2)
            async with open_tab(here, browser, "m1", "/raffles/r") as page:
                await page.until(shows(f"{PANEL}", "Your numbers"))
                await here.apply(VoidRaffle("r", "The car burned down"))
                await here.apply(Tick())
                await page.until(shows(f"{PANEL} .result", "The car burned down. Every ticket is refunded."))
                await page.until("document.querySelector('#available').innerText === '1,000,000'")

    run(body())


def test_a_prize_is_declined_in_two_taps_and_who_won_nothing_hears_of_it(
    run: Run, world: OpenWorld, browser: str, tmp_path: Path
) -> None:
    vault = Vault(tmp_path)

    async def body() -> None:
        async with demo_world(world, vault) as here:
            await open_raffle(here, prizes=(Prize("car", 1, {"en": "The car"}),), most=2)
            await buy(here, "m1", 1)
            await buy(here, "m2", 1)
            async with (
                open_tab(here, browser, "m1", "/raffles/r") as one,
                open_tab(here, browser, "m2", "/raffles/r") as other,
                open_tab(here, browser, "m3", "/raffles/r") as third,
            ):
                await third.until(shows(f"{PANEL} .note", "Sold out"))
                for page in (one, other):
                    await page.until(shows(f"{PANEL}", "Your numbers"))
                await lock(here)
                await draw(here, vault)
                raffle = here.gateway.replica.program.raffles.by_id["r"]
                winner, loser = (one, other) if raffle.places[0].member == "m1" else (other, one)
                await loser.until("document.querySelector('#notices').innerText.includes('Not this time')")
                await winner.until(shows(f"{PANEL} .result", "You won"))
                decline = f"{PANEL} .prize .secondary"
                await winner.click(decline)
                assert await winner.text(decline) == "Yes, give it away"
                assert raffle.places[0].fate == "offered"
                await winner.click(decline)
                await winner.until(shows(f"{PANEL} .answer", "it goes to somebody else"))
                assert raffle.places[0].fate == "declined"

    run(body())


def test_titles_are_text_and_refusals_are_words(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            rude = "<img src=x onerror=alert(1)>"
            await open_raffle(here, titles={"en": rude}, prizes=(Prize("car", 1, {"en": rude}),), most_each=3)
            async with open_tab(here, browser, "m1", "/raffles/r") as page:
                await page.until(f"document.querySelector('{PANEL} h2')?.innerText === '{rude}'")
                assert await page.run("document.querySelectorAll('img[src=x]').length") == 0
                await buy(here, "m1", 2)
                await page.until(shows(f"{PANEL}", "Your numbers"))
                await page.run(f"document.querySelector('{PANEL} .chip').click()")
                assert await page.text(f"{PANEL} .tickets .primary") == "At most 1"
                await buy(here, "m1", 1)
                await page.until(shows(f"{PANEL} .note", "as many tickets as you may"))

    run(body())


def test_another_language_and_a_narrow_screen(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await open_raffle(here)
            async with open_tab(here, browser, "m1", "/raffles/r", languages="ar", width=390) as page:
                await page.until(f"document.querySelector('{PANEL} h2')?.innerText === 'سيارة حمراء'")
                assert (
                    await page.run(f"getComputedStyle(document.querySelector('{PANEL} h2')).direction")
                    == "rtl"
                )
                assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())
