"""A rule set of a program file on its way to be published: as a draft that is named by what stands in it.

So two who apply the same file work on the same draft, one that was interrupted goes on where it stopped, and
one that waits for a second manager's approval is known again.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

import msgspec

from engine.commands import CHUNK
from engine.errors import Rejection
from gateway.blueprint.blueprint import Call, Terms
from gateway.blueprint.running import RuleSetView, read_rules

PREFIX: Final = "blueprint-"
"""What the names of these drafts begin with."""

CHUNK_BYTES: Final = 48 * 1024
"""Rules that are put in one call have no more together, unless one rule alone has: a message may have 64 KiB.
"""


class Edition(msgspec.Struct, frozen=True):
    """A rule set to be published, after revision ``number``."""

    name: str
    groups: list[Terms]
    rules: list[Terms]
    number: int

    @classmethod
    def of(cls, rules: Terms, number: int) -> "Edition":
        """The edition of a file's section, which would follow revision ``number``."""
        ordered = sorted(rules["rules"], key=lambda rule: rule["id"])
        content = msgspec.json.encode([rules["groups"], ordered], order="sorted")
        return cls(f"{PREFIX}{sha256(content).hexdigest()[:12]}", rules["groups"], rules["rules"], number)


class Faulty(Exception):  # noqa: N818 - the name says what is the case
    """A rule set that cannot be published; ``findings`` are those of ``rules.check``."""

    def __init__(self, findings: list[dict[str, Any]]) -> None:
        super().__init__(f"{findings[0]['path']}: {findings[0]['words']}")
        self.findings = findings


async def publish(call: Call, edition: Edition, why: str) -> str:
    """Publishes a rule set, or asks for a second manager's approval; says in words what came of it.

    Drafts of other editions are dropped. Raises what ``call`` does; the draft is dropped then.
    """
    try:
        version = await _prepare(call, edition)
        result = await call("rules.publish", draft=edition.name, version=version, why=why)
    except Rejection:
        await drop(call, edition.name)
        raise
    for draft in (await call("rules.history"))["drafts"]:
        if draft["draft"].startswith(PREFIX) and draft["draft"] != edition.name:
            await drop(call, draft["draft"])
    if result["awaiting"]:
        return f"another manager must approve the draft {result['awaiting']}: it was asked for"
    return f"they run as revision {result['revision']}"


async def preview(call: Call, edition: Edition) -> dict[str, Any]:
    """What the rules would change, over a draft that is dropped again. Raises what ``call`` does, and
    ``Faulty``."""
    try:
        await _prepare(call, edition)
        findings = (await call("rules.check", draft=edition.name))["findings"]
        errors = [finding for finding in findings if finding["severity"] == "error"]
        if errors:
            raise Faulty(errors)
        return await call("rules.preview", draft=edition.name)
    finally:
        await drop(call, edition.name)


async def drop(call: Call, draft: str) -> None:
    """Drops a draft, if it is there."""
    try:
        await call("rules.drop", draft=draft)
    except Rejection as refusal:
        if refusal.rejected.code != "unknown_draft":
            raise


async def _prepare(call: Call, edition: Edition) -> int:
    """Has a draft hold exactly the edition; its version."""
    try:
        await call("rules.begin", draft=edition.name, revision=edition.number)
    except Rejection as refusal:
        if refusal.rejected.code != "draft_exists":
            raise
    draft = await read_rules(call, edition.name)
    version = draft.version
    for change in _find_changes(draft, edition):
        version = (await call("rules.put", draft=edition.name, **change))["version"]
    return version


def _find_changes(draft: RuleSetView, edition: Edition) -> Iterator[dict[str, Any]]:
    """What has to be put, call by call. A group goes last: until then a rule may be of it."""
    wanted = {group["id"] for group in edition.groups}
    groups = edition.groups + [group for group in draft.groups if group["id"] not in wanted]
    if groups != draft.groups:
        yield {"groups": groups}
    ids = {rule["id"] for rule in edition.rules}
    removed = [id for id in draft.rules if id not in ids]
    for first in range(0, len(removed), CHUNK):
        yield {"removed": removed[first : first + CHUNK]}
    for chunk in split(rule for rule in edition.rules if draft.rules.get(rule["id"]) != rule):
        yield {"rules": chunk}
    if groups != edition.groups:
        yield {"groups": edition.groups}


def split(rules: Iterator[Terms]) -> Iterator[list[Terms]]:
    """Rules in portions that fit into one call each."""
    portion: list[Terms] = []
    size = 0
    for rule in rules:
        more = len(msgspec.json.encode(rule))
        if portion and (len(portion) == CHUNK or size + more > CHUNK_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(rule)
        size += more
    if portion:
        yield portion
