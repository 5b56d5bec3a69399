"""The log's schema: tags and fields stay where they are, and what does not fit is refused."""

import inspect
from typing import get_args

import msgspec
import pytest

from engine import commands
from engine.commands import (
    KEEPER,
    ROLES,
    AnyCommand,
    AuctionTerms,
    Batch,
    Command,
    CreditPoints,
    EncodedBatch,
    EncodedEnvelope,
    Envelope,
    ExtendAuction,
    Genesis,
    IncrementStep,
    PlaceBid,
    ProgramSettings,
    SoftClose,
    Tick,
    VoidBid,
)
from engine.units import MAXIMUM_POINTS, NEVER

# A row may be added, and a field at a row's end; nothing else may ever change.
SHAPES = {
    0: ("Genesis", "program epoch recorded snapshot settings level"),
    1: ("Tick", ""),
    2: ("RaiseLevel", "level"),
    3: ("Configure", "settings"),
    4: ("EndEpoch", ""),
    10: ("UpsertMember", "member tier market segments staff"),
    20: ("CreditPoints", "member amount expires_at earned_at reason"),
    21: ("AdjustPoints", "member amount reason expires_at"),
    30: ("CreateAuction", "auction terms"),
    31: ("UpdateAuction", "auction terms"),
    32: ("ScheduleAuction", "auction"),
    33: ("OpenAuction", "auction"),
    34: ("ExtendAuction", "auction extension"),
    35: ("PauseAuction", "auction reason"),
    36: ("ResumeAuction", "auction"),
    37: ("LowerReserve", "auction reserve"),
    38: ("VoidBid", "auction bid reason"),
    39: ("CancelAuction", "auction reason"),
    40: ("RefundAuction", "auction reason"),
    41: ("OfferSecondChance", "auction"),
    42: ("CreateFormatAuction", "auction terms format"),
    43: ("UpdateFormatAuction", "auction terms format"),
    44: ("LowerSupply", "auction supply"),
    45: ("RefundSale", "auction reason bid"),
    50: ("PlaceBid", "auction maximum member"),
    51: ("BuyNow", "auction price member"),
    52: ("AcceptSecondChance", "auction member"),
    53: ("DeclineSecondChance", "auction member"),
    54: ("BidForPieces", "auction maximum quantity partial member"),
    55: ("LeaveAuction", "auction member"),
    60: ("PutExperience", "experience terms"),
    61: ("RemoveExperience", "experience"),
    70: ("Redeem", "experience most most_cash share channel member"),
    71: ("ReportPayment", "redemption reference cash"),
    72: ("ConfirmRedemption", "redemption"),
    73: ("CancelRedemption", "redemption reason member"),
    74: ("RefundRedemption", "redemption reason points cash"),
    80: ("PutCampaign", "campaign terms"),
    81: ("ScheduleCampaign", "campaign"),
    82: ("PauseCampaign", "campaign reason"),
    83: ("ResumeCampaign", "campaign"),
    84: ("EndCampaign", "campaign reason"),
    85: ("ArchiveCampaign", "campaign"),
    86: ("ExtendSchedule", "campaign schedule windows expanded_until"),
    90: ("BeginDraft", "draft revision"),
    91: ("PutRules", "draft rules removed groups"),
    92: ("PublishRules", "draft version why"),
    93: ("ApproveRules", "draft version"),
    94: ("DropDraft", "draft"),
    95: ("RollBackRules", "revision why"),
    96: ("TuneRule", "rule number why"),
    100: ("CreateRaffle", "raffle terms"),
    101: ("UpdateRaffle", "raffle terms"),
    102: ("ScheduleRaffle", "raffle"),
    103: ("OpenRaffle", "raffle"),
    104: ("MoveClose", "raffle closes_at"),
    105: ("VoidRaffle", "raffle reason"),
    106: ("GrantTickets", "raffle member tickets reason"),
    107: ("BuyTickets", "raffle tickets most channel member"),
    108: ("ClaimPrize", "raffle member"),
    109: ("DeclinePrize", "raffle member"),
    110: ("ForfeitPrize", "raffle place reason"),
    111: ("Draw", "raffle round signature secret"),
    112: ("ChangeDrawKey", "public_key reason"),
    120: ("PublishDrawKey", "public_key"),
    121: ("CommitSecret", "raffle commitment"),
    122: ("SignLock", "number public_key signature"),
    123: ("StampLock", "number token"),
}

