"""The draw key: made once, read again, refused in words; secrets that follow from it alone."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from engine.signing import DrawKey, DrawKeyError, make_draw_key, read_draw_key
from tests.engine.drawing import KEY, OTHER_KEY


def test_a_key_is_made_for_its_owner_alone_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "data" / "draw-key.pem"
    make_draw_key(path)
    made = path.read_bytes()
    assert isinstance(load_pem_private_key(made, None), Ed25519PrivateKey)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    make_draw_key(path)
    assert path.read_bytes() == made
    key = read_draw_key(path)
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public)).verify(
        bytes.fromhex(key.sign(b"a lock")), b"a lock"
    )
    assert list(path.parent.iterdir()) == [path]


def test_of_several_starts_at_once_one_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "draw-key.pem"

    def start(_: int) -> str:
        make_draw_key(path)
        return read_draw_key(path).public

    with ThreadPoolExecutor(16) as threads:
        assert len(set(threads.map(start, range(64)))) == 1
    assert list(path.parent.iterdir()) == [path]


def test_the_private_key_is_not_shown() -> None:
    assert repr(KEY) == f"DrawKey(public={KEY.public})"


PRIVATE = Ed25519PrivateKey.generate()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "should be a private key in PEM"),
        (b"\xff\xfe nonsense", "should be a private key in PEM"),
        (
            PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
            "without a password",
        ),
        (PRIVATE.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), "in PEM"),
        (
            generate_private_key(65537, 2048).private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            ),
            "should be an Ed25519 key",
        ),
    ],
    ids=["empty", "no PEM", "a password", "DER", "RSA"],
)
def test_a_file_that_is_no_draw_key_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    with pytest.raises(DrawKeyError, match=words):
        read_draw_key(path)


def test_a_file_that_is_not_there_is_said_to_be_the_keepers(tmp_path: Path) -> None:
    with pytest.raises(DrawKeyError, match="keeper makes one in its data folder"):
        read_draw_key(tmp_path / "nowhere.pem")
    with pytest.raises(DrawKeyError, match="Is a directory"):
        read_draw_key(tmp_path)


def test_a_secret_is_of_one_raffle_of_one_program_under_one_key() -> None:
    secrets = {
        key.derive_secret(program, raffle, serial)
        for key in (KEY, OTHER_KEY)
        for program in ("main", "spring")
        for raffle, serial in (("r", 1), ("r", 2), ("r1", 1), ("s", 1))
    }
    assert len(secrets) == 16
    assert {len(secret) for secret in secrets} == {32}
    again = DrawKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    assert again.derive_secret("main", "r", 1) == KEY.derive_secret("main", "r", 1)
    # What is committed to now must still be told by the next version.
    assert KEY.derive_secret("main", "r", 1).hex() == PINNED


PINNED = "2b1f99b5596a1ae7498084af23d49ddec768334cd995bbe01d65f99562ccb692"
