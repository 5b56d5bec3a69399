"""A member's entries are proven to be under the lock's root."""

import pytest

from engine.draw.entries import encode_leaf
from engine.draw.lock import decode_lock
from engine.draw.merkle import hash_leaf, root_from_path
from engine.errors import Rejection
from engine.raffles import proofs, state
from engine.raffles.proofs import prove_entries
from tests.engine.harness import Stage
from tests.engine.raffling import buy, close, grant, open_raffle


@pytest.mark.parametrize("entries", [1, 2, 3, 4, 5, 8, 9, 16, 17, 23])
def test_every_entry_is_proven(entries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches of four: the path goes through the stretch's tree, and then through that of all stretches."""
    monkeypatch.setattr(state, "STRETCH", 4)
    monkeypatch.setattr(proofs, "STRETCH", 4)
    stage = Stage()
    stage.members("anna", "ben")
    open_raffle(stage)
    for number in range(entries):
        grant(stage, "anna" if number % 2 else "ben", 1 + number % 3)
    close(stage)
    proven = 0
    for member in ("anna", "ben")[: min(entries, 2)] if entries > 1 else ("ben",):
        proof = prove_entries(stage.program, "r", member)()
        lock = decode_lock(proof.lock.encode())
        for one in proof.entries:
            leaf = hash_leaf(encode_leaf(proof.entrant, one.entry, one.first, one.last))
            path = [bytes.fromhex(part) for part in one.path]
            assert root_from_path(one.entry, lock.entries, leaf, path).hex() == lock.root
            proven += 1
    assert proven == entries


def test_many_entries_are_proven_page_by_page() -> None:
    stage = Stage()
    stage.members("anna")
    open_raffle(stage)
    for _ in range(proofs.PROVEN + 3):
        buy(stage, "anna")
    close(stage)
    first = prove_entries(stage.program, "r", "anna")()
    rest = prove_entries(stage.program, "r", "anna", after=proofs.PROVEN)()
    numbers = [one.entry for one in (*first.entries, *rest.entries)]
    assert numbers == list(range(proofs.PROVEN + 3))


def test_proofs_that_are_refused() -> None:
    stage = Stage()
    stage.members("anna", "ben")
    open_raffle(stage)
    buy(stage, "anna")

    def ask(member: str, raffle: str = "r", after: int = 0) -> str:
        with pytest.raises(Rejection) as caught:
            prove_entries(stage.program, raffle, member, after=after)
        return caught.value.rejected.code

    assert ask("anna") == "no_proof"
    close(stage)
    assert ask("ben") == ask("anna", after=1) == "no_entry"
    assert ask("nobody") == "unknown_member"
    assert ask("anna", "x") == "unknown_raffle"
