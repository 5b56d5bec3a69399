"""The draw key: the Ed25519 key that signs a program's locks, and that secrets of raffles come from.

It is a PEM file beside the log, never in it. The secret of a raffle with a commitment is derived from the
key, so it needs no place of its own and is nowhere in the log before the draw: whoever holds the key file
could know it, nobody else. So every keeper of a program needs the same file, and where the file is lost a
raffle with a commitment can only be voided.
"""

import os
import secrets
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

_SECRET_BYTES = 32
_LARGEST_FILE = 16 * 1024


class DrawKeyError(Exception):
    """The file with the draw key cannot be used; the words say what would be right."""


class DrawKey:
    """A private key; ``public`` is its public key, 32 bytes in hex."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes_raw().hex()

    def sign(self, lock: bytes) -> str:
        """The signature over a lock's exact bytes, 64 bytes in hex."""
        return self._private.sign(lock).hex()

    def derive_secret(self, program: str, raffle: str, serial: int) -> bytes:
        """The 32 bytes that stand in for a beacon in one raffle of one program: always the same, and without
        the key nobody can tell them. The serial tells a raffle from an earlier one of the same id."""
        info = b"\0".join((b"livelot draw secret 1", program.encode(), raffle.encode(), b"%d" % serial))
        derivation = HKDF(algorithm=SHA256(), length=_SECRET_BYTES, salt=None, info=info)
        return derivation.derive(self._private.private_bytes_raw())

    def __repr__(self) -> str:
        return f"DrawKey(public={self.public})"


def read_draw_key(path: Path) -> DrawKey:
    """The key in a PEM file (PKCS #8, without a password). Raises ``DrawKeyError``."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE)
    except FileNotFoundError as error:
        raise DrawKeyError(
            f"There is no draw key at {path}: the program's keeper makes one in its data folder at its first "
            "start. Name that file by --draw-key, or put a copy of it here."
        ) from error
    except OSError as error:
        raise DrawKeyError(f"The draw key {path} cannot be read: {error.strerror}.") from error
    try:
        private = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise DrawKeyError(
            f"The draw key {path} cannot be read: it should be a private key in PEM (PKCS #8), without a "
            "password. Restore it from its copy."
        ) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise DrawKeyError(f"The draw key {path} is of another kind: it should be an Ed25519 key.")
    return DrawKey(private)


def make_draw_key(path: Path) -> None:
    """Makes a key, for its owner's eyes only, unless the file is there. Of several processes that do so at
    once one makes it. Raises ``OSError``."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    content = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # what it has signed, or committed to, must not outlive it
        try:
            os.link(unfinished, path)
        except FileExistsError:
            return
        _sync_folder(path.parent)
    finally:
        unfinished.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
