"""Where tokens come from: signed here with the gateway's secret, or given out by a demo gateway."""

import time
from typing import Protocol

import jwt
import msgspec

from loadtests.api import Api, RequestError
from loadtests.wire import StormError

LIFETIME = 6 * 3600
"""For how long a signed token is good, in seconds."""


class Tokens(Protocol):
    """Gives tokens, to services and managers too where it is ``staffed``."""

    @property
    def staffed(self) -> bool: ...

    async def get(self, actor: str, role: str) -> str:
        """A token for ``actor`` in ``role``. Raises ``StormError`` if there is none to be had."""
        ...


class SignedTokens:
    """Signs any token with the secret that it shares with the gateway (HS256)."""

    staffed = True

    def __init__(self, secret: str, program: str) -> None:
        self._secret = secret
        self._program = program

    async def get(self, actor: str, role: str) -> str:
        """A fresh token."""
        claims = {"sub": actor, "role": role, "aud": self._program, "exp": int(time.time()) + LIFETIME}
        return jwt.encode(claims, self._secret, algorithm="HS256")


class DemoToken(msgspec.Struct):
    """What the demo's token endpoint answers."""

    token: str
    member: str


class DemoTokens:
    """Asks a gateway that was started with --demo; it knows members only."""

    staffed = False

    def __init__(self, api: Api) -> None:
        self._api = api
        self._tokens: dict[str, str] = {}

    async def get(self, actor: str, role: str) -> str:
        """The member's token, asked for once."""
        if role != "member":
            raise StormError(f"a demo gateway gives no tokens to a {role}: give --token-secret")
        if actor not in self._tokens:
            try:
                answer = await self._api.send("POST", "/demo/token", "", {"member": actor})
            except RequestError as error:
                raise StormError(f"{error} (was the gateway started with --demo?)") from error
            self._tokens[actor] = msgspec.json.decode(answer.body, type=DemoToken).token
        return self._tokens[actor]
