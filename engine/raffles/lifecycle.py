"""A raffle's life: draft → scheduled → open → locked → drawn → settled, or void.

Deadlines stand in the agenda, but every command begins with ``find``, which first does what the raffle's own
deadlines ask for at this instant: a late tick lets no late entry in.
"""

from collections.abc import Collection
from hashlib import sha256

from msgspec.structs import replace

from engine.agenda import Duty
from engine.commands import (
    CommitSecret,
    CreateRaffle,
    MoveClose,
    OpenRaffle,
    RaffleTerms,
    ScheduleRaffle,
    UpdateRaffle,
    VoidRaffle,
)
from engine.draw.beacon import first_round
from engine.errors import Rejection
from engine.events import RaffleChanged
from engine.program import Program
from engine.raffles import locking, refunds
from engine.raffles.state import DRAFT, OPEN, SCHEDULED, VOID, Raffle
from engine.results import RaffleSet
from engine.units import DAY

LONGEST = 366 * DAY
"""The longest time between a raffle's opening and close, in ms."""

PLACES = 10_000
"""Places that a raffle may have, prizes and reserves together."""


def find(program: Program, id: str, at: int) -> Raffle:
    """The raffle, after what its deadlines ask for at ``at`` ms was done. Raises
    ``Rejection("unknown_raffle")``."""
    raffle = program.raffles.by_id.get(id)
    if raffle is None:
        raise Rejection("unknown_raffle", f"There is no raffle {id!r}.", raffle=id)
    if raffle.status == SCHEDULED and at >= raffle.terms.opens_at:
        _open(program, raffle, at)
    if raffle.status == OPEN and at >= raffle.closes_at:
        locking.lock(program, raffle, at)
    locking.check_signed_in_time(program, raffle, at)
    return raffle


def find_public(program: Program, id: str, at: int) -> Raffle:
    """As ``find``, for members: they know of no drafts."""
    raffle = find(program, id, at)
    if raffle.status == DRAFT:
        raise Rejection("unknown_raffle", f"There is no raffle {id!r}.", raffle=id)
    return raffle


def find_in(program: Program, id: str, at: int, statuses: Collection[str]) -> Raffle:
    """As ``find``, for a raffle in one of ``statuses``. Raises ``Rejection("wrong_raffle_status")`` too."""
    raffle = find(program, id, at)
    if raffle.status not in statuses:
        raise wrong_status(raffle, statuses)
    return raffle


def wrong_status(raffle: Raffle, wanted: Collection[str]) -> Rejection:
    """The refusal of what a raffle's status does not allow."""
    return Rejection(
        "wrong_raffle_status",
        f"The raffle is {raffle.status}; it must be {' or '.join(wanted)}.",
        status=raffle.status,
    )


def create(program: Program, command: CreateRaffle, actor: str, at: int) -> RaffleSet:
    """Makes a draft. Raises ``Rejection``: ``raffle_exists``, ``invalid_raffle``, ``too_many_raffles``,
    ``unknown_tier``."""
    raffles = program.raffles
    if command.raffle in raffles.by_id:
        raise Rejection(
            "raffle_exists", f"There is a raffle {command.raffle!r} already.", raffle=command.raffle
        )
    if len(raffles.by_id) >= program.settings.raffles:
        raise Rejection("too_many_raffles", f"A program may have at most {program.settings.raffles} raffles.")
    _check_terms(program, command.terms)
    raffles.serial += 1
    raffle = Raffle(
        command.raffle,
        raffles.serial,
        command.terms,
        _make_salt(program, raffles.serial),
        command.terms.closes_at,
    )
    raffles.keep(raffle)
    return changed(program, raffle)


