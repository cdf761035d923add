"""Closures for operators, conditionals and text.

In: an operator node. Out: code with a short way for the common kinds (ints, texts, bools) and
`operate` for the rest. Conditions are `true` or `false`, nothing else; `and`, `or`, `??` and `if`
evaluate only what they need.
"""

from __future__ import annotations

import operator as python
from typing import TYPE_CHECKING, Any, Final

from misydsl.expressions.compilation import Code, Compilation
from misydsl.expressions.equality import a_value, equal
from misydsl.expressions.functions_text import printed
from misydsl.expressions.limits import EvaluationError, charge, checked_text
from misydsl.expressions.operate import INT_BOUND, calculate, is_ordered, negated, too_large
from misydsl.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from misydsl.expressions.frames import Frame
    from misydsl.expressions.nodes import Binary, BinaryOperator, Conditional, Text, Unary
    from misydsl.source import Span

_SHORT_TEXT: Final = 1000  # texts below cost no more than any other node
_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": python.lt,
    "<=": python.le,
    ">": python.gt,
    ">=": python.ge,
}


def unary_code(expression: Unary, compilation: Compilation) -> Code:
    """`not x` or `-x`."""
    operand, span = compilation.code_of(expression.operand, compilation), expression.span

    def invert(frame: Frame) -> Value:
        value = operand(frame)
        if value is True or value is False:
            return not value
        raise _no_bool(value, "not", expression.operand.span)

    def negate(frame: Frame) -> Value:
        try:
            return negated(operand(frame))
        except EvaluationError as error:
            raise error.at(span) from None

    return compilation.folded(invert if expression.operator == "not" else negate, operand)


def binary_code(expression: Binary, compilation: Compilation) -> Code:
    """`left operator right`."""
    left = compilation.code_of(expression.left, compilation)
    right = compilation.code_of(expression.right, compilation)
    if expression.operator == "+":
        compilation.builds = True  # two lists may have been joined
    make = _MAKERS.get(expression.operator, _arithmetic)
    return compilation.folded(make(expression, left, right, compilation), left, right)


def conditional_code(expression: Conditional, compilation: Compilation) -> Code:
    """`if c then a else b`; only one of the two is evaluated."""
    condition = compilation.code_of(expression.condition, compilation)
    then = compilation.code_of(expression.then, compilation)
    otherwise = compilation.code_of(expression.otherwise, compilation)

    def run(frame: Frame) -> Value:
        value = condition(frame)
        if value is True:
            return then(frame)
        if value is False:
            return otherwise(frame)
        raise _no_bool(value, "if", expression.condition.span)

    return compilation.folded(run, condition, then, otherwise)


def text_code(expression: Text, compilation: Compilation) -> Code:
    """Text with values in it."""
    pieces = tuple(
        [
            part if isinstance(part, str) else compilation.code_of(part, compilation)
            for part in expression.parts
        ]
    )

    def run(frame: Frame) -> Value:
        texts: list[str] = []
        try:
            for piece in pieces:
                value = piece if type(piece) is str else piece(frame)  # type: ignore[operator]
                texts.append(value if type(value) is str else printed(value))
        except EvaluationError as error:
            part = expression.parts[len(texts)]
            raise error.at(expression.span if isinstance(part, str) else part.span) from None
        text = "".join(texts)
        if len(text) >= _SHORT_TEXT:
            _charge_text(text, expression.span)
        return text

    return compilation.folded(run, *(code for code in pieces if not isinstance(code, str)))


def _charge_text(text: str, span: Span) -> None:
    try:
        checked_text(len(text))
    except EvaluationError as error:
        raise error.at(span) from None


def _and(expression: Binary, left: Code, right: Code, _: Compilation) -> Code:
    return _decide(expression, left, right, decided=False)


def _or(expression: Binary, left: Code, right: Code, _: Compilation) -> Code:
    return _decide(expression, left, right, decided=True)


