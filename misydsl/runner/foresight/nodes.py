"""The tree that foresight stands on: the steps of a program with what is known of them before a run.

In: made by `walk`. Out: frozen nodes. *Times* count over the whole run and at most: every condition that
only the run knows holds, every `repeat` goes all its rounds. *Sure* counts what happens in any run that
succeeds. *Width* is how many may be at work at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from misydsl.pipeline.policies import Budget
from misydsl.runner.foresight.amounts import Amount
from misydsl.runner.foresight.caching import CacheForecast
from misydsl.runner.foresight.patience import CallBounds
from misydsl.runner.program import AgentCode, StepCode

Kind = Literal["call", "pipeline", "steps", "value", "approval"]
Role = Literal["step", "else", "fallback", "undo", "on failure", "on finish"]
"""When a step runs: as itself, in an `else` branch, or as one of the parts that run besides."""


@dataclass(frozen=True, slots=True)
class BlockNode:
    """A block of steps; `needs` are indexes into `steps`, `order` respects them."""

    steps: tuple[StepNode, ...]
    needs: tuple[tuple[int, ...], ...]
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CourseNode:
    """A pipeline at work: its steps, its limits and what follows its steps."""

    name: str
    path: str
    times: Amount
    block: BlockNode
    deadline_s: float | None
    budget: Budget | None
    on_failure: tuple[StepNode, ...]
    on_finish: tuple[StepNode, ...]

    @property
    def handlers(self) -> tuple[StepNode, ...]:
        """What runs when its steps have ended."""
        return (*self.on_failure, *self.on_finish)


@dataclass(frozen=True, slots=True)
class WayNode:
    """One way a step may go: its body, or that of an `else`."""

    kind: Kind
    units: Amount
    """How often it is taken; with `repeat`, each time for up to `rounds` rounds."""
    sure: int
    width: int
    is_certain: bool
    """Whether it is known which items go this way; those that are not known go one of several."""
    target: str = ""
    rounds: int = 1
    every_s: float = 0.0
    agent: AgentCode | None = None
    call: CallBounds | None = None
    block: BlockNode | None = None
    course: CourseNode | None = None
    answer_s: float | None = None
    """How long a person has to answer; None for as long as it takes."""
    cache: CacheForecast | None = None


@dataclass(frozen=True, slots=True)
class LoopNode:
    """The items of a `for`."""

    items: Amount
    """Of all times the step is begun."""
    most: int | None
    """When it is begun once; None when only the run can count them."""
    limit: int
    """How many are worked on at once."""


@dataclass(frozen=True, slots=True)
class StepNode:
    """A step, or a block that runs besides one."""

    code: StepCode
    role: Role
    times: Amount
    sure: int
    width: int
    loop: LoopNode | None
    ways: tuple[WayNode, ...]
    """Those that may be taken."""
    fallbacks: tuple[StepNode, ...] = ()
    undo: StepNode | None = None

    @property
    def path(self) -> str:
        """The path of its name, as a run records it."""
        return self.code.path


@dataclass(frozen=True, slots=True)
class PastStep:
    """What a step came to in past runs; the items of a `for` count one by one."""

    items: int
    median_s: float | None
    """Of an item, retries and waits included."""
    last_count: int | None = None
    """Items of the `for` when it was last begun; None for any other step."""
    median_count: float | None = None


@dataclass(frozen=True, slots=True)
class PastAgent:
    """What calls of an agent came to in past runs."""

    calls: int
    attempts: int
    median_s: float | None
    """Of an attempt."""
    cost: float
    tokens: int


@dataclass(frozen=True, slots=True)
class Past:
    """Figures of past runs of the same pipeline."""

    runs: int
    steps: Mapping[str, PastStep]
    agents: Mapping[str, PastAgent]

    @property
    def counts(self) -> dict[str, int]:
        """How many items each `for` had when it was last begun."""
        return {
            path: one.last_count for path, one in self.steps.items() if one.last_count is not None
        }


NO_PAST = Past(0, {}, {})


def nodes_of(root: CourseNode) -> Iterator[StepNode]:
    """All steps of a tree and all blocks that run besides them, in the order of the text."""
    waiting = [*reversed(root.handlers), *reversed(root.block.steps)]
    while waiting:
        node = waiting.pop()
        yield node
        inner = [*node.fallbacks, *([node.undo] if node.undo is not None else [])]
        for way in node.ways:
            course, block = way.course, way.block
            if course is not None:
                inner += course.handlers
                block = course.block
            inner += block.steps if block is not None else ()
        waiting += reversed(inner)
