"""The catalogue: experiences, who may see and take them, and what is left of them.

Stock counts what was taken, not what is left: so terms can be replaced, again and again, while members
redeem. A redemption that waits for its payment has taken its piece.
"""

from bisect import bisect_right
from typing import Final

from engine.agenda import Duty
from engine.commands import ExperienceTerms, PutExperience, RemoveExperience
from engine.errors import Rejection
from engine.events import CatalogueChanged
from engine.members import Member
from engine.program import Program
from engine.results import ExperienceSet
from engine.rewards.state import Experience
from engine.units import MAXIMUM_TIME

MOST_TAKEN: Final = 1_000
"""How many instants are kept of one member: as many as the greatest limit needs."""


def put_experience(program: Program, command: PutExperience, actor: str, at: int) -> ExperienceSet:
    """Puts or replaces. Raises ``Rejection``: ``invalid_experience``, ``unknown_tier``, ``unknown_market``,
    ``too_many_experiences``."""
    _check_terms(program, command.terms)
    experience = program.experiences.get(command.experience)
    if experience is not None:
        experience.terms = command.terms
    elif len(program.experiences) >= program.settings.experiences:
        raise Rejection(
            "too_many_experiences", f"A program may have at most {program.settings.experiences} experiences."
        )
    else:
        experience = program.experiences[command.experience] = Experience(
            command.experience, command.terms, since=program.redeemed + 1
        )
    _await_edge(program, experience, at)
    program.events.append(CatalogueChanged(command.experience))
    return ExperienceSet(command.experience)


def remove_experience(program: Program, command: RemoveExperience, actor: str, at: int) -> ExperienceSet:
    """Removes. Raises ``Rejection("unknown_experience")``."""
    find(program, command.experience)
    del program.experiences[command.experience]
    program.events.append(CatalogueChanged(command.experience))
    return ExperienceSet(command.experience)


def do_turn(program: Program, id: str, at: int) -> None:
    """The agenda's ``TURN_EXPERIENCE``: it opens or closes to somebody, or this entry is out of date."""
    experience = program.experiences.get(id)
    if experience is not None and experience.awaited <= at:
        _await_edge(program, experience, at)
        program.events.append(CatalogueChanged(id))


def find(program: Program, id: str) -> Experience:
    """The experience. Raises ``Rejection("unknown_experience")``."""
    experience = program.experiences.get(id)
    if experience is None:
        raise Rejection("unknown_experience", f"There is no experience {id!r}.", experience=id)
    return experience


def is_shown(terms: ExperienceTerms, tier: str, market: str, at: int) -> bool:
    """Whether a member of this tier and market sees it in the catalogue, be it locked."""
    if terms.markets and market not in terms.markets:
        return False
    if not opens_at(terms, tier) <= at < (terms.visible_until or at + 1):
        return False
    return terms.gate == "locked" or not is_locked(terms, tier)


def is_locked(terms: ExperienceTerms, tier: str) -> bool:
    """Whether other tiers than this one may take it."""
    return bool(terms.tiers) and tier not in terms.tiers


def opens_at(terms: ExperienceTerms, tier: str) -> int:
    """When (ms) it opens for a tier."""
    return terms.visible_from - terms.early_access.get(tier, 0)


def check_open(experience: Experience, member: Member, at: int) -> None:
    """Whether the member may take it now, stock and limits apart.

    Raises ``Rejection``: ``unknown_experience`` for what is over, and for what is hidden and not shown to it
    for any reason; else ``not_in_market``, ``tier_locked`` with the tiers that may, ``not_available_yet``
    with when it opens.
    """
    terms = experience.terms
    if terms.gate == "hidden" and not is_shown(terms, member.tier, member.market, at):
        raise Rejection(
            "unknown_experience", f"There is no experience {experience.id!r}.", experience=experience.id
        )
    if terms.markets and member.market not in terms.markets:
        raise Rejection(
            "not_in_market",
            f"This is for the markets {', '.join(terms.markets)}; yours is {member.market}.",
            markets=list(terms.markets),
        )
    if terms.visible_until and at >= terms.visible_until:
        raise Rejection(
            "unknown_experience",
            f"The experience {experience.id!r} is not in the catalogue any more.",
            experience=experience.id,
        )
    opens = opens_at(terms, member.tier)
    if at < opens:
        raise Rejection("not_available_yet", "This opens for you later.", opens_at=opens)
    if is_locked(terms, member.tier):
        raise Rejection(
            "tier_locked",
            f"This is for the tiers {', '.join(terms.tiers)}; yours is {member.tier}.",
            tiers=list(terms.tiers),
        )


