"""What is likely to be behind a recorded price that is not ours."""

import pytest

from engine.commands import Genesis
from engine.program import Program
from gateway.recorded.comparison import compare
from gateway.recorded.playback import Played
from gateway.recorded.recording import RecordedAuction, RecordedBid, Recording


@pytest.mark.parametrize(
    ("price", "final", "refused", "reason"),
    [
        (1050, 1050, False, ""),
        (1050, 2000, False, "a hidden reserve, at or above the highest maximum"),
        (1050, 1500, False, "a hidden reserve at this price"),
        (1050, 2575, False, "5.75 above the highest maximum: a bid is not in the file"),
        (1050, 1000, False, "0.50 less than the bids yield: a bid was withdrawn"),
        (1000, 1050, False, "the winner's later raise of its own maximum moved the price"),
        (1000, 1050, True, "a bid below the least that would do was taken"),
        (0, 1500, False, "a hidden reserve at this price"),
        (1050, 0, False, "10.50 less than the bids yield: a bid was withdrawn"),
    ],
)
def test_the_likely_reason_follows_from_where_the_price_lies(
    price: int, final: int, refused: bool, reason: str
) -> None:
    auction = RecordedAuction("a1", "palm", 500, final, 86_400_000, 2)
    bids = [
        RecordedBid(1, 2, "a1", "ann", 2000),
        RecordedBid(2, 3, "a1", "bob", 1000),
        RecordedBid(3, 4, "a1", "bob", 900),
    ]
    recording = Recording({"a1": auction}, bids, [])
    prices = {"a1": price} if price else {}
    played = Played(Program(Genesis("p")), prices, {"bid_too_low": bids[2:]} if refused else {}, 3, 3, 1.0)
    (one,) = compare(recording, played)
    assert one.reason == reason
    assert (one.bids, one.price, one.highest, one.difference) == (3, price, 2000, final - price)
