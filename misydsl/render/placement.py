"""How far from the left each vertex of a level stands.

In: levels in their order, breadths and neighbours. Out: the middle of each vertex. Every vertex wants
to stand where its neighbours are; a level as a whole gets the places nearest to those wishes that keep
the order and the gaps (least squares, by pooling neighbours that push each other). Linear per sweep.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

SWEEPS = 8
BOX_GAP = 26.0  # between neighbours of one level
LANE_GAP = 12.0  # where one of the two is only a link passing by
LANE_WEIGHT = 4.0  # lanes of long links are kept straight before boxes are centred
IDLE_WEIGHT = 0.05  # of a vertex without neighbours on that side


class Neighbours(Protocol):
    """What placement needs to know of the layers."""

    @property
    def breadth(self) -> list[float]:
        """How broad each vertex is, across the levels."""
        ...

    @property
    def down(self) -> list[list[int]]:
        """Per vertex its neighbours in the next level."""
        ...

    @property
    def up(self) -> list[list[int]]:
        """Per vertex its neighbours in the level before."""
        ...


def across_positions(
    rows: Sequence[Sequence[int]], layers: Neighbours, *, boxes: int
) -> list[float]:
    """The middle of every vertex across the levels; those from number `boxes` on are lanes."""
    middles = [0.0] * len(layers.breadth)
    offsets = [_offsets(row, layers.breadth, boxes) for row in rows]
    for row, offset in zip(rows, offsets, strict=True):
        shift = (offset[-1] if offset else 0.0) / 2
        for vertex, at in zip(row, offset, strict=True):
            middles[vertex] = at - shift
    for sweep in range(SWEEPS):
        is_downward = sweep % 2 == 0
        neighbours = layers.up if is_downward else layers.down
        numbers = range(len(rows)) if is_downward else range(len(rows) - 1, -1, -1)
        for number in numbers:
            _settle(rows[number], offsets[number], neighbours, middles, boxes=boxes)
    return middles


def _offsets(row: Sequence[int], breadth: Sequence[float], boxes: int) -> list[float]:
    """The middles of a level that is packed as tightly as the gaps allow."""
    offsets: list[float] = []
    at = 0.0
    for number, vertex in enumerate(row):
        if number:
            before = row[number - 1]
            gap = BOX_GAP if max(before, vertex) < boxes else LANE_GAP
            at += (breadth[before] + breadth[vertex]) / 2 + gap
        offsets.append(at)
    return offsets


def _settle(
    row: Sequence[int],
    offsets: Sequence[float],
    neighbours: Sequence[Sequence[int]],
    middles: list[float],
    *,
    boxes: int,
) -> None:
    pools: list[tuple[float, float, int]] = []  # mean wish, weight, how many vertices
    for vertex, offset in zip(row, offsets, strict=True):
        met = neighbours[vertex]
        wish, weight = middles[vertex], IDLE_WEIGHT
        if met:
            wish = sum(middles[one] for one in met) / len(met)
            weight = LANE_WEIGHT if vertex >= boxes else 1.0
        mean, count = wish - offset, 1
        while pools and pools[-1][0] > mean:
            other, other_weight, other_count = pools.pop()
            mean = (mean * weight + other * other_weight) / (weight + other_weight)
            weight, count = weight + other_weight, count + other_count
        pools.append((mean, weight, count))
    number = 0
    for mean, _, count in pools:
        for place in range(number, number + count):
            middles[row[place]] = mean + offsets[place]
        number += count
