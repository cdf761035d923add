"""When two values are equal, and which comes first.

In: two values of any types. Out: yes or no, or an order. Numbers are equal by value (`1 == 1.0`), a bool
is never a number, a duration never a plain number, records by their fields whatever their order. Values
may be large and share parts, so the walk is charged to the meter and does not recurse.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from misydsl.expressions.arithmetic import family_of
from misydsl.expressions.limits import METER, EvaluationError, charge, value_too_large, weigh
from misydsl.types import PrimitiveName
from misydsl.values import Duration, Percent, Rate, Secret, Size, Value, encode_json

KINDS: Final[dict[type, PrimitiveName]] = {
    str: "string",
    bool: "bool",
    int: "int",
    float: "float",
    type(None): "null",
    Duration: "duration",
    Percent: "percent",
    Rate: "rate",
    Size: "size",
    dt.date: "date",
    dt.datetime: "datetime",
    Secret: "secret",
}
"""The built-in type of each plain value; lists and records are not here."""

_NUMBERS: Final = (int, float, Percent)


def equal(left: Value, right: Value) -> bool:
    """Whether two values are the same value."""
    kind = type(left)
    if kind is list or kind is dict:
        return kind is type(right) and (left is right or _equal_parts(left, right))
    return left == right and (kind is type(right) or _are_numbers(left, right))


def order_key(value: Value) -> tuple[str, Value]:
    """What sorts values of one family; raises for what has no order."""
    family = family_of(KINDS.get(type(value), "null"))
    if family is None:
        raise EvaluationError("E0525", f"{a_value(value)} has no order")
    return family, value


def identity_key(value: Value) -> object:
    """Equal values have equal keys that can be hashed."""
    if type(value) is list or type(value) is dict:
        charge(weigh(value))
        return encode_json(_sorted_fields(value))
    return ("number", value) if type(value) in _NUMBERS else (type(value), value)


def a_value(value: Value) -> str:
    """What a value is, for messages: `a text`, `a list`, `null`."""
    if value is None:
        return "null"
    if type(value) is list:
        return "a list"
    if type(value) is dict:
        return "a record"
    kind = KINDS.get(type(value), "value")
    return {"string": "a text", "int": "an int"}.get(kind, f"a {kind}")


def _are_numbers(left: Value, right: Value) -> bool:
    return type(left) in _NUMBERS and type(right) in _NUMBERS


def _equal_parts(left: Value, right: Value) -> bool:
    pairs: list[tuple[Value, Value]] = [(left, right)]
    limits = METER.limits
    left_over = limits.parts
    while pairs:
        charge(1)
        left_over -= 1
        if left_over < 0:  # shared parts count each time: there may be astronomically many
            raise value_too_large(limits)
        one, other = pairs.pop()
        if one is other:
            continue
        if type(one) is list and type(other) is list:
            if len(one) != len(other):
                return False
            pairs.extend(zip(one, other, strict=True))
        elif type(one) is dict and type(other) is dict:
            if one.keys() != other.keys():
                return False
            pairs.extend((one[key], other[key]) for key in one)
        elif type(one) in (list, dict) or not equal(one, other):
            return False
    return True


def _sorted_fields(value: Value) -> Value:
    """The value with the fields of every record in order; it was weighed, so it is not deep."""
    if isinstance(value, dict):
        return {key: _sorted_fields(value[key]) for key in sorted(value)}
    return [_sorted_fields(item) for item in value] if isinstance(value, list) else value
