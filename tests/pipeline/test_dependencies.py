"""Who waits for whom inside one block."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from misydsl.expressions.free import free_names
from misydsl.expressions.nodes import Expression
from misydsl.pipeline.dependencies import dependencies, result_needs, step_names
from tests.graph.pipelines import AGENTS, chain, pipeline_of


def needs(body: str) -> dict[str, tuple[list[str], list[str]]]:
    block = pipeline_of(AGENTS + f"pipeline p(n: int, xs: list[string]) {{\n{body}\n}}")[0].block
    names = [step.name for step in block.steps]
    return {
        step.name: ([names[one] for one in need.data], [names[one] for one in need.order])
        for step, need in zip(block.steps, dependencies(block), strict=True)
    }


def test_by_data_through_every_part_of_a_step() -> None:
    found = needs("""
  step one { return 1 }
  step two { return true }
  step three { return xs }
  step four when two { return one } else when two { return 4 } else { return 5 }
  step five for x in three { call a(q: "${one}${x}") }
  step six { step inner { return one }
    return inner }
  step seven repeat up to one { step t { return 1 }
    until two
    return t }
  step eight { call a(q: "x")
    fallback { return "${one}" }
    timeout: 3s }
""")
    assert found["four"] == (["one", "two"], [])
    assert found["five"] == (["one", "three"], [])
    assert found["six"] == (["one"], [])
    assert found["seven"] == (["one", "two"], [])
    assert found["eight"] == (["one"], [])


def test_after_is_order_unless_data_says_more() -> None:
    found = needs("""
  step one { return 1 }
  step two after one { return 2 }
  step three after one { return one }
""")
    assert found["two"] == ([], ["one"])
    assert found["three"] == (["one"], [])


def test_lets_are_followed_through_lets() -> None:
    found = needs("""
  let middle = first_one
  let first_one = one
  step one { return 1 }
  step two { return middle }
""")
    assert found["two"] == (["one"], [])


def test_in_an_undo_its_own_name_is_no_need() -> None:
    found = needs("""
  step one { return 1 }
  step two { call a(q: "x")
    undo { call b(q: "${two}${one}") } }
""")
    assert found["two"] == (["one"], [])


def test_the_result_names_steps_too() -> None:
    block = pipeline_of(
        "pipeline p() { let l = t\n step s { return 1 }\n step t { return 2 }\n return l }"
    )[0].block
    assert result_needs(block) == (1,)


def test_loop_variables_are_not_needs() -> None:
    block = pipeline_of(
        AGENTS + 'pipeline p(xs: list[string]) { step s for x, i in xs { call a(q: "${i}${x}") } }'
    )[0].block
    assert step_names(block.steps[0]) == {"xs"}


def test_long_chains_of_lets_stay_linear() -> None:
    lets = "\n".join(f"  let l{n} = l{n - 1}" for n in range(1, 2000))
    text = f"pipeline p() {{\n  step s {{ return 1 }}\n  let l0 = s\n{lets}\n  step t {{ return l1999 }}\n}}"
    block = pipeline_of(text)[0].block
    started = time.process_time()
    assert dependencies(block)[1].data == (0,)
    assert time.process_time() - started < 2


def test_a_step_that_names_itself_needs_itself() -> None:
    assert needs('  step one { call a(q: "${one}") }')["one"] == (["one"], [])


def test_names_declared_inside_hide_the_ones_around() -> None:
    found = needs("""
  step one { return 1 }
  step two {
    let one = 2
    step three { return one }
    return three
  }
""")
    assert found["two"] == ([], [])


@pytest.mark.parametrize("count", [100, 1_000])
def test_each_expression_is_read_once(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    checked = pipeline_of(chain(count))[0].block
    block = replace(checked, steps=tuple(replace(step, uses=None) for step in checked.steps))
    read: list[Expression] = []

    def counted(expression: Expression) -> frozenset[str]:
        read.append(expression)
        return free_names(expression)

    monkeypatch.setattr("misydsl.pipeline.dependencies.free_names", counted)
    assert [need.data for need in dependencies(block)[1:]] == [(one,) for one in range(count - 1)]
    assert len(read) == count
    read.clear()
    assert dependencies(checked) == dependencies(block)
    assert len(read) == count  # the checker has read them: only what it did not make was read
