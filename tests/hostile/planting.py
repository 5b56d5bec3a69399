"""A program in which a stranger could find something to take: one member owns a thing of every kind, another
owns the like.

Everything has the id that the table of operations asks with (``tests/gateway/test_operations.py``), and what
belongs to the victim has numbers and names that occur nowhere else, so that a leak shows in the text.
"""

import asyncio
from hashlib import sha256
from typing import Any

import msgspec

from engine import views
from engine.agenda import Duty
from engine.commands import (
    AscendingClock,
    AuctionTerms,
    BuyTickets,
    CampaignTerms,
    CommitSecret,
    CreateAuction,
    CreateFormatAuction,
    CreateRaffle,
    CreditPoints,
    Draw,
    ExperienceTerms,
    MoveClose,
    OfferSecondChance,
    OpenAuction,
    OpenRaffle,
    PlaceBid,
    Prize,
    PublishDrawKey,
    PutCampaign,
    PutExperience,
    RaffleTerms,
    Redeem,
    ScheduleCampaign,
    SignLock,
    Tick,
    UpsertMember,
)
from engine.position import Position
from engine.program import Program
from engine.raffles.views import list_own
from engine.rewards.views import list_redemptions
from engine.units import MINUTE
from gateway.clock import now
from tests.engine.raffling import KEY, SECRET, SIGNER
from tests.gateway.harness import HOUR, World

STRANGER = "m1"
VICTIM = "victim-7421"
TIER, SEGMENT = "tier-of-7421", "segment-of-7421"
MAXIMUM = 987_654
"""What the victim would pay in an auction that stands far below it."""

BALANCE = 7_654_321
PRIZES = {STRANGER: ("r-own", "r-own2"), VICTIM: ("r-won",)}
"""Raffles that were drawn, by the member that won the one prize of each."""

OFFERS = {STRANGER: ("a-own", "a-own2"), VICTIM: ("a-offered",)}
"""Auctions that went unsold, by the member to whom each is offered."""

CLOCKS = {"a-clock": VICTIM, "a-own-clock": STRANGER}
"""Ascending clocks, and who is in."""

SOON = 600
"""How long after its opening something ends, in ms: enough to get into it on a busy machine."""

CANARIES = (VICTIM, TIER, SEGMENT, str(MAXIMUM), str(BALANCE), '"R1"')


async def plant(here: World) -> None:
    """Everything that the table asks for; what the victim has of it, and the like for the stranger."""
    await plant_beginnings(here)
    terms = AuctionTerms("t", 500, now(), now() + HOUR)
    for auction, member in CLOCKS.items():
        await _must(here, CreateFormatAuction(auction, terms, AscendingClock(HOUR // 2, MINUTE, step=100)))
        await _must(here, OpenAuction(auction))
        await _must(here, PlaceBid(auction, MAXIMUM if member == VICTIM else 600, member))
    won = [_draw(here, raffle, member) for member, raffles in PRIZES.items() for raffle in raffles]
    offered = [_offer(here, auction, member) for member, auctions in OFFERS.items() for auction in auctions]
    await asyncio.gather(*won, *offered)


async def plant_beginnings(here: World) -> None:
    """What there is at once: nothing has ended yet."""
    await here.apply(UpsertMember(VICTIM, TIER, "north", (SEGMENT,)))
    await here.apply(CreditPoints(VICTIM, BALANCE))
    await here.apply(PutExperience("spa", ExperienceTerms("wellness", 5, fulfilment="booked")))
    for member in (VICTIM, STRANGER, STRANGER):
        await here.apply(Redeem("spa", 5, member=member))
    await here.apply(PutCampaign("spring", CampaignTerms(budget=1_000)))
    await here.apply(ScheduleCampaign("spring"))
    await here.open_auction("a1")
    await here.apply(PlaceBid("a1", MAXIMUM, VICTIM))
    await here.open_auction("a-bid")
    await here.apply(PlaceBid("a-bid", 600, STRANGER))
    await here.apply(CreateAuction("a3", AuctionTerms("t", 500, now(), now() + HOUR)))
    await _open_raffle(here, "r1")
    await here.apply(BuyTickets("r1", 3, 15, member=VICTIM))


def describe(program: Program, member: str) -> bytes:
    """Everything that is a member's own, as the member is told."""
    me = views.view_me(program, member)
    # Where an auction stands, and how many tickets a raffle has sold, is everybody's business.
    own = [[bid.auction, bid.maximum, bid.bidder, bid.offer, bid.paid] for bid in me.auctions]
    parts = [
        msgspec.structs.replace(part, all_tickets=0, chance=0) for part in list_own(program, member).raffles
    ]
    whole = [views.view_points(program, member), list_redemptions(program, member)]
    return msgspec.json.encode([own, parts, me.available, me.held, *whole])


def describe_all(program: Program) -> bytes:
    """A digest of the whole state but for what tells when somebody asked, and under which key: a command that
    is refused leaves no other trace."""
    twin = Program.decode(program.encode())
    twin.at = 0
    twin.position = Position(1, 0, 0)
    twin.digest = b""
    twin.origins.clear()
    twin.keys.others.clear()
    twin.keys.due.clear()
    for shard in twin.members.shards:
        for member in shard.values():
            member.keys = None
    memory = (Duty.FORGET_KEYS, Duty.FORGET_ORIGIN)
    twin.agenda.heap = sorted(one for one in twin.agenda.heap if one.duty not in memory)
    twin.agenda.sequence = 0
    return twin.state_digest()


async def _open_raffle(here: World, raffle: str) -> None:
    terms = RaffleTerms(
        {"en": raffle}, (Prize("car"),), 5, now(), now() + HOUR, randomness="commitment", claim_within=HOUR
    )
    await _must(here, CreateRaffle(raffle, terms))
    await _must(here, OpenRaffle(raffle))
    await _must(here, CommitSecret(raffle, sha256(SECRET).hexdigest()))


async def _draw(here: World, raffle: str, winner: str) -> None:
    """Only the winner has tickets."""
    program = here.gateway.replica.program
    await _open_raffle(here, raffle)
    await _must(here, BuyTickets(raffle, 1, 5, member=winner))
    await _must(here, MoveClose(raffle, now() + SOON))
    while program.raffles.by_id[raffle].status == "open":
        await asyncio.sleep(0.01)
        await here.apply(Tick())
    lock = program.raffles.by_id[raffle].lock
    await here.apply(PublishDrawKey(KEY))
    text = program.raffles.locks[lock - 1].text
    await _must(here, SignLock(lock, KEY, SIGNER.sign(text.encode()).hex()))
    await _must(here, Draw(raffle, secret=SECRET.hex()))
    while program.raffles.by_id[raffle].status == "locked":
        await here.apply(Tick())


async def _offer(here: World, auction: str, bidder: str) -> None:
    """An auction that ended below its reserve, and is offered to its only bidder."""
    terms = {"title": "t", "opening": 500, "reserve": 900_000, "starts_at": now(), "ends_at": now() + SOON}
    await _must(here, CreateAuction(auction, AuctionTerms(**terms)))
    await _must(here, OpenAuction(auction))
    await _must(here, PlaceBid(auction, 600, bidder))
    while here.gateway.replica.program.auctions[auction].status != "unsold":
        await here.apply(Tick())
        await asyncio.sleep(0.01)
    await _must(here, OfferSecondChance(auction))


async def _must(here: World, command: Any) -> None:
    outcome = await here.apply(command)
    assert not hasattr(outcome, "code"), (command, outcome)
