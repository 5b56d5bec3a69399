"""The shortest history that still fails."""

from engine.commands import LEVEL, CreditPoints, Envelope, Genesis, PlaceBid, ProgramSettings, UpsertMember
from engine.simulator.shrinking import Moment, find_fault, shrink, shrink_history, tell
from engine.units import HOUR, NEVER
from tests.engine.harness import MIDNIGHT, Stage
from tests.engine.simulator.planting import bug_named, planted


def test_what_is_not_needed_is_left_out() -> None:
    assert shrink(list(range(100)), lambda some: {17, 42, 80} <= {*some}) == [0, 17, 42, 80]
    assert shrink([0, 1, 2], lambda some: True) == [0]


def test_it_gives_up_after_so_many_tries() -> None:
    tried = []

    def fails(some: list[int]) -> bool:
        tried.append(some)
        return 999 in some

    assert 999 in shrink(list(range(1_000)), fails, tries=5)
    assert len(tried) == 5


def history() -> list[Moment]:
    """A tie, among much else."""
    stage = Stage()
    genesis = Genesis("test", settings=ProgramSettings(increments=()), level=LEVEL)
    moments = [Moment(0, Envelope("founder", 3, "", 0, NEVER, genesis))]

    def add(command: object, actor: str = "boss") -> None:
        moments.append(Moment(MIDNIGHT, Envelope(actor, 0, "", 0, NEVER, command)))  # type: ignore[arg-type]

    for id in ("anna", "ben", "cleo", "dan"):
        add(UpsertMember(id, "gold", "north"))
        add(CreditPoints(id, 5_000))
    from engine.commands import CreateAuction, OpenAuction

    add(CreateAuction("a", stage.terms(ends_at=MIDNIGHT + HOUR)))
    add(OpenAuction("a"))
    for member, maximum in (("anna", 600), ("cleo", 900), ("ben", 900), ("dan", 2_000)):
        add(PlaceBid("a", maximum), member)
    return moments


def test_a_history_that_is_right_has_no_fault() -> None:
    assert find_fault(history()) == ""
    assert shrink_history(history()) == ([], "")


def test_a_wrong_tie_is_shown_by_two_bids() -> None:
    with planted(bug_named("a tie goes to the later bid")):
        fewest, words = shrink_history(history())
    told = tell(fewest)
    assert "not the auditor's" in words or "accepted" in words
    assert [line for line in told if "PlaceBid" in line] == [line for line in told if "maximum=900" in line]
    assert len(told) == 8, told