PARTS = {
    "IncrementStep": "below increment",
    "SoftClose": "flavour window extension hard_stop",
    "Eligibility": "tiers markets segments",
    "AuctionTerms": "title opening starts_at ends_at reserve reserve_shown buy_now increments soft_close "
    "eligibility campaign settlement_factors",
    "ProgramSettings": "tiers markets increments earned_period spending_order release_grace win_limits "
    "offer_lapses_after auction_retention keys_per_actor keys members auctions "
    "keys_per_member money payment_deadline redemption_retention needs_approval "
    "experiences campaigns redemptions raffles raffle_entries raffle_retention "
    "sealed_counts audit_entries",
    "MarketMoney": "currency exponent rate tax",
    "Payment": "least greatest",
    "ExperienceTerms": "kind points titles texts markets stock stock_by_market limit limit_period "
    "visible_from visible_until tiers gate early_access fulfilment payment",
    "Shelf": "id experiences titles",
    "Peak": "starts_at ends_at period",
    "Rotation": "period peaks",
    "CampaignTerms": "titles kind starts_at ends_at windows budget shelves rotation schedule expanded_until",
    "Dutch": "floor interval step step_share supply",
    "Sealed": "pricing may_lower",
    "MultiUnit": "supply pricing order sealed may_lower",
    "AscendingClock": "entry interval step step_share supply",
    "Prize": "id quantity titles",
    "Bundle": "tickets pays",
    "RaffleTerms": "titles prizes price opens_at closes_at reserves bundles most most_by_tier most_each "
    "most_each_by_tier eligibility claim_within randomness campaign texts",
    "Envelope": "actor role key body_hash not_after command",
    "Batch": "schema origin number clock commands",
}

decode = msgspec.msgpack.Decoder(AnyCommand).decode
encode = msgspec.msgpack.encode


def test_tags_and_fields_stay():
    found = {
        command.__struct_config__.tag: (command.__name__, " ".join(command.__struct_fields__))
        for command in get_args(AnyCommand)
    }
    assert found == SHAPES


@pytest.mark.parametrize("name", PARTS)
def test_fields_of_parts_stay(name):
    assert " ".join(getattr(commands, name).__struct_fields__) == PARTS[name]


def test_every_command_can_be_decoded():
    defined = {
        kind
        for _, kind in inspect.getmembers(commands, inspect.isclass)
        if issubclass(kind, Command) and kind is not Command
    }
    assert set(get_args(AnyCommand)) == defined


def test_roles_stay():
    assert ROLES == {"member": 0, "manager": 1, "operator": 2, "service": 3, "keeper": 4}


@pytest.mark.parametrize("kind", [*get_args(AnyCommand), *(getattr(commands, name) for name in PARTS)])
def test_a_trailing_field_of_a_newer_version_is_refused(kind):
    given = example(kind)
    with pytest.raises(msgspec.ValidationError, match="at most length"):
        msgspec.convert([*encoded_in_full(kind, given), 0], kind)


def example(kind):
    """The shortest array that a kind is decoded from."""
    tag = kind.__struct_config__.tag
    head = [] if tag is None else [tag]
    examples = EXAMPLES | {"terms": TERMS.get(kind.__name__, EXAMPLES["terms"])}
    return head + [examples[field.name] for field in msgspec.structs.fields(kind) if field.required]


def encoded_in_full(kind, given):
    """The array that a kind is encoded to, with every default."""
    return msgspec.to_builtins(msgspec.convert(given, kind))


RAFFLE = [{}, [["car"]], 1, 1, 2]

TERMS = {
    "PutExperience": ["travel", 1],
    "PutCampaign": [],
    "CreateRaffle": RAFFLE,
    "UpdateRaffle": RAFFLE,
}

