"""Functions over numbers, measures and ranges.

In: numbers, durations, sizes, or lists of them. Out: the same kind; a list that may be empty gives an
optional. Results stay within 64-bit ints and finite floats, so every JSON reader can hold them.
"""

from __future__ import annotations

import math
from typing import Final, cast

from misydsl.expressions.arithmetic import kind_of_result
from misydsl.expressions.equality import KINDS, a_value, order_key
from misydsl.expressions.limits import EvaluationError, charge, checked_list
from misydsl.expressions.members import item_of
from misydsl.expressions.operate import calculate, negated
from misydsl.expressions.operators import has_order
from misydsl.expressions.signature import LIST, Call, Function, Parameter
from misydsl.relations import optional, unite, widen
from misydsl.types import (
    ANY,
    DURATION,
    FLOAT,
    INT,
    NULL,
    PERCENT,
    RATE,
    SIZE,
    Any,
    ListType,
    Nothing,
    Primitive,
    Type,
)
from misydsl.values import Value

_NUMBER: Final = unite(INT, FLOAT)
_QUANTITY: Final = unite(INT, FLOAT, PERCENT, DURATION, SIZE, RATE)
_MOST_DIGITS: Final = 15  # a float holds no more


def _range(first: int, end: int | None) -> Value:
    start, stop = (0, first) if end is None else (first, end)
    checked_list(max(stop - start, 0))
    return list(range(start, stop))


def _sum(items: list[Value]) -> Value:
    charge(len(items))
    if not items:
        return 0
    total = items[0]
    _require_quantity(total)
    for item in items[1:]:
        total = calculate("+", total, item)
    return total


def _avg(items: list[Value]) -> Value:
    return calculate("/", _sum(items), len(items)) if items else None


def _min(items: list[Value]) -> Value:
    _require_one_order(items)
    return min(items, key=order_key) if items else None


def _max(items: list[Value]) -> Value:
    _require_one_order(items)
    return max(items, key=order_key) if items else None


def _round(number: float, digits: int | None) -> Value:
    if digits is None:
        return calculate("+", math.floor(number + 0.5), 0)
    if not 0 <= digits <= _MOST_DIGITS:
        raise EvaluationError("E0526", f"`round` keeps 0 to {_MOST_DIGITS} digits, not {digits}")
    return round(float(number), digits)


def _abs(value: Value) -> Value:
    _require_quantity(value)
    return value if cast("float", value) >= 0 else negated(value)


def _mod(number: float, by: float) -> Value:
    if by == 0:
        raise EvaluationError("E0521", "`mod` by zero")
    return calculate("+", number % by, 0)


def _require_quantity(value: Value) -> None:
    kind = KINDS.get(type(value), "null")
    if kind_of_result("-", kind, kind) is None:
        raise EvaluationError("E0525", f"{a_value(value)} is not a number or a measure")


def _require_one_order(items: list[Value]) -> None:
    charge(len(items))
    families = {order_key(item)[0] for item in items}
    if len(families) > 1:
        raise EvaluationError("E0525", f"these cannot be compared: {', '.join(sorted(families))}")


def _same_quantity(call: Call) -> Type:
    return widen(call.type_of(0))


def _total(call: Call) -> Type:
    item = widen(item_of(call.type_of(0)) or ANY)
    if isinstance(item, Nothing):
        return INT
    if isinstance(item, Any):
        return ANY
    if not isinstance(item, Primitive) or kind_of_result("-", item.name, item.name) is None:
        if item in (_NUMBER, unite(FLOAT, INT)):
            return FLOAT
        call.report(
            "E0525", call.span_of(0), function=call.function, what="what is added", found=item
        )
        return ANY
    return item


def _average(call: Call) -> Type:
    total = _total(call)
    return optional(FLOAT if total in (INT, PERCENT) else total)


def _extreme(call: Call) -> Type:
    item = item_of(call.type_of(0)) or ANY
    if isinstance(item, Nothing):
        return NULL
    if not has_order(item, item):
        call.report(
            "E0525", call.span_of(0), function=call.function, what="what is ordered", found=item
        )
        return ANY
    return optional(item)


def _rounded(call: Call) -> Type:
    return INT if call.arguments[1] is None else FLOAT


def _remainder(call: Call) -> Type:
    whole = all(widen(call.type_of(position)) == INT for position in (0, 1))
    return INT if whole else FLOAT


NUMBER_FUNCTIONS: Final = (
    Function(
        name="range",
        parameters=(Parameter("from", INT), Parameter("to", INT, is_optional=True)),
        result=ListType(INT),
        body=_range,
        summary="The whole numbers below `n`, or from one number up to but without another.",
        example=("range(2, 5)", "[2, 3, 4]"),
    ),
    Function(
        name="sum",
        parameters=(Parameter("list", LIST),),
        result=_total,
        body=_sum,
        summary="All items added: numbers, durations or sizes.",
        example=("sum([30s, 1m])", "1m30s"),
    ),
    Function(
        name="avg",
        parameters=(Parameter("list", LIST),),
        result=_average,
        body=_avg,
        summary="The mean of the items; null for an empty list.",
        example=("avg([1, 2, 6])", "3.0"),
    ),
    Function(
        name="min",
        parameters=(Parameter("list", LIST),),
        result=_extreme,
        body=_min,
        summary="The smallest item; null for an empty list.",
        example=("min([3, 1, 2])", "1"),
    ),
    Function(
        name="max",
        parameters=(Parameter("list", LIST),),
        result=_extreme,
        body=_max,
        summary="The largest item; null for an empty list.",
        example=('max(["a", "c", "b"])', '"c"'),
    ),
    Function(
        name="round",
        parameters=(Parameter("number", FLOAT), Parameter("digits", INT, is_optional=True)),
        result=_rounded,
        body=_round,
        summary="The nearest whole number (halves go up), or the number with that many decimals.",
        example=("[round(2.5), round(3.14159, 2)]", "[3, 3.14]"),
    ),
    Function(
        name="abs",
        parameters=(Parameter("value", _QUANTITY),),
        result=_same_quantity,
        body=_abs,
        summary="The value without its sign.",
        example=("abs(-3)", "3"),
    ),
    Function(
        name="mod",
        parameters=(Parameter("number", _NUMBER), Parameter("by", _NUMBER)),
        result=_remainder,
        body=_mod,
        summary="What is left after dividing; it has the sign of the divisor.",
        example=("mod(7, 3)", "1"),
    ),
)
