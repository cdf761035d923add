"""What a type may be one of: its alternatives, null among them.

In: a type. Out: the alternatives of a union; any other type is its own only one. Literals, of which a
person may list thousands, are told from kinds, which are few: what is asked of types stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from misydsl.types import BOOL, INT, NULL, STRING, LiteralType, Primitive, Type, UnionType

if TYPE_CHECKING:
    from collections.abc import Collection


def members_of(type_: Type) -> tuple[Type, ...]:
    """The alternatives of a union; any other type is its own only alternative."""
    return type_.members if isinstance(type_, UnionType) else (type_,)


def literals_of(type_: Type) -> frozenset[LiteralType]:
    """The alternatives that are one value each."""
    if isinstance(type_, UnionType):
        return type_.literals
    return frozenset((type_,) if isinstance(type_, LiteralType) else ())


def choices_of(type_: Type, like: LiteralType) -> tuple[str | int | bool, ...]:
    """The values of those alternatives that belong to the same built-in type as a literal."""
    if isinstance(type_, UnionType):
        return type_.choices.get(type(like.value), ())
    if isinstance(type_, LiteralType) and type(type_.value) is type(like.value):
        return (type_.value,)
    return ()


def kinds_of(type_: Type) -> tuple[Type, ...]:
    """The alternatives that are more than one value, in order."""
    if isinstance(type_, UnionType):
        return type_.kinds
    return () if isinstance(type_, LiteralType) else (type_,)


def admits_null(type_: Type) -> bool:
    """Whether the type names null; `any` does not, though its value may be null."""
    return type_ == NULL or (isinstance(type_, UnionType) and NULL in type_.kinds)


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


def bases_of(literals: Collection[LiteralType]) -> list[Primitive]:
    """The built-in types some literals belong to, always in the same order."""
    found = {base_of(one) for one in literals}
    return [base for base in (STRING, INT, BOOL) if base in found]
