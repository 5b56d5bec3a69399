"""The steps of a verification, one function each: what is compared, and the words for what was found.

A step returns words, or none where it has nothing to look at; it raises ``ValueError`` with words where it
fails. Steps run in their order: each may rely on those before it. What no file can prove goes into the notes.
"""

from collections.abc import Sequence
from hashlib import sha256
from itertools import chain as join, repeat, zip_longest

import msgspec

from engine.draw.beacon import CHAIN, LEAST_DELAY, first_round, randomness_of, time_of_round
from engine.draw.bls import is_signed
from engine.draw.chain import Chain, check_chain
from engine.draw.entries import ENTRANT, encode_leaf
from engine.draw.evidence import Evidence, PlaceEvidence, read_locks
from engine.draw.lock import Lock, decode_lock
from engine.draw.merkle import CompactRange, hash_leaf
from engine.draw.places import draw_places, seed_of
from engine.draw.report import write_time
from engine.draw.signature import KEY_BYTES, SIGNATURE_BYTES, is_signed_with, read_hex
from engine.draw.stamp import check_stamp, decode_stamp, is_of, read_certificates, time_of_stamp

OWN_KEY = (
    "No key was given to compare with, so the key is the file's own: that proves nothing about who signed. "
    "Compare it with the one that the program publishes elsewhere."
)
OPERATORS_WORD = "No outside time stamp was checked ({why}): the lock's time is the operator's word."
OWN_SECRET = (
    "The randomness is a secret of the operator's own. That protects against a change after the fact, not "
    "against an operator who tries entries against a secret that it knows."
)
LATER_ROUND = (
    "The round is later than the first one a minute after the close: the close was moved earlier after the "
    "raffle had opened and its round was fixed."
)
UNSIGNED = "The lock was never signed; the raffle is void."
VOID_IS_UNSIGNED = "That the raffle is void, when and why, is not covered by the signature over its lock."
LATE = "The outside authority saw the lock only when the randomness could be known: that voids the raffle."

OTHER_KEY = (
    "{count} of the program's locks are signed with another key, {key}. A program may change its key; it "
    "says so where it publishes it. Give all its keys, and every signature has to be of one of them."
)

_ROUND_SIGNATURE_BYTES = 48
_SECRET_BYTES = 32


class Case(msgspec.Struct):
    """What is verified, what the caller gave to hold it against, and what the steps have found so far."""

    evidence: Evidence
    given_keys: Sequence[bytes]
    locks: Sequence[bytes]
    certificates: bytes | None
    notes: list[str]
    key: bytes = b""
    decoded: Lock | None = None

    @property
    def lock(self) -> Lock:
        """The lock; there is one once its own step has passed."""
        assert self.decoded is not None
        return self.decoded

    @property
    def lock_bytes(self) -> bytes:
        """The lock's exact bytes."""
        return self.evidence.lock.encode()


def compare_keys(own: str, given: Sequence[bytes], notes: list[str]) -> tuple[bytes, str]:
    """The file's key, and words on whether it is one of those that were given."""
    key = read_hex(own, KEY_BYTES, "the file's key")
    if not given:
        notes.append(OWN_KEY)
        return key, ""
    if key not in given:
        raise ValueError("the file's key is not the one that was given: somebody else has signed it")
    return key, "The file's key is the one that was given."


def verify_signature(key: bytes, signature: str, lock: str) -> str:
    """Words on a signature that holds."""
    if not signature:
        raise ValueError("the lock was never signed: nobody answers for it")
    if not is_signed_with(key, read_hex(signature, SIGNATURE_BYTES, "the signature"), lock.encode()):
        raise ValueError(
            "the signature does not belong to this lock and this key: one of them was changed, or somebody "
            "else signed"
        )
    return "The lock was signed with this key, and not a byte of it has changed since."


def check_key(case: Case) -> str:
    """Whose key it is."""
    case.key, words = compare_keys(case.evidence.key, case.given_keys, case.notes)
    return words


def check_signature(case: Case) -> str:
    """The program's signature over the lock."""
    if not case.evidence.signature and case.evidence.void is not None:
        case.notes.append(UNSIGNED)
        return ""
    return verify_signature(case.key, case.evidence.signature, case.evidence.lock)