def stock_left(experience: Experience, market: str) -> int | None:
    """How many pieces are left for a market; None: without limit."""
    terms = experience.terms
    left = None if terms.stock is None else max(0, terms.stock - experience.taken)
    if market in terms.stock_by_market:
        here = left_in(experience, market)
        left = here if left is None else min(left, here)
    return left


def left_in(experience: Experience, market: str) -> int:
    """How many pieces are left of a market's own stock; 1 for one without."""
    own = experience.terms.stock_by_market.get(market)
    return 1 if own is None else max(0, own - experience.taken_by_market.get(market, 0))


def count_taken(experience: Experience, member: str, at: int) -> int:
    """How many pieces count towards the member's limit at ``at`` ms."""
    taken = experience.takers.get(member, ())
    period = experience.terms.limit_period
    return len(taken) - bisect_right(taken, at - period) if period else len(taken)


def check_limit(experience: Experience, member: str, at: int) -> None:
    """Raises ``Rejection("redemption_limit_reached")``, with when it is over (0: never)."""
    terms = experience.terms
    if not terms.limit or count_taken(experience, member, at) < terms.limit:
        return
    again = experience.takers[member][-terms.limit] + terms.limit_period if terms.limit_period else 0
    raise Rejection(
        "redemption_limit_reached",
        f"A member may have this {terms.limit} times{' within a period' if again else ''}.",
        limit=terms.limit,
        again_at=again,
    )


def take(experience: Experience, member: str, market: str, at: int, retention: int) -> None:
    """Takes a piece: check first that there is one. ``retention``: for how long (ms) more instants are kept
    than the limit needs, since it may be raised or its period made longer."""
    experience.taken += 1
    experience.taken_by_market[market] = experience.taken_by_market.get(market, 0) + 1
    limit = experience.terms.limit
    if limit:
        taken = (*experience.takers.get(member, ()), at)
        recent = bisect_right(taken, at - retention)
        experience.takers[member] = taken[max(0, min(recent, len(taken) - limit), len(taken) - MOST_TAKEN) :]


def put_back(experience: Experience, member: str, market: str, at: int) -> None:
    """Puts a piece back that was taken at ``at`` ms."""
    experience.taken -= 1
    experience.taken_by_market[market] -= 1
    if not experience.taken_by_market[market]:
        del experience.taken_by_market[market]
    taken = list(experience.takers.get(member, ()))
    if at in taken:
        taken.remove(at)
        if taken:
            experience.takers[member] = tuple(taken)
        else:
            del experience.takers[member]


def _await_edge(program: Program, experience: Experience, at: int) -> None:
    terms = experience.terms
    edges = [terms.visible_until, terms.visible_from]
    edges += [terms.visible_from - early for early in terms.early_access.values()]
    edge = min([edge for edge in edges if edge > at], default=MAXIMUM_TIME)
    if edge < MAXIMUM_TIME and not at < experience.awaited <= edge:
        experience.awaited = edge
        program.agenda.post(edge, Duty.TURN_EXPERIENCE, experience.id)


def _check_terms(program: Program, terms: ExperienceTerms) -> None:
    settings = program.settings
    for tier in (*terms.tiers, *terms.early_access):
        if settings.tiers and tier not in settings.tiers:
            words = f"The program's tiers are {', '.join(settings.tiers)}."
            raise Rejection("unknown_tier", words, tier=tier)
    for market in (*terms.markets, *terms.stock_by_market):
        if settings.markets and market not in settings.markets:
            words = f"The program's markets are {', '.join(settings.markets)}."
            raise Rejection("unknown_market", words, market=market)
    payment = terms.payment
    problems = (
        (
            "visible_until",
            0 < terms.visible_until <= terms.visible_from,
            "visible_until must lie after visible_from; 0 means for good.",
        ),
        ("limit_period", terms.limit_period and not terms.limit, "A period needs a limit."),
        (
            "payment",
            payment is not None and payment.least > payment.greatest,
            "The least share in points is at most the greatest.",
        ),
        (
            "early_access",
            any(early > terms.visible_from for early in terms.early_access.values()),
            "Early access is counted from visible_from, and cannot begin before 1970.",
        ),
        (
            "tiers",
            terms.tiers and not set(terms.early_access) <= set(terms.tiers),
            "Early access is for tiers that may have it.",
        ),
    )
    for field, wrong, words in problems:
        if wrong:
            raise Rejection("invalid_experience", words, field=field)
