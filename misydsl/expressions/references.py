"""What a name by itself means.

In: a reference and the scope. Out: its type; an unknown name is reported once and is `any` from then
on, with the names in sight to guess from and, for `total-1`, the subtraction that was meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from misydsl.expressions.functions import FUNCTIONS
from misydsl.expressions.scope import NamesInSight
from misydsl.types import ANY, Type

if TYPE_CHECKING:
    from misydsl.expressions.nodes import Reference
    from misydsl.expressions.problems import Typing
    from misydsl.expressions.scope import TypeScope


_MOST_HYPHENS = 8  # of a name that is tried as a subtraction


def reference_type(reference: Reference, scope: TypeScope, typing: Typing) -> Type:
    """The type of a name, narrowed to what is known of it here."""
    name = reference.name
    found = scope.lookup(name)
    if found is not None:
        return found
    if name in scope.agents:
        typing.report("E0304", reference.span, name=name)
    elif name not in typing.unknown:
        typing.unknown.add(name)
        typing.report(
            "E0201",
            reference.span,
            name=name,
            candidates=NamesInSight(scope),
            subtraction=_subtraction(name, scope),
            kind=_kind(name, scope),
        )
    return ANY


def _kind(name: str, scope: TypeScope) -> str:
    if name in scope.prompts:
        return "prompt"
    return "function" if name in FUNCTIONS else "name"


def _subtraction(name: str, scope: TypeScope) -> str | None:
    """`total - 1` for `total-1`, when both sides mean something; the longest left side first."""
    parts = name.split("-", _MOST_HYPHENS)
    for split in range(len(parts) - 1, 0, -1):
        left, right = "-".join(parts[:split]), "-".join(parts[split:])
        if scope.lookup(left) is not None and (right.isdigit() or scope.lookup(right) is not None):
            return f"{left} - {right}"
    return None
