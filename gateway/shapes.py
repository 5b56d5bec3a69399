"""How clients write what the log holds: each array-shaped struct of the engine, derived as a JSON object.

The log's structs are arrays on purpose (design.md §1, 8); people write objects with names. The object shapes
are made from the structs themselves, field by field, so that every shape, limit and default exists once.
"""

import types
from collections.abc import Callable, Collection, Iterator
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT

Field = tuple[str, Any] | tuple[str, Any, Any]
"""Name, annotation and default of a field, as ``msgspec.defstruct`` takes them."""


@cache
def object_shape(struct: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """A struct of the same name, fields and limits that is written as an object, unknown fields refused. A
    field that may be None can be left out: TOML has no null, and nobody should have to write one."""
    return derive(struct, ())


def derive(
    struct: type[msgspec.Struct], more: tuple[Field, ...], *, without: Collection[str] = (), name: str = ""
) -> type[msgspec.Struct]:
    """As ``object_shape``, ``without`` some fields and with ``more`` at the end, and under another ``name``
    where two are made of one struct."""
    hints = get_type_hints(struct, include_extras=True)
    fields: list[Any] = []
    for field in msgspec.structs.fields(struct):
        if field.name in without:
            continue
        annotation = _objects(hints[field.name])
        if not field.required:
            fields.append((field.name, annotation, _default(field)))
        elif types.NoneType in get_args(annotation):
            fields.append((field.name, annotation, None))
        else:
            fields.append((field.name, annotation))
    config = struct.__struct_config__
    named = isinstance(config.tag, str)
    return msgspec.defstruct(
        name or struct.__name__,
        fields + list(more),
        namespace={"__doc__": struct.__doc__},
        tag=config.tag if named else None,
        tag_field=config.tag_field if named else None,
        kw_only=True,
        frozen=True,
        forbid_unknown_fields=True,
        gc=False,
    )


def rebuilder(
    target: type[msgspec.Struct], *, without: Collection[str] = ()
) -> Callable[[Any], tuple[Any, ...]]:
    """A function from a derived object to the arguments of ``target``, all but the last ones, ``without``.

    It trusts its argument: the object's decoder has checked every limit already.
    """
    hints = get_type_hints(target)
    fields = target.__struct_fields__
    names = fields[: len(fields) - len(without)]
    if set(fields[len(names) :]) != set(without):
        raise TypeError(f"{', '.join(without)}: these must be the last fields of {target.__name__}.")
    if not any(_contains_struct(hints[name]) for name in names):
        get = attrgetter(*names)
        return get if len(names) > 1 else lambda given: (get(given),)
    return lambda given: tuple(_rebuild(getattr(given, name), hints[name]) for name in names)


def _rebuild(value: Any, annotation: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        kinds = [kind for kind in (annotation, *_parts(annotation)) if _is_struct(kind)]
        tag = value.__struct_config__.tag
        target = next((kind for kind in kinds if kind.__struct_config__.tag == tag), kinds[0])
        if isinstance(value, target):
            return value  # a default of the engine's own
        return target(*rebuilder(target)(value))
    if isinstance(value, tuple | dict):
        kind = next(kind for kind in (annotation, *_parts(annotation)) if get_origin(kind) is type(value))
        element = get_args(kind)[isinstance(value, dict)]
        if isinstance(value, dict):
            return {key: _rebuild(one, element) for key, one in value.items()}
        return tuple(_rebuild(one, element) for one in value)
    return value


def objectify(value: Any) -> Any:
    """A value in which every struct is an object with names, as ``object_shape`` describes it."""
    if isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        kind = {config.tag_field: config.tag} if isinstance(config.tag, str) and config.tag_field else {}
        return kind | {name: objectify(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: objectify(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [objectify(one) for one in value]
    return value


def contains_arrays(struct: type[msgspec.Struct]) -> bool:
    """Whether a struct of the log's, which is written as an array, is or stands in ``struct``."""
    return struct.__struct_config__.array_like or any(
        contains_arrays(part) for hint in get_type_hints(struct).values() for part in _structs_in(hint)
    )


def _structs_in(annotation: Any) -> Iterator[type[msgspec.Struct]]:
    if _is_struct(annotation):
        yield annotation
    for part in get_args(annotation):
        yield from _structs_in(part)


def _objects(annotation: Any) -> Any:
    """``annotation`` with every array-shaped struct in it replaced by its object shape."""
    if _is_struct(annotation):
        return object_shape(annotation)
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return Annotated[(_objects(parts[0]), *parts[1:])]
    if origin in (Union, types.UnionType):
        return Union[tuple(_objects(part) for part in parts)]  # noqa: UP007 - built at run time
    if origin in (tuple, dict, list):
        return origin[tuple(_objects(part) for part in parts)]
    return annotation


def _parts(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) or (annotation,)


def _contains_struct(annotation: Any) -> bool:
    return _is_struct(annotation) or any(_contains_struct(part) for part in get_args(annotation))


def _is_struct(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default is not NODEFAULT:
        return field.default
    return msgspec.field(default_factory=field.default_factory)
