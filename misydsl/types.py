"""Types of values: what the checker reasons with and what a reply is checked against.

In: built by the checker from type expressions, or by code. Out: frozen values compared by structure:
the alias a type was declared under and the descriptions of its fields are for messages only. What
types mean to each other is in `relations`, what they mean to values is in `acceptance`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

PrimitiveName = Literal[
    "string", "int", "float", "bool", "null", "duration", "size", "rate", "percent",
    "date", "datetime", "url", "secret",
]  # fmt: skip


class Any(msgspec.Struct, frozen=True):
    """Not known; checked where it flows into a typed place."""


class Primitive(msgspec.Struct, frozen=True):
    """A built-in type without parts."""

    name: PrimitiveName


class LiteralType(msgspec.Struct, frozen=True):
    """Exactly one text, int or bool."""

    value: str | int | bool

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


class MapType(msgspec.Struct, frozen=True):
    """`map[value]`: text keys, values of one type."""

    value: Type


class Field(msgspec.Struct, frozen=True):
    """One field of a record; optional when its type admits null."""

    name: str
    type: Type
    description: str | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Field) and self.name == other.name and self.type == other.type

    def __hash__(self) -> int:
        return hash((self.name, self.type))


class RecordType(msgspec.Struct, frozen=True):
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
        return hash((self.fields, self.is_open))

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        for field in self.fields:
            if field.name == name:
                return field
        return None


class UnionType(msgspec.Struct, frozen=True):
    """`A | B`; members are distinct and never unions themselves; `name` is the alias, for messages."""

    members: tuple[Type, ...]
    name: str | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnionType) and self.members == other.members

    def __hash__(self) -> int:
        return hash(self.members)


class Nothing(msgspec.Struct, frozen=True):
    """The type with no values: the element of `[]`."""


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
