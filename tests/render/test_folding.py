"""Folding: what is drawn together never lies about the order, and nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from misydsl.graph.build import StepEdge, StepGraph, StepNode
from misydsl.graph.plan import topological_order, waiting_for
from misydsl.history.events import StepFailed, StepFinished
from misydsl.render.drawing import FOLD_ABOVE, FOLDED_IN_ALL, drawing_of
from misydsl.render.folding import MANY_LINKS, folded, thinned
from tests.graph.pipelines import FAILED, chain, graph_of, history_of

Links = list[tuple[int, int]]


def forwards(most: int) -> st.SearchStrategy[tuple[int, Links]]:
    """Graphs without circles: every link goes to a greater number."""
    return st.integers(2, most).flatmap(
        lambda count: st.tuples(
            st.just(count),
            st.lists(
                st.tuples(st.integers(0, count - 2), st.integers(1, count - 1)).filter(
                    lambda link: link[0] < link[1]
                ),
                unique=True,
                max_size=3 * count,
            ),
        )
    )


def reachable(count: int, links: Sequence[tuple[int, int]]) -> list[set[int]]:
    found: list[set[int]] = [set() for _ in range(count)]
    for source, target in sorted(links, reverse=True):
        found[source] |= {target} | found[target]
    return found


def is_without_circles(count: int, links: Sequence[tuple[int, int]]) -> bool:
    needs: list[set[int]] = [set() for _ in range(count)]
    for source, target in links:
        needs[target].add(source)
    listed = [sorted(one) for one in needs]
    return len(topological_order(listed, waiting_for(listed))) == count


@given(forwards(30), st.integers(4, 20))
def test_merging_keeps_every_step_and_makes_no_circle(drawn: tuple[int, Links], most: int) -> None:
    count, links = drawn
    groups = folded(count, links, most=most, importance=lambda _: 0)
    assert sorted(one for group in groups for one in group) == list(range(count))
    group_of = {one: number for number, group in enumerate(groups) for one in group}
    merged = {
        (group_of[source], group_of[target])
        for source, target in links
        if group_of[source] != group_of[target]
    }
    assert is_without_circles(len(groups), sorted(merged))


@given(forwards(20))
def test_thinning_leaves_out_only_what_other_links_imply(drawn: tuple[int, Links]) -> None:
    count, links = drawn
    kept = thinned(count, links)
    assert set(kept) <= set(links)
    assert reachable(count, kept) == reachable(count, links)
    for left_out in kept:
        assert reachable(count, [link for link in kept if link != left_out]) != reachable(
            count, links
        )


def test_thinning_keeps_links_that_close_a_circle() -> None:
    assert set(thinned(3, [(0, 1), (1, 2), (2, 0), (0, 2)])) == {(0, 1), (1, 2), (2, 0)}


def test_up_to_300_steps_each_has_its_box() -> None:
    assert len(drawing_of(graph_of(chain(FOLD_ABOVE))).boxes) == FOLD_ABOVE
    assert len(drawing_of(graph_of(chain(FOLD_ABOVE + 1))).boxes) < FOLDED_IN_ALL


def test_a_folded_chain_shows_both_ends_and_counts_the_rest() -> None:
    drawing = drawing_of(graph_of(chain(1000)))
    titles = [box.title for box in drawing.boxes]
    assert titles[0] == "s0"
    assert titles[-1] == "s999"
    assert "… 990 more steps" in titles
    assert len(drawing.sheets[0].links) == len(titles) - 1


def test_folded_steps_say_how_many_are_done_and_a_failed_one_is_told() -> None:
    events = [StepFinished(at=101.0, step=f"s{one}") for one in range(500)]
    failure = StepFailed(at=102.0, step="s500", failure=FAILED)
    drawing = drawing_of(graph_of(chain(1000)), history_of(*events, failure))
    (box,) = (one for one in drawing.boxes if one.kind == "folded")
    assert box.standing is not None
    assert box.standing.progress == "494/990 done · 1 failed"


def test_a_wide_level_shows_what_needs_attention() -> None:
    nodes = tuple(StepNode(one, f"s{one}", f"s{one}", None, "call") for one in range(2_000))
    graph = StepGraph("p", None, nodes, (), tuple(range(2_000)), {})
    history = history_of(StepFailed(at=1.0, step="s1234", failure=FAILED))
    assert "s1234" in {box.title for box in drawing_of(graph, history).boxes}


def test_a_dense_graph_is_drawn_without_what_is_implied() -> None:
    count = 60
    nodes = tuple(StepNode(one, f"s{one}", f"s{one}", None, "call") for one in range(count))
    edges = tuple(StepEdge(one, two, "data") for two in range(count) for one in range(two))
    assert len(edges) > MANY_LINKS
    (sheet,) = drawing_of(StepGraph("p", None, nodes, edges, tuple(range(count)), {})).sheets
    assert len(sheet.links) == count - 1
