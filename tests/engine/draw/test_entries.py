"""Pseudonyms and leaves: a value computed by other means, and equality with an RFC 8785 library."""

import hashlib
import hmac

import rfc8785
from hypothesis import given, strategies as st

from engine.draw.entries import encode_leaf, entrant_of

COUNTS = st.integers(0, 2**53 - 1)


def test_a_pseudonym_is_half_an_hmac() -> None:
    # printf 'member-1' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f
    salt = bytes(range(32))
    assert entrant_of(salt, "member-1") == "2e23752575ea9bf826f8140e03cd994e"


@given(st.binary(max_size=80), st.text(max_size=80))
def test_a_pseudonym_is_that_of_the_standard_library(salt: bytes, member: str) -> None:
    entrant = entrant_of(salt, member)
    assert entrant == hmac.new(salt, member.encode(), hashlib.sha256).hexdigest()[:32]
    assert len(entrant) == 32


def test_a_pseudonym_differs_from_raffle_to_raffle() -> None:
    assert entrant_of(b"one", "m1") != entrant_of(b"another", "m1")


@given(st.binary(min_size=16, max_size=16), COUNTS, COUNTS, COUNTS)
def test_a_leaf_is_canonical(pseudonym: bytes, entry: int, first: int, last: int) -> None:
    entrant = pseudonym.hex()
    fields = {"last": last, "first": first, "entry": entry, "entrant": entrant}
    assert encode_leaf(entrant, entry, first, last) == rfc8785.dumps(fields)
