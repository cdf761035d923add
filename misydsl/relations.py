"""What types mean to each other: assignable, united, comparable, printed.

In: types. Out: answers and new types. The rules are those of the language reference, first match
wins: no coercions but `int -> float` and `percent -> float`, records by width and depth, and `any`
fits everywhere because a check stands at run time where it flows into a typed place. Types are never
recursive, so these functions may be.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, assert_never

from misydsl.alternatives import admits_null, base_of, members_of
from misydsl.comparison import Look
from misydsl.types import (
    ANY,
    BOOL,
    NOTHING,
    NULL,
    Any,
    Field,
    ListType,
    LiteralType,
    MapType,
    Nothing,
    Primitive,
    RecordType,
    Type,
    UnionType,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "MOST_LEVELS",
    "MOST_PARTS",
    "admits_null",
    "base_of",
    "comparable",
    "describe",
    "generalise",
    "holds_secret",
    "is_assignable",
    "is_certain",
    "is_kept",
    "members_of",
    "optional",
    "settled",
    "unite",
    "widen",
    "without_null",
]

_LIKE_IN_JSON: Final = frozenset({"string", "int", "float", "bool", "null", "url", "secret"})
_TRUE: Final = LiteralType(True)
_FALSE: Final = LiteralType(False)
_EMPTY: Final = ListType(NOTHING)
_LONGEST_DESCRIPTION: Final = 120  # a message stays readable on two lines of a terminal
MOST_PARTS: Final = 10_000  # of a type with everything in it written out; no person wrote more
MOST_LEVELS: Final = 100  # of a type; the functions here take some Python frames for each


def is_assignable(source: Type, wanted: Type) -> bool:
    """Whether a value of type `source` may stand where `wanted` is asked for."""
    return source is wanted or Look(gradual=True).fits(source, wanted)


def is_certain(source: Type, wanted: Type) -> bool:
    """Whether every `source` is already a complete `wanted`, so that no run-time check is needed."""
    return Look(gradual=False).fits(source, wanted)


def unite(*types: Type) -> Type:
    """The type of a value that is one of these: flat, without repeats, literals absorbed."""
    members = _distinct(_flat(types))
    if any(isinstance(member, Any) for member in members):
        return ANY
    if len(members) > 1:
        members = _absorbed(members)
    if len(members) == 1:
        return members[0]
    if not members:
        return NOTHING
    return UnionType(tuple(members), _alias_of(types, members))


def optional(type_: Type) -> Type:
    """`T?`: the type or null."""
    return unite(type_, NULL)


def without_null(type_: Type) -> Type:
    """The type when it is known not to be null; `Nothing` when it was only null."""
    if type_ == NULL:
        return NOTHING
    if admits_null(type_):
        return unite(*(member for member in members_of(type_) if member != NULL))
    return type_


def widen(type_: Type) -> Type:
    """The type with its literals replaced by their bases: `"x" | "y"` becomes `string`."""
    match type_:
        case LiteralType():
            return base_of(type_)
        case UnionType(members=members) if any(isinstance(m, LiteralType) for m in members):
            return unite(*(widen(member) for member in members))
        case _:
            return type_


def generalise(type_: Type) -> Type:
    """The type with its literals replaced at every depth, so that long data has a short type."""
    match type_:
        case ListType(item=item):
            return ListType(generalise(item))
        case MapType(value=value):
            return MapType(generalise(value))
        case RecordType(fields=fields):
            general = tuple(Field(field.name, generalise(field.type)) for field in fields)
            return RecordType(general, type_.is_open)
        case UnionType(members=members):
            return unite(*(generalise(member) for member in members))
        case _:
            return widen(type_)


def settled(type_: Type) -> Type:
    """The type, or `any` where it is too large to reason with.

    Types share their parts, so that a few names can build one that is astronomically large written
    out. Whatever gets a name is settled first; all that walks types is quick because of it.
    """
    return type_ if _is_within(type_, MOST_PARTS) else ANY


def comparable(left: Type, right: Type) -> bool:
    """Whether a value of one can ever equal a value of the other."""
    if isinstance(left, Any | Nothing) or isinstance(right, Any | Nothing):
        return True
    return Look(gradual=True).may_be_equal(left, right)


def holds_secret(type_: Type) -> bool:
    """Whether a value of the type can carry a secret at any depth."""
    return type_.holds_secret


def is_kept(type_: Type) -> bool:
    """Whether JSON read back by the type gives every value of it again, measures and dates included.

    Not so for `any`, for open records, and where two alternatives look alike in JSON.
    """
    match type_:
        case Any() | RecordType(is_open=True):
            return False
        case ListType(item=inner) | MapType(value=inner):
            return is_kept(inner)
        case RecordType(fields=fields):
            return all(is_kept(field.type) for field in fields)
        case UnionType():
            members = [one for one in type_.members if one != NULL]
            has_conversion = len(members) > 1 and any(map(_is_converted, members))
            return not has_conversion and all(map(is_kept, members))
        case _:
            return True


def describe(type_: Type) -> str:
    """The type as a person would write it; long records lose the inside of their records."""
    if _is_within(type_, _LONGEST_DESCRIPTION):  # each part takes a letter at the least
        full = _written(type_, depth=MOST_LEVELS)
        if len(full) <= _LONGEST_DESCRIPTION:
            return full
    for depth in (2, 1):
        shorter = _written(type_, depth=depth)
        if len(shorter) <= _LONGEST_DESCRIPTION:
            return shorter
    return _written(type_, depth=0)


def _is_within(type_: Type, parts: int) -> bool:
    """Whether a type has at most so many parts, and does not nest too deep."""
    extent = type_.extent
    return extent.parts <= parts and extent.levels <= MOST_LEVELS


def _is_converted(type_: Type) -> bool:
    return isinstance(type_, Primitive) and type_.name not in _LIKE_IN_JSON


def _flat(types: Iterable[Type]) -> Iterable[Type]:
    for type_ in types:
        yield from members_of(type_)


def _distinct(types: Iterable[Type]) -> list[Type]:
    return [type_ for type_ in dict.fromkeys(types) if not isinstance(type_, Nothing)]


def _absorbed(members: list[Type]) -> list[Type]:
    """Without literals whose base is there, and without the type of `[]` beside another list."""
    present = set(members)
    if _TRUE in present and _FALSE in present:
        present.add(BOOL)
        position = next(i for i, m in enumerate(members) if isinstance(m, LiteralType))
        members = [*members[:position], BOOL, *(m for m in members[position:] if m != BOOL)]
    has_lists = any(isinstance(member, ListType) and member != _EMPTY for member in members)
    return [
        member
        for member in members
        if not (isinstance(member, LiteralType) and base_of(member) in present)
        and not (has_lists and member == _EMPTY)
    ]


def _alias_of(types: Sequence[Type], members: list[Type]) -> str | None:
    for type_ in types:
        if isinstance(type_, UnionType) and list(type_.members) == members:
            return type_.name
    return None


def _written(type_: Type, *, depth: int) -> str:
    match type_:
        case Any():
            return "any"
        case Nothing():
            return "nothing"
        case Primitive(name=name):
            return name
        case LiteralType(value=value):
            return json.dumps(value, ensure_ascii=False)
        case ListType(item=item):
            return f"list[{_written(item, depth=depth)}]"
        case MapType(value=value):
            return f"map[{_written(value, depth=depth)}]"
        case RecordType(name=str(name)) | UnionType(name=str(name)):
            return name
        case RecordType():
            return _written_record(type_, depth)
        case UnionType():
            return _written_union(type_, depth)
        case never:
            assert_never(never)


def _written_record(record: RecordType, depth: int) -> str:
    if not record.fields:
        return "{ ... }" if record.is_open else "{}"
    if depth <= 0:
        return "{ … }"
    parts = [f"{field.name}: {_written(field.type, depth=depth - 1)}" for field in record.fields]
    return "{ " + ", ".join([*parts, *(["..."] if record.is_open else [])]) + " }"


def _written_union(union: UnionType, depth: int) -> str:
    others = [member for member in union.members if member != NULL]
    if len(others) == 1 and len(union.members) == 2:
        return f"{_written(others[0], depth=depth)}?"
    parts = [_written(member, depth=depth) for member in others]
    return " | ".join([*parts, *(["null"] if len(others) < len(union.members) else [])])
