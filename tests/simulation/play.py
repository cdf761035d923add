"""A play: one program, one seed of faults and crashes, the story and the verdict.

In: numbers. Out: nothing, or a `Broken` that tells what to type to see it again.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Literal

from misydsl.history.fold import History
from misydsl.pipeline.model import Library, Pipeline
from misydsl.runner.compile import compile_program
from misydsl.runner.program import Program
from misydsl.workspace import check_text
from tests.simulation.expected import Expected
from tests.simulation.laws import check_model, check_order, facts_of, stopped
from tests.simulation.model import Model
from tests.simulation.oracle import Oracle
from tests.simulation.programs import Written, write_program
from tests.simulation.reading import Reader
from tests.simulation.world import Interruption, Story, World


class Broken(AssertionError):
    """A law does not hold."""


@dataclass
class Play:
    """One program, ready to be run any number of times."""

    seed: int
    given: Written | None = None
    """A program to be run instead of the one of the seed."""
    written: Written = field(init=False)
    library: Library = field(init=False)
    program: Program = field(init=False)
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        self.written = self.given or write_program(random.Random(self.seed))
        checked = check_text(self.written.text)
        assert not checked.errors, f"seed {self.seed}: {checked.errors[0]}\n{self.written.text}"
        assert checked.library is not None
        self.library = checked.library
        self.reader = Reader(checked.library)
        main = self.library.main.names["main"]
        assert isinstance(main, Pipeline)
        self.program = compile_program(main, self.library)

    def perform(self, number: int) -> Story:
        """One run, judged; raises `Broken`."""
        chance = random.Random(f"{self.seed}/{number}")
        oracle = Oracle(
            f"{self.seed}/{number}",
            bad=chance.choice([0.0, 0.02, 0.05, 0.15]),
            shaky=chance.choice([0.0, 0.2, 0.4]),
        )
        world = World(self.program, oracle, chance, interruptions(chance))
        try:
            story = world.live()
            self._judge(story, oracle, world.disk.history())
        except Exception as problem:
            raise Broken(self._told(world.story, number, problem)) from problem
        return story

    def _judge(self, story: Story, oracle: Oracle, history: History) -> None:
        check_order(story, history)
        if not self.written.is_wild:
            check_model(story, self._expected(story, oracle), history)

    def _expected(self, story: Story, oracle: Oracle) -> Expected:
        return Model(self.reader, oracle, stopped(story)).run("main")

    def _told(self, story: Story, number: int, problem: Exception) -> str:
        facts = "\n".join(facts_of(story))
        return (
            f"{problem!r}\n{self.written.text}\n{facts}\n"
            f"again: MISY_SIMULATION={self.seed}/{number} pytest tests/simulation\n{problem!r}"
        )


def interruptions(chance: random.Random) -> list[Interruption]:
    """None to five times the owner dies or is stopped."""
    found: list[Interruption] = []
    for _ in range(chance.choice([0, 1, 1, 2, 3, 5])):
        if chance.random() < 0.8:
            most = chance.choice([4, 12, 60])
            found.append(Interruption("crash", after_facts=chance.randrange(1, most)))
        else:
            word: Literal["pause", "abort"] = "pause" if chance.random() < 0.5 else "abort"
            found.append(Interruption(word, after_s=chance.choice([0.0, 0.05, 1.0, 10.0])))
    if chance.random() < 0.03:
        found.append(Interruption("cancel", after_s=chance.choice([0.0, 0.01, 0.05, 1.0, 30.0])))
    return found
