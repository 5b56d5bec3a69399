"""Redemptions that a crowd was told of, and whether the program has them: all, once, and no more than stock.

The comparisons are pure; only ``read_redemptions`` and ``check_redemptions`` ask.
"""

from collections import Counter

import msgspec

from loadtests.api import Api
from loadtests.findings import Verification, conclude
from loadtests.preparation import MANAGER
from loadtests.result import Check
from loadtests.scenario import Stage
from loadtests.tokens import Tokens

PAGE = 100

STANDING = frozenset({"confirmed", "pending", "awaiting_payment"})
"""Statuses of redemptions that keep their piece."""


class Redeemed(msgspec.Struct, frozen=True):
    """The reply to a redemption."""

    redemption: str
    status: str
    points: int


class Redemption(msgspec.Struct, frozen=True):
    """One as staff sees it."""

    redemption: str
    member: str
    experience: str
    status: str


class RedemptionPage(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is the cursor of the page after, empty at the end."""

    redemptions: list[Redemption]
    next: str


class ExperienceTerms(msgspec.Struct, frozen=True):
    """``stock`` None: without limit."""

    stock: int | None = None


class ExperienceRecord(msgspec.Struct, frozen=True):
    """An experience as staff sees it; ``taken`` pieces are gone."""

    experience: str
    taken: int
    terms: ExperienceTerms


class Taken(msgspec.Struct, frozen=True):
    """What a member was told that it has."""

    member: str
    experience: str
    redemption: str
    points: int


decode_redeemed = msgspec.json.Decoder(Redeemed).decode


def verify_taken(verification: Verification, told: list[Taken], found: list[Redemption], strays: int) -> None:
    """Compares what members were told with the redemptions of these members that are ``found``; ``strays``
    got no answer: so many more there may be."""
    known = {one.redemption: one for one in found}
    for taken in told:
        name = f"{taken.redemption} of {taken.member}"
        one = known.pop(taken.redemption, None)
        if one is None:
            verification.report(f"{name}: it is not there, or was told twice")
        elif (one.member, one.experience) != (taken.member, taken.experience):
            verification.report(f"{name}: it is {one.experience} of {one.member}")
        elif one.status not in STANDING:
            verification.report(f"{name}: it is {one.status}")
    if len(known) > strays:
        some = ", ".join(sorted(known)[:3])
        words = f"{len(known)} were told to nobody ({some}), and only {strays} have no answer"
        verification.report(words)


def verify_stock(
    verification: Verification, record: ExperienceRecord, standing: int, refused: int = 0
) -> None:
    """No more than there was is gone, and as much as stands; all of it, where somebody was ``refused`` for
    it."""
    stock = record.terms.stock
    name = record.experience
    if record.taken != standing:
        verification.report(f"{name}: {record.taken} pieces are gone, {standing} redemptions stand")
    if stock is None:
        return
    if standing > stock:
        verification.report(f"{name}: oversold: {standing} redemptions stand, there were {stock} pieces")
    if refused and standing < stock:
        words = f"{refused} were told that nothing is left, and {stock - standing} pieces are"
        verification.report(f"{name}: {words}")


def verify_limit(verification: Verification, told: list[Taken], limit: int) -> None:
    """No member has more than ``limit``."""
    for member, count in Counter(one.member for one in told).items():
        if count > limit:
            verification.report(f"{member} has {count}, though {limit} is the most")


async def read_redemptions(api: Api, tokens: Tokens, experience: str) -> list[Redemption]:
    """All redemptions of an experience. Raises ``StormError``."""
    token = await tokens.get(MANAGER, "manager")
    found: list[Redemption] = []
    after = ""
    while True:
        cursor = {"after": after} if after else {}
        answer = await api.get("/v1/redemptions", token, experience=experience, limit=PAGE, **cursor)
        page = msgspec.json.decode(answer.body, type=RedemptionPage)
        found += page.redemptions
        after = page.next
        if not after:
            return found


async def check_redemptions(
    stage: Stage, experience: str, told: list[Taken], *, strays: int, refused: int = 0, limit: int = 0
) -> Check:
    """Compares an experience's redemptions with what this part's members were told: ``strays`` of them have
    no answer, ``refused`` were told that nothing is left, each may have ``limit`` (0: any number). Raises
    ``StormError`` if it cannot."""
    verification = Verification()
    if limit:
        verify_limit(verification, told, limit)
    found = await read_redemptions(stage.api, stage.tokens, experience)
    members = set(stage.members)
    verify_taken(verification, told, [one for one in found if one.member in members], strays)
    token = await stage.tokens.get(MANAGER, "manager")
    answer = await stage.api.get(f"/v1/experiences/{experience}", token)
    record = msgspec.json.decode(answer.body, type=ExperienceRecord)
    standing = sum(one.status in STANDING for one in found)
    verify_stock(verification, record, standing, refused)
    return conclude("acknowledged redemptions stand, and nothing is oversold", len(told), verification)
