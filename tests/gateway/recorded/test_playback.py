"""A recording on its way through a real log: entries on the file's time, the replica's state afterwards."""

import asyncio

import pytest

from engine.commands import CreateAuction, CreditPoints, OpenAuction, PlaceBid, Tick, UpsertMember
from engine.embedded import EmbeddedServer
from engine.log.contract import FIRST_ID, LAST_ID, Entry
from engine.log.redis_stream import connect
from engine.machine import decode_batch
from engine.units import DAY, MAXIMUM_POINTS
from gateway.recorded.playback import PlaybackError, Played, plan_entries, play
from gateway.recorded.recording import RecordedAuction, RecordedBid, Recording


def record(*bids: tuple[int, str, int], final: int = 0, opening: int = 100) -> Recording:
    """A recording of one auction of one day: (instant, bidder, maximum)."""
    auction = RecordedAuction("a1", "palm", opening, final, DAY, 2)
    lines = [
        RecordedBid(at, number, "a1", bidder, maximum) for number, (at, bidder, maximum) in enumerate(bids, 2)
    ]
    return Recording({"a1": auction}, lines, [])


def play_on(
    valkey: EmbeddedServer, program: str, recording: Recording
) -> tuple[Played, list[Entry], list[int]]:
    """The outcome, the log's entries, and the progress that was told."""
    told: list[int] = []

    async def run() -> tuple[Played, list[Entry]]:
        log = await connect(valkey.url, program)
        try:
            played = await play(recording, log, program, told.append)
            return played, await log.range(FIRST_ID, LAST_ID, count=1_000)
        finally:
            await log.close()

    played, entries = asyncio.run(run())
    return played, entries, told


def test_the_plan_sets_up_then_bids_and_closes_in_the_order_of_time() -> None:
    recording = record((5, "ann", 100), (5, "bob", 300), (9, "ann", 200))
    entries = list(plan_entries(recording))
    assert [entry.at for entry in entries] == [0, 5, 9, DAY]
    assert [type(command) for command, _ in entries[0].commands] == [
        *(UpsertMember, CreditPoints) * 2,
        CreateAuction,
        OpenAuction,
    ]
    credited = [command for command, _ in entries[0].commands if type(command) is CreditPoints]
    assert credited == [CreditPoints("ann", 200), CreditPoints("bob", 300)]
    assert entries[1].commands == [
        (PlaceBid("a1", 100), recording.bids[0]),
        (PlaceBid("a1", 300), recording.bids[1]),
    ]
    assert entries[3].commands == [(Tick(), None)]


def test_every_entry_is_stamped_with_its_own_instant(valkey: EmbeddedServer, program: str) -> None:
    recording = record((0, "ann", 100), (5, "bob", 300), (5, "cid", 310), (DAY - 1, "ann", 1_000))
    played, entries, told = play_on(valkey, program, recording)
    assert [entry.id for entry in entries] == [(0, 1), (0, 2), (0, 3), (5, 0), (DAY - 1, 0), (DAY, 0)]
    clocks = [decode_batch(entry.payload).clock for entry in entries]
    assert clocks == [0, 0, 0, 5, DAY - 1, DAY]
    auction = played.program.auctions["a1"]
    assert [bid.at for bid in auction.history] == [0, 5, 5, DAY - 1]
    assert auction.ended_at == DAY
    assert played.program.recorded
    assert sum(told) == 4


def test_prices_refusals_and_settlement_are_told(valkey: EmbeddedServer, program: str) -> None:
    recording = record((1, "ann", 500), (2, "bob", 100), (3, "bob", 300), (4, "ann", 400))
    played, entries, _ = play_on(valkey, program, recording)
    assert played.prices == {"a1": 325}
    assert played.refused == {"bid_too_low": [recording.bids[1]], "already_leading": [recording.bids[3]]}
    assert played.entries == len(entries) - 1
    assert played.commands == 6 + 4 + 1
    ann, bob = (played.program.members.get(id) for id in ("ann", "bob"))
    assert (ann.available, ann.held, ann.spent) == (175, 0, 325)
    assert (bob.available, bob.held, bob.spent) == (300, 0, 0)
    assert played.program.live == {}


def test_an_auction_without_a_bid_that_counts_is_not_sold(valkey: EmbeddedServer, program: str) -> None:
    played, _, _ = play_on(valkey, program, record((1, "ann", 99)))
    assert played.prices == {}
    assert list(played.refused) == ["bid_too_low"]
    assert played.program.auctions["a1"].status == "unsold"


def test_hundreds_of_auctions_that_close_together_are_all_settled(
    valkey: EmbeddedServer, program: str
) -> None:
    auctions = {f"a{number}": RecordedAuction(f"a{number}", "palm", 1, 1, DAY, 2) for number in range(700)}
    bids = [RecordedBid(7, number, id, "ann", 5) for number, id in enumerate(auctions)]
    played, _, _ = play_on(valkey, program, Recording(auctions, bids, []))
    assert played.prices == dict.fromkeys(auctions, 1)
    assert played.program.ledger.totals.held == 0


def test_a_program_that_has_begun_is_left_alone(valkey: EmbeddedServer, program: str) -> None:
    recording = record((1, "ann", 100))
    play_on(valkey, program, recording)
    with pytest.raises(PlaybackError, match=f"Program '{program}' has a log on this server already"):
        play_on(valkey, program, recording)


def test_maxima_that_no_balance_can_hold_are_refused_first(valkey: EmbeddedServer, program: str) -> None:
    auctions = {id: RecordedAuction(id, "palm", 1, 1, DAY, 2) for id in ("a1", "a2")}
    bids = [RecordedBid(1, number, id, "ann", MAXIMUM_POINTS) for number, id in enumerate(auctions)]
    with pytest.raises(PlaybackError, match=r"The maxima of bidder ann add up to 2000000000000"):
        play_on(valkey, program, Recording(auctions, bids, []))
