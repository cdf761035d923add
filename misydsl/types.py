"""Types of values: what the checker reasons with and what a reply is checked against.

In: built by the checker from type expressions, or by code. Out: frozen values compared by structure.
The relations between types (assignable, union, printing) stand below the classes; nothing here knows
of syntax, and a run-time check names the path of the value that does not fit.
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


class RecordType(msgspec.Struct, frozen=True):
    """`{ a: T, ... }`; `name` is the alias it was declared under, for messages only."""

    fields: tuple[Field, ...]
    is_open: bool = False
    name: str | None = None


class UnionType(msgspec.Struct, frozen=True):
    """`A | B`; members are distinct and never unions themselves; `name` is the alias, for messages."""

    members: tuple[Type, ...]
    name: str | None = None


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
