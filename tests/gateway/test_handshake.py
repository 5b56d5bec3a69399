"""Who gets a socket: subprotocols, tokens in headers, gateways that cannot serve.

Origins, and all that is meant badly, are in tests/hostile/test_handshakes.py."""

import json
from typing import Any

import pytest
import websockets

from tests.gateway.harness import OpenWorld, Run


def problem_of(error: websockets.InvalidStatus) -> tuple[int, str]:
    assert error.response.headers["content-type"] == "application/problem+json"
    assert error.response.body
    return error.response.status_code, json.loads(error.response.body)["code"]


def test_subprotocols(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            url = f"ws://127.0.0.1:{here.port}/v1/socket"
            async with websockets.connect(url) as plain:
                assert plain.subprotocol is None
                await plain.send('{"jsonrpc":"2.0","id":1,"method":"ping"}')
                assert '"time"' in str(await plain.recv())
            offered = [websockets.Subprotocol(name) for name in ("other", "livelot.v1.msgpack", "livelot.v1")]
            async with websockets.connect(url, subprotocols=offered) as chosen:
                assert chosen.subprotocol == "livelot.v1.msgpack"
            with pytest.raises(websockets.InvalidStatus) as caught:
                async with websockets.connect(url, subprotocols=offered[:1]):
                    pass
            assert problem_of(caught.value) == (400, "invalid_request")

    run(body())


def test_tokens_in_the_header(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            for header, status, code in (
                ("Bearer nonsense", 401, "token_invalid"),
                (f"Bearer {here.token('m1', lives=-1)}", 401, "token_expired"),
                (f"Bearer {here.token('m1', program='other')}", 403, "wrong_program"),
                ("Basic bTE6eA==", 401, "unauthenticated"),
            ):
                with pytest.raises(websockets.InvalidStatus) as caught:
                    async with here.socket(headers={"Authorization": header}):
                        pass
                assert problem_of(caught.value) == (status, code)
            # In the URL it is not looked for.
            async with websockets.connect(
                f"ws://127.0.0.1:{here.port}/v1/socket?token={here.token('m1')}"
            ) as plain:
                await plain.send('{"jsonrpc":"2.0","id":1,"method":"me"}')
                assert "unauthenticated" in str(await plain.recv())

    run(body())


@pytest.mark.parametrize(("change", "close_code"), [({"ready": False}, 4101), ({"stopped": "a gap"}, 4101)])
def test_a_gateway_that_cannot_serve_says_come_back(
    run: Run, world: OpenWorld, change: dict[str, Any], close_code: int
) -> None:
    async def body() -> None:
        async with world() as here:
            replica = here.gateway.replica
            for name, value in change.items():
                setattr(replica, name, value)
            async with here.socket("m1") as socket:
                assert await socket.closed() == close_code
            replica.ready, replica.stopped = True, ""
            here.gateway.desk.draining = True
            async with here.socket("m1") as socket:
                assert await socket.closed() == 4100
            response = await here.ask("m1", "member", "GET", "/v1/me")
            assert (response.status_code, response.json()["code"]) == (503, "shutting_down")
            assert response.headers["retry-after"] == "1"

    run(body())


def test_http_at_the_sockets_path_and_sockets_elsewhere(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            assert (await here.http.get("/v1/socket")).json()["code"] == "unknown_operation"
            with pytest.raises(websockets.InvalidStatus) as caught:
                async with websockets.connect(f"ws://127.0.0.1:{here.port}/v1/nothing"):
                    pass
            assert caught.value.response.status_code in (403, 404)

    run(body())
