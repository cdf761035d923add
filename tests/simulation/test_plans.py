"""Plans against the simulation: no random program, whatever its agents do, comes to more than its plan says."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pytest

from misydsl.failures import Failure
from misydsl.history.events import AttemptFailed, FanOut, RunFinished
from misydsl.runner.foresight.foresee import Outlook, foresee
from misydsl.runner.foresight.foreseen import AgentPlace, Figure, Foreseen
from misydsl.runner.foresight.nodes import Past, PastStep
from tests.simulation.loop import EPOCH
from tests.simulation.oracle import Address, Fate, Oracle
from tests.simulation.play import Play
from tests.simulation.world import Story, World

SEEDS: Final = 120
MOODS: Final = ((0.0, 0.0), (0.0, 0.9), (0.9, 0.1), (0.3, 0.5))
WRITING_S: Final = 0.02  # the made-up disk takes a few milliseconds a turn, which no plan counts
ASKED_S: Final = 3.0  # what its agents ask for with `Retry-After`

seen: Counter[str] = Counter()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(6))
def test_no_run_comes_to_more_than_its_plan_says(part: int) -> None:
    for seed in range(part, SEEDS, 6):
        play = Play(seed)
        for number, oracle in enumerate(_oracles(str(seed))):
            story = World(play.program, oracle, random.Random(oracle.seed), []).live()
            if not story.is_stuck:
                _judge(play, story, f"{seed}/{number}")


def test_plans_were_put_to_the_proof() -> None:
    """Runs after the others: bounds that nothing comes near prove nothing."""
    if not seen:
        pytest.skip("no plan was tried")
    assert seen["requests: just as planned"] >= 5
    assert seen["sure: just as planned"] >= 5
    assert seen["time"] >= 100
    assert seen["time: more than half"] >= 5


@dataclass(frozen=True)
class Hanging(Oracle):
    """So many attempts of each call hang until their timeout."""

    times: int = 99

    def fate(self, address: Address) -> Fate:
        """The same for all."""
        del address
        return Fate((Failure("timeout", "hangs"),) * self.times)


def _oracles(seed: str) -> list[Oracle]:
    return [
        *(Oracle(f"{seed}/{bad}", bad=bad, shaky=shaky) for bad, shaky in MOODS),
        *(Hanging(f"{seed}/{times}", times=times) for times in (1, 2, 99)),
    ]


def _judge(play: Play, story: Story, told: str) -> None:
    blind = _planned(play, {})
    counts = {one.path: 0 for one in blind.steps if one.is_fan and one.items is None}
    for fact in story.facts:
        if isinstance(fact, FanOut):
            counts[fact.step] = max(fact.count, counts.get(fact.step, 0))
    plan = _planned(play, counts)
    where = f"{told}\n{play.written.text}"
    most = _most(plan.requests)
    assert most is not None, where
    assert len(story.effects) <= most, f"{len(story.effects)} requests, {most} planned: {where}"
    seen["requests: just as planned"] += len(story.effects) == most > 0
    last = story.facts[-1]
    assert isinstance(last, RunFinished), where
    calls = len({one.key for one in story.effects})
    if last.status == "succeeded":
        assert calls >= plan.calls.least, f"{calls} calls, {plan.calls.least} are sure: {where}"
        seen["sure: just as planned"] += calls == plan.calls.least > 0
    longest_s = _most(plan.time_s)
    is_open = any("approval" in one.kinds and one.timeout_s is None for one in plan.steps)
    if longest_s is None or is_open or len(story.lives) > 1:
        return
    failed = sum(isinstance(fact, AttemptFailed) for fact in story.facts)
    slack_s = WRITING_S * len(story.facts) + ASKED_S * failed
    took_s = last.at - EPOCH
    assert took_s <= longest_s + slack_s, f"{took_s} s, {longest_s} s planned: {where}"
    seen["time"] += 1
    seen["time: more than half"] += took_s > longest_s / 2


def _planned(play: Play, counts: Mapping[str, int]) -> Foreseen:
    past = Past(1, {path: PastStep(1, None, count) for path, count in counts.items()}, {})
    outlook = Outlook(
        inputs={},
        environment={},
        past=past,
        place_of=lambda _: AgentPlace("", "bound"),
        identity_of=lambda _: None,
        lookup=None,
    )
    return foresee(play.program, play.library, outlook)


def _most(figure: Figure) -> float | None:
    return figure.most if figure.most is not None else figure.if_as_before
