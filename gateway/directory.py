"""The directory: who a member is. Names, e-mail addresses and phone numbers stand here, beside the log, and
nowhere else, so that they can be taken out.

An entry is small JSON under the member's id in a table on the log's server, shared by all gateways. Erasing
one puts a note in its place that says when and who did it: an import that is late cannot bring the entry
back. The server's file is written anew at once, for an older entry still stands in it until then.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final, TypeVar

import msgspec
import structlog
from msgspec import Meta

from engine.errors import Rejection
from engine.log.contract import LogError
from engine.log.table import Table

TABLE: Final = "directory"
"""The table's name beside the log."""

PersonName = Annotated[str, Meta(max_length=200)]
EmailAddress = Annotated[str, Meta(max_length=254, pattern=r"^([^@\s]+@[^@\s]+)?$(?!\n)")]
PhoneNumber = Annotated[str, Meta(max_length=40, pattern=r"^[0-9+() ./-]*$(?!\n)")]

ENTRIES_SEARCHED: Final = 200_000
"""Entries that one search looks through: a second or two, in which others are served."""

ENTRIES_FOUND: Final = 20

SHORTEST_PHONE: Final = 6
"""Digits of what is taken for a phone number."""

_PAGE: Final = 500
_PHONE_SIGNS: Final = {*"0123456789+() ./-"}

Value = TypeVar("Value")

_log = structlog.get_logger("livelot.directory")


class Entry(msgspec.Struct, frozen=True, tag="entry", tag_field="is", omit_defaults=True):
    """A member's entry: all of it may be empty."""

    name: PersonName = ""
    email: EmailAddress = ""
    phone: PhoneNumber = ""


class Erasure(msgspec.Struct, frozen=True, tag="erased", tag_field="is"):
    """What stays of an entry that was erased: when (ms), and by whom."""

    at: int
    by: str


class Directory:
    """The entries of one program's members, in ``table``; ``clock`` tells the time (ms)."""

    def __init__(self, table: Table, clock: Callable[[], int]) -> None:
        self._table = table
        self._clock = clock

    async def find(self, member: str) -> Entry | Erasure:
        """The member's entry, an empty one where there is none, or what stays of it. Raises
        ``Rejection("unavailable")``."""
        return _read(await _reach(self._table.get(member)))

    async def search(self, query: str) -> tuple[list[str], bool]:
        """The members whose e-mail address or phone number ``query`` is, but for letters' case and for how
        the number is written; and whether the whole directory was looked through. Raises
        ``Rejection("unavailable")``.

        There is no index: it would be a second place that an erasure has to reach.
        """
        email, phone = _plain_email(query), _plain_phone(query)
        if not email and not phone:
            return [], True
        found: list[str] = []
        cursor = looked_at = 0
        while looked_at < ENTRIES_SEARCHED and len(found) < ENTRIES_FOUND:
            cursor, page = await _reach(self._table.scan(cursor, _PAGE))
            looked_at += len(page)
            for member, value in page:
                entry = _read(value)
                if isinstance(entry, Entry) and (
                    (email and _plain_email(entry.email) == email)
                    or (phone and _plain_phone(entry.phone) == phone)
                ):
                    found.append(member)
            if not cursor:
                return sorted({*found}), True
        return sorted({*found}), False

    async def put(self, member: str, entry: Entry) -> None:
        """Replaces the member's entry. Raises ``Rejection``: ``member_erased``, ``unavailable``."""
        while True:
            old = await _reach(self._table.get(member))
            if isinstance(_read(old), Erasure):
                raise Rejection("member_erased", "This member was erased; nothing is kept of it any more.")
            if await _reach(self._table.replace(member, old, msgspec.json.encode(entry))):
                return

    async def erase(self, member: str, by: str) -> tuple[Erasure, bool]:
        """Erases the member's entry for good; says when and who did it, and whether the server's file is free
        of it too. Again, it changes nothing, but for the file. Raises ``Rejection("unavailable")``."""
        while True:
            old = await _reach(self._table.get(member))
            found = _read(old)
            erasure = found if isinstance(found, Erasure) else Erasure(self._clock(), by)
            if found is erasure or await _reach(
                self._table.replace(member, old, msgspec.json.encode(erasure))
            ):
                break
        rewritten = await _reach(self._table.forget())
        _log.info("member erased", member=member, by=erasure.by, at=erasure.at, file_rewritten=rewritten)
        return erasure, rewritten


def _plain_email(text: str) -> str:
    """An e-mail address as it is compared; empty for what is none."""
    return text.strip().casefold() if "@" in text else ""


def _plain_phone(text: str) -> str:
    """A phone number's digits; empty for what is none."""
    plain = text.strip()
    digits = "".join(filter(str.isdigit, plain))
    return digits if len(digits) >= SHORTEST_PHONE and not set(plain) - _PHONE_SIGNS else ""


def _read(value: bytes | None) -> Entry | Erasure:
    return _decode(value) if value else Entry()


_decode = msgspec.json.Decoder(Entry | Erasure).decode


async def _reach(reply: Awaitable[Value]) -> Value:
    try:
        return await reply
    except LogError as error:
        _log.warning("directory unavailable", reason=str(error))
        raise Rejection("unavailable", "The directory cannot be reached. Try again in a moment.") from error
