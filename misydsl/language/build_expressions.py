"""Builders of expressions: one for each named alternative of the grammar's expressions and text.

In: a `Reading` and the parts of one alternative. Out: nodes of the room `expressions`, built once, with
escapes resolved and block texts dedented. What cannot be read becomes a `Broken`, so that the
expression around it stands.
"""


# A builder is named after its alternative, where the grammar says what it is; it takes all its parts.
# ruff: noqa: D103, PLR0917

from __future__ import annotations

import re
from typing import Final

from misydsl.expressions.nodes import (
    Apply,
    Argument,
    Binary,
    BinaryOperator,
    Broken,
    Clause,
    Comprehension,
    Conditional,
    Expression,
    Index,
    ListOf,
    Literal,
    Member,
    RecordField,
    RecordOf,
    Reference,
    Spread,
    Text,
    Unary,
)
from misydsl.language import wording_parse, wording_text
from misydsl.language.build import Builder, Reading
from misydsl.language.literals import dedent, read_number, unescape
from misydsl.language.syntax import BrokenItem, Identifier
from misydsl.source import Span

OPERATORS: Final[dict[str, BinaryOperator]] = {
    "OR": "or", "AND": "and", "EQ": "==", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">=",
    "IN": "in", "COALESCE": "??", "PLUS": "+", "MINUS": "-", "STAR": "*", "SLASH": "/",
}  # fmt: skip
MOST_CLAUSES: Final = 32  # `for` in one list; each is a level when it is evaluated

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def binary(
    reading: Reading, first: int, last: int, left: Expression, operator: int, right: Expression
) -> Binary:
    span = reading.span(first, last)
    is_chain = reading.kind(operator) == "MINUS" and isinstance(left, Binary)
    if is_chain and _DATE.fullmatch(reading.text, *span):
        reading.problems.append(wording_text.date_bare(reading.source, span))
    return Binary(span, OPERATORS[reading.kind(operator)], left, right)


def not_in(
    reading: Reading,
    first: int,
    last: int,
    left: Expression,
    _not: int,
    _in: int,
    right: Expression,
) -> Binary:
    return Binary(reading.span(first, last), "not in", left, right)


def unary(
    reading: Reading, first: int, last: int, operator: int, operand: Expression
) -> Unary | Literal:
    return Unary(
        reading.span(first, last), "-" if reading.kind(operator) == "MINUS" else "not", operand
    )


def conditional(
    reading: Reading,
    first: int,
    last: int,
    _if: int,
    condition: Expression,
    _then: int,
    then: Expression,
    _else: int,
    otherwise: Expression,
) -> Conditional:
    return Conditional(reading.span(first, last), condition, then, otherwise)


def member(
    reading: Reading, first: int, last: int, target: Expression, dot: int, name: int
) -> Member:
    place = Span(reading.starts[name], reading.ends[name])
    is_optional = reading.kind(dot) == "QDOT"
    return Member(reading.span(first, last), target, reading.word(name), place, is_optional)


def index(
    reading: Reading,
    first: int,
    last: int,
    target: Expression,
    _open: int,
    at: Expression,
    _close: int,
) -> Index:
    return Index(reading.span(first, last), target, at)


def apply_empty(
    reading: Reading, first: int, last: int, target: Expression, _open: int, _close: int
) -> Apply:
    return Apply(reading.span(first, last), target, ())


def apply(
    reading: Reading,
    first: int,
    last: int,
    target: Expression,
    _open: int,
    arguments: list[Argument],
    _close: int,
) -> Apply:
    return Apply(reading.span(first, last), target, tuple(arguments))


def value(reading: Reading, first: int, last: int, given: Expression) -> Argument:
    return Argument(reading.span(first, last), None, given)


def value_named(
    reading: Reading, first: int, last: int, name: int, _colon: int, given: Expression
) -> Argument:
    return Argument(reading.span(first, last), reading.word(name), given)


def reference(reading: Reading, first: int, last: int, name: int) -> Reference:
    return Reference(reading.span(first, last), reading.word(name))


def number(reading: Reading, first: int, last: int, at: int) -> Literal | Broken:
    span = reading.span(first, last)
    read = read_number(reading.source, span, reading.kind(at))
    if read.problem is not None:
        reading.problems.append(read.problem)
    return Broken(span) if read.value is None else Literal(span, read.value)


def true(reading: Reading, first: int, last: int, _at: int) -> Literal:
    return Literal(reading.span(first, last), True)


def false(reading: Reading, first: int, last: int, _at: int) -> Literal:
    return Literal(reading.span(first, last), False)


def null(reading: Reading, first: int, last: int, _at: int) -> Literal:
    return Literal(reading.span(first, last), None)


def group(
    _reading: Reading, _first: int, _last: int, _open: int, inner: Expression, _close: int
) -> Expression:
    return inner


def list_empty(reading: Reading, first: int, last: int, _open: int, _close: int) -> ListOf:
    return ListOf(reading.span(first, last), ())


def list_(
    reading: Reading, first: int, last: int, _open: int, items: list[Expression], _close: int
) -> ListOf:
    return ListOf(reading.span(first, last), tuple(items))


def comprehension(
    reading: Reading,
    first: int,
    last: int,
    _open: int,
    element: Expression,
    clauses: list[Clause],
    _close: int,
) -> Comprehension | Broken:
    if len(clauses) > MOST_CLAUSES:
        span = reading.span(first, last)
        reading.problems.append(wording_text.too_many_loops(reading.source, span, MOST_CLAUSES))
        return Broken(span)
    return Comprehension(reading.span(first, last), element, tuple(clauses))


