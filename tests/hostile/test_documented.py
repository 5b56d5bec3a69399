"""The OpenAPI document keeps its word: requests made up from it by schemathesis, right and wrong ones, with
tokens of every role; whatever the gateway answers is in the document, and nothing is an error of its own."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
import schemathesis
import uvloop
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.documents import build_openapi
from gateway.operations import BY_NAME
from gateway.operations.downloads import DOWNLOADS
from tests.gateway.harness import World, open_world
from tests.gateway.test_operations import ALLOWED, EVERYBODY
from tests.hostile.planting import STRANGER, plant_beginnings

TOO_LARGE = 413
EXAMPLES = int(os.environ.get("LIVELOT_TEST_EXAMPLES", "4"))
"""Requests an operation and mode. ``make fuzz`` makes more."""

LAST = "program.configure"
"""It sets limits that all others would meet."""

NAMES = [*(name for name in BY_NAME if name != LAST), *(download.name for download in DOWNLOADS), LAST]
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CONFIG = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
DOCUMENT = schemathesis.openapi.from_dict(build_openapi(), config=CONFIG)
LIMITS = {"calls_per_second": 0, "service_calls_per_second": 0, "position_seconds": 0.01}


class Desk:
    """A gateway in this thread's event loop, asked in process."""

    def __init__(self, runner: asyncio.Runner, here: World, client: httpx.AsyncClient) -> None:
        self._runner = runner
        self.here = here
        self._client = client

    def ask(self, case: schemathesis.Case, role: str) -> httpx.Response:
        """What a case is answered."""
        asked = case.as_transport_kwargs(base_url="http://gateway")
        headers = dict(asked["headers"]) | {"Authorization": f"Bearer {self.here.token(STRANGER, role)}"}
        request = self._client.build_request(
            asked["method"],
            asked["url"],
            params=asked.get("params"),
            headers=headers,
            json=asked.get("json"),
            content=asked.get("data"),
        )
        return self._runner.run(self._client.send(request))


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """One program for all: each operation meets what those before have left."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        stack = AsyncExitStack()

        async def begin() -> tuple[World, httpx.AsyncClient]:
            here = await stack.enter_async_context(open_world(limits=LIMITS))
            await plant_beginnings(here)
            transport = httpx.ASGITransport(here.gateway.application, raise_app_exceptions=False)
            return here, await stack.enter_async_context(httpx.AsyncClient(transport=transport))

        try:
            yield Desk(runner, *runner.run(begin()))
        finally:
            runner.run(stack.aclose())


def known_ids(name: str) -> list[dict[str, Any]]:
    """What the path may name: something that is there, or whatever the document allows."""
    operation = BY_NAME.get(name)
    there = ALLOWED[name][1] if operation else {"raffle": "r1"}
    names = operation.path_names if operation else ("raffle",)
    return [{}, {field: there[field] for field in names}] if names else [{}]


def assert_answered(case: schemathesis.Case, response: httpx.Response) -> None:
    """No error of the gateway's own; 503 is for those that ask for a position which never comes."""
    if response.status_code == 503:
        assert response.json()["code"] == "unavailable"
        assert "Livelot-Position" in case.headers
    else:
        assert response.status_code < 500, response.text
    if response.status_code != 200:
        assert set(response.json()) >= {"type", "title", "status", "detail", "code"}


CASES = [
    (name, mode)
    for name in NAMES
    for mode in GenerationMode
    # A file's path is all that its request has, and any text will do there.
    if name in BY_NAME or mode == GenerationMode.POSITIVE
]


@pytest.mark.parametrize(("name", "mode"), CASES, ids=lambda part: getattr(part, "value", part))
def test_every_answer_is_documented(desk: Desk, name: str, mode: GenerationMode) -> None:
    operation = DOCUMENT.find_operation_by_id(name)
    allowed = ALLOWED[name][0] if name in ALLOWED else EVERYBODY
    cases = st.sampled_from(known_ids(name)).flatmap(
        lambda ids: operation.as_strategy(mode, path_parameters=ids or None)
    )

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=EXAMPLES < 100,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases, st.sampled_from([*sorted(EVERYBODY), *sorted(allowed) * 2]))
    def check(case: schemathesis.Case, role: str) -> None:
        response = desk.ask(case, role)
        assert_answered(case, response)
        # What is too large is refused before anybody looks at its shape.
        judged = mode == GenerationMode.NEGATIVE and response.status_code != TOO_LARGE
        checks = CHECKS + [negative_data_rejection] * judged
        case.validate_response(response, checks=checks)

    check()