EXAMPLES = {
    "supply": 1,
    "floor": 1,
    "interval": 1_000,
    "entry": 0,
    "pricing": "first",
    "raffle": "r",
    "tickets": 2,
    "pays": 1,
    "place": 1,
    "public_key": "0" * 64,
    "commitment": "0" * 64,
    "signature": "0" * 128,
    "token": "AA==",
    "closes_at": 2,
    "opens_at": 1,
    "titles": {},
    "prizes": [["car"]],
    "experience": "spa",
    "redemption": "R1",
    "campaign": "spring",
    "draft": "d",
    "why": "why",
    "rule": "r",
    "revision": 1,
    "version": 1,
    "most": 1,
    "reference": "p",
    "cash": 1,
    "schedule": "",
    "windows": [],
    "expanded_until": 0,
    "kind": "travel",
    "points": 1,
    "id": "x",
    "experiences": [],
    "period": 60_000,
    "least": 0,
    "currency": "EUR",
    "exponent": 2,
    "rate": 1,
    "program": "p",
    "level": 1,
    "settings": [],
    "member": "m",
    "tier": "gold",
    "market": "north",
    "amount": 1,
    "reason": "why",
    "auction": "a",
    "terms": ["A thing", 500, 1, 2],
    "extension": 1,
    "reserve": 0,
    "bid": 1,
    "maximum": 1,
    "price": 1,
    "below": 0,
    "increment": 1,
    "flavour": "append",
    "window": 1,
    "hard_stop": 1,
    "title": "A thing",
    "opening": 500,
    "starts_at": 1,
    "ends_at": 2,
    "actor": "m",
    "role": 0,
    "key": "k",
    "body_hash": 1,
    "not_after": 1,
    "command": [1],
    "schema": 1,
    "origin": b"o",
    "number": 1,
    "clock": 1,
    "commands": [],
}


@pytest.mark.parametrize(
    "written",
    [
        [50, "a", 0],
        [50, "a", -1],
        [50, "a", MAXIMUM_POINTS + 1],
        [50, "a", 2**64 - 1],
        [50, "a", 1.0],
        [50, "a", "600"],
        [50, "", 600],
        [50, "a" * 65, 600],
        [50, "a"],
        [50],
        [],
        [99],
        ["50", "a", 600],
        {"auction": "a", "maximum": 600},
        [20, "m", 0],
        [20, "m", 1, -1],
        [21, "m", 5, ""],
        [10, "m", "", "north"],
        [10, "m", "gold", "north", ["s"] * 65],
        [10, "no such id", "gold", "north"],
        [34, "a", 0],
        [35, "a", "x" * 501],
        [38, "a", 0, "why"],
        [39, "a", ""],
        [30, "a", ["A thing", 0, 1, 2]],
        [30, "a", ["A thing", 1, 1, 2, 0, False, 0, [], ["late", 1, 1, 1]]],
        [30, "a", ["A thing", 1, 1, 2, 0, False, 0, [[0, 0]]]],
        [3, [[], [], [], 0]],
        [3, [[], [], [], 1, "newest"]],
        [3, [[], [], [], 1, "expiry\n"]],
        [30, "a", ["A thing", 1, 1, 2, 0, False, 0, [], ["append\n", 1, 1, 1]]],
        [10, "m\n", "gold", "north"],
        None,
    ],
)
def test_what_does_not_fit_is_refused(written):
    with pytest.raises(msgspec.ValidationError):
        decode(encode(written))


@pytest.mark.parametrize("role", [-1, 5, 2**63, None, "keeper"])
def test_an_envelope_has_a_role_that_exists(role):
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(encode(["m", role, "k", 1, 1, [1]]), type=Envelope)


@pytest.mark.parametrize("payload", [b"", b"\xc1", b"\x94\x01", encode([50, "a", 600])[:-1], b"\xff" * 9])
def test_broken_bytes_are_refused(payload):
    with pytest.raises(msgspec.DecodeError):
        decode(payload)


@pytest.mark.parametrize(
    "command",
    [
        Tick(),
        Genesis("p", 2, True, "ab", ProgramSettings(tiers=("gold",), win_limits={"c": 1})),
        CreditPoints("m", 5, NEVER, 1, "hello"),
        PlaceBid("a", 600, "m"),
        ExtendAuction("a", 1),
        VoidBid("a", 3, "typing error"),
        commands.CreateAuction(
            "a",
            AuctionTerms(
                "A thing",
                500,
                1,
                2,
                increments=(IncrementStep(100, 5), IncrementStep(0, 10)),
                soft_close=SoftClose("reset", 1, 2, 3),
                eligibility=commands.Eligibility(("gold",), (), ("s",)),
                settlement_factors={"gold": 9_000},
            ),
        ),
    ],
)
def test_a_writer_that_encodes_commands_first_writes_the_same_bytes(command):
    batch = Batch(1, b"o" * 16, 7, 123, [Envelope("m", KEEPER, "k", 2**64 - 1, NEVER, command)])
    raw = EncodedEnvelope("m", KEEPER, "k", 2**64 - 1, NEVER, msgspec.Raw(encode(command)))
    payload = encode(EncodedBatch(1, b"o" * 16, 7, 123, [raw]))
    assert payload == encode(batch)
    assert msgspec.msgpack.decode(payload, type=Batch) == batch
