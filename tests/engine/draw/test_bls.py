"""The beacon's signatures: the real round 1000, and everything that only looks like it."""

import pytest
from hypothesis import given, settings, strategies as st
from py_arkworks_bls12381 import G1Point, G2Point

from engine.draw.beacon import PUBLIC_KEY
from engine.draw.bls import is_signed
from tests.engine.draw.authority import BEACON_KEY, sign_round
from tests.engine.draw.making import ROUND, SIGNATURE as SIGNATURE_HEX

SIGNATURE = bytes.fromhex(SIGNATURE_HEX)
INFINITY = bytes.fromhex("c0" + "00" * 47)
INFINITE_KEY = bytes.fromhex("c0" + "00" * 95)


def test_round_1000_is_signed() -> None:
    assert is_signed(ROUND, SIGNATURE)
    assert is_signed(ROUND, SIGNATURE, PUBLIC_KEY)


@pytest.mark.parametrize("round", [999, 1001, 0, -1, 2**64 - 1, 2**64, 10**30])
def test_it_is_no_other_rounds(round: int) -> None:
    assert not is_signed(round, SIGNATURE)


@pytest.mark.parametrize("place", range(48))
def test_no_byte_of_it_can_change(place: int) -> None:
    for flip in (1, 0x20, 0x80, 0xFF):
        changed = bytearray(SIGNATURE)
        changed[place] ^= flip
        assert not is_signed(ROUND, bytes(changed))


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        SIGNATURE[:-1],
        SIGNATURE + b"\0",
        bytes(48),
        b"\xff" * 48,  # the library reads this as the point at infinity
        INFINITY,
        bytes((-G1Point.from_compressed_bytes(SIGNATURE)).to_compressed_bytes()),
        bytes(G1Point().to_compressed_bytes()),
        PUBLIC_KEY,
        SIGNATURE.hex().encode(),
    ],
)
def test_what_is_no_signature(signature: bytes) -> None:
    assert not is_signed(ROUND, signature)


def test_the_point_at_infinity_signs_nothing() -> None:
    """With an infinite key it would sign every round."""
    assert not is_signed(ROUND, INFINITY, INFINITE_KEY)
    assert not is_signed(ROUND, b"\xff" * 48, INFINITE_KEY)
    assert not is_signed(ROUND, SIGNATURE, INFINITE_KEY)


def test_a_point_outside_the_subgroup_is_refused() -> None:
    """The curve has points that are not of the subgroup: here the first such abscissae."""
    outside = []
    for abscissa in range(1, 40):
        data = bytes([0x80]) + abscissa.to_bytes(47, "big")
        try:
            point = G1Point.from_compressed_bytes_unchecked(data)
        except ValueError:
            continue  # not on the curve
        if not point.is_in_subgroup():
            outside.append(data)
    assert len(outside) > 10
    assert not any(is_signed(ROUND, data) for data in outside)


@pytest.mark.parametrize("key", [b"", PUBLIC_KEY[:-1], bytes(96), b"\xff" * 96, BEACON_KEY])
def test_under_another_key(key: bytes) -> None:
    assert not is_signed(ROUND, SIGNATURE, key)


@pytest.mark.parametrize("round", [1, 2**32, 2**64 - 1])
def test_another_beacon_signs_under_its_own_key(round: int) -> None:
    assert is_signed(round, sign_round(round), BEACON_KEY)
    assert not is_signed(round, sign_round(round))


def test_the_generator_is_that_of_the_standard() -> None:
    """What ``G2Point()`` gives is the generator of RFC 9380 §8.8, compressed; the equation rests on it."""
    assert (
        bytes(G2Point().to_compressed_bytes())
        .hex()
        .startswith("93e02b6052719f607dacd3a088274f65596bd0d09920b61a")
    )


@settings(max_examples=300)
@given(st.binary(min_size=48, max_size=48), st.binary(min_size=96, max_size=96))
def test_whatever_comes_is_refused_without_an_exception(signature: bytes, key: bytes) -> None:
    assert not is_signed(ROUND, signature)
    assert not is_signed(ROUND, SIGNATURE, key)
