"""Closures for lists, records and comprehensions.

In: a node. Out: code that makes a new list or dict each time, so that nobody shares what a caller may
change. Loops are charged before they start: one step an item, more for a long body.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from misydsl.expressions.compilation import Code, Compilation
from misydsl.expressions.equality import a_value
from misydsl.expressions.frames import Frame
from misydsl.expressions.limits import EvaluationError, allow_list, charge
from misydsl.expressions.nodes import Clause, Comprehension, ListOf, RecordField, RecordOf, Spread
from misydsl.values import Value

if TYPE_CHECKING:
    from misydsl.expressions.nodes import Expression
    from misydsl.source import Span

_NODES_PER_STEP: Final = 16  # so that a million steps take seconds, whatever a loop's body is
_MOST_CLAUSES: Final = 32  # each is a Python frame while it runs

Loop = Callable[[Frame, list[Value]], None]
"""Adds what one turn of the clauses inside makes."""


def list_code(expression: ListOf, compilation: Compilation) -> Code:
    """`[a, b]`."""
    compilation.builds = True
    codes = tuple([compilation.code_of(item, compilation) for item in expression.items])
    if all(code in compilation.constants for code in codes):
        constants = [compilation.constants[code] for code in codes]
        return lambda _: constants.copy()
    return lambda frame: [code(frame) for code in codes]


def record_code(expression: RecordOf, compilation: Compilation) -> Code:
    """`{ a: 1, ...base }`."""
    compilation.builds = True
    if any(isinstance(part, Spread) for part in expression.fields):
        return _spread_code(expression, compilation)
    names = tuple(part.name for part in expression.fields if isinstance(part, RecordField))
    codes = tuple([compilation.code_of(part.value, compilation) for part in expression.fields])
    if all(code in compilation.constants for code in codes):
        constants = {
            name: compilation.constants[code] for name, code in zip(names, codes, strict=True)
        }
        return lambda _: constants.copy()
    pairs = tuple(zip(names, codes, strict=True))
    return lambda frame: {name: code(frame) for name, code in pairs}


def _spread_code(expression: RecordOf, compilation: Compilation) -> Code:
    parts = tuple(
        [
            (
                part.name if isinstance(part, RecordField) else None,
                compilation.code_of(part.value, compilation),
                part.span,
            )
            for part in expression.fields
        ]
    )

    def run(frame: Frame) -> Value:
        record: dict[str, Value] = {}
        for name, code, span in parts:
            value = code(frame)
            if name is not None:
                record[name] = value
            elif type(value) is dict:
                charge(len(value))
                record |= value
            else:
                words = f"`...` needs a record, this is {a_value(value)}"
                raise EvaluationError("E0501", words, span)
        return record

    return run


def comprehension_code(expression: Comprehension, compilation: Compilation) -> Code:
    """`[element for … if …]`: loops inside loops, from left to right."""
    compilation.loops = compilation.builds = True
    if len(expression.clauses) > _MOST_CLAUSES:
        return _refusing(expression.span)
    before = compilation.nodes
    opened = [_opened(clause, compilation) for clause in expression.clauses]
    element = compilation.code_of(expression.element, compilation)
    for clause, parts in zip(reversed(expression.clauses), reversed(opened), strict=True):
        compilation.names.forget_variable(clause.name, parts.slot_before)
    cost = 1 + (compilation.nodes - before) // _NODES_PER_STEP
    if len(opened) == 1 and opened[0].condition is None:
        return _mapping(opened[0], element, cost, expression.clauses[0].iterable.span)
    loop = _adding(element)
    for clause, parts in zip(reversed(expression.clauses), reversed(opened), strict=True):
        loop = _looping(parts, loop, cost, clause.iterable.span)

    def run(frame: Frame) -> Value:
        items: list[Value] = []
        loop(frame, items)
        _allow(len(items), expression.span)
        return items

    return run


def _refusing(span: Span) -> Code:
    def run(_: Frame) -> Value:
        raise EvaluationError("E0522", f"over {_MOST_CLAUSES} `for` in one list", span)

    return run


class _Opened(NamedTuple):
    """One clause: the slot of its variable, what is looped over, the condition."""

    slot: int
    iterable: Code
    condition: Code | None
    slot_before: int | None
    """What the name of the variable meant outside."""


def _opened(clause: Clause, compilation: Compilation) -> _Opened:
    iterable = compilation.code_of(clause.iterable, compilation)
    slot, before = compilation.names.declare_variable(clause.name)
    condition = clause.condition
    code = None if condition is None else _condition(condition, compilation)
    return _Opened(slot, iterable, code, before)


def _condition(condition: Expression, compilation: Compilation) -> Code:
    code, span = compilation.code_of(condition, compilation), condition.span

    def run(frame: Frame) -> Value:
        value = code(frame)
        if value is True or value is False:
            return value
        words = f"`for … if` needs yes or no (bool), this is {a_value(value)}"
        raise EvaluationError("E0509", words, span)

    return run


def _mapping(opened: _Opened, element: Code, cost: int, span: Span) -> Code:
    """The common case: one loop, no condition."""
    slot, iterable = opened.slot, opened.iterable

    def run(frame: Frame) -> Value:
        items = _items(iterable(frame), cost, span)
        _allow(len(items), span)
        made: list[Value] = []
        values, add = frame.values, made.append
        for values[slot] in items:
            add(element(frame))
        return made

    return run


def _adding(element: Code) -> Loop:
    def add(frame: Frame, items: list[Value]) -> None:
        items.append(element(frame))

    return add


def _looping(opened: _Opened, inner: Loop, cost: int, span: Span) -> Loop:
    slot, iterable, condition = opened.slot, opened.iterable, opened.condition

    def loop(frame: Frame, made: list[Value]) -> None:
        values = frame.values
        for values[slot] in _items(iterable(frame), cost, span):
            if condition is None or condition(frame) is True:
                inner(frame, made)

    return loop


def _items(value: Value, cost: int, span: Span) -> list[Value]:
    if type(value) is not list:
        raise EvaluationError("E0508", f"`for` needs a list, this is {a_value(value)}", span)
    try:
        charge(len(value) * cost)
    except EvaluationError as error:
        raise error.at(span) from None
    return value


def _allow(length: int, span: Span) -> None:
    try:
        allow_list(length)
    except EvaluationError as error:
        raise error.at(span) from None
