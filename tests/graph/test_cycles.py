"""Circles are told once, with the way round."""

from __future__ import annotations

import pytest

from misydsl.graph.cycles import cycle_diagnostics, library_cycle_diagnostics, shortest_circle
from misydsl.graph.wording import circle_path
from misydsl.source import Span
from tests.graph.pipelines import AGENTS, EVERYTHING, library_of, pipeline_of


def told(text: str, name: str | None = None) -> list[tuple[str, str]]:
    return [(one.code, one.message) for one in cycle_diagnostics(*pipeline_of(text, name))]


def test_two_steps_that_wait_for_each_other() -> None:
    text = AGENTS + "pipeline p() { step s { call a(q: t) }\n step t { call a(q: s) } }"
    (found,) = cycle_diagnostics(*pipeline_of(text))
    assert found.code == "E0601"
    assert found.message == "these steps wait for each other: s → t → s"
    assert text[slice(*found.span)] == "s"
    assert "break the circle" in (found.help or "")


def test_a_step_that_waits_for_itself() -> None:
    ((code, message),) = told(AGENTS + "pipeline p() { step s { call a(q: s) } }")
    assert code == "E0601"
    assert "s → s" in message


def test_each_circle_is_told_once_by_the_shortest_way() -> None:
    text = (
        AGENTS
        + """pipeline p() {
  step a1 { call a(q: a2) }
  step a2 { call a(q: "${a3}${a1}") }
  step a3 { call a(q: a1) }
  step b1 after b2 { return 1 }
  step b2 after b1 { return 2 }
  step behind { call a(q: a1) }
  step free { return 3 }
}"""
    )
    assert [message for _, message in told(text)] == [
        "these steps wait for each other: a1 → a2 → a1",
        "these steps wait for each other: b1 → b2 → b1",
    ]


def test_a_circle_may_go_through_lets_and_into_groups() -> None:
    text = (
        AGENTS
        + """pipeline p() {
  let half = t
  step s { step inner { call a(q: half) }
    return inner }
  step t { call a(q: s) }
  step g {
    step x { call a(q: y) }
    step y { call a(q: x) }
    return x
  }
}"""
    )
    assert [message.partition(": ")[2] for _, message in told(text)] == ["s → t → s", "x → y → x"]


def test_pipelines_that_call_each_other() -> None:
    text = """pipeline p() { step s { call q() } }
pipeline q() { step s { call p() } }
pipeline alone() { step s { call alone() } }"""
    found = library_cycle_diagnostics(library_of(text))
    assert [one.code for one in found] == ["E0602", "E0602"]
    assert "`p` ends up calling itself" in found[0].message
    assert "`alone`" in found[1].message
    assert all(one.span != Span(0, 0) for one in found)


def test_a_right_pipeline_has_no_circles() -> None:
    assert told(EVERYTHING) == []
    assert library_cycle_diagnostics(library_of(EVERYTHING)) == ()


@pytest.mark.parametrize(
    ("following", "expected"),
    [
        ({1: [2], 2: [3], 3: [1]}, [1, 2, 3, 1]),
        ({1: [2, 3], 2: [3], 3: [1]}, [1, 3, 1]),
        ({1: [1]}, [1, 1]),
        ({1: [2], 2: [2]}, []),
        ({}, []),
    ],
)
def test_the_shortest_circle(following: dict[int, list[int]], expected: list[int]) -> None:
    assert shortest_circle(1, following) == expected


def test_a_long_circle_needs_no_recursion() -> None:
    count = 3000
    steps = "\n".join(f"  step s{n} {{ call a(q: s{(n + 1) % count}) }}" for n in range(count))
    ((_, message),) = told(AGENTS + "pipeline p() {\n" + steps + "\n}")
    assert message.startswith("these steps wait for each other: s0 → s1")
    assert len(message) < 2000


def test_a_long_circle_is_shortened_in_its_middle() -> None:
    names = [f"s{number}" for number in range(20)]
    assert circle_path([*names[:3], "s0"]) == "s0 → s1 → s2 → s0"
    assert circle_path([*names, "s0"]) == ("s0 → s1 → s2 → s3 → s4 → s5 → … 13 more … → s19 → s0")
    assert len(circle_path([*names[:8], "s0"]).split(" → ")) == 9


def test_three_pipelines_in_a_circle_are_told_with_the_way_and_the_call() -> None:
    text = """pipeline p() { step s { call q() } }
pipeline q() { step s for x in [1] { call r() } }
pipeline r() { step s { return 1 }
  on failure { step t { call p() } } }"""
    (found,) = library_cycle_diagnostics(library_of(text))
    assert found.message == "the pipeline `p` ends up calling itself: p → q → r → p"
    assert text[slice(*found.span)] == "q"
    assert "repeat up to" in (found.help or "")


def test_a_pipeline_that_only_calls_a_circle_is_not_on_it() -> None:
    text = """pipeline outer() { step s { call p() } }
pipeline p() { step s { call q() } }
pipeline q() { step s { call p() } }"""
    assert told(text, "outer") == []
    assert [code for code, _ in told(text, "p")] == ["E0602"]
    assert told(text, "q") == []


def test_after_may_close_a_circle_too() -> None:
    ((code, message),) = told("pipeline p() { step s after s { return 1 } }")
    assert (code, message) == ("E0601", "this step waits for itself: s → s")
