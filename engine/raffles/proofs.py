"""Proofs that a lock's root contains a member's entries.

Leaves are not kept: those of an entry's stretch are made again, and the stretches' roots are there already.
So a proof takes some ms, whatever the raffle's size; it is made beside the event loop.
"""

from collections.abc import Callable
from typing import Final

from engine.draw.entries import encode_leaf, entrant_of
from engine.draw.merkle import audit_path, hash_leaf
from engine.errors import Rejection
from engine.program import Program
from engine.raffles.answers import EntryProofView, ProvenEntry
from engine.raffles.state import STRETCH, Raffle, Stretch
from engine.raffles.views import find_public

PROVEN: Final = 20
"""Entries that one answer proves."""

FORMAT: Final = "livelot-entry-1"


def prove_entries(program: Program, id: str, member: str, *, after: int = 0) -> Callable[[], EntryProofView]:
    """A job that proves a member's entries from the one at index ``after`` on.

    Entries never change once the lock stands, so the job may run in another thread. Raises ``Rejection``:
    ``unknown_raffle``, ``unknown_member``, ``no_entry`` for a member without one there, ``no_proof`` before
    the lock.
    """
    raffle = find_public(program, id)
    holding = (program.members.get(member).raffles or {}).get(id)
    numbers = holding.entries[after : after + PROVEN] if holding is not None else ()
    if not numbers:
        raise Rejection("no_entry", "This member has no such entry in this raffle.", raffle=id)
    if not raffle.lock:
        raise Rejection("no_proof", "The root is fixed by the lock; ask again after the close.")
    record = program.raffles.locks[raffle.lock - 1]

    def prove() -> EntryProofView:
        return EntryProofView(
            format=FORMAT,
            program=program.id,
            lock=record.text,
            signature=record.signature,
            key=record.key,
            entrant=entrant_of(raffle.salt, member),
            entries=_prove(raffle, numbers),
        )

    return prove


def _prove(raffle: Raffle, numbers: tuple[int, ...]) -> list[ProvenEntry]:
    roots = raffle.stretch_roots()
    leaves: dict[int, list[bytes]] = {}
    proven = []
    for number in numbers:
        place, offset = divmod(number, STRETCH)
        stretch = raffle.stretches[place]
        if place not in leaves:
            leaves[place] = _hash_leaves(raffle, place * STRETCH, stretch)
        path = audit_path(offset, leaves[place]) + audit_path(place, roots)
        entry = stretch.entries[offset]
        last = entry.first + entry.tickets - 1
        proven.append(ProvenEntry(number, entry.first, last, [one.hex() for one in path]))
    return proven


def _hash_leaves(raffle: Raffle, number: int, stretch: Stretch) -> list[bytes]:
    return [
        hash_leaf(
            encode_leaf(entrant_of(raffle.salt, one.member), place, one.first, one.first + one.tickets - 1)
        )
        for place, one in enumerate(stretch.entries, number)
    ]