def check_lock(case: Case) -> str:
    """The lock by itself, and its count of entries."""
    case.decoded = lock = decode_lock(case.lock_bytes)
    if lock.entries != len(case.evidence.entries):
        listed = len(case.evidence.entries)
        raise ValueError(f"the lock counts {lock.entries:,} entries, and the file lists {listed:,}")
    return (
        f"Lock {lock.number:,} of the program: raffle {lock.raffle}, closed at {write_time(lock.closed_at)} "
        f"with {lock.entries:,} entries and {lock.tickets:,} tickets, for {lock.count_places():,} places."
    )


def check_entries(case: Case) -> str:
    """Every entry, into the Merkle root that the lock names."""
    tree, first = CompactRange(), 1
    for entry, (entrant, tickets) in enumerate(case.evidence.entries):
        if tickets < 1:
            raise ValueError(f"entry {entry:,} holds {tickets} tickets, and each holds at least one")
        if not ENTRANT.fullmatch(entrant):
            raise ValueError(f"the entrant of entry {entry:,} is not written as 32 lower-case hex characters")
        following = first + tickets
        tree.append(hash_leaf(encode_leaf(entrant, entry, first, following - 1)))
        first = following
    if first - 1 != case.lock.tickets:
        raise ValueError(f"the entries hold {first - 1:,} tickets, and the lock counts {case.lock.tickets:,}")
    if tree.root().hex() != case.lock.root:
        raise ValueError(
            "the entries are not those that were locked: one was changed, left out, added or moved"
        )
    return f"The {case.lock.entries:,} entries are those that were locked, each with its tickets, in order."


def check_round(case: Case) -> str:
    """That the lock's round is of the right chain, and lies far enough after the close."""
    beacon = case.lock.beacon
    if beacon.commitment:
        return ""
    if beacon.chain != CHAIN:
        raise ValueError("the lock names another beacon than drand's quicknet")
    shown = case.evidence.beacon
    if shown is not None and shown.round != beacon.round:
        raise ValueError(
            f"the lock names round {beacon.round} of the beacon, and the file shows round {shown.round}"
        )
    came = time_of_round(beacon.round)
    if came < case.lock.closed_at + LEAST_DELAY:
        raise ValueError(
            f"round {beacon.round} came at {write_time(came)}, less than a minute after the close at "
            f"{write_time(case.lock.closed_at)}: it could be known too early"
        )
    if beacon.round > first_round(case.lock.closed_at):
        case.notes.append(LATER_ROUND)
    return (
        f"The randomness is that of drand's round {beacon.round}, of {write_time(came)}, named in the lock."
    )


def check_beacon(case: Case) -> str:
    """The beacon's own signature over the round."""
    if case.lock.beacon.commitment:
        return ""
    shown = case.evidence.beacon
    if shown is None or case.evidence.secret is not None:
        raise ValueError(
            "the lock names a round of the beacon, and the file does not show that, and only that"
        )
    signature = read_hex(shown.signature, _ROUND_SIGNATURE_BYTES, "the beacon's signature")
    if not is_signed(shown.round, signature):
        raise ValueError(f"the signature of round {shown.round} is not drand's: the randomness was made up")
    return f"Round {shown.round} is signed by drand: nobody could choose it, nor know it before."


def check_commitment(case: Case) -> str:
    """The secret that stands in for the beacon."""
    if not case.lock.beacon.commitment:
        return ""
    if case.evidence.secret is None or case.evidence.beacon is not None:
        raise ValueError("the lock commits to a secret, and the file does not show that, and only that")
    secret = read_hex(case.evidence.secret, _SECRET_BYTES, "the secret")
    if sha256(secret).hexdigest() != case.lock.beacon.commitment:
        raise ValueError("the secret is not the one that the lock commits to: it was exchanged")
    case.notes.append(OWN_SECRET)
    return "The secret is the one that the program had committed to."


def check_places(case: Case) -> str:
    """The places, drawn anew."""
    evidence, lock = case.evidence, case.lock
    seed = seed_of(case.lock_bytes, _find_randomness(evidence))
    # One more than the file has would show what it leaves out; a lock with 10¹⁵ reserves asks for no more.
    drawn = draw_places(seed, evidence.entries, min(lock.count_places(), len(evidence.places) + 1))
    prizes = join.from_iterable(repeat(prize.id, prize.quantity) for prize in lock.prizes)
    named = zip(range(1, len(drawn) + 1), drawn, join(prizes, repeat("")), strict=False)
    right = [PlaceEvidence(place, *ticket, prize) for place, ticket, prize in named]
    for place, (own, shown) in enumerate(zip_longest(right, evidence.places), 1):
        if own != shown:
            raise ValueError(f"place {place} is {_describe(own)}, and the file has {_describe(shown)}")
    return f"Drawn anew, all {len(right):,} places come out as they stand in the file."


