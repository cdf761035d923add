"""One expression on its way to a closure.

In: what the rules for single nodes need: the names in sight and a way to compile the parts. Out: notes
for the whole: whether it loops (then it is metered), whether it builds lists or records (then the
result is weighed), how many nodes it has, and which parts are constant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from misydsl.expressions.frames import Frame, Names
from misydsl.expressions.limits import METER, EvaluationError, weigh
from misydsl.values import Value

if TYPE_CHECKING:
    from misydsl.expressions.nodes import Expression
    from misydsl.source import Span

_MANY_NODES: Final = 50  # with fewer no expression is deep

Code = Callable[[Frame], Value]
"""A compiled expression."""


class Compilation:
    """What is known while the parts of one expression are compiled."""

    __slots__ = ("builds", "code_of", "constants", "loops", "names", "nodes")

    def __init__(self, names: Names, code_of: Callable[[Expression, Compilation], Code]) -> None:
        self.names, self.code_of = names, code_of
        self.loops = False
        self.builds = False
        self.nodes = 0
        self.constants: dict[Code, Value] = {}

    def constant(self, value: Value) -> Code:
        """The code that always gives the value."""

        def give(_: Frame) -> Value:
            return value

        self.constants[give] = value
        return give

    def folded(self, code: Code, *parts: Code) -> Code:
        """The code itself, or its value now if all its parts are constant scalars."""
        if not all(part in self.constants for part in parts):
            return code
        try:
            value = code(Frame([]))
        except EvaluationError:
            return code  # it fails when the step runs, at its place
        return code if type(value) is list or type(value) is dict else self.constant(value)


def entire(
    expression: Expression, names: Names, code_of: Callable[[Expression, Compilation], Code]
) -> Code:
    """A whole expression: compiled, metered if it loops, its result weighed if it builds."""
    compilation = Compilation(names, code_of)
    code = code_of(expression, compilation)
    if compilation.builds:
        code = _weighed(code, expression.span)
    if compilation.loops:
        return _metered(code, expression.span)
    return code if compilation.nodes < _MANY_NODES else _guarded(code, expression.span)


def _guarded(code: Code, span: Span) -> Code:
    """Code whose levels may be too many for what the caller has left of Python's stack."""

    def run(frame: Frame) -> Value:
        try:
            return code(frame)
        except RecursionError:
            raise _too_nested(span) from None

    return run


def _too_nested(span: Span) -> EvaluationError:
    return EvaluationError("E0522", "this is nested too deeply to compute", span)


def _weighed(code: Code, span: Span) -> Code:
    def run(frame: Frame) -> Value:
        value = code(frame)
        if type(value) is dict or type(value) is list:
            try:
                weigh(value)
            except EvaluationError as error:
                raise error.at(span) from None
        return value

    return run


def _metered(code: Code, span: Span) -> Code:
    def run(frame: Frame) -> Value:
        if METER.is_running:
            return code(frame)
        METER.is_running, METER.left = True, METER.limits.steps
        try:
            return code(frame)
        except EvaluationError as error:
            raise error.at(span) from None
        except RecursionError:
            raise _too_nested(span) from None
        finally:
            METER.is_running = False

    return run
