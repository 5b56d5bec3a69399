"""The beacon: drand's quicknet, when each of its rounds comes, and what randomness a round gives.

Only constants and arithmetic; whether a round's signature is genuine is for bls.py, which loads a library.
The constants are those of https://api.drand.sh/52db9ba7…/info.
"""

from hashlib import sha256

CHAIN = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
"""The hash that names the chain."""

GENESIS = 1_692_803_367
"""When round 1 came, in seconds since the Unix epoch."""

PERIOD = 3
"""Seconds from one round to the next."""

PUBLIC_KEY = bytes.fromhex(
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
    "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
)
"""The chain's BLS public key, a compressed point of G2, 96 bytes."""

SOURCES = ("https://api.drand.sh", "https://drand.cloudflare.com")
"""Where rounds are fetched unless the operator names others."""

LEAST_DELAY = 60_000
"""From a raffle's scheduled close to its round at least, in ms."""


def time_of_round(round: int) -> int:
    """When the round (from 1) comes, in ms since the Unix epoch."""
    return 1000 * (GENESIS + PERIOD * (round - 1))


def first_round(closed_at: int) -> int:
    """The first round whose time is at least a minute after ``closed_at`` (ms)."""
    wait = closed_at + LEAST_DELAY - time_of_round(1)
    return max(1, 1 - (-wait // (1000 * PERIOD)))  # minus twice: rounded up


def randomness_of(signature: bytes) -> bytes:
    """The 32 bytes that a round's signature gives."""
    return sha256(signature).digest()