def _decide(expression: Binary, left: Code, right: Code, *, decided: bool) -> Code:
    def run(frame: Frame) -> Value:
        value = left(frame)
        if value is decided:
            return value
        if value is not True and value is not False:
            raise _no_bool(value, expression.operator, expression.left.span)
        value = right(frame)
        if value is True or value is False:
            return value
        raise _no_bool(value, expression.operator, expression.right.span)

    return run


def _coalesce(_: Binary, left: Code, right: Code, __: Compilation) -> Code:
    def run(frame: Frame) -> Value:
        value = left(frame)
        return right(frame) if value is None else value

    return run


def _equality(expression: Binary, left: Code, right: Code, compilation: Compilation) -> Code:
    is_same = expression.operator == "=="
    constant = compilation.constants.get(right, ...)
    if constant is None or type(constant) is str:
        return _equal_to(left, constant, is_same=is_same)

    def run(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        kind = type(one)
        if kind is type(other) and kind is not list and kind is not dict:
            return (one == other) is is_same
        return equal(one, other) is is_same

    return run


def _equal_to(left: Code, constant: str | None, *, is_same: bool) -> Code:
    """A text or null is equal to itself only, whatever the other side is."""
    if constant is None:
        return lambda frame: (left(frame) is None) is is_same
    return lambda frame: (left(frame) == constant) is is_same


def _order(expression: Binary, left: Code, right: Code, _: Compilation) -> Code:
    operator, span = expression.operator, expression.span
    compare = _ORDERS[operator]

    def run(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        kind = type(one)
        if kind is type(other) and (kind is int or kind is float):
            return compare(one, other)
        try:
            return is_ordered(operator, one, other)
        except EvaluationError as error:
            raise error.at(span) from None

    return run


def _containment(expression: Binary, left: Code, right: Code, _: Compilation) -> Code:
    is_wanted, span = expression.operator == "in", expression.span

    def run(frame: Frame) -> Value:
        try:
            return _holds(right(frame), left(frame)) is is_wanted
        except EvaluationError as error:
            raise error.at(span) from None

    return run


def _holds(container: Value, value: Value) -> bool:
    if type(container) is list:
        charge(len(container))
        return any(equal(item, value) for item in container)
    if type(container) is dict and type(value) is str:
        return value in container
    if type(container) is str and type(value) is str:
        return value in container
    words = f"`in` needs a list, this is {a_value(container)}"
    if type(container) in (str, dict):
        words = f"`in` looks for a text there, not for {a_value(value)}"
    raise EvaluationError("E0508", words)


def _arithmetic(expression: Binary, left: Code, right: Code, _: Compilation) -> Code:
    operator, span = expression.operator, expression.span
    quick = _QUICK.get(operator)

    def run(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        try:
            if quick is not None and type(one) in _PLAIN and type(other) in _PLAIN:
                number = quick(one, other)
                if -INT_BOUND <= number < INT_BOUND:
                    return number
            return calculate(operator, one, other)
        except OverflowError:  # an int of a reply may be longer than any float
            raise too_large().at(span) from None
        except EvaluationError as error:
            raise error.at(span) from None

    return run


_PLAIN: Final = frozenset({int, float})
_QUICK: Final[dict[BinaryOperator, Callable[[Any, Any], int | float]]] = {
    "+": python.add,
    "-": python.sub,
    "*": python.mul,
}
_MAKERS: Final[dict[str, Callable[[Binary, Code, Code, Compilation], Code]]] = {
    "and": _and,
    "or": _or,
    "??": _coalesce,
    "in": _containment,
    "not in": _containment,
    **dict.fromkeys(("==", "!="), _equality),
    **dict.fromkeys(("<", "<=", ">", ">="), _order),
}


def _no_bool(value: Value, what: str, span: Span) -> EvaluationError:
    words = f"`{what}` needs yes or no (bool), this is {a_value(value)}"
    return EvaluationError("E0509", words, span)
