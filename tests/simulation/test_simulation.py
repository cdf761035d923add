"""The engine against a naive model: random programs, faults, deaths and pauses, in virtual time.

`MISY_SIMULATIONS` says how many runs (1,500 without it), `MISY_SIMULATION_SEED` where to begin, and
`MISY_SIMULATION=seed/number` plays one run again.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest

from misydsl.history.events import (
    ApprovalAsked,
    AttemptHedged,
    AttemptStarted,
    FallbackBegun,
    PipelineFailing,
    RoundFinished,
    RunFinished,
    RunPaused,
    StepBlocked,
    StepSkipped,
)
from tests.simulation.play import Broken, Play
from tests.simulation.shrink import shrunk
from tests.simulation.world import Story

RUNS_PER_PROGRAM: Final = 8
RUNS: Final = int(os.environ.get("MISY_SIMULATIONS", "1500"))
FIRST: Final = int(os.environ.get("MISY_SIMULATION_SEED", "0"))
AGAIN: Final = os.environ.get("MISY_SIMULATION", "")
PARTS: Final = 10

KINDS: Final = (
    ApprovalAsked, AttemptHedged, FallbackBegun, PipelineFailing, RoundFinished, RunPaused,
    StepBlocked, StepSkipped,
)  # fmt: skip

happened: Counter[str] = Counter()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_a_run_comes_to_what_the_model_says(part: int) -> None:
    for seed in range(FIRST + part, FIRST + max(PARTS, RUNS // RUNS_PER_PROGRAM), PARTS):
        play = Play(seed)
        for number in range(RUNS_PER_PROGRAM):
            happened.update(what_happened(performed(play, number)))


def test_what_can_happen_did_happen() -> None:
    """The laws were not kept by avoiding them; runs after the simulation, on what it saw."""
    if not happened:
        pytest.skip("the simulation was not run")
    missing = [one for one in sorted(EVENTS) if not happened[one]]
    assert not missing, f"never seen in {happened['runs']} runs: {missing}"


@pytest.mark.skipif(not AGAIN, reason="no run was asked for again")
def test_one_run_is_played_again() -> None:
    seed, _, number = AGAIN.partition("/")
    performed(Play(int(seed)), int(number or 0))


def performed(play: Play, number: int) -> Story:
    """One run; a breach is told by the smallest program that was found."""
    try:
        return play.perform(number)
    except Broken as broken:
        raise shrunk(play, number, broken) from broken


EVENTS: Final = {
    *(kind.__name__ for kind in KINDS),
    *("died", "died twice", "cancelled", "succeeded", "failed", "an effect came twice"),
    *("undo", "undo after a death", "handler", "handler after a death", "retry", "deadline"),
    *("budget", "a part of a part"),
}


def what_happened(story: Story) -> Iterator[str]:
    """What is worth counting in a run."""
    yield "runs"
    yield from {type(one).__name__ for one in story.facts if isinstance(one, KINDS)}
    if len(story.lives) > 1:
        yield "died"
    if len(story.lives) > 2:
        yield "died twice"
    keys = Counter((one.key, one.attempt) for one in story.effects)
    if len({key for key, _ in keys}) < len(keys):
        yield "an effect came twice"
    for place, one in enumerate(story.facts):
        is_late = len(story.lives) > 1 and place > story.lives[1]
        match one:
            case AttemptStarted(step=step, attempt=attempt):
                yield from _of_a_call(step, attempt, is_late=is_late)
            case PipelineFailing(failure=failure) if failure.kind == "deadline":
                yield "deadline"
            case RunPaused(reason=reason) if "budget" in reason:
                yield "budget"
            case RunFinished(status=status):
                yield status
            case _:
                pass


def _of_a_call(step: str, attempt: int, *, is_late: bool) -> Iterator[str]:
    if attempt > 1:
        yield "retry"
    if ":undo" in step:
        yield "undo after a death" if is_late else "undo"
    if ":on-" in step:
        yield "handler after a death" if is_late else "handler"
    if step.count(":") > 1:
        yield "a part of a part"
