"""An expression as canonical misy text, on one line.

In: a node. Out: text that the parser reads back as the same tree: parentheses only where the order of
operators needs them, `"…"` for every text, measures as literals.
"""

from __future__ import annotations

import re
from typing import Final, assert_never

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
from misydsl.values import Duration, Percent, Rate, Scalar, Size, measure_text

# How tightly each form binds, by the table of the language reference.
_CONDITIONAL: Final = 0
_OR: Final = 1
_NOT: Final = 3
_COMPARE: Final = 4
_UNARY: Final = 8
_POSTFIX: Final = 9
_ATOM: Final = 10

_BINDING: Final[dict[BinaryOperator, tuple[int, int, int]]] = {
    # operator: itself, what its left side needs, what its right side needs
    "or": (1, 1, 2),
    "and": (2, 2, 3),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in", "not in"), (_COMPARE, 5, 5)),
    "??": (5, 6, 5),
    "+": (6, 6, 7),
    "-": (6, 6, 7),
    "*": (7, 7, 8),
    "/": (7, 7, 8),
}
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "${": "\\${"}
# Characters nobody would see are written by number, among them those that turn text around.
_TO_ESCAPE: Final = re.compile(
    '\\$\\{|["\\\\\n\t\r]|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]'
)
_NAME: Final = re.compile(r"[^\W\d]\w*(?:-\w+)*")
_RESERVED: Final = frozenset(
    ["and", "or", "not", "in", "if", "then", "else", "for", "true", "false", "null"]
)


def to_text(expression: Expression) -> str:
    """The expression as a person would write it on one line."""
    return _within(expression, _CONDITIONAL)


def quoted(text: str) -> str:
    """A text as a literal: in double quotes, with its escapes."""
    return f'"{_escaped(text)}"'


def _within(expression: Expression, binding: int) -> str:
    """The text, in parentheses when it binds less tightly than its place needs."""
    match expression:
        case Reference(name=name):
            return name
        case Literal(value=value):
            text, own = literal_text(value), _binding_of(value)
        case Member(target=target, name=name, is_optional=is_optional):
            text, own = f"{_within(target, _ATOM)}{'?.' if is_optional else '.'}{name}", _ATOM
        case Index(target=target, index=index):
            text, own = f"{_within(target, _ATOM)}[{_within(index, _CONDITIONAL)}]", _ATOM
        case Apply(target=target):
            text, own = f"{_within(target, _ATOM)}({_arguments(expression.arguments)})", _ATOM
        case Unary(operator=operator, operand=operand):
            own = _NOT if operator == "not" else _UNARY
            text = ("not " if operator == "not" else "-") + _within(operand, own)
        case Binary(operator=operator):
            own, left, right = _BINDING[operator]
            first, second = _within(expression.left, left), _within(expression.right, right)
            text = f"{first} {operator} {second}"
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            own = _CONDITIONAL
            parts = _within(condition, own), _within(then, own), _within(otherwise, own)
            text = "if {} then {} else {}".format(*parts)
        case Text() | ListOf() | Comprehension() | RecordOf() | Broken():
            return _bracketed(expression)
        case never:
            assert_never(never)
    return text if own >= binding else f"({text})"


def literal_text(value: Scalar) -> str:
    """A scalar as its literal."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case Duration() | Percent() | Rate() | Size():
            return measure_text(value)
        case float():
            return repr(value).replace("e+", "e")
        case int():
            return str(value)
        case never:
            assert_never(never)


def _binding_of(value: Scalar) -> int:
    """A number with a sign binds like the sign; no number is followed by a dot."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _UNARY if value < 0 else _POSTFIX
    return _ATOM


def _bracketed(expression: Text | ListOf | Comprehension | RecordOf | Broken) -> str:
    match expression:
        case Text(parts=parts):
            pieces = map(_piece, parts)
            return f'"{"".join(pieces)}"'
        case ListOf(items=items):
            return f"[{', '.join(map(to_text, items))}]"
        case Comprehension(element=element, clauses=clauses):
            return f"[{to_text(element)} {' '.join(map(_clause, clauses))}]"
        case RecordOf(fields=fields):
            return f"{{ {', '.join(map(_field, fields))} }}" if fields else "{}"
        case Broken():
            return "…"
        case never:
            assert_never(never)


def _piece(part: str | Expression) -> str:
    return _escaped(part) if isinstance(part, str) else f"${{{to_text(part)}}}"


def _clause(clause: Clause) -> str:
    condition = f" if {_within(clause.condition, _OR)}" if clause.condition is not None else ""
    return f"for {clause.name} in {_within(clause.iterable, _OR)}{condition}"


def _field(field: RecordField | Spread) -> str:
    if isinstance(field, Spread):
        return f"...{to_text(field.value)}"
    if isinstance(field.value, Reference) and field.value.name == field.name:
        return field.name
    return f"{_key(field.name)}: {to_text(field.value)}"


def _key(name: str) -> str:
    is_name = _NAME.fullmatch(name) is not None and name not in _RESERVED
    return name if is_name else quoted(name)


def _arguments(arguments: tuple[Argument, ...]) -> str:
    return ", ".join(map(_argument, arguments))


def _argument(argument: Argument) -> str:
    value = to_text(argument.value)
    return value if argument.name is None else f"{argument.name}: {value}"


def _escaped(text: str) -> str:
    return _TO_ESCAPE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    found = match[0]
    return _ESCAPES.get(found) or f"\\u{{{ord(found):x}}}"
