"""What the operators mean between kinds of values; checker and evaluator read the same table.

In: an operator and two kinds (names of built-in types). Out: the kind of the result, or None where the
language gives it no meaning. Numbers mix; durations, sizes and rates join their own kind and are scaled
by numbers; `/` never makes an int.
"""

from __future__ import annotations

from itertools import product
from typing import Final, Literal

from misydsl.types import PrimitiveName

ArithmeticOperator = Literal["+", "-", "*", "/"]

_NUMBERS: Final[tuple[PrimitiveName, ...]] = ("int", "float", "percent")
_MEASURES: Final[tuple[PrimitiveName, ...]] = ("duration", "size", "rate")
_TEXTS: Final[tuple[PrimitiveName, ...]] = ("string", "url")

_FAMILIES: Final[dict[PrimitiveName, str]] = {
    "int": "number",
    "float": "number",
    "percent": "number",
    "string": "text",
    "url": "text",
    "duration": "duration",
    "size": "size",
    "rate": "rate",
    "date": "date",
    "datetime": "datetime",
}

_Table = dict[tuple[str, PrimitiveName, PrimitiveName], PrimitiveName]


def kind_of_result(
    operator: str, left: PrimitiveName, right: PrimitiveName
) -> PrimitiveName | None:
    """What `left operator right` is; None when it means nothing."""
    return _RESULTS.get((operator, left, right))


def family_of(kind: PrimitiveName) -> str | None:
    """Values of one family have an order; None for kinds that have none."""
    return _FAMILIES.get(kind)


def _results() -> _Table:
    table: _Table = {}
    for left, right in product(_NUMBERS, _NUMBERS):
        same = left if left == right else "float"
        table["+", left, right] = table["-", left, right] = same
        table["*", left, right] = "int" if left == right == "int" else "float"
        table["/", left, right] = "float"
    for measure in _MEASURES:
        table["+", measure, measure] = table["-", measure, measure] = measure
        table["/", measure, measure] = "float"
        for number in _NUMBERS:
            table["*", measure, number] = table["*", number, measure] = measure
            table["/", measure, number] = measure
    for left, right in product(_TEXTS, _TEXTS):
        table["+", left, right] = "string"
    return table


_RESULTS: Final = _results()
