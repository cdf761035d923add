"""What changes while a run goes on, and what the state machine may ask for.

In: made by `decide`. Out: plain slotted objects: a `Group` is one instance of a block, a `Unit` one
execution of a step's body (the whole step, or one item of its `for`), a `Fan` a `for` with its items, a
`Job` a call with its attempts. Items waiting for their turn are only a counter in their `Fan`.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from msgspec import Raw

from misydsl.expressions.frames import Frame
from misydsl.failures import Failure
from misydsl.history.events import Event
from misydsl.pipeline.policies import CallPolicy
from misydsl.runner.program import AgentCode, BlockCode, Choice, Program, StepCode
from misydsl.values import Value

WAITING: Final = 0
OPEN: Final = 1
SETTLED: Final = 2

FAN_WINDOW: Final = 256  # items of one `for` begun at once when it sets no `concurrency`


class Missing:
    """The value of an item that failed and was allowed to."""

    __slots__ = ()


MISSING: Final = Missing()


@dataclass(frozen=True, slots=True)
class Finished:
    """A step, item or group came to a value; `raw` is its JSON where bytes came from an agent."""

    value: Value
    raw: Raw | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """`when` was false: the value is null."""


Outcome = Finished | Skipped | Failure


@dataclass(slots=True, eq=False)
class Group:
    """One instance of a block: how many needs each step still has, and which are settled."""

    code: BlockCode
    frame: Frame
    owner: Unit | None
    item: str
    waiting: list[int]
    status: bytearray
    left: int
    failed_step: str | None = None
    failure: Failure | None = None
    failed: set[int] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Fan:
    """A `for` at work: items in order, results by index, the next one to begin."""

    group: Group
    index: int
    step: StepCode
    items: list[Value]
    keys: tuple[str, ...] | None
    results: list[Value | Missing]
    limit: int
    allowed: int
    policy: CallPolicy | None
    next: int = 0
    open: int = 0
    failures: list[tuple[int, Failure]] = field(default_factory=list)

    def item_of(self, number: int) -> str:
        """The address of an item: the keys of the fan-outs around it, then its own."""
        key = self.keys[number] if self.keys is not None else str(number)
        return f"{self.group.item}/{key}" if self.group.item else key

    @property
    def is_over(self) -> bool:
        """Whether no item may be begun any more: all are, or too many failed."""
        return self.next >= len(self.items) or len(self.failures) > self.allowed


@dataclass(slots=True, eq=False)
class Unit:
    """One execution of a step's body; `number` is the item's index, -1 for the whole step."""

    group: Group
    index: int
    step: StepCode
    choice: Choice
    frame: Frame
    item: str
    fan: Fan | None = None
    number: int = -1


@dataclass(slots=True, eq=False)
class Job:
    """A call: its inputs, encoded once, and how often it was tried."""

    unit: Unit
    agent: AgentCode
    inputs: Mapping[str, Value]
    body: bytes
    key: str
    policy: CallPolicy
    attempt: int
    last_attempt: int
    queued_at: float = 0.0
    started_at: float = 0.0
    is_dropped: bool = False

    @property
    def step(self) -> str:
        """The path of its step."""
        return self.unit.step.path

    @property
    def item(self) -> str:
        """The address of its item, empty outside of fan-outs."""
        return self.unit.item


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier owner of the run recorded for one step or item."""

    outcome: Outcome | None
    attempts: int
    value: Raw | None = None
    blocked_by: str | None = None


@dataclass(slots=True, eq=False)
class State:
    """A run between two decisions."""

    program: Program
    run: str
    session: str
    shared: Mapping[str, Value]
    chance: random.Random
    past: Mapping[tuple[str, str], Past]
    fan_outs: Mapping[tuple[str, str], object] = field(default_factory=dict)
    now: float = 0.0
    root: Group | None = None
    ready: deque[tuple[Group, int]] = field(default_factory=deque)
    fans: deque[Fan] = field(default_factory=deque)
    settled: deque[tuple[Unit, Outcome]] = field(default_factory=deque)
    facts: list[Event] = field(default_factory=list)
    calls: list[Job] = field(default_factory=list)
    waits: list[tuple[Job, float]] = field(default_factory=list)
    open_jobs: int = 0
    is_fail_fast: bool = False
    deadline_s: float | None = None
    outcome: Outcome | None = None

    @property
    def has_work(self) -> bool:
        """Whether something can be done without waiting for anybody."""
        return bool(self.ready or self.settled or self.fans) and self.outcome is None
