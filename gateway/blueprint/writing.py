"""Writes a program as a file: what ``reading`` reads as the same program.

A field that has its default is left out, so that a file says what its writer meant. TOML has no null: what is
None is left out too, and all such fields have None for their default.
"""

from typing import Any, Final, get_origin

import msgspec
import tomli_w

from gateway.blueprint.blueprint import SECTIONS, Terms
from gateway.blueprint.difference import ENDED
from gateway.blueprint.liveness import keep_alive
from gateway.blueprint.quantities import from_milliseconds, unit_of
from gateway.blueprint.reading import fields_of, tag_field_of, unwrap, variants_of
from gateway.blueprint.running import CHANGEABLE, Running, Standing
from gateway.shapes import objectify

HEAD: Final = """\
# The program {program}, as it ran at {time}.
# `livelot plan FILE` shows what a change of this file would change, `livelot apply FILE` does it.

"""


def write(running: Running) -> str:
    """The text of a file that makes the same of an empty program.

    Campaigns that have ended are not in it, nor are auctions and raffles that have opened, nor what names
    nothing but what is no more (``liveness``); a paused campaign is a draft. Comments at the top say which
    rules are left out: applied where it comes from, the file takes those away, and changes nothing else.
    """
    living = keep_alive(running)
    running = living.running
    auctions = _entries(running.auctions, lambda status: status in CHANGEABLE)
    raffles = _entries(running.raffles, lambda status: status in CHANGEABLE)
    rules = running.rules
    campaigns = _entries(running.campaigns, lambda status: status not in ENDED)
    for terms in campaigns.values():
        if terms["schedule"] is not None:
            terms["windows"] = []
    sections = {
        "program": running.settings or {},
        "experiences": running.experiences,
        "campaigns": campaigns,
        "rules": {"groups": rules.groups, "rules": list(rules.rules.values())},
        "auctions": auctions,
        "raffles": raffles,
    }
    written = {name: express(value, SECTIONS[name]) for name, value in sections.items() if value}
    comments = "".join(f"# {note}\n" for note in living.notes)
    return f"{comments}\n{tomli_w.dumps(written)}" if comments else tomli_w.dumps(written)


def express(value: Any, annotation: Any) -> Any:
    """A value of this shape as TOML has it: times written as such, defaults left out."""
    kinds = variants_of(annotation)
    if isinstance(value, dict) and kinds:
        tag_field = tag_field_of(kinds)
        return {tag_field: value[tag_field], **_express_struct(value, kinds[value[tag_field]])}
    kind, parts = unwrap(annotation)
    if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _express_struct(value, kind)
    if isinstance(value, dict) and get_origin(kind) is dict:
        return {key: express(one, parts[1]) for key, one in value.items()}
    if isinstance(value, list) and get_origin(kind) is tuple:
        some = parts[:1] * len(value) if parts[-1] is Ellipsis else parts
        return [express(one, part) for one, part in zip(value, some, strict=True)]
    if isinstance(value, int) and not isinstance(value, bool):
        return from_milliseconds(value, unit_of(annotation))
    return value


def _express_struct(value: Terms, kind: type[msgspec.Struct]) -> Terms:
    written = {}
    for field in fields_of(kind).values():
        given = value.get(field.name)
        if given is not None and (field.required or given != default_of(field)):
            written[field.name] = express(given, field.type)
    return written


def default_of(field: msgspec.structs.FieldInfo) -> Any:
    """A field's default, as JSON has it."""
    if field.default_factory is not msgspec.NODEFAULT:
        return objectify(field.default_factory())
    return objectify(field.default)


def _entries(standings: dict[str, Standing], is_written: Any) -> dict[str, Terms]:
    return {
        id: {**(one.terms or {}), "draft": one.status in ("draft", "paused")}
        for id, one in standings.items()
        if is_written(one.status)
    }
