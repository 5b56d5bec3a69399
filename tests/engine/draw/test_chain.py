"""A program's locks: without a gap, each on the one before it, each signed."""

from collections.abc import Callable

import pytest

from engine.draw.chain import check_chain
from engine.draw.evidence import SignedLock, read_locks
from engine.draw.lock import NO_PREVIOUS, encode_lock, hash_lock
from tests.engine.draw.making import KEY, OTHER_SIGNER, make_chain, make_lock, sign, write_chain

Locks = list[dict[str, str]]


def read(locks: Locks) -> list[SignedLock]:
    return read_locks(write_chain(locks))


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_a_chain_holds(count: int) -> None:
    assert check_chain(read(make_chain(count))) == ([], {KEY.hex(): count} if count else {})


def test_unsigned_locks_are_named() -> None:
    locks = make_chain()
    locks[1]["signature"] = ""
    assert check_chain(read(locks)) == ([2], {KEY.hex(): 3})


def exchange(locks: Locks, number: int, **changes: object) -> None:
    """Puts another lock, signed, under that number."""
    previous = hash_lock(locks[number - 2]["text"].encode()) if number > 1 else NO_PREVIOUS
    data = encode_lock(make_lock(**{"number": number, "previous": previous, **changes}))
    locks[number - 1] = {"text": data.decode(), "signature": sign(data), "key": KEY.hex()}


def resign(locks: Locks, number: int) -> None:
    lock = locks[number - 1]
    lock["signature"] = sign(lock["text"].encode(), OTHER_SIGNER)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda locks: locks.pop(1), "lock 2 is not in the list: number 3 stands in its place"),
        (lambda locks: locks.pop(0), "lock 1 is not in the list: number 2"),
        (lambda locks: locks.insert(1, locks[1]), "lock 3 is not in the list: number 2"),
        (lambda locks: locks.reverse(), "lock 1 is not in the list: number 4"),
        (lambda locks: exchange(locks, 2, raffle="another"), "lock 3 does not follow on the one before"),
        (lambda locks: exchange(locks, 3, previous="ab" * 32), "lock 3 does not follow on the one before"),
        (lambda locks: resign(locks, 2), "the signature of lock 2 is not that of its key"),
        (lambda locks: locks[2].update(signature="00" * 64), "the signature of lock 3 is not that"),
        (lambda locks: locks[2].update(signature="00"), "the signature of lock 3 is not written as 128"),
        (lambda locks: locks[0].update(text="{}"), "lock 1 of the list does not hold: it cannot be read"),
        (lambda locks: locks[3].update(text=locks[3]["text"] + " "), "lock 4 of the list does not hold"),
    ],
)
def test_a_chain_that_does_not_hold(harm: Callable[[Locks], object], words: str) -> None:
    locks = make_chain()
    harm(locks)
    with pytest.raises(ValueError, match=words):
        check_chain(read(locks))


def test_the_last_lock_exchanged_does_not_show() -> None:
    """Only the next lock, or evidence beside the list, shows that one."""
    locks = make_chain()
    exchange(locks, 4, raffle="another")
    assert check_chain(read(locks)).unsigned == []


def test_a_key_that_was_changed_is_counted() -> None:
    locks = make_chain()
    resign(locks, 1)
    other = OTHER_SIGNER.public_key().public_bytes_raw().hex()
    locks[0]["key"] = other
    assert check_chain(read(locks)).keys == {other: 1, KEY.hex(): 3}
