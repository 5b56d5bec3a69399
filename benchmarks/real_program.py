"""A program at the size of a real one: 2.3 million members, 4 680 stores that report, 60 partners, and 1.2
million redemptions in its past.

The model knows neither stores nor partners; what is nearest to them stands for them:

    a store       a service that reports purchases as credits, whose keys are remembered for a day, as over
                  HTTP; a segment of the members whose store it is; a price rule for that segment
    a partner     a campaign that is in force, with experiences of its own and price rules for these
    the past      redemptions within the program's retention, with the traces of their prices and the parts
                  of lots that they spent; their prices are those of some thousand drawn offers

Everything is drawn from one generator with a seed. Members and redemptions are made directly, as
bench_memory.py makes members; the rest goes through the engine.
"""

import random
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

from benchmarks.raffling import send
from benchmarks.workload import POINTS, build_program, encode
from engine.commands import (
    SCHEMA,
    SERVICE,
    AuctionTerms,
    Batch,
    CampaignTerms,
    Command,
    CreateAuction,
    CreditPoints,
    Envelope,
    ExperienceTerms,
    OpenAuction,
    PutCampaign,
    PutExperience,
    Redeem,
    ScheduleCampaign,
)
from engine.errors import Rejected
from engine.machine import apply_entry
from engine.members import Lot
from engine.prices.quotes import offer_to
from engine.prices.state import Revision
from engine.program import Program
from engine.rewards.catalogue import take
from engine.rewards.reversal import await_forgetting
from engine.rewards.state import CONFIRMED, Experience, Redemption
from engine.units import DAY, HOUR
from rules.compiler import CompiledRules
from rules.pricing import Step
from rules.rule import Effect, Group, PriceRule, RuleSet
from rules.scope import Scope

KINDS = ("travel", "dining", "leisure", "wellness", "lifestyle", "voucher", "merchandise", "service")
TIERS = ("silver", "gold", "platinum")
"""Those of ``build_program``."""

AUCTIONS = 100
EXPERIENCES_EACH = 20
"""Of a partner."""

RULES_EACH = 10
"""Likewise. A store has one."""

REPORTS_EACH = 10
"""Credits of a store whose keys are still remembered."""

PAST = 300 * DAY
"""For how long redemptions were made, in ms: all of them are within the retention."""

OFFERS = 5_000
"""How many different prices the past has."""

CHUNK = 10_000
"""Commands in an entry, at most."""

_T = TypeVar("_T")


class Sizes(NamedTuple):
    """How many of each."""

    members: int
    stores: int
    partners: int
    redemptions: int


REAL = Sizes(2_300_000, 4_680, 60, 1_200_000)
SMALL = Sizes(1_000, 20, 3, 500)


def build_real_program(sizes: Sizes, *, at: int) -> Program:
    """The program as it is at ``at`` ms."""
    generator = random.Random(1)
    program = build_program(sizes.members, 0, at=at - PAST, room=AUCTIONS)
    stores = [name_store(number) for number in range(sizes.stores)]
    for number, member in enumerate(program.members):
        member.segments = (stores[number % len(stores)],)
        program.ledger.credit(member, Lot(program.at - 7 * DAY, at + 400 * DAY, POINTS))
    order(program, make_catalogue(generator, sizes))
    rules = tuple(make_rules(generator, sizes))
    groups = (Group("stack"), Group("best", "best"))
    revision = Revision(1, program.at, "bench", "", "", "draft")
    program.book.publish(revision, CompiledRules(RuleSet(groups, rules)))
    live_through(program, generator, sizes, at)
    order(program, open_auctions(at))
    report(program, generator, sizes)
    return program


def order(program: Program, commands: Iterable[Command]) -> None:
    """Applies an operator's commands. Asserts that none is refused."""
    for own in _chunk(commands):
        refused = [outcome for outcome in send(program, *own) if isinstance(outcome, Rejected)]
        assert not refused, refused[0]


def make_catalogue(generator: random.Random, sizes: Sizes) -> Iterator[Command]:
    """A campaign for each partner, and its experiences."""
    for partner in range(sizes.partners):
        campaign = f"partner{partner:02d}"
        yield PutCampaign(campaign, CampaignTerms({"en": f"Partner {partner}"}, "always_on"))
        yield ScheduleCampaign(campaign)
        for number in range(EXPERIENCES_EACH):
            terms = ExperienceTerms(
                generator.choice(KINDS), generator.randrange(500, 20_000), {"en": f"Reward {number}"}
            )
            yield PutExperience(name_experience(partner, number), terms)


