"""Time stamps of an outside authority over locks (RFC 3161), asked for over HTTP (§3.4).

The answer is verified as far as it concerns us: granted, and of these very bytes. Whether the authority's
signature holds is for whoever verifies the draw, who chooses whom to trust.
"""

import base64

import httpx
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
from rfc3161_client.tsp import PKIStatus, TimeStampRequest

from engine.draw.stamp import decode_stamp, is_of, time_of_stamp
from engine.fetching import SECONDS, FetchError, ask, fetch

_ANSWER_BYTES = 24_576
"""What the log takes: 32 768 characters of base64."""

_QUERY = "application/timestamp-query"
_REPLY = "application/timestamp-reply"


async def fetch_stamp(
    client: httpx.AsyncClient, url: str, lock: bytes, *, before: int, seconds: float = SECONDS
) -> str:
    """The authority's response as base64 of its DER. ``before`` (ms): a stamp of that instant or later would
    say that the randomness could be known; 0: any will do.

    Raises ``FetchError``.
    """
    query = TimestampRequestBuilder().data(lock).hash_algorithm(HashAlgorithm.SHA256).build()
    headers = {"Content-Type": _QUERY, "Accept": _REPLY}
    request = ask(client, "POST", url, content=query.as_bytes(), headers=headers)
    body = await fetch(client, request, limit=_ANSWER_BYTES, seconds=seconds)
    stamp = base64.b64encode(body).decode()
    try:
        _check(stamp, query, lock, before)
    except ValueError as error:
        raise FetchError(str(error)) from error
    return stamp


def _check(stamp: str, query: TimeStampRequest, lock: bytes, before: int) -> None:
    """Raises ``ValueError`` in words."""
    answer = decode_stamp(stamp)
    if answer.status not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
        raise ValueError(f"it refused: status {answer.status} {' '.join(answer.status_string)}".strip())
    at = time_of_stamp(answer)
    if not is_of(answer, lock):
        raise ValueError("it stamped something else")
    if answer.tst_info.nonce != query.nonce:
        raise ValueError("it answered to another request")
    if before and at >= before:
        raise ValueError("its stamp is not from before the round")
