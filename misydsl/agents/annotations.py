"""Python annotations as types of the language, and Python defaults as its expressions.

In: what stands behind a parameter's `:` and `=`. Out: a `Type` (an unknown class is `any`), what the
annotation asks to be built from JSON (dataclasses, structs, enums), and an `Expression` for a default
that JSON can say. Nothing here calls the function.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import types as builtin
import typing
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from misydsl.expressions.nodes import Expression, ListOf, Literal, RecordField, RecordOf
from misydsl.pipeline.model import NO_SPAN
from misydsl.relations import optional, unite
from misydsl.types import (
    ANY,
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INT,
    NULL,
    PERCENT,
    RATE,
    SIZE,
    STRING,
    Field,
    ListType,
    LiteralType,
    MapType,
    RecordType,
    Type,
)
from misydsl.values import Duration, Percent, Rate, Size

_PRIMITIVES: Final[dict[object, Type]] = {
    str: STRING,
    bool: BOOL,
    int: INT,
    float: FLOAT,
    None: NULL,
    type(None): NULL,
    dt.date: DATE,
    dt.datetime: DATETIME,
    Duration: DURATION,
    Size: SIZE,
    Percent: PERCENT,
    Rate: RATE,
    list: ListType(ANY),
    tuple: ListType(ANY),
    set: ListType(ANY),
    frozenset: ListType(ANY),
    Sequence: ListType(ANY),
    dict: MapType(ANY),
    Mapping: MapType(ANY),
}
_LISTS: Final = (list, tuple, set, frozenset, Sequence, Iterable, AbstractSet)
_MAPS: Final = (dict, Mapping)
_NESTING: Final = 20  # a class that holds itself ends here as `any`


def type_of(annotation: object, depth: int = 0) -> Type:
    """The type of the language that an annotation means; `any` for what it has no word for."""
    if depth > _NESTING:
        return ANY
    if isinstance(annotation, typing.NewType):
        return type_of(annotation.__supertype__, depth + 1)
    try:
        known = _PRIMITIVES.get(annotation)
    except TypeError:  # an annotation that cannot be hashed has no short name
        known = None
    if known is not None:
        return known
    origin = typing.get_origin(annotation)
    if origin is not None:
        return _generic(origin, typing.get_args(annotation), depth + 1)
    return _class(annotation, depth + 1) if isinstance(annotation, type) else ANY


def note_of(annotation: object) -> str | None:
    """The text in `Annotated[T, "…"]`: what the parameter is, in words."""
    notes = getattr(annotation, "__metadata__", ())
    return next((note for note in notes if isinstance(note, str)), None)


def builds(annotation: object, depth: int = 0) -> bool:
    """Whether JSON is not yet what the annotation promises: it names a class made from a record."""
    if depth > _NESTING:
        return False
    if isinstance(annotation, type) and _is_record_class(annotation):
        return True
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return True
    if typing.get_origin(annotation) in (tuple, set, frozenset):
        return True
    return any(builds(inner, depth + 1) for inner in typing.get_args(annotation))


def _is_record_class(annotation: type) -> bool:
    return dataclasses.is_dataclass(annotation) or issubclass(annotation, msgspec.Struct)


def _generic(origin: object, arguments: tuple[object, ...], depth: int) -> Type:
    if origin is typing.Literal:
        return unite(*(_literal(value) for value in arguments))
    if origin in (typing.Union, builtin.UnionType):
        return unite(*(type_of(argument, depth) for argument in arguments))
    if origin in (typing.Annotated, typing.Required, typing.NotRequired):
        return type_of(arguments[0], depth)
    if origin in _LISTS:
        inner = [argument for argument in arguments if argument is not ...]
        return ListType(unite(*(type_of(argument, depth) for argument in inner)) if inner else ANY)
    if origin in _MAPS:
        return MapType(type_of(arguments[1], depth) if len(arguments) > 1 else ANY)
    return ANY


def _literal(value: object) -> Type:
    if isinstance(value, enum.Enum):
        return _literal(value.value)
    if isinstance(value, str | bool | int):
        return LiteralType(value)
    return NULL if value is None else ANY


def _class(annotation: type, depth: int) -> Type:
    if issubclass(annotation, enum.Enum):
        return unite(*(_literal(member.value) for member in annotation)) if len(annotation) else ANY
    if issubclass(annotation, dict) and hasattr(annotation, "__required_keys__"):
        required = typing.cast(
            "frozenset[str]", getattr(annotation, "__required_keys__", frozenset())
        )
        return _record(annotation, required, depth)
    if dataclasses.is_dataclass(annotation):
        fields = [field for field in dataclasses.fields(annotation) if field.init]
        absent = dataclasses.MISSING
        names = {f.name for f in fields if f.default is absent and f.default_factory is absent}
        return _record(annotation, names, depth)
    if issubclass(annotation, msgspec.Struct):
        names = {field.name for field in msgspec.structs.fields(annotation) if field.required}
        return _record(annotation, names, depth)
    return ANY


def _record(annotation: type, required: AbstractSet[str], depth: int) -> Type:
    fields = []
    for name, inner in typing.get_type_hints(annotation, include_extras=True).items():
        type_ = type_of(inner, depth)
        is_required = name in required and typing.get_origin(inner) is not typing.NotRequired
        kept = type_ if is_required else optional(type_)
        fields.append(Field(name, kept, note_of(inner)))
    return RecordType(tuple(fields), name=annotation.__name__)


def expression_of(value: object) -> Expression | None:
    """A default as an expression of the language; None when JSON cannot say it."""
    if value is None or type(value) in (bool, int, float, str, Duration, Percent, Rate, Size):
        return Literal(NO_SPAN, typing.cast("str", value))
    if isinstance(value, list | tuple):
        items = [expression_of(item) for item in value]
        whole = [item for item in items if item is not None]
        return ListOf(NO_SPAN, tuple(whole)) if len(whole) == len(items) else None
    if isinstance(value, dict):
        fields = [(name, expression_of(item)) for name, item in value.items()]
        known = [
            RecordField(NO_SPAN, name, NO_SPAN, item)
            for name, item in fields
            if item is not None and isinstance(name, str)
        ]
        return RecordOf(NO_SPAN, tuple(known)) if len(known) == len(fields) else None
    return None
