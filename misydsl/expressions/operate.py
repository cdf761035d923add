"""What `+ - * /` and `< <= > >=` compute, for values of any kind.

In: two values. Out: the result, in the kind the table of `arithmetic` gives; ints stay within 64 bits
and floats finite, because JSON, the journal and pandas hold no more. What has no meaning (values of
`any` are only known here) is an `EvaluationError`.
"""

from __future__ import annotations

import operator as python
from collections.abc import Callable
from typing import Any, Final, cast

from misydsl.expressions.arithmetic import family_of, kind_of_result
from misydsl.expressions.equality import KINDS, a_value
from misydsl.expressions.limits import EvaluationError, checked_list, checked_text
from misydsl.types import PrimitiveName
from misydsl.values import Duration, Percent, Rate, Size, Value

INT_BOUND: Final = 2**63

_OPERATIONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": python.add,
    "-": python.sub,
    "*": python.mul,
    "/": python.truediv,
    "<": python.lt,
    "<=": python.le,
    ">": python.gt,
    ">=": python.ge,
}
_UNMEASURED: Final = frozenset({"int", "float"})
_MAKERS: Final[dict[str, Callable[[Any], Value]]] = {
    "int": int,
    "float": float,
    "percent": Percent,
    "duration": Duration,
    "rate": Rate,
    "size": Size,
}


def calculate(operator: str, left: Value, right: Value) -> Value:
    """`left operator right` for arithmetic, texts and lists."""
    if type(left) is list and type(right) is list and operator == "+":
        checked_list(len(left) + len(right))
        return left + right
    left_kind, right_kind = KINDS.get(type(left), "null"), KINDS.get(type(right), "null")
    kind = kind_of_result(operator, left_kind, right_kind)
    if kind is None:
        words = f"`{operator}` does not work between {a_value(left)} and {a_value(right)}"
        raise EvaluationError("E0513", words)
    if kind == "string":
        text, more = cast("str", left), cast("str", right)
        checked_text(len(text) + len(more))
        return text + more
    try:
        result = _OPERATIONS[operator](left, right)
    except ZeroDivisionError:
        raise EvaluationError("E0521", "division by zero") from None
    except OverflowError:
        raise too_large() from None
    return bounded_as(kind, result)


def bounded_as(kind: PrimitiveName, number: float) -> Value:
    """The number as a value of its kind; measures have no more room than the literals of them."""
    if kind not in _UNMEASURED and not -INT_BOUND < number < INT_BOUND:
        raise too_large()
    return _MAKERS[kind](bounded(number))


def bounded(number: float) -> float:
    """The number when 64 bits can hold it."""
    if type(number) is int or isinstance(number, Size):
        if -INT_BOUND <= number < INT_BOUND:
            return number
    elif number - number == 0.0:  # false for the infinities and NaN
        return number
    raise too_large()


def is_ordered(operator: str, left: Value, right: Value) -> bool:
    """`left operator right` for `<`, `<=`, `>` and `>=`."""
    if (
        type(left) is not type(right)
        or type(left) not in KINDS
        or family_of(KINDS[type(left)]) is None
    ):
        _require_one_family(operator, left, right)
    return bool(_OPERATIONS[operator](left, right))


def negated(value: Value) -> Value:
    """`-value` of a number or measure."""
    kind = KINDS.get(type(value), "null")
    if kind_of_result("-", kind, kind) is None:
        raise EvaluationError("E0513", f"`-` does not work on {a_value(value)}")
    return bounded_as(kind, -cast("float", value))


def _require_one_family(operator: str, left: Value, right: Value) -> None:
    families = [family_of(KINDS.get(type(side), "null")) for side in (left, right)]
    if families[0] is None or families[0] != families[1]:
        words = f"{a_value(left)} and {a_value(right)} cannot be compared with `{operator}`"
        raise EvaluationError("E0512", words)


def too_large() -> EvaluationError:
    """No 64 bits hold the number."""
    return EvaluationError("E0523", "the result is larger than a number can be")
