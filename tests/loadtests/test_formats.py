"""The auctions that a storm makes, and finds, by format."""

import asyncio
import time

import msgspec
import pytest

from benchmarks.livelot import Livelot
from loadtests.api import Api
from loadtests.formats import TAIL_SECONDS, Format, settings_for
from loadtests.preparation import announce_auctions, find_open_auctions, open_announced
from tests.loadtests.clearing import end_auctions


@pytest.mark.parametrize("seconds", [0.1, 2, 30, 3_600])
def test_prices_reach_their_floor_in_time(seconds: float) -> None:
    settings = settings_for(Format.DUTCH, opening=10_000, seconds=seconds, crowd=10)
    assert settings is not None
    steps = -(-(10_000 - settings["floor"]) // settings["step"])
    assert settings["interval"] >= 100
    assert steps * settings["interval"] <= (seconds + TAIL_SECONDS) * 1000
    clock = settings_for(Format.CLOCK, opening=10_000, seconds=seconds, crowd=10)
    assert clock is not None
    assert clock["interval"] >= 100
    assert clock["entry"] < (seconds + TAIL_SECONDS) * 1000


def test_english_auctions_have_no_settings() -> None:
    assert settings_for(Format.ENGLISH, opening=500, seconds=1, crowd=1) is None


@pytest.mark.parametrize("format", [format for format in Format if format is not Format.ENGLISH])
def test_what_was_announced_is_opened_with_a_new_end_and_found_by_their_format(
    livelot: Livelot, format: Format
) -> None:
    async def body() -> None:
        tokens = livelot.tokens
        async with Api(livelot.url) as api:
            reader = await tokens.get("reader", "service")
            auctions = [f"announced-{format}-{number}" for number in (1, 2)]
            await announce_auctions(api, tokens, auctions, format, seconds=20, crowd=8)
            for auction in auctions:
                shown = msgspec.json.decode((await api.get(f"/v1/auctions/{auction}", reader)).body)
                assert (shown["status"], shown["format"]) == ("scheduled", format.kind)
            ends_at = int((time.time() + 20 + TAIL_SECONDS) * 1000)
            await open_announced(api, tokens, auctions, format, ends_at=ends_at)
            for other in Format:
                found = set(await find_open_auctions(api, reader, 1_000, other))
                assert (set(auctions) <= found) is (other is format)
                assert set(auctions).isdisjoint(found) is (other is not format)
            shown = msgspec.json.decode((await api.get(f"/v1/auctions/{auctions[0]}", reader)).body)
            # A price clock's end is counted from when it opened.
            assert 0 <= shown["ends_at"] - ends_at < 5_000
            await end_auctions(api, tokens, auctions)

    asyncio.run(body())
