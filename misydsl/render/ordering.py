"""Who stands beside whom in a level, so that few links cross.

In: the level of each vertex and its neighbours below and above. Out: per level the vertices from left
to right. Each sweep sorts a level by the mean place of the neighbours in the level before; the best of
a few sweeps is kept. Deterministic: ties keep the order they had.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

SWEEPS = 6

Rows = list[list[int]]


def ordered_layers(
    level: Sequence[int], down: Sequence[Sequence[int]], up: Sequence[Sequence[int]]
) -> Rows:
    """The vertices of each level, from left to right."""
    rows: Rows = [[] for _ in range(max(level, default=-1) + 1)]
    for vertex, at in enumerate(level):
        rows[at].append(vertex)
    place = [0] * len(level)
    _number(rows, place)
    best, fewest = [list(row) for row in rows], crossings(rows, down, place)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        neighbours = up if sweep % 2 == 0 else down
        for row in rows if sweep % 2 == 0 else reversed(rows):
            _sort(row, neighbours, place)
        count = crossings(rows, down, place)
        if count < fewest:
            best, fewest = [list(row) for row in rows], count
    return best


def crossings(rows: Rows, down: Sequence[Sequence[int]], place: Sequence[int]) -> int:
    """How many links cross between neighbouring levels."""
    count = 0
    for row in rows:
        ends: list[int] = []
        for vertex in row:
            targets = sorted(place[target] for target in down[vertex])
            count += sum(len(ends) - bisect_right(ends, target) for target in targets)
            for target in targets:
                insort(ends, target)
    return count


def _number(rows: Rows, place: list[int]) -> None:
    for row in rows:
        for number, vertex in enumerate(row):
            place[vertex] = number


def _sort(row: list[int], neighbours: Sequence[Sequence[int]], place: list[int]) -> None:
    if len(row) == 1:
        return
    wanted = {
        vertex: sum(place[one] for one in met) / len(met)
        if (met := neighbours[vertex])
        else place[vertex]
        for vertex in row
    }
    row.sort(key=wanted.__getitem__)
    for number, vertex in enumerate(row):
        place[vertex] = number
