"""An entry as the tree holds it: the member's pseudonym, and the leaf's exact bytes.

Both are computed once for each entry that comes in, so they are written for speed; that the leaf is the
canonical JSON of RFC 8785 is held by a test.
"""

import hmac
import re

ENTRANT = re.compile(r"[0-9a-f]{32}")
"""What a pseudonym looks like, from end to end."""

_PSEUDONYM_BYTES = 16


def entrant_of(salt: bytes, member: str) -> str:
    """The member's pseudonym in the raffle with this salt: 32 lower-case hex characters.

    It is the first half of HMAC-SHA-256 (RFC 2104) with the salt as key: without the salt nobody can try
    member ids against a published list.
    """
    return hmac.digest(salt, member.encode(), "sha256")[:_PSEUDONYM_BYTES].hex()


def encode_leaf(entrant: str, entry: int, first: int, last: int) -> bytes:
    """The leaf of an entry: who, its index in log order (from 0), its first and last ticket number (from 1).

    ``entrant`` is a pseudonym of ``entrant_of``; other text would need escapes that are not made here.
    """
    return f'{{"entrant":"{entrant}","entry":{entry},"first":{first},"last":{last}}}'.encode()
