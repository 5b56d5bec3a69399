"""BLS signatures of drand's quicknet: whether a round's signature is the chain's own.

Signatures are points of G1, keys points of G2 of BLS12-381 (draft-irtf-cfrg-bls-signature, the scheme of
minimal signature size; drand's ``bls-unchained-g1-rfc9380``), hashed to the curve as in RFC 9380. This is the
only module that imports the library of curves: it is loaded where a signature is verified.
"""

from hashlib import sha256

from py_arkworks_bls12381 import GT, G1Point, G2Point

from engine.draw.beacon import PUBLIC_KEY

_DOMAIN = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
_SIGNATURE_BYTES = 48
_PUBLIC_KEY_BYTES = 96
_ROUNDS = 2**64


def is_signed(round: int, signature: bytes, public_key: bytes = PUBLIC_KEY) -> bool:
    """Whether ``signature`` (a compressed point, 48 bytes) is that of ``round`` under the key (96 bytes).

    False for whatever is malformed, for the point at infinity, for points outside the subgroup, and for a
    second way of writing a point: the randomness is a hash of these bytes, so there may be only one.
    """
    if not 0 < round < _ROUNDS or len(signature) != _SIGNATURE_BYTES or len(public_key) != _PUBLIC_KEY_BYTES:
        return False
    try:
        signed = G1Point.from_compressed_bytes(signature)  # refuses points outside the subgroup
        key = G2Point.from_compressed_bytes(public_key)
    except ValueError:
        return False
    if signed == G1Point.identity() or key == G2Point.identity():
        return False
    if bytes(signed.to_compressed_bytes()) != signature or bytes(key.to_compressed_bytes()) != public_key:
        return False
    hashed = G1Point.hash_to_curve(sha256(round.to_bytes(8, "big")).digest(), _DOMAIN)
    return bool(GT.pairing_check([signed, -hashed], [G2Point(), key]))
