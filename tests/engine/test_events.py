"""Events are part of the running digest: tags and fields stay where they are."""

from typing import get_args

import msgspec

from engine.events import AnyEvent, Event

# A row may be added, and a field at a row's end; nothing else may ever change.
SHAPES = {
    1: ("ProgramConfigured", "level"),
    10: ("MemberChanged", "member"),
    20: ("PointsIssued", "member amount reason"),
    21: ("PointsWithdrawn", "member amount reason"),
    22: ("PointsExpired", "member amount"),
    23: ("PointsRefunded", "member amount"),
    30: ("AuctionChanged", "auction status"),
    31: ("BidPlaced", "auction number member leader price outbid"),
    32: ("LeadLost", "auction member price voided"),
    33: ("LeadGained", "auction member price"),
    34: ("AuctionWon", "auction member price paid"),
    35: ("AuctionUnsold", "auction leader"),
    36: ("AuctionRefunded", "auction member amount"),
    37: ("SecondChanceOffered", "auction member price lapses_at"),
    38: ("SecondChanceEnded", "auction member lapsed"),
    40: ("CatalogueChanged", "experience"),
    41: ("StockChanged", "experience"),
    50: ("RedemptionChanged", "redemption member status cash cash_refunded"),
    60: ("CampaignChanged", "campaign status"),
    61: ("BudgetChanged", "campaign left"),
    70: ("DraftChanged", "draft version"),
    71: ("RulesPublished", "revision actor"),
    72: ("RuleTuned", "rule before after actor"),
    73: ("RulesTurned", "revision"),
    80: ("RaffleChanged", "raffle status"),
    81: ("TicketsIssued", "raffle member tickets points reason"),
    82: ("RaffleLocked", "raffle number root"),
    83: ("LockSigned", "raffle number"),
    84: ("PlaceDrawn", "raffle member place prize"),
    85: ("PrizeOffered", "raffle member place prize claim_until"),
    86: ("PrizeSettled", "raffle member place prize fate"),
    87: ("TicketsRefunded", "raffle member tickets points"),
    88: ("DrawKeyChanged", "key actor"),
    90: ("BidSealed", "member"),
    91: ("BidLost", "auction member"),
    92: ("BidLeft", "auction member"),
    93: ("BidOvertaken", "auction member"),
}


def test_tags_and_fields_stay():
    found = {
        event.__struct_config__.tag: (event.__name__, " ".join(event.__struct_fields__))
        for event in get_args(AnyEvent)
    }
    assert found == SHAPES


def test_every_event_can_be_read_back():
    assert set(get_args(AnyEvent)) == set(Event.__subclasses__())
    for event in get_args(AnyEvent):
        given = event(*(kind_example(field.type) for field in msgspec.structs.fields(event)))
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(given), type=AnyEvent) == given


def kind_example(kind):
    return {str: "x", int: 7, bool: True}[kind]
