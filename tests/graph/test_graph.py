"""The step graph: what people see of a pipeline's steps."""

from __future__ import annotations

import networkx
import pytest

from misydsl.graph.build import step_graph, to_networkx
from tests.graph.pipelines import AGENTS, EVERYTHING, chain, graph_of, pipeline_of


def test_a_step_is_one_node_with_its_title_agent_and_marks() -> None:
    graph = graph_of(EVERYTHING)
    primero, cada, ocho = graph.node("primero"), graph.node("cada"), graph.node("ocho")
    assert (primero.label, primero.agent, primero.kind) == ("Descubrir", "a", "call")
    assert (cada.kind, cada.loop, cada.count) == ("group", True, "xs")
    assert (ocho.label, ocho.loop, ocho.count) == ("ocho", True, "8")
    maybe = graph.node("tal_vez")
    assert (maybe.has_when, maybe.has_fallback) == (True, True)
    turns = graph.node("vueltas")
    assert (turns.has_repeat, turns.rounds) == (True, "3")
    assert graph.node("permiso").kind == "approval"
    assert (graph.node("dentro").kind, graph.node("dentro").agent) == ("pipeline", "interior")
    assert graph.label == "Año «nuevo»"


def test_nodes_know_the_step_around_them_and_handlers_are_no_roots() -> None:
    graph = graph_of(EVERYTHING)
    cada = graph.node("cada")
    assert graph.node("cada/borrador").parent == cada.id
    assert [graph.nodes[one].path for one in graph.children[cada.id]] == [
        "cada/borrador",
        "cada/revision",
    ]
    assert graph.node("tal_vez/otra").role == "else"
    assert graph.node(":on-failure/aviso").role == "on failure"
    assert "aviso" not in {graph.nodes[one].path for one in graph.roots}
    assert all(graph.nodes[node.id] is node for node in graph.nodes)


def test_edges_are_data_or_order() -> None:
    graph = graph_of(EVERYTHING)
    edges = {
        (graph.nodes[one.source].path, graph.nodes[one.target].path): one.kind
        for one in graph.edges
    }
    assert edges["primero", "cada"] == "order"
    assert edges["primero", "tal_vez"] == "data"
    assert edges["cada/borrador", "cada/revision"] == "data"


def test_an_unknown_path_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        graph_of(EVERYTHING).node("nada")


@pytest.mark.parametrize(
    ("iterable", "shown"),
    [("xs", "xs"), ("[1, 2]", "2"), ("y.list", "y.list"), ("range(3)", "n"), ("y[0].list", "n")],
)
def test_a_for_says_how_many_as_far_as_the_text_tells(iterable: str, shown: str) -> None:
    text = f"pipeline p(xs: list[int], y: any) {{ step s for x in {iterable} {{ return x }} }}"
    assert graph_of(text).node("s").count == shown


def test_a_repeat_says_its_most_rounds() -> None:
    text = "pipeline p(n: int) { step s repeat up to n { step t { return 1 }\n until true\n return t } }"
    assert graph_of(text).node("s").rounds == "n"


def test_the_export_is_a_graph_of_paths() -> None:
    exported = to_networkx(graph_of(EVERYTHING))
    assert isinstance(exported, networkx.DiGraph)
    assert exported.nodes["cada/borrador"]["parent"] == "cada"
    assert exported.nodes["primero"]["parent"] is None
    assert exported.edges["primero", "cada"]["kind"] == "order"


def test_a_pipeline_without_titles_is_called_by_its_names() -> None:
    graph = graph_of(AGENTS + 'pipeline p() { step s { call a(q: "x") } }')
    assert (graph.label, graph.node("s").label) == ("p", "s")


def test_an_agent_nobody_declared_is_still_drawn() -> None:
    pipeline, library = pipeline_of('pipeline p() { step s { call nobody(q: "x") } }')
    assert step_graph(pipeline, library).node("s").agent == "nobody"


def test_numbers_are_the_same_each_time() -> None:
    assert graph_of(chain(50)) == graph_of(chain(50))
