"""What tests leave behind is cleared away, so that the next one finds its members free."""

from loadtests.api import Api
from loadtests.preparation import MANAGER, gather_bounded
from loadtests.tokens import Tokens


async def end_auctions(api: Api, tokens: Tokens, auctions: list[str]) -> None:
    """Cancels auctions, so that what members hold for them is released. Raises ``StormError``."""
    token = await tokens.get(MANAGER, "manager")
    body = {"reason": "the load test is over"}
    await gather_bounded(
        api.send("POST", f"/v1/auctions/{auction}/cancel", token, body) for auction in auctions
    )
