"""The command line's client: operations by name, once each, patience with a gateway that says not now."""

from typing import Any

import httpx
import pytest

from engine.errors import Rejection
from gateway.blueprint import client
from gateway.blueprint.client import Client
from gateway.failures import GatewayUnavailable
from tests.gateway.blueprint.harness import client_of
from tests.gateway.harness import OpenWorld, Run

REFUSAL = {"code": "unavailable", "detail": "Try again.", "type": "/x", "title": "x", "status": 503}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(attempt: int) -> None:
        pass

    monkeypatch.setattr(client, "backoff", at_once)


def answering(*answers: Any) -> tuple[Client, list[httpx.Request]]:
    """A client whose requests meet these answers, one after another, and what it sent."""
    sent: list[httpx.Request] = []
    rest = list(answers)

    async def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        found = rest.pop(0) if len(rest) > 1 else rest[0]
        if isinstance(found, Exception):
            raise found
        return found

    made = Client("http://gateway.example", lambda: "token", patience=0.2)
    made._http = httpx.AsyncClient(
        base_url="http://gateway.example", transport=httpx.MockTransport(answer), trust_env=False
    )
    return made, sent


def test_operations_by_name(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            terms = {"kind": "wellness", "points": 5}
            assert await call("experience.put", experience="a~b:c@d", terms=terms) == {
                "experience": "a~b:c@d"
            }
            assert (await call("experience.get", experience="a~b:c@d"))["terms"]["points"] == 5
            assert len((await call("experience.list", limit=1))["experiences"]) == 1
            with pytest.raises(Rejection) as caught:
                await call("campaign.get", campaign="nix/../x")
            assert caught.value.rejected.code == "unknown_operation"
            with pytest.raises(Rejection) as caught:
                await call("experience.get", experience="nix")
            assert caught.value.rejected.code == "unknown_experience"
            assert caught.value.rejected.details == {"experience": "nix"}

    run(body())


def test_a_command_keeps_its_key_while_it_is_sent_again(run: Run) -> None:
    async def body() -> None:
        made, sent = answering(
            httpx.ConnectError("no"),
            httpx.Response(503, json=REFUSAL),
            httpx.Response(200, json={"level": 2}),
        )
        async with made:
            assert await made.call("program.raise_level", level=2) == {"level": 2}
            assert await made.call("program.raise_level", level=2) == {"level": 2}
        keys = [request.headers["Idempotency-Key"] for request in sent]
        assert keys[0] == keys[1] == keys[2] != keys[3]

    run(body())


def test_each_call_waits_for_the_state_of_the_last(run: Run) -> None:
    async def body() -> None:
        first = httpx.Response(200, json={}, headers={"Livelot-Position": "1:5-0"})
        made, sent = answering(first, httpx.Response(200, json={}))
        async with made:
            await made.call("program.get")
            await made.call("program.get")
        assert [request.headers.get("Livelot-Position") for request in sent] == [None, "1:5-0"]
        assert "Idempotency-Key" not in sent[0].headers

    run(body())


def test_patience_ends(run: Run) -> None:
    async def body() -> None:
        made, _ = answering(httpx.Response(503, json=REFUSAL))
        async with made:
            with pytest.raises(Rejection, match="Try again"):
                await made.call("program.get")
        made, _ = answering(httpx.ConnectError("nobody there"))
        async with made:
            with pytest.raises(GatewayUnavailable, match=r"gateway\.example: nobody there\. Start one"):
                await made.call("program.get")

    run(body())


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"{}"])
def test_what_answers_may_be_no_gateway(run: Run, content: bytes) -> None:
    async def body() -> None:
        made, _ = answering(httpx.Response(404, content=content))
        async with made:
            with pytest.raises(GatewayUnavailable, match=r"what answers there is no gateway \(404\)"):
                await made.call("program.get")

    run(body())
