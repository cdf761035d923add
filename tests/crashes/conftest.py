"""What plays need: the agents, two nurseries, and how each scenario goes when nobody is killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from tests.crashes.laws import check
from tests.crashes.life import Trap
from tests.crashes.plays import Nursery, Stage, Story, agents, shown
from tests.crashes.scenarios import SCENARIOS, Scenario

AT_ONCE: Final = 2


@dataclass(frozen=True)
class Theatre:
    """Stages for plays, as many as go on at once."""

    stages: Sequence[Stage]
    expected: dict[str, Story] = field(default_factory=dict)

    def rehearse(self) -> None:
        """See how each scenario goes when nobody is killed."""
        for scenario in SCENARIOS:
            story = self.stages[0].play(f"{scenario.name}-unharmed", scenario)
            check(story, story, scenario)
            self.expected[scenario.name] = story

    def judged(self, number: int, name: str, scenario: Scenario, traps: Sequence[Trap]) -> Story:
        """A play on a stage; raises AssertionError with the whole story when a law does not hold."""
        story = self.stages[number].play(name, scenario, traps)
        try:
            check(story, self.expected[scenario.name], scenario)
        except AssertionError as broken:
            raise AssertionError(f"{scenario.name} {traps}: {broken}\n{shown(story)}") from broken
        return story

    def at_once(self, act: Callable[[int], int]) -> int:
        """Do something on every stage, at once; the sum of what came of it."""
        with ThreadPoolExecutor(len(self.stages)) as pool:
            return sum(pool.map(act, range(len(self.stages))))


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with ExitStack() as ends:
        url = ends.enter_context(agents())
        folder = Path(tmp_path_factory.mktemp("plays"))
        nurseries = [ends.enter_context(closing(Nursery())) for _ in range(AT_ONCE)]
        found = Theatre([Stage(one, url, folder) for one in nurseries])
        found.rehearse()
        yield found
