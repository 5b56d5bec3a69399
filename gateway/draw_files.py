"""What a verification of draws is given: files, and public keys in files or as words."""

import sys
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from engine.errors import Rejection

_HEX_KEY: Final = 64


def read_bytes(path: Path) -> bytes:
    """What a file holds, or standard input for ``-``. Raises ``Rejection("invalid_parameters")``."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise Rejection("invalid_parameters", f"{path} cannot be read: {error.strerror}.") from error


def read_keys(given: list[str] | None) -> list[bytes]:
    """The 32 bytes of each public key. Raises ``Rejection("invalid_parameters")``."""
    return [_read_key(one) for one in given or ()]


def _read_key(given: str) -> bytes:
    path = Path(given)
    if not path.exists():
        if len(given) == _HEX_KEY:
            return read_hex(given, "--key")
        raise Rejection(
            "invalid_parameters",
            f"--key is {_HEX_KEY} hex characters, or a PEM file; {given!r} is neither.",
        )
    try:
        key = load_pem_public_key(read_bytes(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Rejection("invalid_parameters", f"{given} holds no public key in PEM.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise Rejection("invalid_parameters", f"The key in {given} is none of Ed25519.")
    return key.public_bytes_raw()


def read_hex(text: str, option: str) -> bytes:
    """The bytes that an option spells. Raises ``Rejection("invalid_parameters")``."""
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise Rejection("invalid_parameters", f"{option} is written in hex characters.") from error
