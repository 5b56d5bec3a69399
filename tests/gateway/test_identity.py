"""Tokens: what is let in, and the own code and words of everything that is not."""

import asyncio
import base64
import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from engine.commands import MEMBER, SERVICE
from engine.errors import Rejection
from engine.units import MAXIMUM_TIME
from gateway.identity import KeySet, SharedSecret, Verifier, mint_token

SECRET = "a secret of more than thirty-two bytes, for tests"
OTHER = "another secret of more than thirty-two bytes, for tests"
LATER = int(time.time()) + 86_400
GOOD = {"sub": "m1", "role": "member", "aud": "demo", "exp": LATER}
VERIFIER = Verifier("demo", SharedSecret(SECRET))
ED25519 = ed25519.Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        + "."
    )


def signed(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    claims = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return jwt.encode(claims, secret, algorithm=algorithm)


def refused(token: str, verifier: Verifier = VERIFIER) -> tuple[str, str]:
    with pytest.raises(Rejection) as caught:
        verifier.verify(token)
    rejected = caught.value.rejected
    assert token[:20] not in rejected.message or not token
    return rejected.code, rejected.message


def test_a_good_token() -> None:
    caller = VERIFIER.verify(mint_token("demo", "m1", "service", key=SECRET, expires_at=LATER * 1000))
    assert caller == ("m1", SERVICE, "service", LATER * 1000)
    assert VERIFIER.bearer([f"bearer  {signed()}"]).role == MEMBER
    assert VERIFIER.verify(signed(exp=2**60)).expires_at == MAXIMUM_TIME


DEEP = base64.urlsafe_b64encode(b"[" * 100_000).decode() + ".e30.e30"


@pytest.mark.parametrize(
    ("token", "code", "words"),
    [
        ("", "unauthenticated", "missing"),
        ("nonsense", "token_invalid", "not a token"),
        ("a.b.c", "token_invalid", "not a token"),
        (DEEP, "token_invalid", "not a token"),
        (unsigned(GOOD), "token_invalid", "algorithm that is not allowed"),
        (signed(OTHER), "token_invalid", "signature"),
        (signed(algorithm="HS512", secret=OTHER * 2), "token_invalid", "algorithm that is not allowed"),
        (signed(exp=int(time.time()) - 1), "token_expired", "expired"),
        (signed(nbf=LATER), "token_invalid", "not valid yet"),
        (signed(aud="other"), "wrong_program", "'demo' alone"),
        (signed(aud=["demo", "other"]), "wrong_program", "'demo' alone"),
        (signed(sub=None), "token_invalid", "lacks the claim sub"),
        (signed(role=None), "token_invalid", "lacks the claim role"),
        (signed(aud=None), "token_invalid", "lacks the claim aud"),
        (signed(exp=None), "token_invalid", "lacks the claim exp"),
        (signed(exp="soon"), "token_invalid", "Expiration Time"),
        (signed(role="keeper"), "token_invalid", "one of member, manager, operator, service"),
        (signed(role=["operator"]), "token_invalid", "one of member"),
        (signed(sub="two words"), "token_invalid", "sub must be an id"),
        (signed(sub="x" * 65), "token_invalid", "sub must be an id"),
    ],
)
def test_every_wrong_token_has_its_words(token: str, code: str, words: str) -> None:
    found, message = refused(token)
    assert found == code
    assert words in message


@pytest.mark.parametrize(
    "headers",
    [
        *([], [""], ["Bearer"], ["Bearer "], ["Basic bTE6eA=="], [signed()]),
        [f"Bearer {signed()}", f"Bearer {signed()}"],
    ],
)
def test_headers_without_a_token(headers: list[str]) -> None:
    with pytest.raises(Rejection) as caught:
        VERIFIER.bearer(headers)
    assert caught.value.rejected.code == "unauthenticated"


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SharedSecret("short")


def key_set(*names: str) -> str:
    """A JWKS with the public keys of these names, and a shared secret that must not count."""
    public = {"ed": jwt.algorithms.OKPAlgorithm.to_jwk(ED25519.public_key()), "rsa": rsa_key()}
    keys = [json.loads(public[name]) | {"kid": name} for name in names]
    secret = base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("=")
    return json.dumps({"keys": [*keys, {"kty": "oct", "k": secret, "kid": "oct"}]})


def rsa_key() -> str:
    return jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key())


def public_token(key: Any, algorithm: str, key_id: str) -> str:
    return mint_token(
        "demo", "m1", "member", key=key, expires_at=LATER * 1000, algorithm=algorithm, key_id=key_id
    )


def test_public_keys_from_a_file(tmp_path: Path) -> None:
    async def body() -> None:
        path = tmp_path / "keys.json"
        path.write_text(key_set("ed"))
        keys = KeySet(str(path))
        await keys.refresh()
        verifier = Verifier("demo", keys)
        assert verifier.verify(public_token(ED25519, "EdDSA", "ed")).actor == "m1"
        assert verifier.verify(public_token(ED25519, "EdDSA", "")).actor == "m1"
        # The secret of the set, and a public key taken for a secret, sign nothing.
        assert refused(public_token(SECRET, "HS256", "oct"), verifier)[0] == "token_invalid"
        assert refused(public_token(SECRET, "HS256", "ed"), verifier)[0] == "token_invalid"
        assert refused("nonsense", verifier)[0] == "token_invalid"
        keys.wanted.clear()

        rotated = public_token(RSA, "RS256", "rsa")
        assert "does not know" in refused(rotated, verifier)[1]
        assert keys.wanted.is_set()
        path.write_text(key_set("rsa", "ed"))
        await keys.refresh()
        assert not keys.wanted.is_set()
        assert verifier.verify(rotated).actor == "m1"

    asyncio.run(body())


def test_public_keys_from_a_url() -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(key_set("rsa").encode())

        def log_message(self, *_: Any) -> None:
            pass

    async def body(url: str) -> None:
        keys = KeySet(url)
        await keys.refresh()
        assert Verifier("demo", keys).verify(public_token(RSA, "RS256", "rsa")).actor == "m1"

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            asyncio.run(body(f"http://127.0.0.1:{server.server_port}/keys.json"))
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("content", [None, "no JSON", "{}", key_set()])
def test_a_bad_key_set_is_told_and_changes_nothing(tmp_path: Path, content: str | None) -> None:
    async def body() -> None:
        path = tmp_path / "keys.json"
        path.write_text(key_set("ed"))
        keys = KeySet(str(path))
        await keys.refresh()
        path.unlink()
        if content is not None:
            path.write_text(content)
        with pytest.raises(ValueError, match=r"keys\.json"):
            await keys.refresh()
        assert Verifier("demo", keys).verify(public_token(ED25519, "EdDSA", "ed")).actor == "m1"

    asyncio.run(body())
