"""However much is due at once, a command does a slice of it at most, and in order."""

from engine.commands import (
    MANAGER,
    MEMBER,
    BuyTickets,
    CreateAuction,
    CreditPoints,
    Draw,
    OpenAuction,
    Prize,
    ProgramSettings,
    Tick,
    UpsertMember,
    VoidRaffle,
)
from engine.events import AuctionUnsold, PointsExpired
from engine.ledger import check_conservation
from engine.machine import SLICE
from engine.raffles.refunds import FORGOTTEN_AT_ONCE
from engine.raffles.tickets import ENTRIES_EACH
from engine.units import HOUR, MINUTE, SECOND
from tests.engine.harness import MIDNIGHT, Stage, copy_of, envelope, replay
from tests.engine.raffling import SECRET, close, draw, open_raffle


def drain(stage, count):
    """Ticks until nothing is due; every tick does a slice at most. Returns the number of ticks."""
    ticks, before, due = 0, count(), True
    while due:
        due = stage.send(envelope(Tick()), audit=False)[0].due
        after = count()
        assert 0 <= before - after <= SLICE
        assert before - after == SLICE or not due
        before = after
        ticks += 1
    return ticks


def test_10_000_auctions_that_close_together():
    stage = Stage()
    together = MIDNIGHT + HOUR
    for first in range(0, 10_000, 500):
        ids = [f"x{number}" for number in range(first, first + 500)]
        terms = stage.terms(ends_at=together)
        stage.send(
            *(envelope(CreateAuction(id, terms)) for id in ids), *(envelope(OpenAuction(id)) for id in ids)
        )
    stage.at = together
    assert drain(stage, lambda: len(stage.program.live)) == 10_000 // SLICE + 1
    assert {auction.status for auction in stage.program.auctions.values()} == {"unsold"}
    assert {auction.ended_at for auction in stage.program.auctions.values()} == {together}


def test_5_000_members_whose_points_expire_together():
    stage = Stage()
    together = MIDNIGHT + HOUR
    ids = [f"m{number}" for number in range(5_000)]
    stage.send(*(envelope(UpsertMember(id, "gold", "north")) for id in ids))
    stage.send(*(envelope(CreditPoints(id, 7, together)) for id in ids))
    stage.at = together
    assert drain(stage, lambda: stage.program.ledger.totals.available // 7) == 5_000 // SLICE + 1
    assert stage.program.ledger.totals.expired == 35_000
    check_conservation(stage.program.members, stage.program.ledger)


def test_5_000_keys_that_are_forgotten_together():
    stage = Stage()
    stage.member("anna", 0)
    not_after = stage.at + MINUTE
    keys = [f"k{number}" for number in range(5_000)]
    stage.send(*(envelope(Tick(), "boss", MANAGER, key=key, not_after=not_after) for key in keys[:2_500]))
    stage.send(*(envelope(Tick(), "anna", MEMBER, key=key, not_after=not_after) for key in keys[2_500:]))
    assert stage.program.keys.count == 5_000
    stage.at = not_after + SECOND
    assert drain(stage, lambda: stage.program.keys.count) == 5_000 // SLICE + 1
    assert stage.program.keys.others == {}
    assert stage.who("anna").keys is None


def test_other_commands_do_due_work_too_a_slice_each():
    stage = Stage()
    for number in range(300):
        stage.open(f"x{number}")
    stage.wait(HOUR)
    stage.send(
        envelope(UpsertMember("anna", "gold", "north")), envelope(UpsertMember("ben", "gold", "north"))
    )
    assert len(stage.events(AuctionUnsold)) == 2 * SLICE
    assert [event.auction for event in stage.events(AuctionUnsold)] == [f"x{n}" for n in range(2 * SLICE)]


def test_due_work_is_done_in_the_order_of_its_deadlines():
    stage = Stage()
    stage.member("anna", 50, expires_at=MIDNIGHT + 2 * MINUTE)
    for id, minutes in (("late", 3), ("soon", 1), ("also soon".replace(" ", "-"), 1)):
        stage.open(id, ends_at=MIDNIGHT + minutes * MINUTE)
    happened = stage.tick(MIDNIGHT + HOUR)
    order = [
        getattr(event, "auction", "points")
        for event in happened
        if type(event) in (AuctionUnsold, PointsExpired)
    ]
    assert order == ["soon", "also-soon", "points", "late"]


def test_a_backlog_survives_a_snapshot():
    stage = Stage()
    for number in range(200):
        stage.member(f"m{number}", 5, expires_at=MIDNIGHT + HOUR)
        stage.open(f"x{number}")
    stage.at = MIDNIGHT + HOUR
    while stage.do(Tick()).due:
        stage.program = copy_of(stage.program)
    assert stage.program.state_digest() == replay(stage.entries).state_digest()
    assert stage.program.ledger.totals.expired == 1_000


def test_1_000_places_are_drawn_one_a_unit():
    stage = Stage()
    ids = [f"m{number}" for number in range(1_200)]
    stage.send(*(envelope(UpsertMember(id, "gold", "north")) for id in ids))
    raffle = open_raffle(stage, prizes=(Prize("mug", 1_000),), price=0)
    stage.send(*(envelope(BuyTickets("r", 1 + number % 7, 0, member=id)) for number, id in enumerate(ids)))
    close(stage)
    stage.do(Draw("r", secret=SECRET.hex()))
    assert drain(stage, lambda: 1_000 - len(raffle.places)) == 1_000 // SLICE + 1
    # A thousand winners all let it lapse; a writer is forgotten in between.
    stage.at += raffle.terms.claim_within
    before = raffle.offers
    while raffle.offers:
        stage.do(Tick())
        assert 0 <= before - raffle.offers <= SLICE
        before = raffle.offers
    assert (raffle.status, stage.program.agenda.next_at > stage.at) == ("settled", True)


def test_5_000_tickets_are_refunded_and_forgotten_in_slices():
    stage = Stage(ProgramSettings(raffle_retention=HOUR))
    ids = [f"m{number}" for number in range(1_000)]
    stage.send(*(envelope(UpsertMember(id, "gold", "north")) for id in ids))
    stage.send(*(envelope(CreditPoints(id, 500)) for id in ids))
    raffle = open_raffle(stage)
    for _ in range(5):
        stage.send(*(envelope(BuyTickets("r", 1, 100, member=id)) for id in ids), audit=False)
    stage.do(VoidRaffle("r", "why"))
    assert drain(stage, lambda: raffle.entries - raffle.refunded) == 5_000 // SLICE + 1
    assert stage.program.ledger.totals.spent == 0
    stage.at += HOUR
    stage.send(envelope(Tick()), audit=False)
    assert raffle.forgotten <= SLICE * FORGOTTEN_AT_ONCE < 5_000
    stage.tick()
    assert stage.program.raffles.by_id == {}
    assert {member.raffles for member in stage.program.members} == {None}


def test_an_entrant_with_as_many_entries_as_it_may_have_leaves_at_once():
    stage = Stage()
    stage.members("anna", "ben")
    raffle = open_raffle(stage, price=0, prizes=(Prize("car", 2),))
    stage.send(*(envelope(BuyTickets("r", 3, 0, member="anna")) for _ in range(ENTRIES_EACH)), audit=False)
    stage.do(BuyTickets("r", 1, 0), "ben")
    draw(stage)
    assert sorted(place.member for place in raffle.places) == ["anna", "ben"]
    assert (raffle.left, raffle.finished) == (0, True)
