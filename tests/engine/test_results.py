"""Results are what clients read: JSON objects whose fields stay."""

import msgspec
import pytest

from engine import results
from engine.results import Result

# A row may be added, and a field at a row's end; nothing else may ever change.
FIELDS = {
    "Ticked": "due",
    "ProgramSet": "level",
    "MemberSet": "member",
    "PointsSet": "member available held",
    "AuctionSet": "auction status ends_at",
    "BidVoided": "auction price leader",
    "BidTaken": "auction number bidder leading price maximum minimum ends_at reserve_met quantity paid",
    "AuctionLeft": "auction price",
    "Purchased": "auction price paid",
    "OfferMade": "auction bidder price lapses_at quantity",
    "OfferDeclined": "auction",
    "Refunded": "auction amount",
    "ExperienceSet": "experience",
    "CampaignSet": "campaign status",
    "DraftSet": "draft version rules",
    "RulesSet": "revision awaiting",
    "RuleSetTo": "rule before after revision",
    "Redeemed": "redemption status points cash currency pays_until cash_refunded",
    "RedemptionRefunded": "redemption status points cash",
    "RaffleSet": "raffle status closes_at",
    "Entered": "raffle entry first last points tickets entrant",
    "PrizeAnswered": "raffle place prize fate",
    "DrawKeySet": "key",
    "LockSet": "raffle number",
}


def test_fields_stay():
    assert {kind.__name__: " ".join(kind.__struct_fields__) for kind in Result.__subclasses__()} == FIELDS


@pytest.mark.parametrize("name", FIELDS)
def test_a_result_is_an_object_with_names(name):
    kind = getattr(results, name)
    result = kind(*({str: "x", int: 7, bool: True}[field.type] for field in msgspec.structs.fields(kind)))
    assert list(msgspec.json.decode(msgspec.json.encode(result))) == FIELDS[name].split()
    # A key's first outcome is remembered in MessagePack and answered again as it was.
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(result), type=kind) == result
