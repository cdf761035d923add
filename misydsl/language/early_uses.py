"""Where a step or let first says a name.

In: a piece of the syntax tree and the names of interest. Out: each of them with the place of its first
reference. The walk knows no kinds of nodes: it goes through all fields of all nodes, in text order.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from misydsl.expressions.nodes import Reference
from misydsl.source import Span


def first_uses(syntax: msgspec.Struct, names: set[str]) -> Iterator[tuple[str, Span]]:
    """The first reference to each of the names, in the order of the text."""
    places: dict[str, Span] = {}
    for reference in references(syntax):
        known = places.get(reference.name)
        if reference.name in names and (known is None or reference.span < known):
            places[reference.name] = reference.span
    yield from sorted(places.items(), key=lambda place: place[1])


def references(syntax: msgspec.Struct) -> Iterator[Reference]:
    """Every reference inside, in no promised order."""
    waiting: list[object] = [syntax]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Reference):
            yield current
        elif isinstance(current, msgspec.Struct):
            waiting.extend(getattr(current, field) for field in current.__struct_fields__)
        elif isinstance(current, tuple) and not isinstance(current, Span):
            waiting.extend(current)
