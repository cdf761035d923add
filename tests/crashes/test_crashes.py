"""Owners are killed with -9 at every point where they write or call, and at random; others go on with the run.

`MISY_CRASHES` is how many plays there are at random; when it is set, every point is tried in every way.
"""

from __future__ import annotations

import os
import random
from itertools import count

import pytest

from tests.crashes.conftest import AT_ONCE, Theatre
from tests.crashes.life import CALLING, WRITING, Moment, Trap
from tests.crashes.scenarios import ASKED, CHAIN, SCENARIOS, Scenario

PLAYS = int(os.environ.get("MISY_CRASHES", "30"))
IS_THOROUGH = "MISY_CRASHES" in os.environ
SEED = int(os.environ.get("MISY_CRASHES_SEED", "0"))
LATEST_MS = 120  # by then most scenarios have come to their end
STATEMENTS = 60  # the journal is made, and the run accepted

every_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)


def _swept(theatre: Theatre, scenario: Scenario, moments: tuple[Moment, ...], step: int = 1) -> int:
    """Kill at the first, second, … such moment, until there is none so late; how many were killed."""

    def act(stage: int) -> int:
        kills = 0
        for number in count(1 + stage * step, AT_ONCE * step):
            tried = moments if IS_THOROUGH else (moments[number // step % len(moments)],)
            stories = [
                theatre.judged(
                    stage, f"{scenario.name}-{moment}-{number}", scenario, [Trap(moment, number)]
                )
                for moment in tried
            ]
            kills += sum(story.kills for story in stories)
            least = 2 if scenario.asks else 0  # those who die because they asked, trap or not
            if all(story.kills <= least for story in stories):
                break
        return kills

    return theatre.at_once(act)


@every_scenario
@pytest.mark.timeout(600 if IS_THOROUGH else 60)
def test_killed_at_any_commit_nothing_is_lost_and_nothing_happens_twice(
    theatre: Theatre, scenario: Scenario
) -> None:
    assert _swept(theatre, scenario, WRITING) >= 4


@every_scenario
@pytest.mark.timeout(600 if IS_THOROUGH else 60)
def test_killed_in_any_call_nothing_is_lost_and_nothing_happens_twice(
    theatre: Theatre, scenario: Scenario
) -> None:
    assert _swept(theatre, scenario, CALLING, 1 if IS_THOROUGH else 2) >= 2


@pytest.mark.timeout(600 if IS_THOROUGH else 60)
def test_killed_while_its_journal_is_made_a_run_is_begun_or_gone_on_with(theatre: Theatre) -> None:
    step = 1 if IS_THOROUGH else 6

    def act(stage: int) -> int:
        numbers = range(1 + stage * step, STATEMENTS, AT_ONCE * step)
        return sum(
            theatre.judged(stage, f"made-{number}", CHAIN, [Trap("statement", number)]).kills
            for number in numbers
        )

    assert theatre.at_once(act) >= 8


@pytest.mark.timeout(3600 if IS_THOROUGH else 60)
def test_killed_again_and_again_at_random_a_run_comes_to_its_end(theatre: Theatre) -> None:
    def act(stage: int) -> int:
        kills = 0
        for number in range(stage, PLAYS, AT_ONCE):
            chance = random.Random(f"{SEED}/{number}")
            traps = [_trap(chance) for _ in range(chance.randrange(2, 6))]
            scenario = chance.choice(SCENARIOS)
            kills += theatre.judged(stage, f"random-{number}", scenario, traps).kills
        return kills

    assert theatre.at_once(act) >= 1.5 * PLAYS


def _trap(chance: random.Random) -> Trap:
    """Anywhere; half of them at a time that nothing but chance decides."""
    if chance.random() < 0.5:
        return Trap("late", chance.randrange(LATEST_MS))
    moment = chance.choice([*WRITING, *CALLING, "statement"])
    return Trap(moment, chance.randrange(1, 100 if moment == "statement" else 12))


def test_an_answer_that_came_while_nobody_owned_the_run_counts(theatre: Theatre) -> None:
    story = theatre.judged(0, "answered", ASKED, [])
    assert story.ends == (-9, -9, 0)
