"""The program's signature: a published vector, and what is malformed."""

import pytest

from engine.draw.signature import is_signed_with, read_hex

# RFC 8032 §7.1, test 2.
KEY = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
MESSAGE = bytes.fromhex("72")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
    "387b2eaeb4302aeeb00d291612bb0c00"
)
ORDER = 2**252 + 27742317777372353535851937790883648493


def test_the_vector_of_the_standard() -> None:
    assert is_signed_with(KEY, SIGNATURE, MESSAGE)


def test_another_way_of_writing_the_signature_is_refused() -> None:
    """S + L gives the same equation (RFC 8032 §5.1.7 demands S < L)."""
    number = int.from_bytes(SIGNATURE[32:], "little") + ORDER
    assert not is_signed_with(KEY, SIGNATURE[:32] + number.to_bytes(32, "little"), MESSAGE)


@pytest.mark.parametrize(
    ("key", "signature", "message"),
    [
        (KEY, SIGNATURE, b"r."),
        (KEY, SIGNATURE[:-1], MESSAGE),
        (KEY, b"", MESSAGE),
        (KEY[:-1], SIGNATURE, MESSAGE),
        (b"", SIGNATURE, MESSAGE),
        (b"\xff" * 32, SIGNATURE, MESSAGE),
        (bytes(32), bytes(64), MESSAGE),
    ],
)
def test_what_does_not_hold(key: bytes, signature: bytes, message: bytes) -> None:
    assert not is_signed_with(key, signature, message)


def test_hex_is_read() -> None:
    assert read_hex("00ff", 2, "it") == b"\x00\xff"


@pytest.mark.parametrize("text", ["", "00", "00f", "00FF", "00 f", "00ff\n", " 00ff", "0x00", "00fg", "٠٠ff"])
def test_hex_has_one_form(text: str) -> None:
    with pytest.raises(ValueError, match="the key is not written as 4 lower-case hex characters"):
        read_hex(text, 2, "the key")
