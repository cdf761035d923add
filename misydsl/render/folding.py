"""Which steps are drawn each for itself, and which ones together.

In: one block as numbers and links. Out: groups of those numbers, each to be drawn as one box; merging
them never makes a circle, since only steps of one level or of neighbouring levels are merged. A long
chain keeps both its ends, a wide level its first steps and those that need attention. Linear.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

FIRST_LEVELS = 6
LAST_LEVELS = 4
MANY_LINKS = 1000

Link = tuple[int, int]


def levels_of(count: int, links: Sequence[Link]) -> tuple[list[int], list[int]]:
    """Per vertex its level (longest way from a start), and an order that respects the links.

    A link that closes a circle counts the other way round, so linked vertices never share a level;
    where everything waits, the first in number goes first.
    """
    following: list[list[int]] = [[] for _ in range(count)]
    for source, target in links:
        if source != target:
            following[source].append(target)
    order = _ordered(following)
    position = [0] * count
    for place, vertex in enumerate(order):
        position[vertex] = place
    below: list[list[int]] = [[] for _ in range(count)]
    for source, target in links:
        if source != target:
            upward = position[source] > position[target]  # it closes a circle: as if turned round
            below[target if upward else source].append(source if upward else target)
    levels = [0] * count
    for vertex in order:
        least = levels[vertex] + 1
        for target in below[vertex]:
            levels[target] = max(levels[target], least)
    return levels, order


def folded(
    count: int, links: Sequence[Link], *, most: int, importance: Callable[[int], int]
) -> list[list[int]]:
    """Groups of the numbers 0 … count-1 in about `most` boxes; a group of one stays itself."""
    if count <= most:
        return [[vertex] for vertex in range(count)]
    levels, _ = levels_of(count, links)
    layers: list[list[int]] = [[] for _ in range(max(levels) + 1)]
    for vertex, level in enumerate(levels):
        layers[level].append(vertex)
    if len(layers) <= FIRST_LEVELS + LAST_LEVELS + 1:
        return _narrowed(layers, most, importance)
    head, tail = layers[:FIRST_LEVELS], layers[-LAST_LEVELS:]
    middle = [vertex for layer in layers[FIRST_LEVELS:-LAST_LEVELS] for vertex in layer]
    above, below = _narrowed(head, most // 2, importance), _narrowed(tail, most // 2, importance)
    return [*above, middle, *below]


def thinned(count: int, links: Sequence[Link]) -> list[Link]:
    """Links without those that others imply; only for drawings of a few hundred boxes.

    `networkx.transitive_reduction` takes seconds here; reachable sets as integers take milliseconds.
    """
    _, order = levels_of(count, links)
    position = {vertex: place for place, vertex in enumerate(order)}
    following: list[list[int]] = [[] for _ in range(count)]
    kept: list[Link] = []
    for source, target in links:
        if position[source] < position[target]:
            following[source].append(target)
        else:
            kept.append((source, target))  # closes a circle: always shown
    reachable = [0] * count
    for source in reversed(order):
        for target in sorted(following[source], key=position.__getitem__):
            if not reachable[source] >> target & 1:
                kept.append((source, target))
                reachable[source] |= reachable[target] | 1 << target
    return kept


def _ordered(following: Sequence[Sequence[int]]) -> list[int]:
    missing = [0] * len(following)
    for targets in following:
        for target in targets:
            missing[target] += 1
    ready = deque(vertex for vertex, count in enumerate(missing) if count == 0)
    released = [count == 0 for count in missing]
    order: list[int] = []
    stuck = iter(range(len(following)))
    while len(order) < len(following):
        if not ready:  # a circle: let the first one go that still waits
            vertex = next(vertex for vertex in stuck if not released[vertex])
            released[vertex] = True
            ready.append(vertex)
        current = ready.popleft()
        order.append(current)
        for target in following[current]:
            missing[target] -= 1
            if missing[target] == 0 and not released[target]:
                released[target] = True
                ready.append(target)
    return order


def _narrowed(
    layers: Sequence[list[int]], most: int, importance: Callable[[int], int]
) -> list[list[int]]:
    room = max(most // max(len(layers), 1) - 1, 1)
    groups: list[list[int]] = []
    for layer in layers:
        if len(layer) <= room + 1:
            groups.extend([vertex] for vertex in layer)
            continue
        first = sorted(layer, key=lambda vertex: (-importance(vertex), vertex))[:room]
        shown = set(first)
        groups.extend([vertex] for vertex in sorted(shown))
        groups.append([vertex for vertex in layer if vertex not in shown])
    return groups
