"""Idempotency keys: at most once, however often a command is sent.

Every key is remembered with its command's outcome until the command's ``not_after``, for every role, and
never forgotten earlier: past the limits new keys are refused. After ``not_after`` a key that is not known
cannot be told from a new one, so such a command is refused as expired.
"""

import msgspec

from engine.agenda import Agenda, Duty
from engine.commands import MEMBER, ProgramSettings
from engine.errors import Rejected
from engine.members import SHARDS, shard_of
from engine.units import DAY, MINUTE, SECOND

WINDOWS = (15 * MINUTE, 2 * DAY, 2 * DAY, 2 * DAY, 2 * DAY)
"""By role: how far ahead ``not_after`` may lie, in ms. It bounds how many keys can be waiting."""


class Remembered(msgspec.Struct, array_like=True, gc=False):
    """The first outcome under a key: ``outcome`` is the encoded result, or rejection."""

    body_hash: int
    not_after: int
    rejected: bool
    outcome: bytes


class Keys:
    """All remembered keys: by shard, by actor, by key. ``due`` lists, by second, actor and key in turn."""

    __slots__ = ("agenda", "count", "due", "limit", "limit_per_actor", "shards")

    def __init__(
        self,
        agenda: Agenda,
        shards: list[dict[str, dict[str, Remembered]]] | None = None,
        due: dict[int, list[str]] | None = None,
    ) -> None:
        self.agenda = agenda
        self.shards: list[dict[str, dict[str, Remembered]]] = (
            shards if shards is not None else [{} for _ in range(SHARDS)]
        )
        self.due: dict[int, list[str]] = due if due is not None else {}
        self.count = sum(len(keys) for shard in self.shards for keys in shard.values())
        self.configure(ProgramSettings())

    def configure(self, settings: ProgramSettings) -> None:
        """Takes the limits from ``settings``; what is remembered already stays."""
        self.limit = settings.keys
        self.limit_per_actor = settings.keys_per_actor

    def refusal(
        self, known: dict[str, Remembered] | None, role: int, not_after: int, at: int
    ) -> Rejected | None:
        """Why a new key of an actor with these ``known`` ones cannot be taken, or None."""
        if at > not_after:
            return Rejected(
                "expired",
                "This command's not_after has passed: whether it was applied before is not known any more; "
                "look at the state, then send it under a new key.",
                {"not_after": not_after, "at": at},
            )
        if not_after > at + WINDOWS[role]:
            return Rejected(
                "not_after_too_far",
                f"not_after may lie at most {WINDOWS[role] // SECOND} s ahead for this role.",
                {"latest": at + WINDOWS[role]},
            )
        if self.count >= self.limit or (known is not None and len(known) >= self.limit_per_actor):
            return Rejected(
                "too_many_keys",
                "Too many commands are remembered; wait for the oldest to pass its not_after.",
            )
        return None

    def await_end(self, owner: str, key: str, not_after: int) -> None:
        """Counts a key that was just remembered; it is forgotten once its ``not_after`` has passed."""
        self.count += 1
        second = not_after // SECOND + 1
        due = self.due.get(second)
        if due is None:
            self.due[second] = due = []
            self.agenda.post(second * SECOND, Duty.FORGET_KEYS, str(second))
        due.append(owner)
        due.append(key)

    def forget_next(self, second: int) -> bool:
        """Forgets one key that is due in ``second``; False when none is left."""
        due = self.due[second]
        if due:
            key, owner = due.pop(), due.pop()
            shard = self.shards[shard_of(owner)]
            keys = shard[owner]
            del keys[key]
            self.count -= 1
            if not keys:
                del shard[owner]
        if not due:
            del self.due[second]
        return bool(due)


def owner_of(actor: str, role: int) -> str:
    """Who owns a key: ids of different roles never meet, since no id holds a space."""
    return actor if role == MEMBER else f"{role} {actor}"