def update(program: Program, command: UpdateRaffle, actor: str, at: int) -> RaffleSet:
    """Replaces the terms of a draft or a scheduled raffle. Raises ``Rejection``: ``wrong_raffle_status``,
    ``invalid_raffle``, ``unknown_tier``, ``already_past``."""
    raffle = find_in(program, command.raffle, at, (DRAFT, SCHEDULED))
    _check_terms(program, command.terms)
    if raffle.status == SCHEDULED:
        _check_ahead(command.terms.closes_at, at)
    raffle.terms = command.terms
    raffle.closes_at = command.terms.closes_at
    if raffle.terms.randomness != "commitment":
        raffle.commitment = ""
    if raffle.status == SCHEDULED:
        program.agenda.post(raffle.terms.opens_at, Duty.OPEN_RAFFLE, raffle.id)
    return changed(program, raffle)


def schedule(program: Program, command: ScheduleRaffle, actor: str, at: int) -> RaffleSet:
    """draft → scheduled. Raises ``Rejection``: ``wrong_raffle_status``, ``already_past``."""
    raffle = find_in(program, command.raffle, at, (DRAFT,))
    _check_ahead(raffle.closes_at, at)
    raffle.status = SCHEDULED
    program.raffles.live[raffle.id] = None
    program.agenda.post(raffle.terms.opens_at, Duty.OPEN_RAFFLE, raffle.id)
    return changed(program, raffle)


def open_now(program: Program, command: OpenRaffle, actor: str, at: int) -> RaffleSet:
    """draft or scheduled → open, or scheduled for now where its commitment is not published yet. Raises
    ``Rejection``: ``wrong_raffle_status``, ``already_past``."""
    raffle = find_in(program, command.raffle, at, (DRAFT, SCHEDULED))
    _check_ahead(raffle.closes_at, at)
    raffle.status = SCHEDULED
    program.raffles.live[raffle.id] = None
    if raffle.terms.opens_at > at:
        raffle.terms = replace(raffle.terms, opens_at=at)
    _open(program, raffle, at)
    return changed(program, raffle)


def move_close(program: Program, command: MoveClose, actor: str, at: int) -> RaffleSet:
    """Moves an open raffle's close to an earlier instant. Raises ``Rejection``: ``wrong_raffle_status``,
    ``close_moves_later``, ``already_past``."""
    raffle = find_in(program, command.raffle, at, (OPEN,))
    if command.closes_at >= raffle.closes_at:
        raise Rejection(
            "close_moves_later",
            "The close of an open raffle only moves to an earlier instant: its round is fixed.",
            closes_at=raffle.closes_at,
        )
    _check_ahead(command.closes_at, at, "name a later instant")
    raffle.closes_at = command.closes_at
    program.agenda.post(raffle.closes_at, Duty.CLOSE_RAFFLE, raffle.id)
    return changed(program, raffle)


def void(program: Program, command: VoidRaffle, actor: str, at: int) -> RaffleSet:
    """Ends a raffle without prizes; its tickets are refunded. A draft, of which nobody outside has heard, is
    forgotten at once. Raises ``Rejection``: ``unknown_raffle``, ``wrong_raffle_status``,
    ``already_claimed``."""
    raffle = find(program, command.raffle, at)
    if raffle.status == DRAFT:
        program.raffles.forget(raffle)
        program.events.append(RaffleChanged(raffle.id, VOID))
        return RaffleSet(raffle.id, VOID, raffle.closes_at)
    refunds.check_voidable(raffle)
    refunds.void(program, raffle, command.reason, at)
    return RaffleSet(raffle.id, raffle.status, raffle.closes_at)


def commit(program: Program, command: CommitSecret, actor: str, at: int) -> RaffleSet:
    """Publishes a raffle's commitment; one that waits for it opens. Raises ``Rejection``:
    ``wrong_raffle_status``, ``already_committed``."""
    raffle = find_in(program, command.raffle, at, (SCHEDULED,))
    if raffle.terms.randomness != "commitment" or raffle.commitment:
        raise Rejection("already_committed", "This raffle has its commitment, or needs none.")
    raffle.commitment = command.commitment
    if at >= raffle.terms.opens_at:
        _open(program, raffle, at)
    return changed(program, raffle)


