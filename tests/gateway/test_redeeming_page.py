"""Redeeming in the demo page, in a real Chromium: never at another price than the one agreed to."""

from typing import Any

import pytest

from engine.commands import ConfirmRedemption, Payment, ReportPayment, TuneRule
from rules.rule import Effect, PriceRule
from rules.scope import Scope
from tests.gateway.browsing import LOOKS, with_browser
from tests.gateway.harness import OpenWorld, Run
from tests.gateway.shop import card, on_catalogue, shop, shows, wellness

TAP_AS_IT_MOVES = """new MutationObserver((_, observer) => {
    observer.disconnect();
    document.querySelector("[data-experience=spa] .primary").click();
}).observe(document.querySelector("[data-experience=spa] .cost .amount"), { childList: true })"""

SLIDE = """
    const field = document.querySelector(".share input");
    field.value = 4000;
    field.dispatchEvent(new Event("input"));
"""
"""Forty per cent in points."""


@with_browser
def test_redeeming_takes_two_taps_and_pays_the_price_that_was_shown(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness(stock=3, limit=1)) as here:
            async with on_catalogue(here, browser) as page:
                await shows(page, f"{card('spa')} .picture", "3 left")
                await page.click(f"{card('spa')} .primary")
                await shows(page, f"{card('spa')} .primary", "Yes, for 900 pts")
                assert here.gateway.replica.program.redemptions == {}
                await page.click(f"{card('spa')} .primary")
                await shows(page, f"{card('spa')} .answer", "It is yours, for 900 points.")
                await shows(page, "#available", "999,100")
                await shows(page, f"{card('spa')} .note", "You have had yours")
                await shows(page, f"{card('spa')} .picture", "2 left")
                (redemption,) = here.gateway.replica.program.redemptions.values()
                assert (redemption.member, redemption.points, redemption.channel) == ("m1", 900, "web")
                await page.click("#show-mine")
                await shows(page, "#my-rewards", "A day at the spa Yours 900 pts")
                assert await page.run("location.hash") == "#/my-rewards"

    run(body())


@with_browser
@pytest.mark.parametrize("look", LOOKS)
def test_what_can_be_taken_back_takes_one_tap_and_is_taken_back(
    run: Run, world: OpenWorld, browser: str, look: dict[str, Any]
) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness(fulfilment="booked"), sauna=wellness(500)) as here:
            made = here.gateway.replica.program.redemptions
            async with on_catalogue(here, browser, **look) as page:
                points = await page.text("#available")
                await page.click(f"{card('spa')} .primary")
                await page.until(f"document.querySelector('{card('spa')} .undo').checkVisibility()")
                assert made["R1"].status == "pending"
                await page.until(f"document.querySelector('#available').innerText !== '{points}'")
                await page.is_sound()
                await page.run(f"document.querySelector('{card('spa')} .undo').focus()")
                await page.click(f"{card('spa')} .undo")
                await page.until(f"document.querySelector('{card('spa')} .undo').hidden")
                assert made["R1"].status == "cancelled"
                await page.until(f"document.querySelector('#available').innerText === '{points}'")
                assert await page.run(f"document.activeElement.closest('{card('spa')} .redeem') !== null")
                # What is theirs at once is asked about first; so is a price that has only just come.
                await page.click(f"{card('sauna')} .primary")
                assert (
                    await page.run(f"document.querySelector('{card('sauna')} .primary').dataset.confirming")
                    == "yes"
                )
                await page.run(TAP_AS_IT_MOVES)
                await here.apply(TuneRule("gold-saves", 9_500))
                await page.until(
                    f"document.querySelector('{card('spa')} .primary').dataset.confirming === 'yes'"
                )
                assert list(made) == ["R1"]

    run(body())


@with_browser
def test_a_redemption_whose_answer_was_lost_is_sent_again_and_made_once(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness()) as here:
            async with on_catalogue(here, browser) as page:
                await page.run("""
                    window.sent = [];
                    const send = WebSocket.prototype.send;
                    WebSocket.prototype.send = function (text) {
                        send.call(this, text);
                        if (!text.includes("redemption.redeem")) return;
                        window.sent.push(text);
                        if (window.sent.length === 1) this.close();
                    };
                """)
                await page.click(f"{card('spa')} .primary")
                await page.click(f"{card('spa')} .primary")
                await shows(page, f"{card('spa')} .answer", "It is yours, for 900 points.")
                first, second = await page.run("window.sent.map((one) => JSON.parse(one).params)")
                assert first == second
                assert len(here.gateway.replica.program.redemptions) == 1
                await shows(page, "#available", "999,100")

    run(body())


@with_browser
def test_a_price_that_changed_meanwhile_is_asked_about_again(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness()) as here:
            async with on_catalogue(here, browser) as page:
                await page.hold_back("redemption.redeem")
                await page.click(f"{card('spa')} .primary")
                await page.click(f"{card('spa')} .primary")
                await page.has_held_back()
                await here.apply(TuneRule("gold-saves", 9_500))
                await page.release()
                await shows(page, f"{card('spa')} .answer", "Not redeemed: it costs 950 points now.")
                await shows(page, f"{card('spa')} .primary", "Yes, for 950 pts")
                await shows(page, f"{card('spa')} .cost", "950 pts")
                assert here.gateway.replica.program.redemptions == {}
                assert await page.text("#available") == "1,000,000"
                await page.click(f"{card('spa')} .primary")
                await shows(page, f"{card('spa')} .answer", "It is yours, for 950 points.")

    run(body())


