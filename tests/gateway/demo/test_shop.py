"""The demo's shop against a real gateway: what has waited is paid and confirmed, and nothing else."""

import asyncio
from typing import Any

from engine.commands import (
    CancelRedemption,
    Configure,
    ExperienceTerms,
    MarketMoney,
    Payment,
    ProgramSettings,
    PutExperience,
    Redeem,
)
from gateway.demo.connection import DemoSocket, Place, stay_connected
from gateway.demo.shop import BOOKING_TAKES, PAYMENT_TAKES, settle_redemptions
from tests.gateway.harness import DEADLINE, SECRET, OpenWorld, Run


def test_what_is_open_comes_to_its_end(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            program = here.gateway.replica.program
            await here.apply(Configure(ProgramSettings(money={"north": MarketMoney("EUR", 2, 5_000)})))
            half = ExperienceTerms("travel", 1_000, fulfilment="booked", payment=Payment(5_000, 5_000))
            await here.apply(PutExperience("tree", half))
            for member in ("m1", "m2", "m3"):
                await here.apply(Redeem("tree", 1_000, 1_000, member=member))
            await here.apply(CancelRedemption("R3", "no", "m3"))
            made = max(one.at for one in program.redemptions.values())

            def statuses() -> list[str]:
                return [one.status for one in program.redemptions.values()]

            async def speak(socket: DemoSocket) -> None:
                seen: list[Any] = []
                for now in (made, made + PAYMENT_TAKES, made + BOOKING_TAKES, made + BOOKING_TAKES):
                    await settle_redemptions(socket, now)
                    seen.append(statuses())
                assert seen == [
                    ["awaiting_payment", "awaiting_payment", "cancelled"],
                    ["pending", "pending", "cancelled"],
                    ["confirmed", "confirmed", "cancelled"],
                    ["confirmed", "confirmed", "cancelled"],
                ]

            place = Place(f"http://127.0.0.1:{here.port}", "demo", SECRET)
            async with asyncio.timeout(DEADLINE):
                await stay_connected(place, "demo-shop", "service", speak)
            assert program.redemptions["R1"].reference == "demo-R1"

    run(body())
