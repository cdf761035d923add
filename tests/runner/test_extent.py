"""Pipelines that call pipelines: what is too large to run is told at once, before anything is called."""

from __future__ import annotations

import pytest

from misydsl.failures import PipelineTooLarge
from misydsl.language.check import check_modules
from misydsl.pipeline.model import Library, Pipeline
from misydsl.runner.extent import MOST_LEVELS, MOST_STEPS, Extent, extent_of, require_bounded
from misydsl.runner.shelf import Shelf


def calling(times: int, count: int, around: str = "CALLS") -> str:
    """`p0` calls `p1` so many times, that calls `p2` …; the last of `count` does one step."""
    pipelines = []
    for number in range(count):
        calls = " ".join(f"step s{n} {{ call p{number + 1}() }}\n" for n in range(times))
        body = around.replace("CALLS", calls)
        pipelines.append(f"pipeline p{number}() {{ {body} return 1 }}\n")
    return "".join(pipelines) + f"pipeline p{count}() {{ step s {{ return 1 }}\n return s }}\n"


def first(text: str) -> tuple[Pipeline, Library]:
    """The pipeline `p0` of a text that is right."""
    library = check_modules({"m.misy": text}, "m.misy").library
    assert library is not None
    found = library.find("m.misy", "p0")
    assert isinstance(found, Pipeline)
    return found, library


def test_steps_are_counted_with_those_of_the_pipelines_that_are_called() -> None:
    assert extent_of(*first("pipeline p0() { return 1 }")) == Extent(0, 0)
    assert extent_of(*first(calling(2, 1))) == Extent(4, 2)
    assert extent_of(*first(calling(2, 3))) == Extent(2 + 4 + 8 + 8, 4)


def test_the_extent_is_what_the_program_comes_to() -> None:
    pipeline, library = first(calling(3, 3, "step g { CALLS return 1 }\n"))
    program = Shelf(pipeline, library).take()
    assert program.step_count == extent_of(pipeline, library).steps


def test_both_ways_of_a_branch_count() -> None:
    text = "pipeline p0(b: bool) { step s when b { return 1 } else { step t { return 2 }\n return t } }"
    assert extent_of(*first(text)) == Extent(2, 2)


def test_pipelines_that_double_are_refused_at_once() -> None:
    pipeline, library = first(calling(2, 60))
    with pytest.raises(PipelineTooLarge, match="over a trillion steps"):
        Shelf(pipeline, library).take()


def test_the_message_counts_the_steps_and_says_what_to_do() -> None:
    with pytest.raises(PipelineTooLarge) as caught:
        require_bounded(*first(calling(2, 16)))
    assert str(caught.value) == (
        "`p0` has 196,606 steps with those of the pipelines it calls; at most 100,000 can be run. "
        "Call a pipeline once, in a step with `for`"
    )
    assert extent_of(*first(calling(2, 16))).steps > MOST_STEPS


def test_a_chain_of_pipelines_is_run_down_to_the_deepest_level_that_is_allowed() -> None:
    allowed = first(calling(1, MOST_LEVELS - 1))
    assert extent_of(*allowed).levels == MOST_LEVELS
    assert Shelf(*allowed).take().step_count == MOST_LEVELS
    with pytest.raises(PipelineTooLarge, match="65 levels deep"):
        Shelf(*first(calling(1, MOST_LEVELS))).take()


def test_a_thousand_pipelines_that_call_two_each_are_counted_without_recursion() -> None:
    with pytest.raises(PipelineTooLarge, match="over a trillion"):
        require_bounded(*first(calling(2, 1_000)))
