"""Tokens that somebody made up, one row a trick. None of them may speak for anybody.

They are put together from their parts here, since no library lets one write most of them.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from tests.gateway.harness import PROGRAM, SECRET

OTHER_SECRET = "another secret of more than thirty-two bytes, for tests"
LATER = (int(time.time()) // 86_400 + 2) * 86_400
"""Tomorrow's end: the same number in every process of a run, since tests are named after it."""
HEADER: dict[str, Any] = {"alg": "HS256", "typ": "JWT"}
CLAIMS: dict[str, Any] = {"sub": "m1", "role": "member", "aud": PROGRAM, "exp": LATER}
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()
ELLIPTIC = ec.generate_private_key(ec.SECP256R1())

Signer = Callable[[bytes], bytes]


class Forgery(NamedTuple):
    """``code``: how it is refused, over HTTP and in a handshake. ``called``: in a first call, whose shape
    refuses some of it before anybody looks at the token (empty: the same)."""

    trick: str
    token: str
    code: str = "token_invalid"
    called: str = ""


def part(content: Any) -> str:
    """A part of a token: base64url of JSON, or of the bytes that are given."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def hmac_of(secret: bytes, digest: Any = hashlib.sha256) -> Signer:
    return lambda message: hmac.new(secret, message, digest).digest()


def rsa_of(key: rsa.RSAPrivateKey) -> Signer:
    return lambda message: key.sign(message, padding.PKCS1v15(), SHA256())


def seal(header: Any = HEADER, claims: Any = CLAIMS, sign: Signer | None = None) -> str:
    """A token with these parts, signed as the program's own are unless ``sign`` says otherwise."""
    message = f"{part(header)}.{part(claims)}"
    return f"{message}.{part((sign or hmac_of(SECRET.encode()))(message.encode()))}"


def claims_with(**changes: Any) -> dict[str, Any]:
    """The good claims with changes; None leaves one out."""
    return {name: value for name, value in (CLAIMS | changes).items() if value is not None}


def written(changes: str) -> bytes:
    """Claims as text, for what no dict holds: numbers beyond floats, names that come twice."""
    return f'{{"sub":"m1","role":"member","aud":"{PROGRAM}","exp":{LATER},{changes}}}'.encode()


def flip(text: str, index: int) -> str:
    """The text with one bit of one of its bytes turned, in base64url's alphabet."""
    raw = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    raw[index] ^= 1
    return part(bytes(raw))


GOOD = seal()
_HEAD, _BODY, _SIGNATURE = GOOD.split(".")
_OPERATORS = part(claims_with(role="operator"))


