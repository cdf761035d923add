"""What an expression says: a small closed set of nodes.

In: made by the parser, or by code that builds a pipeline. Out: trees that `infer` types, `evaluate`
compiles and `printer` writes back. Nodes are frozen, hold no type and no scope, and are `gc=False`
structs because a file makes hundreds of thousands of them and they cannot form cycles.
"""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from misydsl.source import Span
from misydsl.values import Scalar

BinaryOperator = OneOf[
    "or", "and", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "??", "+", "-", "*", "/"
]


class Node(msgspec.Struct, frozen=True, gc=False):
    """Anything with a place in the text."""

    span: Span


class Literal(Node, frozen=True, gc=False):
    """`1_000`, `1.5`, `"text"` without interpolation, `30s`, `20%`, `10/s`, `5MB`, `true`, `null`."""

    value: Scalar


class Text(Node, frozen=True, gc=False):
    """Text with at least one `${…}`; parts in order, escapes resolved, dedented."""

    parts: tuple[str | Expression, ...]


class Reference(Node, frozen=True, gc=False):
    """A name: parameter, let, step, loop variable, `previous`, `error`, `env`, `secret`, `run`."""

    name: str


class Member(Node, frozen=True, gc=False):
    """`target.name`, or `target?.name` when `is_optional`."""

    target: Expression
    name: str
    name_span: Span
    is_optional: bool = False


class Index(Node, frozen=True, gc=False):
    """`target[index]`."""

    target: Expression
    index: Expression


class Argument(Node, frozen=True, gc=False):
    """One value given to a function or prompt; `name` is None when given by position."""

    name: str | None
    value: Expression


class Apply(Node, frozen=True, gc=False):
    """`function(…)`: a built-in function or a prompt of the file."""

    target: Expression
    arguments: tuple[Argument, ...]


class Unary(Node, frozen=True, gc=False):
    """`-x` or `not x`."""

    operator: OneOf["-", "not"]
    operand: Expression


class Binary(Node, frozen=True, gc=False):
    """Two operands; comparisons do not chain."""

    operator: BinaryOperator
    left: Expression
    right: Expression


class Conditional(Node, frozen=True, gc=False):
    """`if condition then then else otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression


class ListOf(Node, frozen=True, gc=False):
    """`[a, b]`."""

    items: tuple[Expression, ...]


class Clause(Node, frozen=True, gc=False):
    """`for name in iterable if condition` of a comprehension."""

    name: str
    name_span: Span
    iterable: Expression
    condition: Expression | None


class Comprehension(Node, frozen=True, gc=False):
    """`[element for … ]`; clauses nest from left to right."""

    element: Expression
    clauses: tuple[Clause, ...]


class RecordField(Node, frozen=True, gc=False):
    """`name: value` of a record; a pun `topic` is `topic: topic`."""

    name: str
    name_span: Span
    value: Expression


class Spread(Node, frozen=True, gc=False):
    """`...base` of a record or an argument list."""

    value: Expression


class RecordOf(Node, frozen=True, gc=False):
    """`{ a: 1, topic, ...base }`; later fields win."""

    fields: tuple[RecordField | Spread, ...]


class Broken(Node, frozen=True, gc=False):
    """Where an expression should be and none could be read; its type is `any`."""


Expression = (
    Literal
    | Text
    | Reference
    | Member
    | Index
    | Apply
    | Unary
    | Binary
    | Conditional
    | ListOf
    | Comprehension
    | RecordOf
    | Broken
)
