"""What changes while a run goes on, and what the state machine may ask for.

In: made by `decide`. Out: plain slotted objects: a `Course` is one instance of a pipeline, a `Group` one
of a block, a `Unit` one execution of a step's body (the whole step, or one item of its `for`), a `Fan` a
`for` with its items, a `Job` a call with its attempts. Items waiting for their turn are only a counter in
their `Fan`.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

import msgspec
from msgspec import Raw

from misydsl.expressions.frames import Frame
from misydsl.failures import Failure
from misydsl.history.events import Event
from misydsl.pipeline.policies import Budget, CallPolicy
from misydsl.runner.alone import Turns
from misydsl.runner.past import NO_PAST, Past
from misydsl.runner.program import (
    AgentCode,
    BlockCode,
    Choice,
    CourseCode,
    PartCode,
    Program,
    StepCode,
)
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
    is_reused: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """`when` was false: the value is null."""


Outcome = Finished | Skipped | Failure


@dataclass(slots=True)
class Spent:
    """What the calls of a pipeline came to so far."""

    calls: int = 0
    cost: float = 0.0
    tokens: int = 0


@dataclass(slots=True, eq=False)
class Course:
    """One instance of a pipeline: its steps, then, when they have ended, its undo and its handlers.

    Those run in an aftermath, a course of their own without a root, which nobody stops.
    """

    code: CourseCode
    owner: Unit | None
    parent: Course | None
    defaults: Mapping[str, Value]
    is_fail_fast: bool = False
    budget: Budget | None = None
    spent: Spent = field(default_factory=Spent)
    root: Group | None = None
    frame: Frame | None = None
    address: tuple[str, str, int] = ("", "", 0)
    """Step, item and round of its owner."""
    is_over: bool = False
    """Its steps have ended, or were stopped; nothing of it begins any more."""
    is_failing: Failure | None = None
    """An earlier owner recorded that it was stopped: only what is settled is looked at again."""
    outcome: Finished | Failure | None = None
    undoable: list[Undoable] = field(default_factory=list)
    handlers: deque[PartCode] = field(default_factory=deque)
    aftermath: Course | None = None
    is_at_work: bool = False
    """One of its undos or handlers is under way; they come one at a time."""
    is_aftermath: bool = False
    alarm: Alarm | None = None
    busy: int = 0
    """How many pipelines inside of it are over and not closed yet: it waits for them."""
    children: dict[Course, None] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Group:
    """One instance of a block: how many needs each step still has, and which are settled."""

    code: BlockCode
    frame: Frame
    owner: Unit | None
    item: str
    course: Course
    round: int
    waiting: list[int]
    status: bytearray
    left: int
    failure: Failure | None = None
    failed: set[int] = field(default_factory=set)
    turns: Turns | None = None
    """Who may begin, where one of the steps is to be alone."""


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
    is_closed: bool = False
    is_replay: bool = False
    """It is only looked at again: what is not settled is not begun."""

    def item_of(self, number: int) -> str:
        """The address of an item: the keys of the fan-outs around it, then its own."""
        key = self.keys[number] if self.keys is not None else str(number)
        return f"{self.group.item}/{key}" if self.group.item else key

    @property
    def is_over(self) -> bool:
        """Whether no item may be begun any more: all are, or too many failed.

        One that is looked at again goes through them all, in whatever order they once ended.
        """
        has_failed = len(self.failures) > self.allowed and not self.is_only_replayed
        return has_failed or self.next >= len(self.items)

    @property
    def is_only_replayed(self) -> bool:
        """Whether no item is begun that no earlier owner had begun."""
        return self.is_replay or self.group.course.is_failing is not None


@dataclass(frozen=True, slots=True)
class Part:
    """What a unit is there for, when it is no step of its own."""

    kind: Literal["fallback", "undo", "handler"]
    of: Unit | None
    course: Course


@dataclass(slots=True, eq=False)
class Unit:
    """One execution of a step's body; `number` is the item's index, -1 for the whole step."""

    group: Group
    index: int
    step: StepCode
    choice: Choice
    around: Frame
    """The frame its body stands in: the item's, or that of the block."""
    item: str
    course: Course
    fan: Fan | None = None
    number: int = -1
    frame: Frame | None = None
    """The frame of its body, once it has begun."""
    turn: int = 0
    """The round of its own `repeat`; 0 before the first, and where there is none."""
    fallback: int = 0
    part: Part | None = None
    error: Failure | None = None
    """Why it turned to its fallback."""
    attempts: int = 0
    previous: Value = None
    """What the last round of its own `repeat` came to."""

    @property
    def round(self) -> int:
        """The round of the `repeat` it stands in; 0 outside of one."""
        return self.group.round


