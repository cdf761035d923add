"""Our own layout: links keep to the space between boxes, and everything is where it was asked for."""

from __future__ import annotations

import shutil
import sysconfig
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from misydsl.graph.build import StepEdge, StepGraph, StepNode
from misydsl.render.composition import compose
from misydsl.render.drawing import drawing_of
from misydsl.render.layout import Flat, Placed, Point, Route, lay_out
from misydsl.render.placement import BOX_GAP
from misydsl.render.programs import lay_out_with
from misydsl.render.svg import to_svg
from tests.graph.pipelines import AGENTS, EVERYTHING, graph_of, layers

PURE = shutil.which("graphviz-pure", path=sysconfig.get_path("scripts"))


@st.composite
def flats(draw: st.DrawFn) -> Flat:
    """Up to a dozen boxes of different sizes, linked in any way, circles and self links included."""
    count = draw(st.integers(1, 12))
    number = st.integers(0, count - 1)
    length = st.integers(20, 200).map(float)
    direction: Literal["down", "right"] = draw(st.sampled_from(("down", "right")))
    return Flat(
        sizes=tuple(draw(st.lists(st.tuples(length, length), min_size=count, max_size=count))),
        links=tuple(draw(st.lists(st.tuples(number, number), max_size=24, unique=True))),
        direction=direction,
    )


def points(route: Route) -> Iterator[Point]:
    """Many places along a route."""
    start, *rest = route
    for index in range(0, len(rest), 3):
        one, two, end = rest[index : index + 3]
        for step in range(17):
            t = step / 16
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            corners = (start, one, two, end)
            x = sum(weight * corner[0] for weight, corner in zip(weights, corners, strict=True))
            y = sum(weight * corner[1] for weight, corner in zip(weights, corners, strict=True))
            yield (x, y)
        start = end


def inside(point: Point, corner: Point, size: Point) -> bool:
    margin = 0.5
    return (
        corner[0] + margin < point[0] < corner[0] + size[0] - margin
        and corner[1] + margin < point[1] < corner[1] + size[1] - margin
    )


def boxes_crossed(flat: Flat, placed: Placed) -> list[tuple[tuple[int, int], int]]:
    """Links that run through a box that is not their own."""
    return [
        (link, box)
        for link, route in zip(flat.links, placed.routes, strict=True)
        for box, (corner, size) in enumerate(zip(placed.corners, flat.sizes, strict=True))
        if box not in link and any(inside(point, corner, size) for point in points(route))
    ]


def touches(point: Point, corner: Point, size: Point) -> bool:
    x, y = point[0] - corner[0], point[1] - corner[1]
    return -0.01 <= x <= size[0] + 0.01 and -0.01 <= y <= size[1] + 0.01


@given(flats())
@settings(max_examples=300)
def test_no_link_runs_through_a_box_that_is_not_its_own(flat: Flat) -> None:
    assert boxes_crossed(flat, lay_out(flat)) == []


@given(flats())
def test_every_link_begins_and_ends_at_its_own_boxes(flat: Flat) -> None:
    placed = lay_out(flat)
    for (source, target), route in zip(flat.links, placed.routes, strict=True):
        assert touches(route[0], placed.corners[source], flat.sizes[source])
        assert touches(route[-1], placed.corners[target], flat.sizes[target])


@given(flats())
def test_everything_stands_on_the_page_and_in_the_same_place_each_time(flat: Flat) -> None:
    placed = lay_out(flat)
    assert placed == lay_out(flat)
    for (x, y), (wide, high) in zip(placed.corners, flat.sizes, strict=True):
        assert 0 <= x <= x + wide <= placed.width + 0.01
        assert 0 <= y <= y + high <= placed.height + 0.01
    for route in placed.routes:
        assert all(-0.01 <= x <= placed.width + 0.01 for x, _ in route)
        assert all(-0.01 <= y <= placed.height + 0.01 for _, y in route)


@pytest.mark.parametrize("direction", ["down", "right"])
def test_a_step_stands_after_what_it_waits_for(direction: Literal["down", "right"]) -> None:
    along = 1 if direction == "down" else 0
    flat = Flat(((90.0, 40.0),) * 5, ((0, 1), (1, 2), (0, 2), (3, 2), (2, 4)), direction)
    corners = lay_out(flat).corners
    for source, target in flat.links:
        assert corners[source][along] + flat.sizes[source][along] < corners[target][along]


def test_a_chain_is_straight_and_neighbours_keep_their_distance() -> None:
    chain = lay_out(Flat(((90.0, 40.0),) * 6, tuple((one, one + 1) for one in range(5))))
    assert len({round(x, 3) for x, _ in chain.corners}) == 1
    beside = lay_out(Flat(((90.0, 40.0),) * 4, ()))
    lefts = sorted(x for x, _ in beside.corners)
    assert all(right - left - 90 >= BOX_GAP - 0.01 for left, right in pairwise(lefts))


@pytest.mark.skipif(PURE is None, reason="the wheel `graphviz-pure` is not installed")
def test_graphviz_pure_lays_out_too() -> None:
    flat = Flat(((90.0, 40.0),) * 3, ((0, 1), (0, 2)))
    one, two = lay_out_with(Path(PURE or ""), [flat, flat])
    assert one == two
    assert one.corners[0][1] + 40 < min(one.corners[1][1], one.corners[2][1])
    drawn = compose(drawing_of(graph_of(EVERYTHING)), Path(PURE or ""))
    assert {one.box.id for one in drawn.boxes} == {
        one.box.id for one in compose(drawing_of(graph_of(EVERYTHING))).boxes
    }


@pytest.mark.parametrize("text", [EVERYTHING, layers(4, 4), layers(7, 3)])
def test_links_of_a_whole_picture_cross_no_step(text: str) -> None:
    page = compose(drawing_of(graph_of(text)))
    for link in page.links:
        for one in page.boxes:
            if one.box.inner is None and one.box.id not in (link.source, link.target):
                corner, size = (one.x, one.y), (one.width, one.height)
                assert not any(inside(point, corner, size) for point in points(link.route))


def test_steps_that_wait_for_each_other_are_drawn_with_both_links() -> None:
    nodes = tuple(StepNode(one, f"s{one}", f"s{one}", None, "call") for one in range(3))
    edges = (StepEdge(0, 1, "data"), StepEdge(1, 0, "data"), StepEdge(2, 2, "data"))
    graph = StepGraph("p", None, nodes, edges, (0, 1, 2), {})
    page = compose(drawing_of(graph))
    assert {(link.source, link.target) for link in page.links} == {
        ("n0", "n1"),
        ("n1", "n0"),
        ("n2", "n2"),
    }
    assert to_svg(graph, use_program=False).count('class="data"') == 3
    assert to_svg(graph).count('class="data"') == 3


def test_a_circle_in_the_text_is_drawn() -> None:
    graph = graph_of(AGENTS + "pipeline p() { step s { call a(q: t) }\n step t { call a(q: s) } }")
    assert to_svg(graph, use_program=False).count('class="data"') == 2