@with_browser
def test_a_price_that_moves_takes_the_question_back(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness()) as here:
            async with on_catalogue(here, browser) as page:
                await page.click(f"{card('spa')} .primary")
                await shows(page, f"{card('spa')} .primary", "Yes, for 900 pts")
                await here.apply(TuneRule("gold-saves", 9_500))
                await shows(page, f"{card('spa')} .cost", "950 pts")
                assert await page.text(f"{card('spa')} .primary") == "Redeem"
                assert await page.text(f"{card('spa')} .answer") == "The price has just moved."

    run(body())


@with_browser
def test_a_share_in_points_is_priced_sent_and_paid_for(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness(payment=Payment(2_500))) as here:
            async with on_catalogue(here, browser) as page:
                await page.click(f"{card('spa')} .secondary")
                await shows(page, "#reward-panel .cost", "900 pts")
                await page.until("document.querySelector('.share input') !== null")
                await page.run(SLIDE)
                await shows(page, "#reward-panel .cost", "360 pts + €3.00 Before: 400 pts + €3.00")
                assert "incl. €0.60 tax" in await page.text("#reward-panel .cost")
                await shows(page, ".trace", "40% of it in points 400 pts + €3.00 Gold saves 400 → 360 pts")
                # A rule that is tuned moves this price too.
                await here.apply(TuneRule("gold-saves", 5_000))
                await shows(page, "#reward-panel .cost", "200 pts + €3.00")
                await page.click("#reward-panel .primary")
                await shows(
                    page, "#reward-panel .answer", "200 points are held. Waiting for your payment of €3.00"
                )
                await shows(page, "#wallet", "Available 999,800 Held 200")
                (redemption,) = here.gateway.replica.program.redemptions.values()
                assert (redemption.points, redemption.cash, redemption.status) == (
                    200,
                    300,
                    "awaiting_payment",
                )
                await here.apply(ReportPayment(redemption.id, "payment-1", 300))
                await shows(page, ".notice", "Yours A day at the spa")
                await shows(page, "#wallet", "Available 999,800 Held 0")
                assert await page.text("#reward-panel .answer") == ""

    run(body())


@with_browser
def test_own_rewards_tell_how_they_stand_and_are_cancelled(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness(fulfilment="booked")) as here:
            async with on_catalogue(here, browser) as page:
                for _ in range(2):
                    response = await here.ask(
                        "m1", "member", "POST", "/v1/redemptions", {"experience": "spa", "most": 900}
                    )
                    assert response.status_code == 200, response.text
                await page.run("location.hash = '/my-rewards'")
                await page.until("document.querySelectorAll('.own-reward').length === 2")
                await shows(page, ".own-reward .standing", "Booked")
                assert await page.text("#available") == "998,200"
                await page.click("[data-redemption=R1] .secondary")
                assert here.gateway.replica.program.redemptions["R1"].status == "pending"
                await page.click("[data-redemption=R1] .secondary")
                await shows(page, "[data-redemption=R1] .standing", "Cancelled")
                await shows(page, "#available", "999,100")
                await here.apply(ConfirmRedemption("R2"))
                await shows(page, "[data-redemption=R2] .standing", "Yours")
                assert await page.run("document.querySelector('[data-redemption=R2] .secondary').hidden")

    run(body())


@with_browser
def test_a_cash_part_that_changed_unseen_is_asked_about_again(
    run: Run, world: OpenWorld, browser: str
) -> None:
    fee = PriceRule("fee", Scope(), Effect("factor", 12_000, "cash"), "all")

    async def body() -> None:
        async with shop(world, fee, spa=wellness(payment=Payment(0))) as here:
            async with on_catalogue(here, browser) as page:
                await page.click(f"{card('spa')} .secondary")
                await page.until("document.querySelector('.share input') !== null")
                await page.run(SLIDE)
                await shows(page, "#reward-panel .cost", "400 pts + €3.60")
                await page.hold_back("redemption.redeem")
                await page.click("#reward-panel .primary")
                await page.has_held_back()
                await here.apply(TuneRule("fee", 15_000))
                await page.release()
                await shows(page, "#reward-panel .answer", "it costs 400 points and €4.50 now.")
                await shows(page, "#reward-panel .primary", "Yes, for 400 pts + €4.50")
                await shows(page, "#reward-panel .cost", "400 pts + €4.50")
                assert here.gateway.replica.program.redemptions == {}
                await page.click("#reward-panel .primary")
                await shows(page, "#reward-panel .answer", "Waiting for your payment of €4.50")

    run(body())


@with_browser
def test_who_comes_too_late_is_told_and_pays_nothing(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness(stock=1)) as here:
            async with on_catalogue(here, browser) as page:
                await shows(page, f"{card('spa')} .picture", "Last one")
                # A double click is one tap: it asks, and redeems nothing.
                await page.run(f"document.querySelector('{card('spa')} .primary').click()")
                await page.run("""
                    document.querySelector("[data-experience=spa] .primary")
                        .dispatchEvent(new MouseEvent("click", { detail: 2, bubbles: true }))
                """)
                assert here.gateway.replica.program.redemptions == {}
                await page.hold_back("redemption.redeem")
                await page.click(f"{card('spa')} .primary")
                await page.has_held_back()
                await shows(page, f"{card('spa')} .primary", "Redeeming…")
                asked = {"experience": "spa", "most": 900}
                taken = await here.ask("m2", "member", "POST", "/v1/redemptions", asked)
                assert taken.status_code == 200, taken.text
                await page.release()
                await shows(page, f"{card('spa')} .answer", "Not redeemed: somebody else took the last one.")
                await shows(page, f"{card('spa')} .note", "Sold out")
                assert await page.text("#available") == "1,000,000"

    run(body())
