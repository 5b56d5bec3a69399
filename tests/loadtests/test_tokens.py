"""Tokens that a gateway takes."""

import asyncio
import time
from typing import Any

import jwt
import msgspec
import pytest

from loadtests.api import Api
from loadtests.tokens import LIFETIME, DemoTokens, SignedTokens
from loadtests.wire import StormError

SECRET = "a secret of more than thirty-two bytes, for tests"


def test_a_signed_token_has_the_claims_of_a_gateway() -> None:
    token = asyncio.run(SignedTokens(SECRET, "demo").get("m1", "member"))
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="demo")
    assert (claims["sub"], claims["role"], claims["aud"]) == ("m1", "member", "demo")
    assert time.time() < claims["exp"] <= time.time() + LIFETIME


def test_a_demo_token_is_asked_for_once(script: Any) -> None:
    async def body() -> list[str]:
        async with Api(script.url) as api:
            tokens = DemoTokens(api)
            return [await tokens.get("m1", "member") for _ in range(2)]

    script.answers = [(200, b'{"token":"t","member":"m1","tier":"gold","market":"eu"}')]
    assert asyncio.run(body()) == ["t", "t"]
    [received] = script.received
    assert (received.method, received.path) == ("POST", "/demo/token")
    assert msgspec.json.decode(received.body) == {"member": "m1"}
    assert "Authorization" not in received.headers


def test_a_demo_gateway_has_tokens_for_members_only(script: Any) -> None:
    async def body() -> None:
        async with Api(script.url) as api:
            with pytest.raises(StormError, match="no tokens to a manager: give --token-secret"):
                await DemoTokens(api).get("boss", "manager")

    asyncio.run(body())


def test_a_gateway_that_gives_no_tokens_is_told_from_a_demo(script: Any) -> None:
    async def body() -> None:
        async with Api(script.url) as api:
            with pytest.raises(
                StormError, match=r"404 unknown_operation: .* \(was the gateway started with --demo\?\)"
            ):
                await DemoTokens(api).get("m1", "member")

    script.answers = [(404, b'{"code":"unknown_operation","detail":"There is nothing at this path"}')]
    asyncio.run(body())
