"""Verification of what is published of a draw: its evidence, one member's entries, a program's locks.

Nothing is taken from the engine that drew: entries are hashed, signatures verified and places drawn anew.
Each function takes the bytes of files as they were published, and returns a report; however malformed they
are, that is a step that failed, never an exception.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from engine.draw import checks
from engine.draw.chain import check_chain
from engine.draw.entries import ENTRANT, encode_leaf, entrant_of
from engine.draw.evidence import EntryPath, EntryProof, read_entry_proof, read_evidence, read_locks
from engine.draw.lock import Lock, decode_lock
from engine.draw.merkle import hash_leaf, root_from_path
from engine.draw.report import Report, Step
from engine.draw.signature import read_hex

_Subject = TypeVar("_Subject")
_Checks = tuple[tuple[str, Callable[[_Subject], str]], ...]

_HASH_BYTES = 32

_OF_EVIDENCE: _Checks[checks.Case] = (
    ("key", checks.check_key),
    ("signature", checks.check_signature),
    ("lock", checks.check_lock),
    ("entries", checks.check_entries),
    ("round", checks.check_round),
    ("beacon", checks.check_beacon),
    ("commitment", checks.check_commitment),
    ("places", checks.check_places),
    ("time", checks.check_time),
    ("void", checks.check_void),
    ("chain", checks.check_locks),
)


def verify_evidence(
    data: bytes,
    *,
    keys: Sequence[bytes] = (),
    locks: Sequence[bytes] = (),
    certificates: bytes | None = None,
) -> Report:
    """Verifies a whole draw from its evidence file.

    ``keys`` are the program's public keys, 32 bytes each, one unless it has changed its key; without them the
    file's own is taken, and noted. ``locks``
    are all pages of the program's list of locks as JSON; with them the chain is verified too.
    ``certificates`` are those of the time stamp's authorities, in PEM.
    """
    try:
        evidence = read_evidence(data)
    except ValueError as error:
        return _report_form(error)
    case = checks.Case(evidence, keys, locks, certificates, [])
    form = f"The file is written in its one form; it says that the program is {evidence.program}."
    return Report(_run_checks(form, case, _OF_EVIDENCE), case.notes)


def verify_locks(pages: Sequence[bytes], *, keys: Sequence[bytes] = ()) -> Report:
    """Verifies a program's list of locks (JSON, all its pages): without a gap, each naming the one before,
    each signed, the last page the list's last.

    ``keys`` are as in ``verify_evidence``: every signature is of one of them.
    """
    try:
        locks = read_locks(pages)
    except ValueError as error:
        return _report_form(error)
    notes: list[str] = []

    def check_locks(_: None) -> str:
        chain = check_chain(locks)
        if keys:
            checks.check_keys(chain, keys)
        else:
            notes.append(checks.OWN_KEY)
            notes.extend(checks.note_keys(chain, next(iter(chain.keys), "")))
        return f"The list has {len(locks):,} locks, {checks.describe_chain(chain)}"

    return Report(_run_checks("It is a list of locks.", None, (("chain", check_locks),)), notes)


class EntryCase(msgspec.Struct):
    """What is verified of one member's entries, what it is held against, and what was found so far."""

    proof: EntryProof
    given_keys: Sequence[bytes]
    member: str | None
    salt: bytes | None
    notes: list[str]
    key: bytes = b""
    decoded: Lock | None = None


def verify_entry(
    data: bytes, *, keys: Sequence[bytes] = (), member: str | None = None, salt: bytes | None = None
) -> Report:
    """Verifies that the entries of one member are in a lock, from the member's proof.

    ``keys`` are as in ``verify_evidence``. With ``member`` and the raffle's ``salt`` it is verified too that
    the pseudonym is this member's; one without the other says nothing.
    """
    try:
        proof = read_entry_proof(data)
    except ValueError as error:
        return _report_form(error)
    case = EntryCase(proof, keys, member, salt, [])
    form = f"The file is written in its one form; it says that the program is {proof.program}."
    return Report(_run_checks(form, case, _OF_ENTRY), case.notes)


def _check_entry_key(case: EntryCase) -> str:
    case.key, words = checks.compare_keys(case.proof.key, case.given_keys, case.notes)
    return words


def _check_entry_signature(case: EntryCase) -> str:
    return checks.verify_signature(case.key, case.proof.signature, case.proof.lock)


def _check_entry_lock(case: EntryCase) -> str:
    case.decoded = lock = decode_lock(case.proof.lock.encode())
    return f"Lock {lock.number:,} of the program: raffle {lock.raffle}, with {lock.tickets:,} tickets."


def _check_paths(case: EntryCase) -> str:
    assert case.decoded is not None  # the step before has passed
    proof, lock = case.proof, case.decoded
    if not proof.entries:
        raise ValueError("the file proves no entry")
    if not ENTRANT.fullmatch(proof.entrant):
        raise ValueError("the entrant is not written as 32 lower-case hex characters")
    places = [entry.entry for entry in proof.entries]
    if places != sorted(set(places)):
        raise ValueError("the entries do not stand in their order, each once")
    for entry in proof.entries:
        if _find_root(proof.entrant, entry, lock.entries).hex() != lock.root:
            raise ValueError(f"entry {entry.entry:,} with these tickets is not in the lock")
    tickets = ", ".join(_describe_tickets(entry) for entry in proof.entries)
    return f"In the lock as {proof.entrant}: {tickets}."


def _check_member(case: EntryCase) -> str:
    if case.member is None or case.salt is None:
        return ""
    if entrant_of(case.salt, case.member) != case.proof.entrant:
        raise ValueError(f"with this salt, {case.proof.entrant} is not the pseudonym of {case.member}")
    return f"{case.proof.entrant} is the pseudonym of {case.member}."


_OF_ENTRY: _Checks[EntryCase] = (
    ("key", _check_entry_key),
    ("signature", _check_entry_signature),
    ("lock", _check_entry_lock),
    ("entries", _check_paths),
    ("member", _check_member),
)


def _find_root(entrant: str, entry: EntryPath, size: int) -> bytes:
    """The root that the entry's path leads to."""
    leaf_hash = hash_leaf(encode_leaf(entrant, entry.entry, entry.first, entry.last))
    path = [read_hex(sibling, _HASH_BYTES, "a hash of the path") for sibling in entry.path]
    return root_from_path(entry.entry, size, leaf_hash, path)


def _describe_tickets(entry: EntryPath) -> str:
    if entry.first == entry.last:
        return f"ticket {entry.first:,}"
    return f"tickets {entry.first:,} to {entry.last:,}"


def _report_form(error: ValueError) -> Report:
    return Report([Step("form", False, _sentence(error))], [])


def _run_checks(form: str, subject: _Subject, steps: _Checks[_Subject]) -> list[Step]:
    """The form, which has passed, and the steps up to the first that fails."""
    done = [Step("form", True, form)]
    for id, check in steps:
        try:
            words = check(subject)
        except ValueError as error:
            return [*done, Step(id, False, _sentence(error))]
        if words:
            done.append(Step(id, True, words))
    return done


def _sentence(error: ValueError) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
