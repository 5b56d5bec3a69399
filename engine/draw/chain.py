"""The chain of a program's locks: a draw that was held back, repeated or slipped in leaves a hole in it."""

from collections.abc import Sequence
from typing import NamedTuple

from engine.draw.evidence import SignedLock
from engine.draw.lock import NO_PREVIOUS, decode_lock, hash_lock
from engine.draw.signature import KEY_BYTES, SIGNATURE_BYTES, is_signed_with, read_hex


class Chain(NamedTuple):
    """What holds of a list of locks: the numbers of those that were never signed, and for each key (hex) how
    many it has signed, in the order of first use."""

    unsigned: list[int]
    keys: dict[str, int]


def check_chain(locks: Sequence[SignedLock]) -> Chain:
    """Checks that the locks are numbered from 1 without a gap, that each names the one before it, and that
    each one's signature is that of the key beside it: a program may have changed its key.

    Raises ``ValueError`` with what is wrong, at the first lock where something is.
    """
    previous, chain = NO_PREVIOUS, Chain([], {})
    for number, signed in enumerate(locks, 1):
        text = signed.text.encode()
        try:
            lock = decode_lock(text)
        except ValueError as error:
            raise ValueError(f"lock {number} of the list does not hold: {error}") from error
        if lock.number != number:
            raise ValueError(f"lock {number} is not in the list: number {lock.number} stands in its place")
        if lock.previous != previous:
            raise ValueError(f"lock {number} does not follow on the one before: one of them was exchanged")
        if signed.signature:
            _check_signature(signed, number)
            chain.keys[signed.key] = chain.keys.get(signed.key, 0) + 1
        else:
            chain.unsigned.append(number)
        previous = hash_lock(text)
    return chain


def _check_signature(signed: SignedLock, number: int) -> None:
    key = read_hex(signed.key, KEY_BYTES, f"the key of lock {number}")
    signature = read_hex(signed.signature, SIGNATURE_BYTES, f"the signature of lock {number}")
    if not is_signed_with(key, signature, signed.text.encode()):
        raise ValueError(f"the signature of lock {number} is not that of its key")