def do_open(program: Program, id: str, at: int) -> None:
    """The agenda's ``OPEN_RAFFLE``."""
    if id in program.raffles.by_id:
        find(program, id, at)


def do_close(program: Program, id: str, at: int) -> None:
    """The agenda's ``CLOSE_RAFFLE`` and ``LAPSE_LOCK``."""
    if id in program.raffles.by_id:
        find(program, id, at)


def changed(program: Program, raffle: Raffle) -> RaffleSet:
    """Tells of the raffle as it is now."""
    program.events.append(RaffleChanged(raffle.id, raffle.status))
    return RaffleSet(raffle.id, raffle.status, raffle.closes_at)


def _open(program: Program, raffle: Raffle, at: int) -> None:
    """Opens it, unless it waits for its commitment; the beacon's round is fixed here."""
    if raffle.terms.randomness == "commitment":
        if not raffle.commitment:
            return
    else:
        raffle.round = first_round(raffle.closes_at)
    raffle.status = OPEN
    raffle.opened_at = at
    program.agenda.post(raffle.closes_at, Duty.CLOSE_RAFFLE, raffle.id)
    program.events.append(RaffleChanged(raffle.id, OPEN))


def _make_salt(program: Program, serial: int) -> bytes:
    """32 bytes that nobody outside can guess: the running digest covers every writer's random origin, and no
    client is told it."""
    return sha256(b"livelot raffle salt\n" + program.digest + serial.to_bytes(8, "big")).digest()


def _check_ahead(closes_at: int, at: int, advice: str = "update closes_at first") -> None:
    if closes_at <= at:
        raise Rejection(
            "already_past", f"The close must lie ahead of now; {advice}.", closes_at=closes_at, now=at
        )


def _check_names(program: Program, terms: RaffleTerms) -> None:
    settings, wanted = program.settings, terms.eligibility
    tiers = (*terms.most_by_tier, *terms.most_each_by_tier, *(wanted.tiers if wanted else ()))
    for code, noun, known, named in (
        ("unknown_tier", "tier", settings.tiers, tiers),
        ("unknown_market", "market", settings.markets, wanted.markets if wanted else ()),
    ):
        for name in named:
            if known and name not in known:
                words = f"There is no {noun} {name!r}; the program's are {', '.join(known)}."
                raise Rejection(code, words, **{noun: name})


def _check_terms(program: Program, terms: RaffleTerms) -> None:
    """Raises ``Rejection("invalid_raffle")`` with the field that is wrong, ``unknown_tier`` and
    ``unknown_market``."""
    _check_names(program, terms)
    ids = [prize.id for prize in terms.prizes]
    places = sum(prize.quantity for prize in terms.prizes) + terms.reserves
    sizes = [bundle.tickets for bundle in terms.bundles]
    problems = (
        ("closes_at", terms.closes_at <= terms.opens_at, "closes_at must lie after opens_at."),
        ("closes_at", terms.closes_at - terms.opens_at > LONGEST, "A raffle may last at most 366 days."),
        ("prizes", len(set(ids)) < len(ids), "Each prize needs an id of its own."),
        ("prizes", places > PLACES, f"Prizes and reserves together are at most {PLACES} places."),
        ("bundles", len(set(sizes)) < len(sizes), "Two bundles of one size: only one could count."),
        (
            "bundles",
            any(bundle.pays >= bundle.tickets for bundle in terms.bundles),
            "A bundle pays fewer tickets than it has.",
        ),
        ("bundles", bool(terms.bundles) and terms.price is None, "Bundles need a price."),
        ("most", terms.most == 0, "A raffle has at least one ticket; leave it out for no limit."),
    )
    for field, wrong, words in problems:
        if wrong:
            raise Rejection("invalid_raffle", words, field=field)
