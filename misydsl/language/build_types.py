"""Builders of type expressions: one for each named alternative of the grammar's types.

In: a `Reading` and the parts of one alternative. Out: the type nodes of `syntax`. A record with a field
that cannot be read is taken as open, so that the mistake is told once.
"""


# A builder is named after its alternative, where the grammar says what it is; it takes all its parts.
# ruff: noqa: D103

from __future__ import annotations

from typing import Final

from misydsl.expressions.nodes import Literal, Text
from misydsl.language import wording_parse
from misydsl.language.build import Builder, Reading
from misydsl.language.literals import read_number
from misydsl.language.syntax import (
    BrokenItem,
    Identifier,
    TypeBroken,
    TypeExpression,
    TypeField,
    TypeLiteral,
    TypeName,
    TypeOptional,
    TypeRecord,
    TypeUnion,
)
from misydsl.source import Span


def type_union(reading: Reading, first: int, last: int, members: list[TypeExpression]) -> TypeUnion:
    return TypeUnion(reading.span(first, last), tuple(members))


def type_optional(
    reading: Reading, first: int, last: int, inner: TypeExpression, _mark: int
) -> TypeOptional:
    return TypeOptional(reading.span(first, last), inner)


def type_name(reading: Reading, first: int, last: int, name: int) -> TypeName:
    return TypeName(reading.span(first, last), reading.word(name), ())


def type_applied(
    reading: Reading,
    first: int,
    last: int,
    name: int,
    _open: int,
    arguments: list[TypeExpression],
    _close: int,
) -> TypeName:
    return TypeName(reading.span(first, last), reading.word(name), tuple(arguments))


def type_text(
    reading: Reading, first: int, last: int, written: Literal | Text
) -> TypeLiteral | TypeBroken:
    span = reading.span(first, last)
    if isinstance(written, Literal):
        return TypeLiteral(span, str(written.value))
    reading.problems.append(wording_parse.not_plain(reading.source, span, "a type"))
    return TypeBroken(span)


def type_int(reading: Reading, first: int, last: int, at: int) -> TypeLiteral | TypeBroken:
    return _integer(reading, reading.span(first, last), at, 1)


def type_negative(
    reading: Reading, first: int, last: int, _minus: int, at: int
) -> TypeLiteral | TypeBroken:
    return _integer(reading, reading.span(first, last), at, -1)


def _integer(reading: Reading, span: Span, at: int, sign: int) -> TypeLiteral | TypeBroken:
    read = read_number(reading.source, reading.span(at, at), "INT")
    if read.problem is not None:
        reading.problems.append(read.problem)
    return TypeLiteral(span, sign * read.value) if isinstance(read.value, int) else TypeBroken(span)


def type_true(reading: Reading, first: int, last: int, _at: int) -> TypeLiteral:
    return TypeLiteral(reading.span(first, last), value=True)


def type_false(reading: Reading, first: int, last: int, _at: int) -> TypeLiteral:
    return TypeLiteral(reading.span(first, last), value=False)


def type_null(reading: Reading, first: int, last: int, _at: int) -> TypeLiteral:
    return TypeLiteral(reading.span(first, last), None)


def type_record_empty(
    reading: Reading, first: int, last: int, _open: int, _close: int
) -> TypeRecord:
    return TypeRecord(reading.span(first, last), (), is_open=False)


def type_record(
    reading: Reading,
    first: int,
    last: int,
    _open: int,
    fields: list[TypeField | BrokenItem | None],
    _close: int,
) -> TypeRecord:
    known = tuple(field for field in fields if isinstance(field, TypeField))
    return TypeRecord(reading.span(first, last), known, is_open=len(known) < len(fields))


def type_group(
    _reading: Reading, _first: int, _last: int, _open: int, inner: TypeExpression, _close: int
) -> TypeExpression:
    return inner


def type_broken(reading: Reading, first: int, last: int, _at: int) -> TypeBroken:
    return TypeBroken(reading.span(first, last))


def type_field(
    reading: Reading, first: int, last: int, key: Identifier, _colon: int, type_: TypeExpression
) -> TypeField:
    return TypeField(reading.span(first, last), key, type_, reading.description(first))


def open_mark(_reading: Reading, _first: int, _last: int, _mark: int) -> None:
    return None


TYPES: Final[dict[str, Builder]] = {
    "type_union": type_union, "type_optional": type_optional, "type_name": type_name,
    "type_applied": type_applied, "type_text": type_text, "type_int": type_int,
    "type_negative": type_negative, "type_true": type_true, "type_false": type_false,
    "type_null": type_null, "type_record_empty": type_record_empty, "type_record": type_record,
    "type_group": type_group, "type_broken": type_broken, "type_field": type_field,
    "open_mark": open_mark,
}  # fmt: skip
