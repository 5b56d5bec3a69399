"""A storm's result, for people and for machines."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from loadtests.findings import Verification
from loadtests.measures import Acknowledgement, Measures
from loadtests.report import Options, Report, make_report, print_report, read_json, write_json
from loadtests.sockets import Counts

OPTIONS = Options(url="http://h", program="demo", members=2, auctions=1, rate=10.0, seconds=1.0)
BID = Acknowledgement("a1", 1, "m1", 600, 1, 500, True, "1:100-0", "k1")


def report(verification: Verification | None) -> Report:
    """Five bids were due: one acknowledged, two refused, one without an answer, and one passed."""
    measures = Measures()
    for _ in range(4):
        measures.note_sent(0.001)
    measures.passed = 1
    measures.note_acknowledged(BID, due=1.0, latency=0.25)
    measures.note_refused("bid_too_low", 0.5)
    measures.note_refused("bid_too_low", 0.5)
    measures.note_auction_push("a1", (1, 100, 0), 1.75)
    counts = Counts(connected=4, lost=1, resent=2)
    outcome = {"started_at": 5, "seconds": 2.0, "unanswered": 1}
    return make_report(OPTIONS, measures, counts, verification=verification, **outcome)


def printed(report: Report) -> str:
    text = io.StringIO()
    print_report(Console(file=text, width=120), report)
    return text.getvalue()


def broken() -> Verification:
    verification = Verification(1, 1, 1)
    verification.report("a1 bid 1 of m1: not in the history")
    return verification


def test_every_bid_that_was_due_is_accounted_for() -> None:
    made = report(Verification(1, 1, 1))
    assert made.due == made.sent + made.passed == 5
    assert made.sent == made.acknowledged + sum(made.refused.values()) + made.unanswered
    assert made.refused == {"bid_too_low": 2}
    assert (made.connected, made.lost, made.resent) == (4, 1, 2)
    assert made.latency.count == 3
    assert made.push_auction.longest == pytest.approx(750, rel=0.002)


def test_json_holds_everything(tmp_path: Path) -> None:
    for verification in (Verification(1, 1, 1), broken(), None):
        made = report(verification)
        write_json(tmp_path / "report.json", made)
        assert read_json(tmp_path / "report.json") == made
    assert made.acknowledgements == [BID]


def test_only_a_verified_storm_has_held() -> None:
    assert report(Verification(1, 1, 1)).held
    assert not report(broken()).held
    assert not report(None).held


def test_people_are_told_what_matters() -> None:
    text = printed(report(Verification(1, 1, 1)))
    for words in (
        "refused: bid_too_low",
        "unanswered",
        "sent again after a lost connection",
        "All 1 acknowledged",
    ):
        assert words in text
    assert "a1 bid 1 of m1: not in the history" in printed(report(broken()))
    assert "Nothing was verified" in printed(report(None))


def test_sales_and_sealed_bids_are_told() -> None:
    words = printed(report(Verification(1, 1, 1, sales=3, secret=7)))
    assert "3 sales are what these bids make." in words
    assert "7 sealed bids are as their members are told" in words