def open_auctions(at: int) -> Iterator[Command]:
    """Auctions that are open for a month."""
    for number in range(AUCTIONS):
        yield CreateAuction(name_auction(number), AuctionTerms("An evening", 500, at, at + 30 * DAY))
        yield OpenAuction(name_auction(number))


def make_rules(generator: random.Random, sizes: Sizes) -> Iterator[PriceRule]:
    """The partners' rules for their experiences, then the stores' for their members."""
    for number in range(sizes.partners * RULES_EACH):
        partner = number // RULES_EACH
        scope = Scope(
            mechanics=("redemption",),
            tiers=(generator.choice(TIERS),),
            campaigns=(f"partner{partner:02d}",),
            experiences=tuple(name_experience(partner, own) for own in range(EXPERIENCES_EACH)),
        )
        yield _make_rule(generator, f"partner{number:04d}", scope)
    for number in range(sizes.stores):
        kinds = tuple(sorted(generator.sample(KINDS, 2)))
        scope = Scope(mechanics=("redemption",), segments=(name_store(number),), kinds=kinds)
        yield _make_rule(generator, name_store(number), scope)


def live_through(program: Program, generator: random.Random, sizes: Sizes, until: int) -> None:
    """Makes the redemptions of the past, one after the other until ``until`` ms."""
    began = program.at
    sold = [draw_offer(program, generator, sizes) for _ in range(min(OFFERS, sizes.redemptions))]
    retention = program.settings.redemption_retention
    for number in range(1, sizes.redemptions + 1):
        member = program.members.get(name_member(generator.randrange(sizes.members)))
        experience, points, steps = generator.choice(sold)
        at = began + (until - began) * number // sizes.redemptions
        redemption = Redemption(
            id=f"R{number}",
            serial=number,
            member=member.id,
            experience=experience.id,
            market=member.market,
            channel="app",
            status=CONFIRMED,
            base=experience.terms.points,
            points=points,
            cash=0,
            currency="",
            tax=0,
            at=at,
            pays_until=0,
            booked=False,
            steps=steps,
            given={},
            limited=(),
            parts=program.ledger.spend(member, points),
        )
        program.redemptions[redemption.id] = redemption
        member.redemptions += (redemption.id,)
        take(experience, member.id, member.market, at, retention)
    program.redeemed = sizes.redemptions
    program.at = until
    await_forgetting(program, until)


def draw_offer(
    program: Program, generator: random.Random, sizes: Sizes
) -> tuple[Experience, int, tuple[Step, ...]]:
    """An experience, what some member pays for it, and the trace of that price."""
    member = program.members.get(name_member(generator.randrange(sizes.members)))
    experience = program.experiences[draw_experience(generator, sizes)]
    offer = offer_to(program, member, experience, Redeem(experience.id, 10**6, channel="app"), program.at)
    return experience, offer.quote.points, tuple(offer.quote.steps)


def report(program: Program, generator: random.Random, sizes: Sizes) -> None:
    """The stores' credits of the last hours, as entries of the log."""
    envelopes = (
        Envelope(
            name_store(store),
            SERVICE,
            f"receipt-{number}",
            number,
            program.at + DAY - number * HOUR,
            CreditPoints(name_member(generator.randrange(sizes.members)), 100, program.at + 400 * DAY),
        )
        for store in range(sizes.stores)
        for number in range(REPORTS_EACH)
    )
    for number, own in enumerate(_chunk(envelopes), 1):
        payload = encode(Batch(SCHEMA, b"stores".ljust(16), number, program.at, own))
        applied = apply_entry(program, program.at, number, payload)
        assert not [outcome for outcome in applied.outcomes if isinstance(outcome, Rejected)]


def name_member(number: int) -> str:
    """As ``build_program`` has it."""
    return f"m{number:07d}"


def name_auction(number: int) -> str:
    """One that is open."""
    return f"a{number:05d}"


def name_store(number: int) -> str:
    """A store's service, segment and rule."""
    return f"store{number:04d}"


def name_experience(partner: int, number: int) -> str:
    """One of a partner's."""
    return f"p{partner:02d}-{number:02d}"


def draw_experience(generator: random.Random, sizes: Sizes) -> str:
    """Any partner's."""
    return name_experience(generator.randrange(sizes.partners), generator.randrange(EXPERIENCES_EACH))


def _make_rule(generator: random.Random, id: str, scope: Scope) -> PriceRule:
    effect = Effect("factor", generator.randrange(9_000, 9_999))
    return PriceRule(id, scope, effect, generator.choice(("stack", "best")), generator.randrange(10))


def _chunk(things: Iterable[_T]) -> Iterator[list[_T]]:
    rest = iter(things)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
