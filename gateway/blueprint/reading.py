"""Reads a program file. Everything that is wrong with its fields is found at once, each with its path.

The shapes do the checking; what is added here is that times may be written as people write them, that paths
name what stands in a table (``experiences.spa.payment.least``), and that a misspelt field gets a hint.
"""

import difflib
import tomllib
import types
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Union, get_args, get_origin

import msgspec

from engine.units import Currency, Identifier, Locale, Name
from gateway.blueprint.blueprint import FILE, Blueprint
from gateway.blueprint.faults import BlueprintError, Fault
from gateway.blueprint.quantities import to_milliseconds, unit_of


def _pattern_of(annotation: Any) -> str:
    metas = (meta for meta in get_args(annotation)[1:] if isinstance(meta, msgspec.Meta))
    return next(meta.pattern for meta in metas if meta.pattern)


_FORMS: Final = {
    _pattern_of(Identifier): "letters, digits and . _ : @ ~ -, with a letter or digit in front",
    _pattern_of(Name): "letters, digits and . _ -, with a letter or digit in front",
    _pattern_of(Locale): "a language such as en, pt-BR or zh-Hant",
    _pattern_of(Currency): "a currency's three letters, such as EUR",
}
"""What to write, by the pattern that it does not match."""


def read_file(path: Path) -> Blueprint:
    """The program of a file. Raises ``BlueprintError``."""
    try:
        return read_text(path.read_text(encoding="utf-8"), path.name)
    except OSError as error:
        raise BlueprintError(path.name, [Fault("", f"it cannot be read: {error.strerror}.")]) from error
    except UnicodeDecodeError as error:
        raise BlueprintError(path.name, [Fault("", "it is not UTF-8 text.")]) from error


def read_text(text: str, name: str) -> Blueprint:
    """The program that a file's ``text`` describes. Raises ``BlueprintError``."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BlueprintError(name, [Fault("", f"it is not TOML: {error}.")]) from error
    faults: list[Fault] = []
    plain = _settle(found, FILE, "", faults)
    if not faults:
        faults += _find_idle_windows(plain)
    if faults:
        raise BlueprintError(name, faults)
    return Blueprint.convert(plain, name)


def _settle(value: Any, annotation: Any, path: str, faults: list[Fault]) -> Any:
    """``value`` in the log's units, checked against ``annotation``; what is wrong goes into ``faults``."""
    kinds = variants_of(annotation)
    if isinstance(value, dict) and kinds:
        return _settle_variant(value, kinds, path, faults)
    kind, parts = unwrap(annotation)
    before = len(faults)
    if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _settle_struct(value, kind, path, faults)
    settled: Any
    if isinstance(value, dict) and get_origin(kind) is dict:
        for key in value:
            _check(key, parts[0], _join(path, key), faults)
        settled = {key: _settle(one, parts[1], _join(path, key), faults) for key, one in value.items()}
    elif isinstance(value, list) and get_origin(kind) is tuple:
        some = parts[:1] * len(value) if parts[-1] is Ellipsis else parts
        # A wrong number of values is for the check below to tell.
        pairs = enumerate(zip(value, some, strict=False))
        settled = [_settle(one, part, f"{path}[{number}]", faults) for number, (one, part) in pairs]
        settled += value[len(some) :]
    else:
        return _settle_leaf(value, annotation, path, faults)
    if len(faults) == before:
        _check(settled, annotation, path, faults)
    return settled


def _settle_variant(
    value: dict[str, Any], kinds: dict[str, Any], path: str, faults: list[Fault]
) -> dict[str, Any]:
    """A table that says itself which of several it is."""
    tag_field = tag_field_of(kinds)
    tag = value.get(tag_field)
    if not isinstance(tag, str) or tag not in kinds:
        faults.append(Fault(_join(path, tag_field), f"Use one of {', '.join(kinds)}."))
        return value
    rest = {name: one for name, one in value.items() if name != tag_field}
    return {tag_field: tag, **_settle_struct(rest, kinds[tag], path, faults)}


def _settle_struct(value: dict[str, Any], kind: Any, path: str, faults: list[Fault]) -> dict[str, Any]:
    fields = fields_of(kind)
    settled: dict[str, Any] = {}
    for name, one in value.items():
        if name in fields:
            settled[name] = _settle(one, fields[name].type, _join(path, name), faults)
        else:
            close = difflib.get_close_matches(name, fields, 1)
            hint = f"did you mean {close[0]}?" if close else f"there is {', '.join(fields)}."
            faults.append(Fault(_join(path, name), f"there is no such field; {hint}"))
    for name, field in fields.items():
        if field.required and name not in value:
            faults.append(Fault(_join(path, name), "it is missing."))
    return settled


def _settle_leaf(value: Any, annotation: Any, path: str, faults: list[Fault]) -> Any:
    kind, _ = unwrap(annotation)
    unit = unit_of(annotation) or next(filter(None, map(unit_of, get_args(annotation))), None)
    if unit is not None:
        try:
            value = to_milliseconds(value, unit)
        except ValueError as error:
            faults.append(Fault(path, f"{error}."))
            return value
    elif kind is str and isinstance(value, datetime | date | time):
        value = value.isoformat()  # local dates and times, as schedules have them
    _check(value, annotation, path, faults)
    return value


def _check(value: Any, annotation: Any, path: str, faults: list[Fault]) -> None:
    try:
        msgspec.convert(value, annotation)
    except msgspec.ValidationError as error:
        words = str(error).partition(" - at `")[0].replace("`", "")
        form = next((words for pattern, words in _FORMS.items() if repr(pattern) in str(error)), "")
        faults.append(Fault(path, f"Use {form}." if form else f"{words}."))


def _find_idle_windows(plain: dict[str, Any]) -> Iterator[Fault]:
    for id, terms in plain.get("campaigns", {}).items():
        if terms.get("schedule") and terms.get("windows"):
            words = "leave them out: with a schedule they follow from it."
            yield Fault(f"campaigns.{id}.windows", words)


@cache
def fields_of(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """A struct's fields by name."""
    return {field.name: field for field in msgspec.structs.fields(kind)}


@cache
def unwrap(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The type itself, without limits and None, and what it is made of."""
    if get_origin(annotation) is Annotated:
        return unwrap(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return unwrap(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation, get_args(annotation)


@cache
def variants_of(annotation: Any) -> dict[str, type[msgspec.Struct]]:
    """By tag the structs that a table may be; empty where there is no choice."""
    if get_origin(annotation) is Annotated:
        return variants_of(get_args(annotation)[0])
    if get_origin(annotation) not in (Union, types.UnionType):
        return {}
    parts = [part for part in get_args(annotation) if part is not type(None)]
    return {part.__struct_config__.tag: part for part in parts} if len(parts) > 1 else {}


def tag_field_of(kinds: dict[str, type[msgspec.Struct]]) -> str:
    """The field that says which of them a table is."""
    return str(next(iter(kinds.values())).__struct_config__.tag_field)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
