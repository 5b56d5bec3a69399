"""How clients write what the log holds: each array-shaped struct of the engine, derived as a JSON object.

The log's structs are arrays on purpose (design.md §1, 8); people write objects with names. The object shapes
are made from the structs themselves, field by field, so that every shape, limit and default exists once.
"""

import types
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT

Field = tuple[str, Any, Any]
"""Name, annotation and default of a field, as ``msgspec.defstruct`` takes them."""


@cache
def object_shape(struct: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """A struct of the same name, fields and limits that is written as an object, unknown fields refused."""
    return derive(struct, ())


def derive(struct: type[msgspec.Struct], more: tuple[Field, ...]) -> type[msgspec.Struct]:
    """As ``object_shape``, with ``more`` fields at the end."""
    hints = get_type_hints(struct, include_extras=True)
    fields: list[Any] = []
    for field in msgspec.structs.fields(struct):
        annotation = _objects(hints[field.name])
        if field.required:
            fields.append((field.name, annotation))
        else:
            fields.append((field.name, annotation, _default(field)))
    return msgspec.defstruct(
        struct.__name__,
        fields + list(more),
        namespace={"__doc__": struct.__doc__},
        kw_only=True,
        frozen=True,
        forbid_unknown_fields=True,
    )


def rebuilder(target: type[msgspec.Struct], *, without: str = "") -> Callable[[Any], tuple[Any, ...]]:
    """A function from a derived object to the arguments of ``target``, all but the last one if that is
    ``without``.

    It trusts its argument: the object's decoder has checked every limit already.
    """
    hints = get_type_hints(target)
    names = [name for name in target.__struct_fields__ if name != without]
    if without and target.__struct_fields__[-1] != without:
        raise TypeError(f"{target.__name__}.{without} must be the last field.")
    if not any(_contains_struct(hints[name]) for name in names):
        get = attrgetter(*names)
        return get if len(names) > 1 else lambda given: (get(given),)
    return lambda given: tuple(_rebuild(getattr(given, name), hints[name]) for name in names)


def _rebuild(value: Any, annotation: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        target = next(kind for kind in _parts(annotation) if _is_struct(kind))
        if isinstance(value, target):
            return value  # a default of the engine's own
        return target(*rebuilder(target)(value))
    if isinstance(value, tuple):
        element = _parts(annotation)[0]
        return tuple(_rebuild(one, element) for one in value)
    return value


def _objects(annotation: Any) -> Any:
    """``annotation`` with every array-shaped struct in it replaced by its object shape."""
    if _is_struct(annotation):
        return object_shape(annotation)
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return Annotated[(_objects(parts[0]), *parts[1:])]
    if origin in (Union, types.UnionType):
        return Union[tuple(_objects(part) for part in parts)]  # noqa: UP007 - built at run time
    if origin in (tuple, dict):
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
