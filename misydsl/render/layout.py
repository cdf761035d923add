"""Places for boxes, without any program: our own layered layout.

In: sizes of boxes and links between them. Out: where each box stands and along which curve each link
runs. Boxes never overlap, and links run only between levels or through lanes kept free of boxes, so
that none crosses a box that is not its own. Deterministic; close to linear in boxes, links and lanes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from misydsl.render.folding import levels_of
from misydsl.render.ordering import ordered_layers
from misydsl.render.placement import across_positions

Direction = Literal["down", "right"]
Point = tuple[float, float]
Route = tuple[Point, ...]
"""A start, then three points per cubic curve."""

LANE_WIDTH = 6.0  # of a link that passes a level
GAP_ALONG = {"down": 38.0, "right": 52.0}  # between levels, before steep links ask for more
PORT_GAP = 14.0
LOOP_REACH = 16.0


@dataclass(frozen=True, slots=True)
class Flat:
    """One sheet to be laid out: sizes as (width, height), links as (source, target)."""

    sizes: tuple[tuple[float, float], ...]
    links: tuple[tuple[int, int], ...]
    direction: Direction = "down"


@dataclass(frozen=True, slots=True)
class Placed:
    """Top left corners and routes in the order they were asked for; everything starts at (0, 0)."""

    width: float
    height: float
    corners: tuple[Point, ...]
    routes: tuple[Route, ...]


@dataclass(slots=True)
class Layers:
    """Boxes and lanes, level by level. Vertices from `len(sizes)` on are lanes of long links."""

    level: list[int]
    breadth: list[float]
    down: list[list[int]]
    up: list[list[int]]
    chains: list[list[int]] = field(default_factory=list)
    """Per link the vertices it passes, from the upper to the lower one; empty for a self link."""
    reversed_links: set[int] = field(default_factory=set)


def lay_out(flat: Flat) -> Placed:
    """Places for one sheet."""
    if not flat.sizes:
        return Placed(0.0, 0.0, (), ())
    is_down = flat.direction == "down"
    breadths = [size[0] if is_down else size[1] for size in flat.sizes]
    depths = [size[1] if is_down else size[0] for size in flat.sizes]
    layers = _layers(breadths, flat.links)
    rows = ordered_layers(layers.level, layers.down, layers.up)
    across = across_positions(rows, layers, boxes=len(breadths))
    bands = _bands(rows, layers, across, depths, gap=GAP_ALONG[flat.direction])
    routes = _routes(flat, layers, across, bands, depths)
    corners = [
        (across[box] - breadths[box] / 2, _middle(bands[layers.level[box]]) - depths[box] / 2)
        for box in range(len(breadths))
    ]
    return _turned(flat, corners, routes)


def shifted(flat: Flat, corners: Sequence[Point], routes: Sequence[Route]) -> Placed:
    """The same places, moved so that everything starts at (0, 0)."""
    ends = [(x + size[0], y + size[1]) for (x, y), size in zip(corners, flat.sizes, strict=True)]
    every = [*corners, *ends, *(point for route in routes for point in route)]
    left, top = min(x for x, _ in every), min(y for _, y in every)
    return Placed(
        width=max(x for x, _ in every) - left,
        height=max(y for _, y in every) - top,
        corners=tuple((x - left, y - top) for x, y in corners),
        routes=tuple(tuple((x - left, y - top) for x, y in route) for route in routes),
    )


def _layers(breadths: Sequence[float], links: Sequence[tuple[int, int]]) -> Layers:
    level, order = levels_of(len(breadths), links)
    layers = Layers(level, list(breadths), [[] for _ in breadths], [[] for _ in breadths])
    _lower_starts(level, order, links)
    lanes: dict[tuple[int, int], int] = {}
    joined: set[tuple[int, int]] = set()
    for number, (source, target) in enumerate(links):
        if source == target:
            layers.chains.append([])
            continue
        upper, lower = (source, target) if level[source] < level[target] else (target, source)
        if upper != source:
            layers.reversed_links.add(number)
        passed = range(level[upper] + 1, level[lower])
        chain = [upper, *(_lane(layers, lanes, upper, one) for one in passed), lower]
        layers.chains.append(chain)
        for above, below in pairwise(chain):
            if (above, below) not in joined:
                joined.add((above, below))
                layers.down[above].append(below)
                layers.up[below].append(above)
    return layers


def _lower_starts(level: list[int], order: Sequence[int], links: Sequence[tuple[int, int]]) -> None:
    """Boxes that wait for nobody move down beside what needs them: links get shorter."""
    waiting_for: set[int] = set()
    nearest: dict[int, int] = {}
    for source, target in links:
        if level[source] < level[target]:
            waiting_for.add(target)
            nearest[source] = min(nearest.get(source, level[target]), level[target])
        elif level[source] > level[target]:
            waiting_for.add(source)
            nearest[target] = min(nearest.get(target, level[source]), level[source])
    for vertex in order:
        if vertex not in waiting_for and vertex in nearest:
            level[vertex] = nearest[vertex] - 1


def _lane(layers: Layers, lanes: dict[tuple[int, int], int], source: int, level: int) -> int:
    """The lane through a level for links from one source: they share it until they part."""
    lane = lanes.get((source, level))
    if lane is None:
        lane = lanes[source, level] = len(layers.level)
        layers.level.append(level)
        layers.breadth.append(LANE_WIDTH)
        layers.down.append([])
        layers.up.append([])
    return lane


def _bands(
    rows: Sequence[Sequence[int]],
    layers: Layers,
    across: Sequence[float],
    depths: Sequence[float],
    *,
    gap: float,
) -> list[tuple[float, float]]:
    """From where to where each level reaches; steep links get more room to turn."""
    bands: list[tuple[float, float]] = []
    start = 0.0
    for row in rows:
        thick = max((depths[vertex] for vertex in row if vertex < len(depths)), default=0.0)
        bands.append((start, start + thick))
        jumps = (abs(across[one] - across[two]) for one in row for two in layers.down[one])
        start += thick + gap + min(max(jumps, default=0.0) * 0.06, gap)
    return bands


def _middle(band: tuple[float, float]) -> float:
    return (band[0] + band[1]) / 2


def _routes(
    flat: Flat,
    layers: Layers,
    across: Sequence[float],
    bands: Sequence[tuple[float, float]],
    depths: Sequence[float],
) -> list[Route]:
    ports_out = _ports(layers.down, layers.breadth, across, len(depths))
    ports_in = _ports(layers.up, layers.breadth, across, len(depths))
    routes: list[Route] = []
    for number, chain in enumerate(layers.chains):
        if not chain:
            box = flat.links[number][0]
            side = across[box] + layers.breadth[box] / 2
            routes.append(_loop(side, _middle(bands[layers.level[box]]), depths[box]))
            continue
        first, last = chain[0], chain[-1]
        begin = _middle(bands[layers.level[first]]) + depths[first] / 2
        points: list[Point] = [(ports_out.get((first, chain[1]), across[first]), begin)]
        for above, below in pairwise(chain):
            x_from = ports_out.get((above, below), across[above])
            x_to = ports_in.get((below, above), across[below])
            _straight(points, (x_from, bands[layers.level[above]][1]))
            _curve(points, (x_to, bands[layers.level[below]][0]))
        end = _middle(bands[layers.level[last]]) - depths[last] / 2
        _straight(points, (points[-1][0], end))
        routes.append(tuple(reversed(points)) if number in layers.reversed_links else tuple(points))
    return routes


def _ports(
    neighbours: Sequence[Sequence[int]],
    breadth: Sequence[float],
    across: Sequence[float],
    boxes: int,
) -> dict[tuple[int, int], float]:
    """Where links leave (or reach) a box that has several, so that their ends stay apart."""
    ports: dict[tuple[int, int], float] = {}
    for box in range(boxes):
        met = neighbours[box]
        if len(met) < 2:
            continue
        gap = min(PORT_GAP, breadth[box] * 0.6 / (len(met) - 1))
        start = across[box] - gap * (len(met) - 1) / 2
        for place, other in enumerate(sorted(met, key=lambda one: (across[one], one))):
            ports[box, other] = start + gap * place
    return ports


def _straight(points: list[Point], end: Point) -> None:
    start = points[-1]
    if start != end:
        points.extend((start, end, end))


def _curve(points: list[Point], end: Point) -> None:
    """An S from here to there that stays between both levels."""
    start = points[-1]
    if start[0] == end[0]:
        _straight(points, end)
        return
    half = (start[1] + end[1]) / 2
    points.extend(((start[0], half), (end[0], half), end))


def _loop(side: float, middle: float, depth: float) -> Route:
    low, high = middle - depth / 4, middle + depth / 4
    return ((side, low), (side + LOOP_REACH, low), (side + LOOP_REACH, high), (side, high))


def _turned(flat: Flat, corners: Sequence[Point], routes: Sequence[Route]) -> Placed:
    """Mirrored at the diagonal where the levels run to the right."""
    if flat.direction == "right":
        corners = [(y, x) for x, y in corners]
        routes = [tuple((y, x) for x, y in route) for route in routes]
    return shifted(flat, corners, routes)
