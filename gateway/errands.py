"""What a command asks of a gateway: it goes there with a token, and comes back with what was answered.

The token is one that is given, or that the local secret makes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from engine.addresses import place_of
from engine.units import MINUTE
from gateway.blueprint.blueprint import Call
from gateway.blueprint.client import Client
from gateway.clock import now
from gateway.identity import mint_token
from gateway.key_files import read_secret
from gateway.log_commands import whoami
from gateway.settings import Settings, SettingsError

TOKEN_LIFE: Final = 10 * MINUTE

Answer = TypeVar("Answer")


def ask_gateway(
    work: Callable[[Call], Awaitable[Answer]], settings: Settings, url: str, token: str
) -> Answer:
    """What ``work`` comes to with the gateway at ``url``. Raises ``SettingsError``, and what the gateway
    refuses."""
    place = url or settings.url_at(settings.port)
    if not place.startswith(("http://", "https://")):
        raise SettingsError(f"--url {place_of(place)!r} should look like http://127.0.0.1:8080.")

    async def work_there() -> Answer:
        async with Client(place, _token_maker(settings, token)) as client:
            return await work(client.call)

    return asyncio.run(work_there())


def _token_maker(settings: Settings, token: str) -> Callable[[], str]:
    """What makes the token of each request. Raises ``SettingsError``."""
    if token:
        return lambda: token
    if not settings.secret_path.exists():
        raise SettingsError(
            f"There is no secret at {settings.secret_path} to make a token with: give the gateway's --data "
            "or --secret-file, or a --token."
        )
    secret = read_secret(settings)
    return lambda: mint_token(
        settings.program, whoami(), "operator", key=secret, expires_at=now() + TOKEN_LIFE
    )