def clause(
    reading: Reading,
    first: int,
    last: int,
    _for: int,
    name: int,
    _in: int,
    iterable: Expression,
    _if: int | None = None,
    condition: Expression | None = None,
) -> Clause:
    place = Span(reading.starts[name], reading.ends[name])
    return Clause(reading.span(first, last), reading.word(name), place, iterable, condition)


def record_empty(reading: Reading, first: int, last: int, _open: int, _close: int) -> RecordOf:
    return RecordOf(reading.span(first, last), ())


def record(
    reading: Reading,
    first: int,
    last: int,
    _open: int,
    fields: list[RecordField | Spread | BrokenItem],
    _close: int,
) -> RecordOf:
    # A field that cannot be read may have been any field: a spread of the unknown keeps what is
    # missing from being reported as a second mistake.
    kept = tuple(
        Spread(item.span, Broken(item.span)) if isinstance(item, BrokenItem) else item
        for item in fields
    )
    return RecordOf(reading.span(first, last), kept)


def field(
    reading: Reading, first: int, last: int, key: Identifier, _colon: int, given: Expression
) -> RecordField:
    return RecordField(reading.span(first, last), key.text, key.span, given)


def field_pun(reading: Reading, first: int, last: int, name: int) -> RecordField:
    span = reading.span(first, last)
    word = reading.word(name)
    return RecordField(span, word, span, Reference(span, word))


def field_spread(reading: Reading, first: int, last: int, _mark: int, given: Expression) -> Spread:
    return Spread(reading.span(first, last), given)


def key_name(reading: Reading, _first: int, _last: int, name: int) -> Identifier:
    return reading.name(name)


def key_text(reading: Reading, _first: int, _last: int, written: Literal | Text) -> Identifier:
    if isinstance(written, Literal):
        return Identifier(written.span, str(written.value))
    reading.problems.append(wording_parse.not_plain(reading.source, written.span, "a field's name"))
    return Identifier(written.span, "")


def expression_broken(reading: Reading, first: int, last: int, _at: int) -> Broken:
    return Broken(reading.span(first, last))


def text(reading: Reading, first: int, last: int, at: int) -> Literal:
    start, end = reading.starts[at], reading.ends[at]
    inner = reading.text[start + 1 : end - 1]
    if "\\" in inner:
        inner = unescape(reading.source, start + 1, inner, reading.problems)
    return Literal(reading.span(first, last), inner)


def text_empty(reading: Reading, first: int, last: int, _open: int, _close: int) -> Literal:
    return Literal(reading.span(first, last), "")


def text_parts(
    reading: Reading, first: int, last: int, opener: int, parts: list[int | Expression], _close: int
) -> Literal | Text:
    is_block = reading.ends[opener] - reading.starts[opener] == len('"""')
    written = (_dedented if is_block else _unescaped)(reading, parts)
    span = reading.span(first, last)
    if len(written) == 1 and isinstance(written[0], str):
        return Literal(span, written[0])
    return (
        Text(span, tuple(part for part in written if part != "")) if written else Literal(span, "")
    )


def text_part(_reading: Reading, _first: int, _last: int, at: int) -> int:
    return at


def interpolation(
    _reading: Reading, _first: int, _last: int, _open: int, inner: Expression, _close: int
) -> Expression:
    return inner


def _unescaped(reading: Reading, parts: list[int | Expression]) -> list[str | Expression]:
    """The parts of a `"…"` text with its escapes resolved."""
    resolved: list[str | Expression] = []
    for part in parts:
        if isinstance(part, int):
            start = reading.starts[part]
            written = reading.text[start : reading.ends[part]]
            resolved.append(unescape(reading.source, start, written, reading.problems))
        else:
            resolved.append(part)
    return resolved


def _dedented(reading: Reading, parts: list[int | Expression]) -> list[str | Expression]:
    """The parts of a block text: runs of characters, one before, between and after `${…}`."""
    runs, inner = [""], list[Expression]()
    for part in parts:
        if isinstance(part, int):
            runs[-1] += reading.text[reading.starts[part] : reading.ends[part]]
        else:
            inner.append(part)
            runs.append("")
    plain = dedent(runs)
    woven: list[str | Expression] = [plain[0]]
    for expression, run in zip(inner, plain[1:], strict=True):
        woven += [expression, run]
    return woven


EXPRESSIONS: Final[dict[str, Builder]] = {
    "binary": binary, "not_in": not_in, "unary": unary, "conditional": conditional,
    "member": member, "index": index, "apply_empty": apply_empty, "apply": apply, "value": value,
    "value_named": value_named, "reference": reference, "number": number, "true": true,
    "false": false, "null": null, "group": group, "list_empty": list_empty, "list": list_,
    "comprehension": comprehension, "clause": clause, "clause_if": clause,
    "record_empty": record_empty, "record": record, "field": field, "field_pun": field_pun,
    "field_spread": field_spread, "key_name": key_name, "key_text": key_text,
    "expression_broken": expression_broken, "text": text, "text_empty": text_empty,
    "text_parts": text_parts, "text_part": text_part, "interpolation": interpolation,
}  # fmt: skip

# How the depth of a value follows from the depths of its parts; builders not named here start anew.
DEEPER: Final = frozenset(
    {"binary", "not_in", "unary", "conditional", "member", "index", "apply_empty", "apply", "list"}
    | {"comprehension", "record", "text_parts"}
)
AS_DEEP: Final = frozenset(
    {"first", "pair", "more", "another", "value_named", "group", "clause", "clause_if", "field"}
    | {"field_spread", "interpolation"}
)
