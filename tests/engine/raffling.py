"""What tests of raffles begin with, on a ``Stage``."""

from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.commands import (
    BuyTickets,
    CommitSecret,
    CreateRaffle,
    Draw,
    GrantTickets,
    OpenRaffle,
    Prize,
    PublishDrawKey,
    RaffleTerms,
    SignLock,
)
from engine.draw.beacon import time_of_round
from engine.raffles.state import Raffle
from engine.results import Entered
from engine.units import HOUR, SECOND
from tests.engine.harness import Stage

SECRET = bytes(range(32))
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY = SIGNER.public_key().public_bytes_raw().hex()

ROUND = 1_000
"""The round of draw.md's check value, and its signature."""

SIGNATURE = "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
CLOSE = time_of_round(ROUND) - 60 * SECOND
"""The latest close (ms) that is drawn from ``ROUND``."""

CAR = (Prize("car"),)


def beacon_stage() -> Stage:
    """A stage an hour before ``CLOSE``: its raffles can be drawn from a beacon that was really signed."""
    return Stage(at=CLOSE - HOUR)


def raffle_terms(stage: Stage, **given: Any) -> RaffleTerms:
    """Terms of a raffle of one hour from now: a car, 100 points a ticket, a commitment, unless ``given``."""
    defaults: dict[str, Any] = {
        "titles": {"en": "A car"},
        "prizes": CAR,
        "price": 100,
        "opens_at": stage.at,
        "closes_at": stage.at + HOUR,
        "randomness": "commitment",
    }
    return RaffleTerms(**{**defaults, **given})


def open_raffle(stage: Stage, id: str = "r", **given: Any) -> Raffle:
    """Makes a raffle and opens it."""
    stage.do(CreateRaffle(id, raffle_terms(stage, **given)))
    stage.do(OpenRaffle(id))
    raffle = stage.program.raffles.by_id[id]
    if raffle.terms.randomness == "commitment":
        stage.do(CommitSecret(id, sha256(SECRET).hexdigest()))
    return raffle


def buy(stage: Stage, member: str, tickets: int = 1, raffle: str = "r", most: int = 10**12) -> Entered:
    """A purchase that must be accepted."""
    entered: Entered = stage.do(BuyTickets(raffle, tickets, most), member)
    return entered


def grant(stage: Stage, member: str, tickets: int = 1, raffle: str = "r") -> Entered:
    """A grant that must be accepted."""
    entered: Entered = stage.do(GrantTickets(raffle, member, tickets, "a welcome"), "maria")
    return entered


def close(stage: Stage, id: str = "r", *, signed: bool = True) -> Raffle:
    """Goes to a raffle's close, and signs its lock."""
    raffle = stage.program.raffles.by_id[id]
    stage.tick(raffle.closes_at)
    if signed:
        sign(stage, raffle)
    return raffle


def sign(stage: Stage, raffle: Raffle) -> None:
    """Signs a raffle's lock, as the keeper does."""
    text = stage.program.raffles.locks[raffle.lock - 1].text
    stage.do(PublishDrawKey(KEY))
    stage.do(SignLock(raffle.lock, KEY, SIGNER.sign(text.encode()).hex()))


def draw(stage: Stage, id: str = "r") -> Raffle:
    """Closes and draws a raffle."""
    raffle = close(stage, id)
    if raffle.round:
        stage.at = time_of_round(raffle.round)
        stage.do(Draw(id, raffle.round, SIGNATURE))
    else:
        stage.do(Draw(id, secret=SECRET.hex()))
    stage.tick()
    return raffle
