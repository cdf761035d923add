"""Plans: who waits for whom, as integers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misydsl.graph.plan import PlanImpossible, plan, plan_block, topological_order, waiting_for
from tests.graph.pipelines import AGENTS, EVERYTHING, chain, layers, pipeline_of


def test_a_block_is_planned_as_indexes() -> None:
    pipeline, _ = pipeline_of(
        AGENTS
        + """pipeline p() {
  step late { call a(q: early) }
  step early { call a(q: "x") }
  step free after late { return 1 }
  return early
}"""
    )
    planned = plan_block(pipeline.block)
    assert planned.needs == ((1,), (), (0,))
    assert planned.dependents == ((2,), (0,), ())
    assert planned.order == (1, 0, 2)
    assert planned.indegrees == (1, 0, 1)
    assert planned.result_needs == (1,)
    assert planned.levels == (1, 0, 2)
    assert planned.edge_count == 2


def test_steps_that_wait_for_each_other_have_no_plan() -> None:
    pipeline, _ = pipeline_of(
        AGENTS + "pipeline p() { step s { call a(q: t) }\n step t { call a(q: s) } }"
    )
    with pytest.raises(PlanImpossible, match="`s`, `t` wait for each other"):
        plan_block(pipeline.block)


def test_a_plan_has_every_block_after_its_owner() -> None:
    found = plan(*pipeline_of(EVERYTHING))
    assert found.pipeline == "todo"
    assert found.body is found.blocks[0].plan
    assert found.block("cada").paths == ("cada/borrador", "cada/revision")
    assert found.block("tal_vez", "else").paths == ("tal_vez/otra",)
    assert found.block(None, "on failure").paths == (":on-failure/aviso",)
    assert found.step_count == 13
    assert found.edge_count >= 3
    with pytest.raises(KeyError):
        found.block("nada")


def test_the_critical_path_goes_through_what_takes_longest() -> None:
    found = plan(*pipeline_of(EVERYTHING))
    seconds = {"primero": 2.0, "cada/borrador": 5.0, "cada/revision": 1.0, "ocho": 3.0}
    assert found.critical_path(seconds) == ["primero", "cada", "cada/borrador", "cada/revision"]
    assert found.critical_path({**seconds, "ocho": 30.0}) == ["ocho"]


def test_a_pipeline_without_steps_has_an_empty_path() -> None:
    found = plan(*pipeline_of("pipeline p() { return 1 }"))
    assert found.critical_path({}) == []


@given(st.integers(2, 9), st.integers(1, 6))
def test_an_order_respects_every_need(deep: int, wide: int) -> None:
    pipeline, _ = pipeline_of(layers(deep, wide))
    planned = plan_block(pipeline.block)
    place = {step: number for number, step in enumerate(planned.order)}
    assert len(place) == deep * wide
    for step, needs in enumerate(planned.needs):
        assert all(place[need] < place[step] for need in needs)


@given(st.lists(st.lists(st.integers(0, 11), max_size=4), min_size=12, max_size=12))
def test_what_is_in_or_behind_a_circle_is_left_out(drawn: list[list[int]]) -> None:
    needs = [tuple(sorted(set(one))) for one in drawn]
    order = topological_order(needs, waiting_for(needs))
    assert len(set(order)) == len(order)
    done: set[int] = set()
    for step in order:
        assert set(needs[step]) <= done
        done.add(step)
    assert all(not set(needs[step]) <= done for step in range(12) if step not in done)


def test_long_chains_need_no_recursion() -> None:
    pipeline, _ = pipeline_of(chain(3000))
    assert plan_block(pipeline.block).levels[-1] == 2999
