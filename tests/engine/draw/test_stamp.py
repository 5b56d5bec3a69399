"""Time stamps of a local authority: whose, of what, and when."""

import base64
import time
from pathlib import Path

import pytest
from rfc3161_client import decode_timestamp_response

from engine.draw.stamp import check_stamp, decode_stamp, is_of, read_certificates, time_of_stamp
from tests.engine.draw.authority import Authority

LOCK = b'{"algorithm":"livelot-draw-1"}'


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def answer(authority: Authority) -> bytes:
    return authority.stamp(LOCK)


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_a_stamp_holds(authority: Authority, answer: bytes) -> None:
    stamp = decode_stamp(encode(answer))
    check_stamp(stamp, LOCK, read_certificates(authority.certificate))
    assert is_of(stamp, LOCK)
    assert abs(time_of_stamp(stamp) - time.time() * 1000) < 60_000
    assert time_of_stamp(stamp) % 1000 == 0


@pytest.mark.parametrize("digest", ["sha384", "sha512"])
def test_other_digests_do_too(authority: Authority, digest: str) -> None:
    stamp = decode_stamp(encode(authority.stamp(LOCK, digest)))
    check_stamp(stamp, LOCK, read_certificates(authority.certificate))
    assert is_of(stamp, LOCK)
    assert not is_of(stamp, LOCK + b" ")


def test_of_something_else(authority: Authority, answer: bytes) -> None:
    stamp = decode_stamp(encode(answer))
    assert not is_of(stamp, LOCK + b" ")
    with pytest.raises(ValueError, match="does not hold"):
        check_stamp(stamp, LOCK + b" ", read_certificates(authority.certificate))


def test_of_another_authority(answer: bytes, tmp_path: Path) -> None:
    other = Authority(tmp_path)
    with pytest.raises(ValueError, match="does not hold"):
        check_stamp(decode_stamp(encode(answer)), LOCK, read_certificates(other.certificate))


def test_of_a_signer_for_other_purposes(tmp_path: Path, authority: Authority, answer: bytes) -> None:
    """openssl does not stamp with such a certificate; one among several trusted does no harm."""
    other = Authority(tmp_path, purpose="other")
    both = read_certificates(other.certificate + authority.certificate)
    assert len(both) == 2
    check_stamp(decode_stamp(encode(answer)), LOCK, both)
    with pytest.raises(AssertionError):
        other.stamp(LOCK)


def test_no_changed_byte_gives_another_time_or_lock(authority: Authority, answer: bytes) -> None:
    """Where a stamp holds with a byte changed, the byte says nothing about what was stamped, nor when."""
    at = time_of_stamp(decode_timestamp_response(answer))
    certificates = read_certificates(authority.certificate)
    held = 0
    for place in range(len(answer)):
        for flip in (1, 0x80):
            changed = bytearray(answer)
            changed[place] ^= flip
            try:
                stamp = decode_stamp(encode(bytes(changed)))
                found, same = time_of_stamp(stamp), is_of(stamp, LOCK)
                check_stamp(stamp, LOCK, certificates)
            except ValueError:
                continue
            held += 1
            assert (found, same) == (at, True)
    assert held < 40


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AAAA",
        "%%%%",
        "é",
        " ",
        "MAA",
        "\n",
        encode(b"0\x03\x02\x01\x02"),
        encode(b"0\x05\x30\x03\x02\x01\x02"),
    ],
)
def test_what_is_no_stamp(text: str) -> None:
    with pytest.raises(ValueError, match="the time stamp"):
        time_of_stamp(decode_stamp(text))


def test_base64_has_one_form(answer: bytes) -> None:
    text = encode(answer + b"\0" * (-(len(answer) + 2) % 3))  # so that one padding character ends it
    assert text.endswith("=")
    unused_bit_set = text[:-2] + chr(ord(text[-2]) + 1) + "="
    for other in (text + "\n", unused_bit_set, text.rstrip("=")):
        with pytest.raises(ValueError, match="base64"):
            decode_stamp(other)


@pytest.mark.parametrize(
    "pem", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_certificates_that_cannot_be_read(pem: bytes) -> None:
    with pytest.raises(ValueError, match="certificates of the time stamp's authority"):
        read_certificates(pem)