@dataclass(frozen=True, slots=True)
class Undoable:
    """A finished unit that can be undone, and the how-many-th end of the run it was."""

    number: int
    unit: Unit
    value: Value


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
    content: bytes | None = None
    """What makes it equal to another call, where that is not its whole body."""
    memo: str | None = None
    """The key under which its reply will be found by equal calls."""
    is_dropped: bool = False

    @property
    def step(self) -> str:
        """The path of its step."""
        return self.unit.step.path

    @property
    def item(self) -> str:
        """The address of its item, empty outside of fan-outs."""
        return self.unit.item

    @property
    def round(self) -> int:
        """The round of the innermost `repeat` around the call."""
        return self.unit.turn or self.unit.group.round


@dataclass(slots=True, eq=False)
class Interval:
    """The wait of a `repeat` between two rounds."""

    unit: Unit


@dataclass(slots=True, eq=False)
class Asked:
    """A person was asked."""

    unit: Unit


class Answered(msgspec.Struct, frozen=True):
    """Somebody answered the question of a step."""

    step: str
    item: str
    round: int
    is_approved: bool
    by: str | None = None
    comment: str | None = None


@dataclass(slots=True, eq=False)
class Alarm:
    """The deadline of a pipeline."""

    course: Course
    limit_s: float


Wait = Job | Interval | Asked | Alarm
"""What is woken after some seconds."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """The result of an equal call: its JSON, and where it was found."""

    raw: Raw
    source: str


class Recall(Protocol):
    """Looks for an equal call or question before one is made; a `Failure` ends it like one of its own."""

    def call(self, job: Job) -> Recalled | Failure | None:
        """What an equal call came to."""
        ...

    def answer(self, address: tuple[str, str, int], question: bytes) -> Recalled | Failure | None:
        """What a person said to the same question."""
        ...


@dataclass(slots=True, eq=False)
class State:
    """A run between two decisions."""

    program: Program
    run: str
    session: str
    shared: Mapping[str, Value]
    chance: random.Random
    past: Past = NO_PAST
    recall: Recall | None = None
    accepted_at: float = 0.0
    budget: Mapping[str, Value] = field(default_factory=dict)
    """What is changed of the pipeline's own budget for this run."""
    is_patient: bool = True
    """Whether the waits between rounds are waited for."""
    now: float = 0.0
    ends: int = 0
    """How many ends there were, in this and earlier owners' hands."""
    course: Course | None = None
    ready: deque[tuple[Group, int]] = field(default_factory=deque)
    again: deque[Unit] = field(default_factory=deque)
    """Units whose body is to be begun: the next round, or a fallback."""
    fans: deque[Fan] = field(default_factory=deque)
    settled: deque[tuple[Unit, Outcome]] = field(default_factory=deque)
    ending: deque[Course] = field(default_factory=deque)
    """Pipelines whose steps are over, ready for their next undo, handler or their end."""
    failing: list[tuple[Course, Failure]] = field(default_factory=list)
    """Pipelines that are stopped, and why, once nothing is left to restore."""
    facts: list[Event] = field(default_factory=list)
    calls: list[Job] = field(default_factory=list)
    waits: list[tuple[Wait, float]] = field(default_factory=list)
    aborts: list[Wait] = field(default_factory=list)
    open: dict[Wait, None] = field(default_factory=dict)
    """Calls and waits that the driver knows of."""
    asked: dict[tuple[str, str, int], Asked] = field(default_factory=dict)
    answers: dict[tuple[str, str, int], Answered] = field(default_factory=dict)
    """What people said before the question was asked again."""
    troubles: list[str] = field(default_factory=list)
    overspent: str | None = None
    """Which budget is spent, in words; the run pauses."""
    outcome: Finished | Failure | None = None

    @property
    def has_work(self) -> bool:
        """Whether something can be done without waiting for anybody."""
        return self.outcome is None and bool(
            self.ready or self.settled or self.fans or self.again or self.ending or self.failing
        )
