"""Who asks: a token becomes a caller.

Tokens are JSON Web Tokens with the claims ``sub`` (who), ``role``, ``aud`` (the one program they are for) and
``exp``. They are signed with a shared secret (HS256), or with a key of a JWKS file or URL (EdDSA, RS256);
which algorithms count follows from what the gateway was given, never from the token. Every way to be wrong
has its own code and words:

    unauthenticated   no token
    token_invalid     not a token, another signature or algorithm, a claim missing or wrong, not valid yet
    token_expired     past its ``exp``
    wrong_program     ``aud`` names another program
"""

import asyncio
import re
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import urlsplit

import jwt

from engine.addresses import place_of
from engine.errors import Rejection
from engine.roles import ROLES
from engine.units import MAXIMUM_TIME

CLAIMS: Final = ("sub", "role", "aud", "exp")
PUBLIC_ALGORITHMS: Final = ("EdDSA", "RS256")
SECRET_LENGTH: Final = 32
"""The least bytes of an HS256 secret (RFC 7518 §3.2)."""

TOKEN_ROLES: Final = {name: number for name, number in ROLES.items() if name != "keeper"}
"""The roles that a token can give. The keeper speaks to the log, not to a gateway."""

_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@~-]{0,63}")
_EMAIL = re.compile(r"[^@]+@[^@]+\.[A-Za-z]{2,}")
_FETCH_TIMEOUT: Final = 5.0


class Caller(NamedTuple):
    """Who asks, and until when the token says so (ms)."""

    actor: str
    role: int
    role_name: str
    expires_at: int


class Keys(Protocol):
    """Where the keys that sign tokens come from."""

    algorithms: tuple[str, ...]

    def find(self, token: str) -> Any:
        """The key that ``token`` claims to be signed with; raises ``Rejection("token_invalid")``."""


class SharedSecret:
    """One secret that signs and verifies (HS256)."""

    algorithms: tuple[str, ...] = ("HS256",)

    def __init__(self, secret: str) -> None:
        if len(secret.encode()) < SECRET_LENGTH:
            raise ValueError(f"A token secret needs at least {SECRET_LENGTH} bytes.")
        self._secret = secret

    def find(self, token: str) -> str:
        return self._secret


class KeySet:
    """Public keys from a JWKS file or URL (RFC 7517), looked up by a token's ``kid``.

    ``refresh`` reads the source again; ``wanted`` is set when a token named a key that is not here, which is
    how a key's rotation shows. Reading never happens while a token is verified.
    """

    algorithms: tuple[str, ...] = PUBLIC_ALGORITHMS

    def __init__(self, source: str) -> None:
        self.source = source
        self._place = place_of(source)
        self.wanted = asyncio.Event()
        self._keys: dict[str | None, jwt.PyJWK] = {}

    async def refresh(self) -> None:
        """Raises ``ValueError`` in words if the source cannot be read or holds no usable key; what was known
        stays."""
        self.wanted.clear()
        try:
            keys = await asyncio.to_thread(self._read)
        except (OSError, ValueError, jwt.PyJWTError) as error:
            raise ValueError(f"The key set {self._place} cannot be read: {error}") from error
        usable = {key.key_id: key for key in keys if key.algorithm_name in self.algorithms}
        if not usable:
            raise ValueError(f"The key set {self._place} holds no key for {' or '.join(self.algorithms)}.")
        self._keys = usable

    def find(self, token: str) -> jwt.PyJWK:
        try:
            identifier = jwt.get_unverified_header(token).get("kid")
        except (jwt.InvalidTokenError, RecursionError) as error:
            raise Rejection("token_invalid", _words(error)) from error
        if identifier is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        key = self._keys.get(identifier)
        if key is None:
            self.wanted.set()
            raise Rejection(
                "token_invalid", "The token is signed with a key that this gateway does not know."
            )
        return key

    def _read(self) -> list[jwt.PyJWK]:
        if self.source.startswith(("http://", "https://")):
            if "@" in urlsplit(self.source).netloc:
                raise ValueError("its address may not have a name or a password in it")
            return jwt.PyJWKClient(self.source, timeout=_FETCH_TIMEOUT).get_jwk_set(refresh=True).keys
        return jwt.PyJWKSet.from_json(Path(self.source).read_text()).keys


class Verifier:
    """Verifies the tokens of one program."""

    def __init__(self, program: str, keys: Keys) -> None:
        self.program = program
        self.keys = keys

    def verify(self, token: str) -> Caller:
        """The caller that ``token`` speaks for; raises ``Rejection`` with one of the codes above."""
        if not token:
            raise Rejection("unauthenticated", "A token is missing.")
        try:
            claims = jwt.decode(
                token,
                self.keys.find(token),
                algorithms=list(self.keys.algorithms),
                audience=self.program,
                options={"require": list(CLAIMS), "strict_aud": True},
            )
        except jwt.ExpiredSignatureError as error:
            raise Rejection("token_expired", "The token has expired. Ask for a new one.") from error
        except jwt.InvalidAudienceError as error:
            words = f"The token is not for this program: its aud must be {self.program!r} alone."
            raise Rejection("wrong_program", words) from error
        except (jwt.PyJWTError, RecursionError) as error:
            raise Rejection("token_invalid", _words(error)) from error
        return _caller(claims)

    def bearer(self, headers: list[str]) -> Caller:
        """The caller of a request's one ``Authorization`` header (RFC 6750 §2.1). Of two, a proxy might look
        at another than we do."""
        scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
        if scheme.lower() != "bearer" or not token.strip():
            raise Rejection("unauthenticated", "Send the token once, as: Authorization: Bearer TOKEN.")
        return self.verify(token.strip())


def mint_token(
    program: str,
    subject: str,
    role: str,
    *,
    key: Any,
    expires_at: int,
    algorithm: str = "HS256",
    key_id: str = "",
) -> str:
    """A token for ``subject``, good until ``expires_at`` (ms; whole seconds count)."""
    claims = {"sub": subject, "role": role, "aud": program, "exp": expires_at // 1000}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": key_id} if key_id else None)


def looks_personal(id: str) -> bool:
    """Whether an id is somebody's e-mail address. Phone numbers cannot be told from members' numbers."""
    return "@" in id and _EMAIL.fullmatch(id) is not None


def _caller(claims: dict[str, Any]) -> Caller:
    subject, role = claims["sub"], claims["role"]
    if not _SUBJECT.fullmatch(subject):
        raise Rejection(
            "token_invalid", "The token's sub must be an id of at most 64 letters, digits and . _ : @ ~ -"
        )
    if looks_personal(subject):
        words = "The token's sub is an e-mail address, which would stay in the log. Use an opaque id."
        raise Rejection("token_invalid", words)
    if not isinstance(role, str) or role not in TOKEN_ROLES:
        raise Rejection("token_invalid", f"The token's role must be one of {', '.join(TOKEN_ROLES)}.")
    expires_at = min(int(claims["exp"]) * 1000, MAXIMUM_TIME)
    return Caller(subject, TOKEN_ROLES[role], role, expires_at)


def _words(error: Exception) -> str:
    match error:
        case jwt.MissingRequiredClaimError():
            return f"The token lacks the claim {error.claim}; it needs {', '.join(CLAIMS)}."
        case jwt.InvalidSignatureError():
            return "The token's signature is not one of this program's."
        case jwt.InvalidAlgorithmError():
            return "The token is signed with an algorithm that is not allowed here."
        case jwt.ImmatureSignatureError():
            return "The token is not valid yet."
        case _:
            return f"This is not a token that can be used: {error}."
