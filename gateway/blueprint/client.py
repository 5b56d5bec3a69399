"""A client of a gateway, for one who sits at a terminal: operations by name, over HTTP.

A command keeps its key while it is sent again, so it is done once, however often that takes. Each call waits
for the state that the last one spoke for, whichever gateway answers.
"""

import time
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from engine.addresses import place_of
from engine.errors import Rejection
from engine.log.contract import backoff
from gateway.failures import GatewayUnavailable
from gateway.operations import BY_NAME
from gateway.settings import LOOPBACK_HOSTS

PATIENCE: Final = 15.0
"""For how many seconds a call is tried again while the gateway cannot be reached, or says "not now"."""

NOT_NOW: Final = ("not_ready", "unavailable", "shutting_down", "too_many_calls", "clock_disagrees")
"""Refusals that say nothing of what was asked."""


class Client:
    """The gateway at ``url``; ``token`` makes the bearer token of each request. Used as an asynchronous
    context manager."""

    def __init__(self, url: str, token: Callable[[], str], *, patience: float | None = None) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._patience = PATIENCE if patience is None else patience
        self._position = ""
        # A proxy of the environment is not for this machine itself.
        near = urlsplit(url).hostname in LOOPBACK_HOSTS
        self._http = httpx.AsyncClient(base_url=self._url, timeout=60, trust_env=not near)

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def call(self, operation: str, /, **parameters: Any) -> dict[str, Any]:
        """The reply. Raises ``Rejection`` where it is refused, and ``GatewayUnavailable``."""
        request = self._build(operation, parameters)
        until = time.monotonic() + self._patience
        attempt = 0
        while True:
            request.headers["Authorization"] = f"Bearer {self._token()}"
            try:
                response = await self._http.send(request)
            except httpx.TransportError as error:
                if time.monotonic() > until:
                    raise self._unavailable(str(error) or type(error).__name__) from error
            else:
                refusal = self._refusal(response)
                if refusal is None:
                    self._position = response.headers.get("Livelot-Position", self._position)
                    reply: dict[str, Any] = response.json()
                    return reply
                if refusal.rejected.code not in NOT_NOW or time.monotonic() > until:
                    raise refusal
            await backoff(attempt + 4)
            attempt += 1

    def _build(self, name: str, parameters: dict[str, Any]) -> httpx.Request:
        operation = BY_NAME[name]
        path = operation.path.format(
            **{field: quote(parameters[field], safe="") for field in operation.path_names}
        )
        rest = {field: value for field, value in parameters.items() if field not in operation.path_names}
        headers = {"Livelot-Position": self._position} if self._position else {}
        if operation.method == "GET":
            return self._http.build_request("GET", path, params=rest, headers=headers)
        if operation.build is not None:
            headers["Idempotency-Key"] = uuid.uuid4().hex
        headers["Content-Type"] = "application/json"
        content = msgspec.json.encode(rest)
        return self._http.build_request(operation.method, path, content=content, headers=headers)

    def _refusal(self, response: httpx.Response) -> Rejection | None:
        """Why it was refused, or None. Raises ``GatewayUnavailable`` for what is no gateway's answer."""
        try:
            found = response.json()
            if response.is_success:
                return None
            code, words = found.pop("code"), found.pop("detail")
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise self._unavailable(f"what answers there is no gateway ({response.status_code})") from error
        details = {name: value for name, value in found.items() if name not in ("type", "title", "status")}
        details.pop("message", None)
        return Rejection(code, words, **details)

    def _unavailable(self, why: str) -> GatewayUnavailable:
        place = place_of(self._url)
        return GatewayUnavailable(
            f"No gateway answers at {place}: {why}. Start one with `livelot up`, or name it by --url."
        )
