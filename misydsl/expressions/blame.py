"""Whose fault it is that a value is not of its type.

In: the expression a value was taken from, and the `Mismatch` that refused it. Out: words that name the
producer and the place in what it produced: ``scan returned … at `.trends[3].score`: expected float, got
"high"``. A value that was computed has no producer; then only the place is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from misydsl.acceptance import Mismatch
from misydsl.expressions.nodes import Index, Literal, Member, Reference

if TYPE_CHECKING:
    from misydsl.expressions.nodes import Expression


def producer_of(expression: Expression) -> tuple[str | None, str]:
    """The name a value was taken from and the way to it: `("scan", ".trends[0]")`."""
    path: list[str] = []
    while isinstance(expression, Member | Index):
        if isinstance(expression, Member):
            path.append(f".{expression.name}")
        else:
            index = expression.index
            known = index.value if isinstance(index, Literal) and type(index.value) is int else "…"
            path.append(f"[{known}]")
        expression = expression.target
    name = expression.name if isinstance(expression, Reference) else None
    return name, "".join(reversed(path))


def blame(expression: Expression, mismatch: Mismatch) -> str:
    """The whole sentence: producer, place, what was wanted, what came."""
    name, way = producer_of(expression)
    wrong = f"expected {mismatch.expected}, got {mismatch.got}"
    if name is None:
        return (
            f"the value at `{mismatch.path}`: {wrong}" if mismatch.path else f"the value: {wrong}"
        )
    path = way + mismatch.path
    return f"{name} returned … at `{path}`: {wrong}" if path else f"{name} returned …: {wrong}"
