"""A token that somebody made up lets nobody in: over HTTP, in a socket's handshake, in its first call."""

import asyncio
import base64
import json
from pathlib import Path

import jwt
import pytest
import websockets

from engine.errors import Rejection
from gateway.identity import KeySet, Verifier
from tests.gateway.harness import PROGRAM, SECRET, OpenWorld, Run, World
from tests.hostile.forgeries import (
    CLAIMS,
    ED25519,
    ELLIPTIC,
    FORGERIES,
    GOOD,
    HEADER,
    RSA,
    Forgery,
    forge_for_keys,
    part,
    rsa_of,
    seal,
    written,
)

UNLIMITED = {"calls_per_second": 0}
LINE = 8_000
"""The longest token that a handshake can bring: a line of its headers has 8 KB."""


def test_there_are_many_and_each_is_another() -> None:
    assert len({forgery.token for forgery in FORGERIES}) == len(FORGERIES) >= 20
    assert len({forgery.trick for forgery in FORGERIES}) == len(FORGERIES)


async def ask_over_http(here: World, token: str) -> tuple[int, str]:
    header = b"Bearer " + token.encode("latin-1")
    response = await here.http.get("/v1/me", headers=[(b"Authorization", header)])
    content = response.json()
    assert response.headers.get("www-authenticate", "").startswith("Bearer") == (response.status_code == 401)
    return response.status_code, content.get("code", content.get("member"))


def test_over_http(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(limits=UNLIMITED) as here:
            before = here.gateway.replica.position
            for forgery in FORGERIES:
                status, code = await ask_over_http(here, forgery.token)
                assert (status, code) == (403 if forgery.code == "wrong_program" else 401, forgery.code), (
                    forgery
                )
            assert await ask_over_http(here, GOOD) == (200, "m1")
            assert here.gateway.replica.position == before
            assert not here.gateway.lobby.buckets._buckets.keys() - {(0, "m1")}

    run(body())


def test_in_the_handshake(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(limits=UNLIMITED) as here:
            for forgery in FORGERIES:
                with pytest.raises(websockets.InvalidStatus) as caught:
                    async with here.socket(headers={"Authorization": f"Bearer {forgery.token}"}):
                        pass
                code = json.loads(caught.value.response.body or b"")["code"]
                assert code == ("headers_too_large" if len(forgery.token) > LINE else forgery.code), forgery
            async with here.socket(headers={"Authorization": f"Bearer {GOOD}"}) as socket:
                assert (await socket.call("me"))["result"]["member"] == "m1"

    run(body())


@pytest.mark.parametrize("subprotocol", ["livelot.v1", "livelot.v1.msgpack"])
def test_in_the_first_call(run: Run, world: OpenWorld, subprotocol: str) -> None:
    """One socket tries them all; what it was before, nobody, it stays."""

    async def body() -> None:
        async with world(limits=UNLIMITED) as here, here.socket(subprotocol=subprotocol) as socket:
            for forgery in FORGERIES:
                reply = await socket.call("authenticate", token=forgery.token)
                code = reply["error"]["data"]["code"]
                assert code == (forgery.called or forgery.code), forgery
                assert forgery.token[:30] not in reply["error"]["message"]
            assert (await socket.call("me"))["error"]["data"]["code"] == "unauthenticated"
            assert "result" in await socket.call("authenticate", token=GOOD)
            assert (await socket.call("me"))["result"]["member"] == "m1"

    run(body())


def test_a_socket_that_is_somebody_becomes_nobody_else(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(limits=UNLIMITED) as here, here.socket("m1") as socket:
            for subject, role, code in (
                ("m2", "member", "not_yours"),
                ("m1", "operator", "not_yours"),
                ("m1", "service", "not_yours"),
            ):
                reply = await socket.call("authenticate", token=here.token(subject, role))
                assert reply["error"]["data"]["code"] == code
            for forgery in FORGERIES[:5]:
                assert "error" in await socket.call("authenticate", token=forgery.token)
            assert (await socket.call("me"))["result"]["member"] == "m1"
            reply = await socket.call("program.get")
            assert reply["error"]["data"]["code"] == "forbidden"

    run(body())


def test_the_same_token_in_another_spelling_is_the_same_caller(run: Run, world: OpenWorld) -> None:
    """Of names that come twice the last counts (RFC 7519 §4): it is the issuer who wrote them."""

    async def body() -> None:
        async with world(limits=UNLIMITED) as here:
            for token in (f"{GOOD}=", seal(HEADER | {"jku": "https://evil.example"}), seal({"alg": "HS256"})):
                assert await ask_over_http(here, token) == (200, "m1")
            async with here.socket() as socket:
                twice = seal(claims=written('"sub":"m2","role":"manager"'))
                reply = await socket.call("authenticate", token=twice)
                assert (reply["result"]["actor"], reply["result"]["role"]) == ("m2", "manager")

    run(body())


def test_two_headers_are_none(run: Run, world: OpenWorld) -> None:
    """A proxy may look at one of them and the gateway at the other."""

    async def body() -> None:
        async with world(limits=UNLIMITED) as here:
            tokens = [here.token("m1"), here.token("m2")]
            for one, other in (tokens, reversed(tokens), ["nonsense", tokens[0]], [tokens[0], "nonsense"]):
                headers = [("Authorization", f"Bearer {token}") for token in (one, other)]
                response = await here.http.get("/v1/me", headers=headers)
                assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
                with pytest.raises(websockets.InvalidStatus) as caught:
                    async with websockets.connect(
                        f"ws://127.0.0.1:{here.port}/v1/socket", additional_headers=headers
                    ):
                        pass
                assert caught.value.response.status_code == 401

    run(body())


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key set with public keys of three kinds, and with the secret, which must not count."""
    algorithms = jwt.algorithms
    written_keys = {
        "rsa": algorithms.RSAAlgorithm.to_jwk(RSA.public_key()),
        "ed": algorithms.OKPAlgorithm.to_jwk(ED25519.public_key()),
        "elliptic": algorithms.ECAlgorithm.to_jwk(ELLIPTIC.public_key()),
        "oct": json.dumps(
            {"kty": "oct", "k": base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("=")}
        ),
    }
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    path.write_text(
        json.dumps({"keys": [json.loads(key) | {"kid": name} for name, key in written_keys.items()]})
    )
    return path


@pytest.mark.parametrize("forgery", [*forge_for_keys(), *FORGERIES], ids=lambda forgery: forgery.trick)
def test_public_keys_are_no_secrets(keys: Path, forgery: Forgery) -> None:
    async def body() -> None:
        known = KeySet(str(keys))
        await known.refresh()
        verifier = Verifier(PROGRAM, known)
        for header, sign in (
            ({"alg": "RS256", "kid": "rsa"}, rsa_of(RSA)),
            ({"alg": "EdDSA", "kid": "ed"}, ED25519.sign),
        ):
            assert verifier.verify(seal(header, CLAIMS, sign)).actor == "m1"
        with pytest.raises(Rejection) as caught:
            verifier.verify(forgery.token)
        assert caught.value.rejected.code in ("token_invalid", forgery.code)

    asyncio.run(body())


def test_parts_are_what_the_library_writes() -> None:
    """The forgeries fail for their trick, and not because everything that is put together here fails."""
    assert jwt.decode(GOOD, SECRET, algorithms=["HS256"], audience=PROGRAM) == CLAIMS
    assert part({}) == "e30"
