"""How large a program would be: a pipeline may call two that call two each, and so on.

In: a pipeline and its library. Out: nothing, or `PipelineTooLarge`. Each pipeline is counted once, so the
answer comes at once even where the program would be astronomically large. Pipelines never call each
other in a circle; the checker has seen to that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from misydsl.failures import PipelineTooLarge
from misydsl.pipeline.dependencies import step_blocks
from misydsl.pipeline.model import Block, Library, Pipeline

MOST_STEPS: Final = 100_000  # of a program; each has its code and its place in the state of a run
MOST_LEVELS: Final = 64  # steps in steps, through all pipelines: as deep as brackets nest in one

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Extent:
    """How many steps a pipeline comes to, and how deep they stand in each other."""

    steps: int
    levels: int


@dataclass(frozen=True, slots=True)
class _Own:
    """What stands in one pipeline itself; each call of another with the level it stands at."""

    steps: int
    levels: int
    calls: tuple[tuple[Pipeline, int], ...]


def require_bounded(pipeline: Pipeline, library: Library) -> None:
    """Raise `PipelineTooLarge` for a program over the limits."""
    extent = extent_of(pipeline, library)
    if extent.steps > MOST_STEPS:
        count = f"{extent.steps:,}" if extent.steps < 10**12 else "over a trillion"
        raise PipelineTooLarge(
            f"`{pipeline.name}` has {count} steps with those of the pipelines it calls; "
            f"at most {MOST_STEPS:,} can be run. Call a pipeline once, in a step with `for`"
        )
    if extent.levels > MOST_LEVELS:
        raise PipelineTooLarge(
            f"the steps of `{pipeline.name}` stand {extent.levels} levels deep in each other, with "
            f"those of the pipelines it calls; at most {MOST_LEVELS} can be run. Call fewer "
            "pipelines from pipelines"
        )


def extent_of(pipeline: Pipeline, library: Library) -> Extent:
    """The extent of a pipeline; without recursion, in time linear in the text."""
    own: dict[Key, _Own] = {}
    known: dict[Key, Extent] = {}
    waiting = [pipeline]
    while waiting:
        current = waiting[-1]
        key = (current.module, current.name)
        if key not in own:
            own[key] = _own(current, library)
            waiting += [called for called, _ in own[key].calls]
        else:
            waiting.pop()
            known[key] = _summed(own[key], known)
    return known[pipeline.module, pipeline.name]


def _own(pipeline: Pipeline, library: Library) -> _Own:
    steps, deepest = 0, 0
    calls: list[tuple[Pipeline, int]] = []
    waiting: list[tuple[Block, int]] = [(pipeline.block, 0)]
    while waiting:
        block, level = waiting.pop()
        steps += len(block.steps)
        deepest = max(deepest, level)
        target = None
        if block.call is not None:
            target = library.find(pipeline.module, block.call.target)
        if isinstance(target, Pipeline):
            calls.append((target, level))
        waiting += [(inner, level + 1) for step in block.steps for inner in step_blocks(step)]
    return _Own(steps, deepest, tuple(calls))


def _summed(own: _Own, known: Mapping[Key, Extent]) -> Extent:
    called = [(known[one.module, one.name], level) for one, level in own.calls]
    return Extent(
        own.steps + sum(extent.steps for extent, _ in called),
        max([own.levels, *(level + extent.levels for extent, level in called)]),
    )
