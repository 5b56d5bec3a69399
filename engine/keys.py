"""Idempotency keys: at most once, however often a command is sent.

Every key is remembered with its command's outcome until the command's ``not_after``, for every role, and
never forgotten earlier: past the limits new keys are refused. After ``not_after`` a key that is not known
cannot be told from a new one, so such a command is refused as expired.
"""

from engine.agenda import Agenda, Duty
from engine.commands import MEMBER, SERVICE, ProgramSettings
from engine.errors import Rejected
from engine.members import Member, Members, Remembered
from engine.units import DAY, SECOND

WINDOW = 2 * DAY
"""How far ahead ``not_after`` may lie, in ms. It bounds for how long a key can be remembered."""


class Keys:
    """All remembered keys. A member's stand with the member, which a command of its own needs anyway.

    ``others`` holds those of everybody else, by owner (see ``owner_of``), then by key. ``due`` lists, by
    second, owner and key in turn.
    """

    __slots__ = (
        "agenda",
        "count",
        "due",
        "limit",
        "limit_of_any",
        "limit_per_actor",
        "limit_per_member",
        "members",
        "others",
    )

    def __init__(
        self,
        agenda: Agenda,
        members: Members,
        others: dict[str, dict[str, Remembered]] | None = None,
        due: dict[int, list[str]] | None = None,
    ) -> None:
        self.agenda = agenda
        self.members = members
        self.others: dict[str, dict[str, Remembered]] = others if others is not None else {}
        self.due: dict[int, list[str]] = due if due is not None else {}
        self.count = sum(len(waiting) for waiting in self.due.values()) // 2
        self.configure(ProgramSettings())

    def configure(self, settings: ProgramSettings) -> None:
        """Takes the limits from ``settings``; what is remembered already stays."""
        self.limit = settings.keys
        self.limit_per_actor = settings.keys_per_actor
        self.limit_per_member = settings.keys_per_member
        self.limit_of_any = min(self.limit_per_actor, self.limit_per_member)

    def check(
        self, known: dict[str, Remembered] | None, role: int, not_after: int, at: int
    ) -> Rejected | None:
        """Why an actor with these ``known`` keys cannot use a new one, or None where it can.

        ``expired``, ``not_after_too_far`` or ``too_many_keys``. What members and services use up does not bar
        those who can raise the limits.
        """
        if at > not_after:
            return Rejected(
                "expired",
                "This command's not_after has passed: whether it was applied before is not known any more; "
                "look at the state, then send it under a new key.",
                {"not_after": not_after, "at": at},
            )
        if not_after > at + WINDOW:
            return Rejected(
                "not_after_too_far",
                f"not_after may lie at most {WINDOW // SECOND} s ahead.",
                {"latest": at + WINDOW},
            )
        limit = self.limit_per_member if role == MEMBER else self.limit_per_actor
        full = self.count >= self.limit and role in (MEMBER, SERVICE)
        if not full and (known is None or len(known) < limit):
            return None
        return Rejected(
            "too_many_keys",
            "Too many commands are remembered; wait for the oldest to pass its not_after.",
        )

    def knows(self, actor: str, role: int, key: str) -> bool:
        """Whether a command of this actor is remembered under ``key``."""
        member = self.members.find(actor) if role == MEMBER else None
        known = member.keys if member is not None else self.others.get(owner_of(actor, role))
        return known is not None and key in known

    def begin(self, owner: str, key: str, remembered: Remembered) -> None:
        """Remembers the first key of an owner that was no member, and of whom none is known."""
        # The very command that is remembered now may have made its owner one.
        member = self.members.find(owner)
        if member is not None:
            member.keys = {key: remembered}
        else:
            self.others[owner] = {key: remembered}

    def adopt(self, member: Member) -> None:
        """Gives a member that is new the keys that it used before it was known."""
        member.keys = self.others.pop(member.id, None)

    def await_end(self, second: int) -> list[str]:
        """The list of keys whose ``not_after`` lies in ``second``; they are forgotten once it is over."""
        due = self.due.get(second)
        if due is None:
            self.due[second] = due = []
            self.agenda.post((second + 1) * SECOND, Duty.FORGET_KEYS, str(second))
        return due

    def forget_next(self, second: int) -> bool:
        """Forgets one key that is due in ``second``; False when none is left."""
        due = self.due[second]
        if due:
            key, owner = due.pop(), due.pop()
            self._forget(owner, key)
            self.count -= 1
        if not due:
            del self.due[second]
        return bool(due)

    def _forget(self, owner: str, key: str) -> None:
        member = self.members.find(owner)
        keys = self.others[owner] if member is None else member.keys
        assert keys is not None
        del keys[key]
        if not keys:
            if member is None:
                del self.others[owner]
            else:
                member.keys = None


def owner_of(actor: str, role: int) -> str:
    """Who owns a key: ids of different roles never meet, since no id holds a space."""
    return actor if role == MEMBER else f"{role} {actor}"
