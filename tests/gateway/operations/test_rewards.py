"""The catalogue and redemptions, as a member, a shop's payment service and staff would use them."""

from typing import Any

from tests.gateway.harness import OpenWorld, Run
from tests.gateway.test_operations import DOORS

SETTINGS = {
    "tiers": ["gold", "blue"],
    "markets": ["north"],
    "money": {"north": {"currency": "EUR", "exponent": 2, "rate": 5_000, "tax": 2_500}},
}
TERMS = {
    "kind": "travel",
    "points": 1_000,
    "titles": {"en": "A night in a treehouse", "ar": "ليلة في بيت شجرة"},
    "stock": 1,
    "payment": {"least": 4_000, "greatest": 4_000},
}


@DOORS
def test_points_and_cash(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:

            async def member(name: str, **given: Any) -> Any:
                return await ask(here, "m1", "member", name, given)

            async def staff(name: str, **given: Any) -> Any:
                return await ask(here, "boss", "operator", name, given)

            assert (await staff("program.configure", settings=SETTINGS))[0] == "ok"
            assert (await staff("experience.put", experience="tree", terms=TERMS))[0] == "ok"
            assert (await staff("program.get"))[1]["settings"]["money"] == SETTINGS["money"]
            record = (await staff("experience.get", experience="tree"))[1]
            assert {name: record["terms"][name] for name in TERMS} == TERMS
            _, page = await member("catalogue.list")
            (offer,) = page["offers"]
            assert (offer["experience"], offer["titles"], offer["left"]) == ("tree", TERMS["titles"], 1)
            price = {"points": 400, "cash": 300, "currency": "EUR", "exponent": 2, "tax": 60}
            assert offer["price"] == price
            assert (await member("catalogue.get", experience="tree"))[1] == offer

            code, refusal = await member("redemption.redeem", experience="tree", most=399, most_cash=300)
            details = refusal.get("data", refusal)
            assert (code, details["points"], details["cash"]) == ("price_changed", 400, 300)
            code, redeemed = await member("redemption.redeem", experience="tree", most=400, most_cash=300)
            assert (code, redeemed["status"], redeemed["currency"]) == ("ok", "awaiting_payment", "EUR")
            assert (await member("me"))[1]["held"] == 400
            (hold,) = (await member("me.points"))[1]["holds"]
            assert hold == {"subject": "redemption R1", "points": 400}
            other = await ask(
                here,
                "m2",
                "member",
                "redemption.redeem",
                {"experience": "tree", "most": 10**6, "most_cash": 300},
            )
            assert other[0] == "sold_out"

            paid = {"redemption": "R1", "reference": "visa-1", "cash": 300}
            assert (await member("redemption.paid", **paid))[0] == "forbidden"
            code, done = await ask(here, "pay", "service", "redemption.paid", paid)
            assert (code, done["status"]) == ("ok", "confirmed")
            again = await ask(here, "pay", "service", "redemption.paid", paid)
            assert again[0] == "already_paid"
            _, view = await member("redemption.get", redemption="R1")
            assert (view["price"], view["reference"], view["member"]) == (price, "visa-1", "m1")
            assert (await member("me.redemptions"))[1]["redemptions"] == [view]
            stranger = await ask(here, "m2", "member", "redemption.get", {"redemption": "R1"})
            assert stranger[0] == "unknown_redemption"
            assert (await member("redemption.cancel", redemption="R1"))[0] == "wrong_redemption_status"
            code, refund = await staff("redemption.refund", redemption="R1", reason="it rained", points=100)
            assert (code, refund["points"], refund["status"]) == ("ok", 100, "confirmed")
            assert (await staff("experience.remove", experience="tree"))[0] == "ok"
            assert (await member("catalogue.get", experience="tree"))[0] == "unknown_experience"

    run(body())


@DOORS
def test_currencies_are_those_of_iso_4217(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            before = here.gateway.replica.position
            for currency, exponent in (("EUR", 3), ("JPY", 2), ("ZZZ", 2), ("XXX", 0)):
                money = {"north": {"currency": currency, "exponent": exponent, "rate": 1}}
                code, _ = await ask(
                    here, "boss", "operator", "program.configure", {"settings": {"money": money}}
                )
                assert code == "unknown_currency"
            assert here.gateway.replica.position == before
            money = {"north": {"currency": "KWD", "exponent": 3, "rate": 1}}
            code, _ = await ask(here, "boss", "operator", "program.configure", {"settings": {"money": money}})
            assert code == "ok"

    run(body())
