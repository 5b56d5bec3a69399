"""A gateway's HTTP side, for what is not a bid: tokens, preparation, and the history to check against."""

import asyncio
import time
import uuid
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import msgspec

from engine.addresses import place_of
from loadtests.sockets import draw_pause
from loadtests.wire import StormError

PATIENCE = 60
"""For how many seconds a request is tried again while the gateway cannot be reached, or says "not now"."""

NOT_NOW = {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}


class Answer(msgspec.Struct, frozen=True):
    """A reply's body, and the position that it speaks for."""

    body: bytes
    position: str


class Problem(msgspec.Struct):
    """A refusal's body (RFC 9457), with the refusal's code."""

    code: str = ""
    detail: str = ""


class RequestError(StormError):
    """The gateway refused a request, with this code."""

    def __init__(self, words: str, code: str) -> None:
        super().__init__(words)
        self.code = code


class Api:
    """The gateway at ``url``. Used as an asynchronous context manager."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise StormError(f"--url must start with http:// or https://, not {place_of(url)!r}")
        self._client = httpx.AsyncClient(base_url=self.url, timeout=35, trust_env=False)

    @property
    def socket_url(self) -> str:
        """Where the gateway's socket is."""
        parts = urlsplit(self.url)
        return urlunsplit(
            parts._replace(scheme="wss" if parts.scheme == "https" else "ws", path="/v1/socket")
        )

    async def __aenter__(self) -> "Api":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, path: str, token: str, *, position: str = "", **query: Any) -> Answer:
        """Asks. With ``position``, for a state that has that position. Raises ``StormError``."""
        headers = {"Livelot-Position": position} if position else {}
        return await self._ask("GET", path, token, params=query, headers=headers)

    async def send(self, method: str, path: str, token: str, body: Any = None) -> Answer:
        """Commands, once, however often it has to be sent. Raises ``StormError``."""
        headers = {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json"}
        return await self._ask(method, path, token, content=msgspec.json.encode(body or {}), headers=headers)

    async def _ask(
        self, method: str, path: str, token: str, *, headers: dict[str, str], **rest: Any
    ) -> Answer:
        if token:
            headers["Authorization"] = f"Bearer {token}"
        deadline = time.monotonic() + PATIENCE
        attempt = 0
        while True:
            attempt += 1
            try:
                response = await self._client.request(method, path, headers=headers, **rest)
            except httpx.TransportError as error:
                if time.monotonic() > deadline:
                    raise StormError(
                        f"{place_of(self.url)} cannot be reached: {error or type(error).__name__}"
                    ) from error
            else:
                if response.is_success:
                    return Answer(response.content, response.headers.get("Livelot-Position", ""))
                if response.status_code not in NOT_NOW or time.monotonic() > deadline:
                    raise refuse(method, path, response)
            await asyncio.sleep(draw_pause(attempt))


def refuse(method: str, path: str, response: httpx.Response) -> RequestError:
    """The gateway's words for a refusal."""
    try:
        problem = msgspec.json.decode(response.content, type=Problem)
    except msgspec.DecodeError:
        problem = Problem(detail=response.text[:200])
    words = f"{method} {path}: {response.status_code} {problem.code}: {problem.detail}"
    return RequestError(words, problem.code)
