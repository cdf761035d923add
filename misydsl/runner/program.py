"""A program: a pipeline compiled for running, all names turned into slots and all steps into integers.

In: made by `compile`. Out: flat code objects that the state machine walks. Nothing here is executed while
compiling, and nothing changes while running: what changes lives in `state`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from misydsl.agents.contract import AgentSpec, Connection
from misydsl.expressions.frames import Frame, Names
from misydsl.expressions.nodes import Expression
from misydsl.history.events import BoundAgent
from misydsl.pipeline.model import Agent, Pipeline, Step
from misydsl.pipeline.policies import DEFAULT_CONCURRENCY, Breaker
from misydsl.source import Source
from misydsl.values import Value

Code = Callable[[Frame], Value]
Accept = Callable[[Value], Value]


@dataclass(slots=True, eq=False)
class AgentCode:
    """An agent of the program with its settings evaluated, bound to a connection before the start."""

    declaration: Agent
    settings: tuple[tuple[str, Code], ...]
    home: Frame
    """The frame of its module, in which its settings are evaluated."""
    accept: Accept
    spec: AgentSpec
    layer: Mapping[str, Value] = field(default_factory=dict)
    """Its settings in this run, one layer of the policy of each call."""
    is_pure: bool = False
    concurrency: int = DEFAULT_CONCURRENCY
    rate_per_s: float | None = None
    breaker: Breaker | None = None
    bound: BoundAgent | None = None
    """What its name stands for in this run."""
    connection: Connection | None = None

    @property
    def name(self) -> str:
        """The declared name."""
        return self.declaration.name

    @property
    def sends_ancestors(self) -> bool:
        """Whether calls carry the results of earlier steps (the orchestrator's wire)."""
        return self.spec.wire == "misybot"

    @property
    def may_send_ancestors(self) -> bool:
        """Whether they ever do, which the text tells before the settings have values."""
        return any(one.name == "wire" for one in self.declaration.settings)


@dataclass(frozen=True, slots=True)
class ArgumentCode:
    """One input: its name (None for a spread), its value, its check and what to blame for a mismatch."""

    name: str | None
    code: Code
    accept: Accept | None
    taken_from: Expression | None


@dataclass(frozen=True, slots=True)
class ValueCode:
    """A body that only computes, and what it computes from."""

    code: Code
    taken_from: Expression | None = None


@dataclass(frozen=True, slots=True)
class CallCode:
    """A body that calls an agent."""

    agent: AgentCode
    arguments: tuple[ArgumentCode, ...]
    required: tuple[str, ...] = ()
    """The inputs that only a spread record may bring, so that nobody has checked that it does."""


@dataclass(frozen=True, slots=True)
class GroupCode:
    """A body made of steps."""

    block: BlockCode


@dataclass(frozen=True, slots=True)
class ParameterCode:
    """One parameter of a pipeline: where it goes, how it is checked and what it is by default."""

    name: str
    slot: int
    accept: Accept
    default: Code | None


@dataclass(frozen=True, slots=True)
class ApprovalCode:
    """A body that asks a person."""

    arguments: tuple[ArgumentCode, ...]


@dataclass(frozen=True, slots=True)
class PartCode:
    """A block that runs besides a step's own: its `fallback` or `undo`, or a handler of a pipeline.

    It is a step with a path of its own. `slot` takes what the block is told: the error, or the step's value.
    """

    step: StepCode
    slot: int | None = None


@dataclass(frozen=True, slots=True)
class CourseCode:
    """A pipeline: how it begins, its steps, and what follows when they end."""

    name: str
    parameters: tuple[ParameterCode, ...]
    block: BlockCode
    home: Frame
    accept: Accept
    settings: tuple[tuple[str, Code], ...] = ()
    on_failure: tuple[PartCode, ...] = ()
    on_finish: tuple[PartCode, ...] = ()


@dataclass(frozen=True, slots=True)
class PipelineCode:
    """A body that runs another pipeline as a group of steps."""

    arguments: tuple[ArgumentCode, ...]
    course: CourseCode


BodyCode = ValueCode | CallCode | GroupCode | PipelineCode | ApprovalCode


@dataclass(frozen=True, slots=True)
class RepeatCode:
    """`repeat up to limit { … until … }`; `until` is read where the steps of the round are."""

    limit: Code
    until: Code
    previous_slot: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One way a step (or one item of its `for`) may go: a condition, names, and what it does.

    Without a condition it is always taken. `names` is None when the body needs no scope of its own and
    runs in the frame around it: the item's, for a `for`.
    """

    condition: Code | None
    body: BodyCode
    names: Names | None
    repeat: RepeatCode | None = None


@dataclass(frozen=True, slots=True)
class LoopCode:
    """`for name, index in iterable` and its settings; slots are in the names of the item's scope."""

    iterable: Code
    item_slot: int
    index_slot: int | None
    key: Code | None
    names: Names


@dataclass(frozen=True, slots=True)
class StepCode:
    """One step, ready to run."""

    step: Step
    path: str
    slot: int
    choices: tuple[Choice, ...]
    """In order; the first whose condition holds is taken, none means skipped."""
    loop: LoopCode | None
    settings: tuple[tuple[str, Code], ...]
    accept: Accept
    """Turns one recorded result (an item of a `for`) back into a value of the step's type."""
    check_value: Accept
    """Checks one result against the step's annotation; the identity where there is none."""
    source: Source
    is_kept: bool = True
    """Whether what is recorded of it is read back as the very same value."""
    fallbacks: tuple[PartCode, ...] = ()
    """What its first choice does instead when it failed, in order."""
    undo: PartCode | None = None
    """What takes back the effect of its first choice."""
    has_inner_undo: bool = False
    """Whether a step inside of it has an `undo`, so that a resume has to look inside again."""
    ancestors: tuple[int, ...] = ()
    """Indexes of all steps before it in its block, only for agents that want their results."""

    @property
    def may_hold_undo(self) -> bool:
        """Whether there is an `undo` inside of it or of its fallbacks."""
        return self.has_inner_undo or any(one.step.has_inner_undo for one in self.fallbacks)


@dataclass(slots=True)
class BlockCode:
    """A block: its steps and who waits for whom, as integers."""

    names: Names
    steps: tuple[StepCode, ...] = ()
    needs: tuple[int, ...] = ()
    """How many steps each one waits for."""
    dependents: tuple[tuple[int, ...], ...] = ()
    result: Code | None = None
    exclusive: tuple[bool, ...] = ()
    """Whether each is to be alone while it is open; empty where none is."""


@dataclass(slots=True)
class Program:
    """A whole pipeline, compiled; it serves one run at a time, whose values its frames hold."""

    pipeline: Pipeline
    course: CourseCode
    fill: Callable[[Mapping[str, Value]], None]
    """Gives the frames of its modules the values of a run."""
    agents: list[AgentCode] = field(default_factory=list)
    step_count: int = 0
