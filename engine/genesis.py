"""The first entry of a log: a batch of one command, which makes a program."""

from secrets import token_bytes

import msgspec

from engine.commands import KEEPER, SCHEMA, Batch, Envelope, Genesis
from engine.units import NEVER


def encode_genesis(genesis: Genesis, origin: bytes = b"") -> bytes:
    """The batch that holds nothing but the genesis command; its ``origin`` is drawn unless given."""
    envelope = Envelope("founder", KEEPER, "", 0, NEVER, genesis)
    return msgspec.msgpack.encode(Batch(SCHEMA, origin or token_bytes(16), 1, 0, [envelope]))
