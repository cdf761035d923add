"""What types mean to each other: assignable, united, comparable, printed.

In: types. Out: answers and new types. The rules are those of the language reference, first match
wins: no coercions but `int -> float` and `percent -> float`, records by width and depth, and `any`
fits everywhere because a check stands at run time where it flows into a typed place. Types are never
recursive, so these functions may be.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, assert_never

from misydsl.types import (
    ANY,
    BOOL,
    INT,
    NOTHING,
    NULL,
    SECRET,
    STRING,
    Any,
    Field,
    ListType,
    LiteralType,
    MapType,
    Nothing,
    Primitive,
    PrimitiveName,
    RecordType,
    Type,
    UnionType,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDER: Final[dict[PrimitiveName, PrimitiveName]] = {
    "int": "float",
    "percent": "float",
    "url": "string",
}
"""The only values that may stand in for another kind: a url is a text, an int is a float."""

_NUMBERS: Final = frozenset({"int", "float", "percent"})
_LIKE_IN_JSON: Final = frozenset({"string", "int", "float", "bool", "null", "url", "secret"})
_TEXTS: Final = frozenset({"string", "url"})
_LONGEST_DESCRIPTION: Final = 120  # a message stays readable on two lines of a terminal
MOST_PARTS: Final = 10_000  # of a type with everything in it written out; no person wrote more
MOST_LEVELS: Final = 100  # of a type; the functions here take some Python frames for each


def is_assignable(source: Type, wanted: Type) -> bool:
    """Whether a value of type `source` may stand where `wanted` is asked for."""
    return _fits(source, wanted, gradual=True)


def is_certain(source: Type, wanted: Type) -> bool:
    """Whether every `source` is already a complete `wanted`, so that no run-time check is needed."""
    return _fits(source, wanted, gradual=False)


def unite(*types: Type) -> Type:
    """The type of a value that is one of these: flat, without repeats, literals absorbed."""
    members = _distinct(_flat(types))
    if any(isinstance(member, Any) for member in members):
        return ANY
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
    if isinstance(type_, UnionType) and NULL in type_.members:
        return unite(*(member for member in type_.members if member != NULL))
    return type_


def admits_null(type_: Type) -> bool:
    """Whether the type names null; `any` does not, though its value may be null."""
    return type_ == NULL or (isinstance(type_, UnionType) and NULL in type_.members)


def members_of(type_: Type) -> tuple[Type, ...]:
    """The alternatives of a union; any other type is its own only alternative."""
    return type_.members if isinstance(type_, UnionType) else (type_,)


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


def base_of(literal: LiteralType) -> Primitive:
    """The built-in type a literal belongs to."""
    match literal.value:
        case bool():
            return BOOL
        case int():
            return INT
        case str():
            return STRING
        case never:
            assert_never(never)


def comparable(left: Type, right: Type) -> bool:
    """Whether a value of one can ever equal a value of the other."""
    if isinstance(left, Any | Nothing) or isinstance(right, Any | Nothing):
        return True
    return any(_may_be_equal(one, other) for one in members_of(left) for other in members_of(right))


def holds_secret(type_: Type) -> bool:
    """Whether a value of the type can carry a secret at any depth."""
    match type_:
        case ListType(item=inner) | MapType(value=inner):
            return holds_secret(inner)
        case RecordType(fields=fields):
            return any(holds_secret(field.type) for field in fields)
        case UnionType(members=members):
            return any(holds_secret(member) for member in members)
        case _:
            return type_ == SECRET


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
    """Whether a type has at most so many parts; shared ones count each time. Does not recurse."""
    level: list[Type] = [type_]
    for _ in range(MOST_LEVELS):
        parts -= len(level)
        if parts < 0:
            return False
        level = [part for one in level for part in _parts(one)]
        if not level:
            return True
    return False


def _parts(type_: Type) -> Iterable[Type]:
    match type_:
        case ListType(item=inner) | MapType(value=inner):
            return (inner,)
        case RecordType(fields=fields):
            return [field.type for field in fields]
        case UnionType(members=members):
            return members
        case _:
            return ()


def _is_converted(type_: Type) -> bool:
    return isinstance(type_, Primitive) and type_.name not in _LIKE_IN_JSON


def _fits(source: Type, wanted: Type, *, gradual: bool) -> bool:
    """The rules of `is_assignable`; not `gradual`: what only a check at run time can make sure fails."""
    if isinstance(wanted, Any) or isinstance(source, Nothing) or source == wanted:
        return True
    if isinstance(source, Any):
        return gradual
    if isinstance(source, UnionType):
        return all(_fits(member, wanted, gradual=gradual) for member in source.members)
    if isinstance(wanted, UnionType):
        return any(_fits(source, member, gradual=gradual) for member in wanted.members)
    match source, wanted:
        case LiteralType(), Primitive():
            return _literal_fits(source, wanted, gradual=gradual)
        case Primitive(name=name), Primitive(name=wanted_name):
            return WIDER.get(name) == wanted_name
        case ListType(item=inner), ListType(item=wanted_inner):
            return _fits(inner, wanted_inner, gradual=gradual)
        case MapType(value=inner), MapType(value=wanted_inner):
            return _fits(inner, wanted_inner, gradual=gradual)
        case RecordType(fields=fields, is_open=is_open), MapType(value=wanted_inner):
            known = all(_fits(field.type, wanted_inner, gradual=gradual) for field in fields)
            return known and (gradual or not is_open)
        case RecordType(), RecordType():
            return _record_fits(source, wanted, gradual=gradual)
        case _:
            return False


def _literal_fits(literal: LiteralType, wanted: Primitive, *, gradual: bool) -> bool:
    if wanted.name == "url":  # a text that is a whole address; any other text is not known to be
        return isinstance(literal.value, str) and "://" in literal.value
    return _fits(base_of(literal), wanted, gradual=gradual)


def _record_fits(source: RecordType, wanted: RecordType, *, gradual: bool) -> bool:
    given = {field.name: field.type for field in source.fields}
    for field in wanted.fields:
        found = given.get(field.name)
        if found is None:
            # An absent optional field is right, but somebody still has to put the null there.
            if not gradual or not (source.is_open or admits_null(field.type)):
                return False
        elif not _fits(found, field.type, gradual=gradual):
            return False
    return True


def _flat(types: Iterable[Type]) -> Iterable[Type]:
    for type_ in types:
        yield from members_of(type_)


def _distinct(types: Iterable[Type]) -> list[Type]:
    return [type_ for type_ in dict.fromkeys(types) if not isinstance(type_, Nothing)]


def _absorbed(members: list[Type]) -> list[Type]:
    """Without literals whose base is there, and without the type of `[]` beside another list."""
    present = set(members)
    if LiteralType(True) in present and LiteralType(False) in present:
        present.add(BOOL)
        position = next(i for i, m in enumerate(members) if isinstance(m, LiteralType))
        members = [*members[:position], BOOL, *(m for m in members[position:] if m != BOOL)]
    empty = ListType(NOTHING)
    has_lists = any(isinstance(member, ListType) and member != empty for member in members)
    return [
        member
        for member in members
        if not (isinstance(member, LiteralType) and base_of(member) in present)
        and not (has_lists and member == empty)
    ]


def _alias_of(types: Sequence[Type], members: list[Type]) -> str | None:
    for type_ in types:
        if isinstance(type_, UnionType) and list(type_.members) == members:
            return type_.name
    return None


def _may_be_equal(left: Type, right: Type) -> bool:
    match left, right:
        case (Any() | Nothing(), _) | (_, Any() | Nothing()):
            return True
        case LiteralType(value=one), LiteralType(value=other):
            return type(one) is type(other) and one == other
        case LiteralType(), _:
            return _may_be_equal(base_of(left), right)
        case _, LiteralType():
            return _may_be_equal(left, base_of(right))
        case Primitive(name=one), Primitive(name=other):
            return one == other or {one, other} <= _NUMBERS or {one, other} <= _TEXTS
        case ListType(item=one), ListType(item=other):
            return comparable(one, other)
        case MapType(value=one), MapType(value=other):
            return comparable(one, other)
        case (RecordType(), MapType()) | (MapType(), RecordType()):
            return True
        case RecordType(), RecordType():
            given = {field.name: field.type for field in left.fields}
            common = ((given[f.name], f.type) for f in right.fields if f.name in given)
            return all(comparable(one, other) for one, other in common)
        case _:
            return False


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
