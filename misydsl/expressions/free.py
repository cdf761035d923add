"""Which names an expression needs from outside.

In: an expression. Out: the names it uses, without the variables its comprehensions make and without the
names of functions and prompts it calls. This is where a step's dependencies come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from misydsl.expressions.nodes import (
    Apply,
    Binary,
    Broken,
    Comprehension,
    Conditional,
    Index,
    ListOf,
    Literal,
    Member,
    RecordOf,
    Reference,
    Text,
    Unary,
)

if TYPE_CHECKING:
    from misydsl.expressions.nodes import Expression

_Work = tuple["Expression", frozenset[str]]


def free_names(expression: Expression) -> frozenset[str]:
    """The names the value of the expression depends on."""
    found: set[str] = set()
    inside: list[_Work] = []
    work = [expression]
    while work:
        current = work.pop()
        if isinstance(current, Literal):
            continue
        if isinstance(current, Reference):
            found.add(current.name)
        elif isinstance(current, Comprehension):
            inside += _of_comprehension(current, frozenset())
        else:
            work += parts_of(current)
    while inside:
        current, bound = inside.pop()
        if isinstance(current, Reference):
            if current.name not in bound:
                found.add(current.name)
        elif isinstance(current, Comprehension):
            inside += _of_comprehension(current, bound)
        else:
            inside += [(part, bound) for part in parts_of(current)]
    return frozenset(found)


def called_names(expression: Expression) -> frozenset[str]:
    """The functions and prompts the expression calls."""
    found: set[str] = set()
    work: list[Expression] = [expression]
    while work:
        current = work.pop()
        if isinstance(current, Apply) and isinstance(current.target, Reference):
            found.add(current.target.name)
        work += parts_of(current)
    return frozenset(found)


def parts_of(expression: Expression) -> list[Expression]:
    """The expressions right inside this one; the name a call calls is not one of them."""
    match expression:
        case Member(target=target):
            return [target]
        case Binary(left=left, right=right):
            return [left, right]
        case Literal() | Reference() | Broken():
            return []
        case Text(parts=parts):
            return [part for part in parts if not isinstance(part, str)]
        case Apply(target=target, arguments=arguments):
            called = [] if isinstance(target, Reference) else [target]
            return [*called, *(argument.value for argument in arguments)]
        case RecordOf(fields=fields):
            return [field.value for field in fields]
        case ListOf(items=items):
            return list(items)
        case Index(target=target, index=index):
            return [target, index]
        case Unary(operand=operand):
            return [operand]
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return [condition, then, otherwise]
        case Comprehension():
            return [part for part, _ in _of_comprehension(expression, frozenset())]
        case never:
            assert_never(never)


def _of_comprehension(comprehension: Comprehension, bound: frozenset[str]) -> list[_Work]:
    parts: list[_Work] = []
    for clause in comprehension.clauses:
        parts.append((clause.iterable, bound))
        bound = bound | {clause.name}
        if clause.condition is not None:
            parts.append((clause.condition, bound))
    parts.append((comprehension.element, bound))
    return parts
