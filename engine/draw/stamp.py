"""Time stamps of an outside authority (RFC 3161): proof that a lock existed then, whoever ran the raffle.
This is the only importer of the library for them."""

import base64
import binascii
from hashlib import sha256, sha384, sha512

from cryptography import x509
from rfc3161_client import TimeStampResponse, VerificationError, VerifierBuilder, decode_timestamp_response

_DIGESTS = {32: sha256, 48: sha384, 64: sha512}
"""The digests that the library knows, by their length."""


def decode_stamp(text: str) -> TimeStampResponse:
    """The answer of the authority (the DER of a TimeStampResp) that is written in base64.

    Raises ``ValueError``, also for a second way of writing the same bytes.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("the time stamp is not written in base64") from error
    if base64.b64encode(data).decode() != text:
        raise ValueError("the time stamp is not written in the one form of base64")
    try:
        return decode_timestamp_response(data)
    except ValueError as error:
        raise ValueError(f"the time stamp cannot be read ({error})") from error


def time_of_stamp(stamp: TimeStampResponse) -> int:
    """When the authority says that it saw what it stamped, in ms since the Unix epoch.

    Raises ``ValueError`` where the answer holds no stamp.
    """
    try:
        return round(stamp.tst_info.gen_time.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"the time stamp cannot be read ({error})") from error


def read_certificates(pem: bytes) -> list[x509.Certificate]:
    """The certificates in a PEM file, one or more.

    Raises ``ValueError`` for anything else.
    """
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise ValueError(
            f"the certificates of the time stamp's authority cannot be read ({error})"
        ) from error


def check_stamp(stamp: TimeStampResponse, message: bytes, certificates: list[x509.Certificate]) -> None:
    """Checks that an authority under one of ``certificates`` stamped exactly ``message``.

    Certificates have to be valid at the stamp's time, not today. Raises ``ValueError`` with the reason.
    """
    try:
        VerifierBuilder(roots=certificates).build().verify_message(stamp, message)
    except (VerificationError, ValueError) as error:
        raise ValueError(f"the time stamp does not hold ({error})") from error


def is_of(stamp: TimeStampResponse, message: bytes) -> bool:
    """Whether the stamp speaks of exactly ``message``; who made it is for ``check_stamp``.

    Raises ``ValueError`` where the answer holds no stamp.
    """
    imprint = stamp.tst_info.message_imprint.message
    digest = _DIGESTS.get(len(imprint))
    return digest is not None and digest(message).digest() == imprint