def forge_signatures() -> Iterator[Forgery]:
    """No signature, another's, or one of another kind."""
    for name in ("none", "None", "NONE", "nOnE", ""):
        yield Forgery(f"alg {name!r}, no signature", f"{part(HEADER | {'alg': name})}.{_BODY}.")
    yield Forgery("alg none, the old signature", f"{part({'alg': 'none'})}.{_BODY}.{_SIGNATURE}")
    yield Forgery("no signature", f"{_HEAD}.{_BODY}.")
    yield Forgery("no third part", f"{_HEAD}.{_BODY}")
    yield Forgery("half a signature", f"{_HEAD}.{_BODY}.{_SIGNATURE[:22]}")
    yield Forgery("half a token", GOOD[: len(GOOD) // 2])
    yield Forgery("zeros for a signature", f"{_HEAD}.{_BODY}.{part(bytes(32))}")
    yield Forgery("another secret", seal(sign=hmac_of(OTHER_SECRET.encode())))
    yield Forgery("no secret", seal(sign=hmac_of(b"")))
    yield Forgery("a secret that ends early", seal(sign=hmac_of(SECRET[:-1].encode())))
    yield Forgery("a plain hash", seal(sign=lambda message: hashlib.sha256(message).digest()))
    for algorithm, digest in (("HS384", hashlib.sha384), ("HS512", hashlib.sha512)):
        signer = hmac_of(SECRET.encode(), digest)
        yield Forgery(f"the right secret by {algorithm}", seal(HEADER | {"alg": algorithm}, CLAIMS, signer))
    yield Forgery("RS256 by a key of one's own", seal({"alg": "RS256"}, CLAIMS, rsa_of(OTHER_RSA)))
    jwk = {"kty": "oct", "k": part(OTHER_SECRET.encode())}
    for field, value in (
        ("jwk", jwk),
        ("jku", "https://evil.example/keys.json"),
        ("x5u", "https://evil.example/certificate"),
        ("x5c", [part(b"certificate")]),
        ("kid", "../../../../dev/null"),
        ("kid", "' UNION SELECT '"),
    ):
        header = HEADER | {field: value}
        yield Forgery(f"a key by {field} {value!r:.20}", seal(header, CLAIMS, hmac_of(OTHER_SECRET.encode())))
    yield Forgery("/dev/null for a key", seal(HEADER | {"kid": "/dev/null"}, CLAIMS, hmac_of(b"\0")))


def forge_headers() -> Iterator[Forgery]:
    """Signed with the right secret, under a header that means something else."""
    for algorithm in ("hs256", ["HS256"], {"HS256": 1}, None, 256, "HS256 ", "\ud800"):
        yield Forgery(f"alg {algorithm!r}", seal(HEADER | {"alg": algorithm}))
    yield Forgery("no alg", seal({"typ": "JWT"}))
    yield Forgery("a header that is a list", seal(["HS256"]))
    yield Forgery("a header that is no JSON", seal(b"HS256"))
    yield Forgery("a header without end", seal(b"[" * 9_000))
    yield Forgery("kid is a list", seal(HEADER | {"kid": ["a"]}))
    yield Forgery("crit that nobody knows", seal(HEADER | {"crit": ["admin"], "admin": True}))
    yield Forgery("content that is not encoded", seal(HEADER | {"crit": ["b64"], "b64": False}))
    yield Forgery("a token in a token", seal(HEADER | {"cty": "JWT"}, GOOD.encode()))
    yield Forgery("five parts, as encrypted ones have", f"{GOOD}.{part(b'x')}.{part(b'x')}")


def forge_claims() -> Iterator[Forgery]:
    """Signed with the right secret: claims that are missing, wrong, or another's."""
    yield Forgery("expired", seal(claims=claims_with(exp=int(time.time()) - 1)), "token_expired")
    yield Forgery("expired long ago", seal(claims=claims_with(exp=-(10**30))), "token_expired")
    yield Forgery("not yet valid", seal(claims=claims_with(nbf=LATER)))
    yield Forgery("made tomorrow", seal(claims=claims_with(iat=LATER)))
    for audience in (
        "other",
        f"{PROGRAM} ",
        PROGRAM.upper(),
        [PROGRAM],
        [PROGRAM, "other"],
        {PROGRAM: 1},
    ):
        yield Forgery(f"for {audience!r}", seal(claims=claims_with(aud=audience)), "wrong_program")
    yield Forgery("for a look-alike", seal(claims=claims_with(aud="dеmo")), "wrong_program")  # Cyrillic e
    yield Forgery("for nobody", seal(claims=claims_with(aud="")))
    for claim in ("sub", "role", "aud", "exp"):
        yield Forgery(f"no {claim}", seal(claims=claims_with(**{claim: None})))
    for role in (
        "keeper",
        "admin",
        "",
        "Member",
        "member ",
        "ｍember",
        ["operator"],
        {"member": 1},
        0,
        3,
        True,
    ):
        yield Forgery(f"role {role!r}", seal(claims=claims_with(role=role)))
    for subject in (
        *("", "~", "two words", "m1\n", "m1\0", "x" * 65, "../m1", "-m1", "%6d1"),
        *("ｍ1", "m１", "m\u200b1", "\ufeffm1", "m1\u202e", "м1", "m¹", 1, ["m1"], {"m1": 1}, True),
    ):
        yield Forgery(f"sub {subject!r:.20}", seal(claims=claims_with(sub=subject)))
    for expiry in ("soon", [LATER], {}, "1e999"):
        yield Forgery(f"exp {expiry!r}", seal(claims=claims_with(exp=expiry)))
    for expiry in ("1e999", "NaN", "Infinity", "9" * 5_000):
        yield Forgery(f"exp {expiry:.10}", seal(claims=written(f'"exp":{expiry}')))
    for name in ("nbf", "iat"):
        yield Forgery(f"{name} beyond numbers", seal(claims=written(f'"{name}":1e999')))
    yield Forgery("claims that are a list", seal(claims=[CLAIMS]))
    yield Forgery("claims that are null", seal(claims=None))
    yield Forgery("claims without end", seal(claims=b'{"a":' * 2_000))
    yield Forgery("claims that are no text", seal(claims=b'{"sub":"\xff"}'))


def forge_text() -> Iterator[Forgery]:
    """A good token, cut up and put together again."""
    yield Forgery("another payload", f"{_HEAD}.{_OPERATORS}.{_SIGNATURE}")
    yield Forgery("a payload in two", f"{_HEAD}.{_BODY}.{_OPERATORS}.{_SIGNATURE}")
    yield Forgery("parts the other way round", f"{_BODY}.{_HEAD}.{_SIGNATURE}")
    yield Forgery("signature first", f"{_SIGNATURE}.{_HEAD}.{_BODY}")
    yield Forgery("an empty header", f".{_BODY}.{_SIGNATURE}")
    yield Forgery("an empty payload", f"{_HEAD}..{_SIGNATURE}")
    yield Forgery("dots", "..")
    for name, text, head, tail in (
        ("header", _HEAD, "", f".{_BODY}.{_SIGNATURE}"),
        ("payload", _BODY, f"{_HEAD}.", f".{_SIGNATURE}"),
        ("signature", _SIGNATURE, f"{_HEAD}.{_BODY}.", ""),
    ):
        for index in (0, -1):
            yield Forgery(f"a bit of the {name}, {index}", head + flip(text, index) + tail)
    claims_twice = written('"role":"operator"')
    yield Forgery("a claim that comes twice", f"{_HEAD}.{part(claims_twice)}.{_SIGNATURE}")
    yield Forgery("three junk letters", f"{_HEAD}.{_BODY}.!!!!{_SIGNATURE}")
    yield Forgery("too much padding", f"{GOOD}====")
    yield Forgery("one more part", f"{GOOD}.")
    yield Forgery("whitespace inside", GOOD.replace(".", ". "), called="invalid_parameters")
    yield Forgery("letters of other alphabets", f"{GOOD}é", called="invalid_parameters")
    yield Forgery("two of them", f"{GOOD} {GOOD}", called="invalid_parameters")
    yield Forgery("two of them, by a comma", f"{GOOD},{GOOD}")
    yield Forgery("a long one", f"{_HEAD}.{'A' * 20_000}.{_SIGNATURE}", called="invalid_parameters")
    yield Forgery("no token at all", "m1")
    yield Forgery("a name and a password", "bTE6b3BlcmF0b3I=")


FORGERIES = [*forge_signatures(), *forge_headers(), *forge_claims(), *forge_text()]


def forge_for_keys() -> Iterator[Forgery]:
    """Against a gateway that verifies by public keys: ``rsa``, and ``ed`` of Ed25519."""
    public = RSA.public_key()
    formats = serialization.PublicFormat
    spellings = {
        "PEM": public.public_bytes(serialization.Encoding.PEM, formats.SubjectPublicKeyInfo),
        "PEM, PKCS 1": public.public_bytes(serialization.Encoding.PEM, formats.PKCS1),
        "DER": public.public_bytes(serialization.Encoding.DER, formats.SubjectPublicKeyInfo),
        "raw": ED25519.public_key().public_bytes_raw(),
    }
    for spelling, key in spellings.items():
        for kid in ("rsa", "ed", None):
            header = HEADER | ({"kid": kid} if kid else {})
            yield Forgery(
                f"HS256 by the public key, {spelling}, kid {kid}", seal(header, CLAIMS, hmac_of(key))
            )
    yield Forgery("HS256 by the set's secret", seal(HEADER | {"kid": "oct"}))
    yield Forgery("RS256 under Ed25519's name", seal({"alg": "RS256", "kid": "ed"}, CLAIMS, rsa_of(RSA)))
    yield Forgery("EdDSA under RSA's name", seal({"alg": "EdDSA", "kid": "rsa"}, CLAIMS, ED25519.sign))
    yield Forgery("another RSA key", seal({"alg": "RS256", "kid": "rsa"}, CLAIMS, rsa_of(OTHER_RSA)))
    stranger = ed25519.Ed25519PrivateKey.generate()
    yield Forgery("another Ed25519 key", seal({"alg": "EdDSA", "kid": "ed"}, CLAIMS, stranger.sign))
    yield Forgery("a key that is not there", seal({"alg": "RS256", "kid": "RSA"}, CLAIMS, rsa_of(RSA)))
    yield Forgery("no key's name among two", seal({"alg": "RS256"}, CLAIMS, rsa_of(RSA)))
    yield Forgery("a key's name that is a list", seal({"alg": "RS256", "kid": ["rsa"]}, CLAIMS, rsa_of(RSA)))
    for algorithm in ("none", "PS256", "RS384", "ES256"):
        header = {"alg": algorithm, "kid": "rsa"}
        yield Forgery(f"RS256's signature as {algorithm}", seal(header, CLAIMS, rsa_of(RSA)))
