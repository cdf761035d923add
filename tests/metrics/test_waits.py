"""Who waits for whom, under the names a history has."""

from __future__ import annotations

from misydsl.metrics.waits import waits_of
from tests.graph.pipelines import AGENTS, EVERYTHING, pipeline_of


def test_every_block_of_a_program_is_known_by_its_path() -> None:
    waits = waits_of(*pipeline_of(EVERYTHING))
    assert waits.needs["cada"] == {"primero"}
    assert waits.needs["cada/revision"] == {"cada/borrador"}
    assert waits.needs["dentro/s"] == frozenset()
    assert waits.needs[":on-failure/aviso"] == frozenset()
    assert waits.needs[":on-finish/fin"] == frozenset()
    assert waits.questions == {"permiso"}


def test_a_path_that_two_branches_share_waits_for_what_either_does() -> None:
    text = (
        AGENTS
        + """pipeline p(n: int) {
  step one { call a(q: "x") }
  step two when n > 1 {
    step first { call a(q: one) }
    step shared { call a(q: first) }
    return shared
  } else {
    step other { call a(q: one) }
    step shared { call a(q: other) }
    return shared
  }
  return two
}
"""
    )
    waits = waits_of(*pipeline_of(text))
    assert waits.needs["two/shared"] == {"two/first", "two/other"}


def test_a_pipeline_that_is_called_twice_is_known_at_both_places() -> None:
    text = (
        AGENTS
        + """pipeline p() {
  step one { call inner() }
  step two after one { call inner() }
}
pipeline inner() -> string {
  step x { call a(q: "x") }
  step y { call a(q: x) }
  return y
}
"""
    )
    waits = waits_of(*pipeline_of(text, "p"))
    assert waits.needs["one/y"] == {"one/x"}
    assert waits.needs["two/y"] == {"two/x"}
    assert waits.needs["two"] == {"one"}