def check_time(case: Case) -> str:
    """An outside authority's word on when the lock existed."""
    if case.evidence.timestamp is None:
        if case.certificates is not None:
            raise ValueError("the file has no time stamp that the given certificates could vouch for")
        case.notes.append(OPERATORS_WORD.format(why="the file has none"))
        return ""
    stamp = decode_stamp(case.evidence.timestamp)
    at = time_of_stamp(stamp)
    if not is_of(stamp, case.lock_bytes):
        raise ValueError("the time stamp is not of this lock")
    if case.certificates is not None:
        check_stamp(stamp, case.lock_bytes, read_certificates(case.certificates))
    else:
        case.notes.append(OPERATORS_WORD.format(why="no certificate of its authority was given"))
    return _compare_times(case, at)


def check_void(case: Case) -> str:
    """That the raffle was voided after its lock."""
    void = case.evidence.void
    if void is None:
        return ""
    if void.at < 0:
        raise ValueError("the time at which the raffle was voided is before 1970")
    case.notes.append(VOID_IS_UNSIGNED)
    return (
        f"THIS RAFFLE IS VOID, since {write_time(void.at)}: {void.reason!r}. The places are those that it "
        "would have given."
    )


def check_locks(case: Case) -> str:
    """The program's list of locks, and this lock's place in it."""
    if not case.locks:
        return ""
    locks = read_locks(case.locks)
    chain = check_chain(locks)
    number = case.lock.number
    if number > len(locks):
        raise ValueError(f"the list of locks ends with number {len(locks)}; this one has number {number}")
    listed = locks[number - 1]
    if listed.text != case.evidence.lock:
        raise ValueError(f"the list has another lock under number {number}: there are two of them")
    if (listed.key, listed.signature) != (case.evidence.key, case.evidence.signature):
        raise ValueError(f"the list has lock {number} with another signature than the file")
    if case.given_keys:
        check_keys(chain, case.given_keys)
    else:
        case.notes.extend(note_keys(chain, case.evidence.key))
    return f"It is lock {number:,} of the {len(locks):,} in the list, {describe_chain(chain)}"


def describe_chain(chain: Chain) -> str:
    """Words on a chain that holds."""
    never = f"; never signed: {', '.join(map(str, chain.unsigned))}" if chain.unsigned else ""
    return f"which follow on one another without a gap{never}."


def check_keys(chain: Chain, given: Sequence[bytes]) -> None:
    """Raises ``ValueError`` where a lock was signed with a key that is none of those that were given."""
    known = {key.hex() for key in given}
    for key, count in chain.keys.items():
        if key not in known:
            raise ValueError(
                f"{count:,} of the locks are signed with the key {key}, which was not given: if the program "
                "has published that it changed its key, give both"
            )


def note_keys(chain: Chain, key: str) -> list[str]:
    """Words on locks that were signed with other keys than ``key`` (hex)."""
    return [OTHER_KEY.format(count=count, key=other) for other, count in chain.keys.items() if other != key]


def _find_randomness(evidence: Evidence) -> bytes:
    if evidence.beacon is not None:
        return randomness_of(bytes.fromhex(evidence.beacon.signature))
    return bytes.fromhex(evidence.secret or "")


def _describe(place: PlaceEvidence | None) -> str:
    if place is None:
        return "nothing"
    prize = f"prize {place.prize}" if place.prize else "a reserve"
    return f"ticket {place.ticket:,} of entry {place.entry:,}, entrant {place.entrant}, {prize}"


def _compare_times(case: Case, at: int) -> str:
    """Words on when the authority saw the lock, beside when its randomness could be known."""
    seen = f"An outside authority saw the lock at {write_time(at)}"
    round = case.lock.beacon.round
    if not round:
        return f"{seen}."
    if at < time_of_round(round):
        return f"{seen}, before the randomness existed."
    if case.evidence.void is None:
        raise ValueError(
            f"the authority saw the lock at {write_time(at)}, when round {round} could be known already: "
            "that voids the raffle, and the file does not say so"
        )
    case.notes.append(LATE)
    return f"{seen}, when the randomness could be known; the raffle is void."
