"""A stage for the state machine: a text, a stopped clock and agents that are only names."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from misydsl.agents.contract import Reply
from misydsl.failures import Failure
from misydsl.history.events import Event, Recorded, RunOwned
from misydsl.history.fold import fold
from misydsl.runner.compile import compile_program
from misydsl.runner.decide import Circumstances, Replied, Woken, begin_run, decide, take, work
from misydsl.runner.past import NO_PAST, past_of
from misydsl.runner.roots import roots_of
from misydsl.runner.state import Job, State, Wait
from misydsl.values import Value
from misydsl.workspace import check_text

START = 1_000_000.0
Fact = TypeVar("Fact", bound=Event)


@dataclass
class Stage:
    """A run that is told what happens, and remembers what it asked for."""

    state: State
    now: float = START
    facts: list[Event] = field(default_factory=list)
    calls: list[Job] = field(default_factory=list)
    waits: list[tuple[Wait, float]] = field(default_factory=list)
    aborted: list[Wait] = field(default_factory=list)

    def go(self) -> Stage:
        """Do everything that waits for nobody."""
        work(self.state, self.now, 10_000)
        return self._gather()

    def reply(self, step: str, value: Value, item: str = "") -> Stage:
        """The open call of a step is answered."""
        decide(self.state, Replied(self.take_call(step, item), Reply(value), 0.01), self.now)
        return self.go()

    def fail(self, step: str, failure: Failure, item: str = "") -> Stage:
        """The open call of a step fails."""
        decide(self.state, Replied(self.take_call(step, item), failure, 0.01), self.now)
        return self.go()

    def wake(self) -> Stage:
        """The first wait is over."""
        wait, delay = self.waits.pop(0)
        self.now += delay
        decide(self.state, Woken(wait), self.now)
        return self.go()

    def take_call(self, step: str, item: str = "") -> Job:
        """Remove and return the open call of a step."""
        found = next(job for job in self.calls if (job.step, job.item) == (step, item))
        self.calls.remove(found)
        return found

    def open(self) -> list[str]:
        """The steps (with items) that are called now, in order."""
        return [f"{job.step}[{job.item}]" if job.item else job.step for job in self.calls]

    def kinds(self) -> list[str]:
        """What was recorded, one word a fact."""
        return [type(fact).__name__ for fact in self.facts]

    def of(self, kind: type[Fact]) -> list[Fact]:
        """The recorded facts of one kind."""
        return [fact for fact in self.facts if isinstance(fact, kind)]

    def _gather(self) -> Stage:
        instructions = take(self.state)
        self.facts += instructions.facts
        self.calls += instructions.calls
        self.waits += instructions.waits
        self.aborted += instructions.aborts
        return self


def stage(
    text: str,
    *,
    past: Sequence[Event] = (),
    environment: Mapping[str, str] | None = None,
    **inputs: Value,
) -> Stage:
    """A run of the only pipeline of a text, not begun yet."""
    checked = check_text(text)
    assert not checked.errors, "\n".join(map(str, checked.errors))
    assert checked.library is not None
    (pipeline,) = checked.library.main.pipelines()[:1]
    roots = roots_of(environment or {}, run="run-1", session="s-1", shared={}, started_at=START)
    program = compile_program(pipeline, checked.library)
    program.fill(roots)
    owned = [RunOwned(START, owner="before"), *past, RunOwned(START, owner="now", is_resume=True)]
    history = fold(Recorded(seq, "run-1", event) for seq, event in enumerate(owned, 1))
    about = Circumstances(
        run="run-1",
        session="s-1",
        chance=random.Random(7),
        shared={},
        accepted_at=START,
        past=past_of(history) if past else NO_PAST,
    )
    state = begin_run(program, inputs, about, now=START)
    return Stage(state)
