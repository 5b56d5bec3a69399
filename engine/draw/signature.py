"""The program's signature over a lock's exact bytes: Ed25519 (RFC 8032); and hex as it must be written."""

import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEY_BYTES = 32
SIGNATURE_BYTES = 64

_HEX = re.compile(r"[0-9a-f]*")


def read_hex(text: str, length: int, name: str) -> bytes:
    """The ``length`` bytes that ``text`` gives in lower-case hex.

    Raises ``ValueError`` that says what ``name`` should look like.
    """
    if len(text) != 2 * length or not _HEX.fullmatch(text):
        raise ValueError(f"{name} is not written as {2 * length} lower-case hex characters")
    return bytes.fromhex(text)


def is_signed_with(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the public key's owner signed the message; False for what is malformed too."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
