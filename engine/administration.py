"""Commands on the program itself, its members and their points."""

from engine.commands import FORMATS_SINCE, AdjustPoints, Configure, CreditPoints, UpsertMember
from engine.errors import Rejection
from engine.events import MemberChanged, PointsIssued, PointsWithdrawn, ProgramConfigured
from engine.funds import check_points
from engine.ledger import split_sealed
from engine.members import Lot, Member
from engine.program import Program
from engine.results import MemberSet, PointsSet, ProgramSet
from engine.rewards.reversal import await_forgetting
from engine.units import NEVER


def configure(program: Program, command: Configure, actor: str, at: int) -> ProgramSet:
    """Replaces the settings. Raises ``Rejection``: ``setting_is_fixed``, ``invalid_auction``, and
    ``unknown_market`` for money of a market that is not among the markets."""
    settings = command.settings
    for market in settings.money:
        if settings.markets and market not in settings.markets:
            words = f"There is no market {market!r}; the markets are {', '.join(settings.markets)}."
            raise Rejection("unknown_market", words, market=market)
    retention = program.settings.redemption_retention
    program.configure(settings)
    if settings.redemption_retention != retention:
        await_forgetting(program, at)
    return program_set(program)


def program_set(program: Program) -> ProgramSet:
    """Tells that the program's settings or level changed."""
    program.events.append(ProgramConfigured(program.level))
    return ProgramSet(program.level)


def upsert_member(program: Program, command: UpsertMember, actor: str, at: int) -> MemberSet:
    """Makes a member known, or changes it. Raises ``Rejection``: ``unknown_tier``, ``unknown_market``,
    ``too_many_members``."""
    settings = program.settings
    if settings.tiers and command.tier not in settings.tiers:
        raise Rejection(
            "unknown_tier", f"The program's tiers are {', '.join(settings.tiers)}.", tier=command.tier
        )
    if settings.markets and command.market not in settings.markets:
        raise Rejection(
            "unknown_market",
            f"The program's markets are {', '.join(settings.markets)}.",
            market=command.market,
        )
    member = program.members.find(command.member)
    if member is None:
        if program.members.count >= settings.members:
            raise Rejection("too_many_members", f"A program may have at most {settings.members} members.")
        member = Member(command.member, command.tier, command.market, command.segments, command.staff, ())
        program.members.add(member)
        program.keys.adopt(member)
    else:
        member.tier = command.tier
        member.market = command.market
        member.segments = command.segments
        member.staff = command.staff
        program.members.share_names(member)
    program.events.append(MemberChanged(command.member))
    return MemberSet(command.member)


def credit_points(program: Program, command: CreditPoints, actor: str, at: int) -> PointsSet:
    """Issues points. Raises ``Rejection``: ``unknown_member``, ``already_past``, ``balance_too_large``,
    ``too_many_lots``."""
    return _issue(
        program, command.member, command.amount, command.expires_at, command.earned_at, command.reason, at
    )


def adjust_points(program: Program, command: AdjustPoints, actor: str, at: int) -> PointsSet:
    """Corrects a balance. Raises what ``credit_points`` does, ``insufficient_points``, and
    ``invalid_parameters`` for 0."""
    if command.amount > 0:
        return _issue(program, command.member, command.amount, command.expires_at, 0, command.reason, at)
    if command.amount == 0:
        raise Rejection("invalid_parameters", "An adjustment needs an amount other than 0.", field="amount")
    member = program.members.get(command.member)
    program.ledger.expire(member, at)
    try:
        check_points(program, member, -command.amount, at)
    except Rejection as shortage:
        if program.level < FORMATS_SINCE:
            raise
        # What is missing would tell what a sealed bid holds.
        words = "This would take more than the member has at its disposal."
        raise Rejection("insufficient_points", words, needed=-command.amount) from shortage
    program.ledger.spend(member, -command.amount)
    program.events.append(PointsWithdrawn(member.id, -command.amount, command.reason))
    return _points_set(program, member)


def expire_next(program: Program, instant: int, at: int) -> bool:
    """Expires the lots of one member that was waiting for ``instant``; False when none is left."""
    ids = program.ledger.expiries[instant]
    if ids:
        program.ledger.expire(program.members.get(ids.pop()), at)
    if not ids:
        del program.ledger.expiries[instant]
    return bool(ids)


def _issue(
    program: Program, id: str, amount: int, expires_at: int, earned_at: int, reason: str, at: int
) -> PointsSet:
    member = program.members.get(id)
    if expires_at and expires_at <= at:
        raise Rejection(
            "already_past", "expires_at must lie ahead; 0 means never.", expires_at=expires_at, now=at
        )
    if earned_at > at:
        raise Rejection("invalid_parameters", "earned_at must not lie ahead; 0 means now.", field="earned_at")
    program.ledger.expire(member, at)
    earned = earned_at or at
    lot = Lot(earned - earned % program.settings.earned_period, expires_at or NEVER, amount)
    program.ledger.check_credit(member, lot)
    program.ledger.credit(member, lot)
    program.events.append(PointsIssued(member.id, amount, reason))
    return _points_set(program, member)


def _points_set(program: Program, member: Member) -> PointsSet:
    """A member's points as others may see them: what sealed bids hold counts as available, or as
    expired once it would have."""
    sealed, expired = split_sealed(program.ledger.sealed.get(member.id), program.at)
    return PointsSet(member.id, member.available + sealed, member.held - sealed - expired)
