"""What a history says: of the run, of each step and item, of each attempt.

In: made by `fold`. Out: frozen nouns that boards, tables and pictures read. Times are Unix seconds
UTC, durations seconds; `value` and `result` are JSON bytes as they came. A run of 100,000 items has
100,000 states, so they are slotted structs without a dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from msgspec import Raw

from misydsl.failures import Failure
from misydsl.history.events import BoundAgent, RunAccepted
from misydsl.history.status import AttemptStatus, RunStatus, StepStatus

StepKey = tuple[str, str]
"""`(step, item)`: the path of the step's name, and the keys of the fan-outs around it."""


class StepState(msgspec.Struct, frozen=True, gc=False):
    """Where a step, or one item of it, stands."""

    step: str
    item: str = ""
    status: StepStatus = "waiting"
    round: int = 0
    rounds: int = 0
    """Of a `repeat`: how many are over."""
    attempts: int = 0
    """Calls made, over all rounds; 0 for a step that called nothing."""
    retries: int = 0
    """Those of them that repeated a failed call."""
    agent: str | None = None
    started_at: float | None = None
    finished_at: float | None = None
    duration_s: float | None = None
    """From the first attempt's start to the end, retries and the waits between them included."""
    waited_s: float = 0.0
    """How long its calls queued behind limits, all attempts together."""
    next_attempt_at: float | None = None
    """When the next attempt is due, while `retrying`."""
    failure: Failure | None = None
    """Why it failed or, while `retrying`, why the last attempt did."""
    value: Raw | None = None
    blob: str | None = None
    """Names the stored value when it was not brought along."""
    blocked_by: str | None = None
    count: int | None = None
    """Of a `for`: how many items; None for any other step."""
    done: int = 0
    """Of a `for`: items that succeeded or were skipped."""
    failed: int = 0
    """Of a `for`: items that failed or were blocked."""
    fallback: int = 0
    """Which `fallback` the step turned to, from 1; 0 while it needed none."""
    turned_by: tuple[Failure, ...] = ()
    """Why it turned to each of them, the first one first."""
    reused: str | None = None
    """Where the value was taken from instead of a call: `cache RUN`, or the id of another run."""
    inputs: Raw | None = None
    """What a reused call would have sent."""
    question: Raw | None = None
    """What a person is asked: a JSON object of message, to, show and options."""
    ended: int = 0
    """The how-many-th end of the run this was, from 1; 0 before it."""
    cost: float = 0.0
    tokens: int = 0


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """One call of an agent."""

    step: str
    item: str
    round: int
    attempt: int
    agent: str
    key: str
    started_at: float
    ended_at: float | None = None
    duration_s: float | None = None
    waited_s: float = 0.0
    status: AttemptStatus = "running"
    failure: Failure | None = None
    retry_at: float | None = None
    """When the attempt after a failed one was due."""
    cost: float = 0.0
    tokens: int = 0
    is_hedged: bool = False
    """Whether the same call was sent a second time because it took long."""


@dataclass(frozen=True, slots=True)
class History:
    """What happened in a run, as far as the facts go."""

    id: str = ""
    accepted: RunAccepted | None = None
    """The first fact, with the program's text; None when reading began after it."""
    status: RunStatus = "accepted"
    started_at: float | None = None
    finished_at: float | None = None
    result: Raw | None = None
    failure: Failure | None = None
    cancelled_by: str | None = None
    owners: int = 0
    """How many processes have worked on it; each after the first was a resume."""
    steps: Mapping[StepKey, StepState] = field(default_factory=dict)
    """In first-seen order."""
    attempts: tuple[Attempt, ...] = ()
    """In the order they began."""
    fan_outs: Mapping[StepKey, tuple[str, ...] | int] = field(default_factory=dict)
    """Of each `for`: its items' keys, or how many when they are just indexes."""
    earlier: Mapping[tuple[str, str, int], StepState] = field(default_factory=dict)
    """How `(step, item)` ended in a round of a `repeat` that is not the last one known."""
    failing: Mapping[tuple[str, str, int], Failure] = field(default_factory=dict)
    """Pipelines, by the step that called them (`""` for the run's own), that were stopped by a failure."""
    agents: tuple[BoundAgent, ...] = ()
    """What the names in the text stand for, by the newest owner."""
    budget: Raw | None = None
    """The parts of the pipeline's `budget` that somebody changed for the run."""
    pause_reason: str | None = None
    """Why its last owner stopped in order; None while somebody works on it."""
    troubles: tuple[str, ...] = ()
    """Paths of `undo`, `on failure` and `on finish` blocks that failed themselves."""
    last_seq: int = 0

    @property
    def base(self) -> str | None:
        """The run whose results this one took over where nothing changed."""
        return self.accepted.base if self.accepted else None

    @property
    def pipeline(self) -> str:
        """The pipeline's name."""
        return self.accepted.pipeline if self.accepted else ""

    @property
    def title(self) -> str | None:
        """The pipeline's title for people."""
        return self.accepted.title if self.accepted else None

    @property
    def session(self) -> str:
        """The session the run belongs to."""
        return self.accepted.session if self.accepted else ""

    @property
    def inputs(self) -> Raw:
        """The run's inputs, a JSON object."""
        return self.accepted.inputs if self.accepted else Raw(b"{}")

    @property
    def accepted_at(self) -> float | None:
        """When the run began to exist."""
        return self.accepted.at if self.accepted else None

    @property
    def duration_s(self) -> float | None:
        """Seconds from acceptance to the end; None before the end."""
        if self.finished_at is None or self.accepted is None:
            return None
        return max(0.0, self.finished_at - self.accepted.at)
