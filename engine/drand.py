"""The beacon's rounds, fetched from drand over HTTP: from whichever source has the round with its signature.

A source is trusted with nothing: the signature is verified before anybody hears of it. The interface is
drand's v1 (https://docs.drand.love/developer/http-api): ``/{chain}/public/{round}``.
"""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import httpx
import msgspec
from msgspec import Meta

from engine.addresses import place_of
from engine.draw.beacon import CHAIN
from engine.draw.bls import is_signed
from engine.fetching import SECONDS, FetchError, ask, fetch

_ANSWER_BYTES = 4_096


class _Answer(msgspec.Struct):
    """What a source says of a round. Its randomness is the hash of the signature: we make it ourselves."""

    round: int
    signature: Annotated[str, Meta(pattern=r"^[0-9a-f]{96}$(?!\n)")]


class BeaconUnavailable(Exception):  # noqa: N818 - it is late, which is no fault
    """No source has the round yet, with its signature."""


async def fetch_round(
    client: httpx.AsyncClient, sources: Sequence[str], round: int, *, seconds: float = SECONDS
) -> str:
    """The round's signature in hex, verified. Each source is asked in turn, for at most so many ``seconds``.

    Raises ``BeaconUnavailable``.
    """
    reasons = []
    for source in sources:
        try:
            return await _ask_source(client, source, round, seconds)
        except FetchError as error:
            reasons.append(f"{place_of(source)}: {error}")
    raise BeaconUnavailable(f"no source gives round {round} of the beacon ({'; '.join(reasons)})")


async def _ask_source(client: httpx.AsyncClient, source: str, round: int, seconds: float) -> str:
    request = ask(client, "GET", f"{source.rstrip('/')}/{CHAIN}/public/{round}")
    body = await fetch(client, request, limit=_ANSWER_BYTES, seconds=seconds)
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise FetchError(f"its answer cannot be read ({error})") from error
    if answer.round != round:
        raise FetchError(f"it answered with round {answer.round}")
    if not await asyncio.to_thread(is_signed, round, bytes.fromhex(answer.signature)):
        raise FetchError("its signature is not the beacon's own")
    return answer.signature
