"""What stands behind `target.name` and `target[index]`, by type alone.

In: the type of a target that is not null, and a name. Out: the type of the part, or why there is none.
No scope and no places, so `infer` and `narrow` share it; and the type of a literal, for the same reason.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from misydsl.relations import (
    is_assignable,
    is_certain,
    members_of,
    optional,
    unite,
    widen,
    without_null,
)
from misydsl.types import (
    ANY,
    DURATION,
    FLOAT,
    NULL,
    PERCENT,
    RATE,
    SIZE,
    Any,
    ListType,
    LiteralType,
    MapType,
    Nothing,
    RecordType,
    Type,
    UnionType,
)
from misydsl.values import Duration, Percent, Rate, Size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from misydsl.expressions.nodes import Literal as LiteralNode


_KINDS: Final[dict[type, Type]] = {
    type(None): NULL,
    float: FLOAT,
    Duration: DURATION,
    Percent: PERCENT,
    Rate: RATE,
    Size: SIZE,
}


class NoMember(msgspec.Struct, frozen=True):
    """Why a type has no such field."""

    reason: Literal["not-a-record", "unknown", "partial", "conflict"]
    candidates: tuple[str, ...] = ()
    types: tuple[Type, ...] = ()


def member_of(type_: Type, name: str) -> Type | NoMember:
    """The type of `.name` of a value that is not null."""
    match type_:
        case Any() | Nothing():
            return ANY
        case RecordType(is_open=is_open):
            field = type_.field(name)
            if field is not None:
                return field.type
            return ANY if is_open else NoMember("unknown", field_names(type_))
        case UnionType():
            return _member_of_all(type_, name)
        case _:
            return NoMember("not-a-record")


def literal_type(literal: LiteralNode) -> Type:
    """The type of a literal: itself for texts, ints and bools, its kind for the rest."""
    value = literal.value
    if type(value) is str or type(value) is int or type(value) is bool:
        return LiteralType(value)
    return _KINDS[type(value)]


def field_names(type_: Type) -> tuple[str, ...]:
    """The fields a value of the type may have, in order of declaration."""
    if isinstance(type_, RecordType):
        return type_.names
    records = (member for member in members_of(type_) if isinstance(member, RecordType))
    return tuple(dict.fromkeys(name for record in records for name in record.names))


def item_of(type_: Type) -> Type | None:
    """What a list of the type holds, `any` for `any`; None when it is not (always) a list."""
    match type_:
        case ListType(item=item):
            return item
        case Any() | Nothing():
            return ANY
        case UnionType(members=members):
            items = [item_of(member) for member in members]
            known = [item for item in items if item is not None]
            return unite(*known) if len(known) == len(items) else None
        case _:
            return None


def value_of(type_: Type) -> Type | None:
    """What a text key finds in a map or record, null included; None when it is neither."""
    match type_:
        case MapType(value=value):
            return optional(value)
        case RecordType(fields=fields, is_open=is_open):
            return ANY if is_open else optional(unite(*(field.type for field in fields)))
        case Any() | Nothing():
            return ANY
        case UnionType(members=members):
            values = [value_of(member) for member in members]
            known = [value for value in values if value is not None]
            return unite(*known) if len(known) == len(values) else None
        case _:
            return None


@lru_cache(maxsize=256)  # a union of hundreds is asked for the same few fields again and again
def _member_of_all(union: UnionType, name: str) -> Type | NoMember:
    found = [member_of(member, name) for member in union.members]
    types = [type_ for type_ in found if not isinstance(type_, NoMember)]
    if not types:
        unknown = any(isinstance(f, NoMember) and f.reason == "unknown" for f in found)
        return NoMember("unknown", field_names(union)) if unknown else NoMember("not-a-record")
    if len(types) < len(found):
        return NoMember("partial", field_names(union))
    if not _agree(types):
        return NoMember("conflict", types=tuple(dict.fromkeys(types)))
    return unite(*types)


def _agree(types: Iterable[Type]) -> bool:
    """Whether the field means the same in all alternatives: null, literals and numbers aside.

    One of them must hold all others: each that does not fit the widest so far, or is wider, is next.
    """
    kinds = list(dict.fromkeys(widen(without_null(type_)) for type_ in types))
    widest = kinds[0]
    for kind in kinds:
        if not is_assignable(kind, widest) or is_certain(widest, kind):
            widest = kind
    return all(is_assignable(kind, widest) for kind in kinds)
