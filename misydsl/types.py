"""Types of values: what the checker reasons with and what a reply is checked against.

In: built by the checker from type expressions, or by code. Out: frozen values compared by structure:
the alias a type was declared under and the descriptions of its fields are for messages only. What
types mean to each other is in `relations`, what they mean to values is in `acceptance`.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

PrimitiveName = Literal[
    "string", "int", "float", "bool", "null", "duration", "size", "rate", "percent",
    "date", "datetime", "url", "secret",
]  # fmt: skip


class Extent(NamedTuple):
    """How large a type is written out: its parts, shared ones each time, and how deep they nest."""

    parts: int
    levels: int


SMALLEST = Extent(1, 1)


class Whole(msgspec.Struct, frozen=True):
    """A type without parts."""

    extent: ClassVar[Extent] = SMALLEST


class Any(Whole, frozen=True):
    """Not known; checked where it flows into a typed place."""

    holds_secret: ClassVar[bool] = False


class Primitive(Whole, frozen=True):
    """A built-in type."""

    name: PrimitiveName

    @property
    def holds_secret(self) -> bool:
        """Whether it is a secret."""
        return self.name == "secret"


class LiteralType(Whole, frozen=True):
    """Exactly one text, int or bool."""

    value: str | int | bool
    holds_secret: ClassVar[bool] = False

    def __eq__(self, other: object) -> bool:  # `1 == True` in Python, and 1 is not true here
        return (
            isinstance(other, LiteralType)
            and type(self.value) is type(other.value)
            and self.value == other.value
        )

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


class ListType(msgspec.Struct, frozen=True):
    """`list[item]`; the item of an empty list literal is `Nothing`."""

    item: Type

    @property
    def extent(self) -> Extent:
        """How large the type is."""
        return _around((self.item,))

    @property
    def holds_secret(self) -> bool:
        """Whether an item can carry a secret."""
        return self.item.holds_secret


class MapType(msgspec.Struct, frozen=True):
    """`map[value]`: text keys, values of one type."""

    value: Type

    @property
    def extent(self) -> Extent:
        """How large the type is."""
        return _around((self.value,))

    @property
    def holds_secret(self) -> bool:
        """Whether a value can carry a secret."""
        return self.value.holds_secret


class Field(msgspec.Struct, frozen=True):
    """One field of a record; optional when its type admits null."""

    name: str
    type: Type
    description: str | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Field) and self.name == other.name and self.type == other.type

    def __hash__(self) -> int:
        return hash((self.name, self.type))


class RecordType(msgspec.Struct, frozen=True, dict=True):
    """`{ a: T, ... }`; `name` is the alias it was declared under, for messages only."""

    fields: tuple[Field, ...]
    is_open: bool = False
    name: str | None = None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, RecordType)
            and self.is_open == other.is_open
            and self.fields == other.fields
        )

    def __hash__(self) -> int:
        return self._hash

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        return self._by_name.get(name)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the fields are called, in the order they were declared."""
        return tuple(self._by_name)

    @cached_property
    def extent(self) -> Extent:
        """How large the type is."""
        return _around([field.type for field in self.fields])

    @cached_property
    def holds_secret(self) -> bool:
        """Whether any field can carry a secret."""
        return any(field.type.holds_secret for field in self.fields)

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}

    @cached_property
    def _hash(self) -> int:
        return hash((self.fields, self.is_open))


class UnionType(msgspec.Struct, frozen=True, dict=True):
    """`A | B`; members are distinct and never unions themselves; `name` is the alias, for messages."""

    members: tuple[Type, ...]
    name: str | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnionType) and self.members == other.members

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def literals(self) -> frozenset[LiteralType]:
        """The members that are one value each; there may be thousands."""
        return frozenset(one for one in self.members if isinstance(one, LiteralType))

    @cached_property
    def choices(self) -> dict[type, tuple[str | int | bool, ...]]:
        """The values of the literals by their Python type, in order."""
        found: dict[type, list[str | int | bool]] = {}
        for one in self.members:
            if isinstance(one, LiteralType):
                found.setdefault(type(one.value), []).append(one.value)
        return {kind: tuple(values) for kind, values in found.items()}

    @cached_property
    def kinds(self) -> tuple[Type, ...]:
        """The members that are more than one value, in order."""
        return tuple(one for one in self.members if not isinstance(one, LiteralType))

    @cached_property
    def extent(self) -> Extent:
        """How large the type is."""
        return _around(self.members)

    @cached_property
    def holds_secret(self) -> bool:
        """Whether any alternative can carry a secret."""
        return any(member.holds_secret for member in self.kinds)

    @cached_property
    def _hash(self) -> int:
        return hash(self.members)


class Nothing(Whole, frozen=True):
    """The type with no values: the element of `[]`."""

    holds_secret: ClassVar[bool] = False


Type = Any | Primitive | LiteralType | ListType | MapType | RecordType | UnionType | Nothing

ANY = Any()
NOTHING = Nothing()
STRING = Primitive("string")
INT = Primitive("int")
FLOAT = Primitive("float")
BOOL = Primitive("bool")
NULL = Primitive("null")
DURATION = Primitive("duration")
SIZE = Primitive("size")
RATE = Primitive("rate")
PERCENT = Primitive("percent")
DATE = Primitive("date")
DATETIME = Primitive("datetime")
URL = Primitive("url")
SECRET = Primitive("secret")


def _around(types: Sequence[Type]) -> Extent:
    extents = [type_.extent for type_ in types]
    parts = sum(extent.parts for extent in extents)
    return Extent(1 + parts, 1 + max((extent.levels for extent in extents), default=0))
