"""The demo's shop: it reports the payments that members owe cash for, and confirms what they have booked.

Elsewhere a payment service and a concierge do this. Here it happens by itself after a few seconds, so that a
redemption can be watched from its beginning to its end.
"""

import asyncio
from typing import Any, Final

from engine.units import SECOND
from gateway.clock import now
from gateway.demo.connection import DemoSocket, Refused

ROUND_SECONDS: Final = 2.0
"""How often the shop looks at what is open."""

PAYMENT_TAKES: Final = 4 * SECOND
BOOKING_TAKES: Final = 30 * SECOND


async def keep_shop(socket: DemoSocket) -> None:
    """Looks again and again, until cancelled."""
    while True:
        await settle_redemptions(socket, now())
        await asyncio.sleep(ROUND_SECONDS)


async def settle_redemptions(socket: DemoSocket, now: int) -> None:
    """Pays and confirms what has waited long enough at ``now`` (ms)."""
    for redemption in await _list_open(socket, "awaiting_payment"):
        if now >= redemption["at"] + PAYMENT_TAKES:
            id, cash = redemption["redemption"], redemption["price"]["cash"]
            await _unless_over(
                socket, "redemption.paid", redemption=id, reference=f"demo-{id}", cash=cash, key=f"{id}-paid"
            )
    for redemption in await _list_open(socket, "pending"):
        if now >= redemption["at"] + BOOKING_TAKES:
            id = redemption["redemption"]
            await _unless_over(socket, "redemption.confirm", redemption=id, key=f"{id}-booked")


async def _list_open(socket: DemoSocket, status: str) -> list[dict[str, Any]]:
    page = await socket.call("redemption.list", status=status, limit=100)
    redemptions: list[dict[str, Any]] = page["redemptions"]
    return redemptions


async def _unless_over(socket: DemoSocket, method: str, **parameters: Any) -> None:
    """Calls; the member may have cancelled meanwhile."""
    try:
        await socket.call(method, **parameters)
    except Refused as refusal:
        if refusal.code not in ("wrong_redemption_status", "payment_overdue"):
            raise
