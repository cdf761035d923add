"""Facts of a run, append only.

In: recorded by the runner. Out: frozen structs, one class a fact. `step` is the path of a step's name
(`per-topic/draft`), `item` the keys of the fan-outs around it (`3`, `3/0`; empty outside of one),
`round` counts a `repeat` from 1 (0 outside). Times are Unix seconds UTC, durations seconds. Values are
`Raw` JSON, so a reply is kept byte for byte and never encoded twice.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from misydsl.failures import Failure

NULL_RAW = Raw(b"null")


class Fact(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, tag_field="kind"):
    """What every fact has: when it was recorded."""

    at: float


class ModuleText(msgspec.Struct, frozen=True):
    """One file of the program as it was when the run was accepted."""

    key: str
    name: str
    text: str


class RunAccepted(Fact, frozen=True, gc=False, tag="run-accepted"):
    """The run exists from here on. `inputs` is a JSON object; `steps` counts the pipeline's steps."""

    pipeline: str
    title: str | None
    inputs: Raw
    session: str
    modules: tuple[ModuleText, ...]
    entry: str
    steps: int
    fingerprint: str
    shared: Raw = Raw(b"{}")
    agent_files: tuple[str, ...] = ()
    """Python files whose agents were bound, so that a resume can bind them again."""
    inputs_blob: str | None = None
    """Names stored inputs that were too large to stand here."""


class RunOwned(Fact, frozen=True, gc=False, tag="run-owned"):
    """A process works on the run; the second and later ones are resumes."""

    owner: str
    is_resume: bool = False


class FanOut(Fact, frozen=True, gc=False, tag="fan-out"):
    """A `for` step knows its items; `keys` only when they are not just indexes."""

    step: str
    item: str
    count: int
    keys: tuple[str, ...] | None = None


class GroupStarted(Fact, frozen=True, gc=False, tag="group-started"):
    """A step made of steps began."""

    step: str
    item: str = ""
    round: int = 0


class AttemptStarted(Fact, frozen=True, gc=False, tag="attempt-started"):
    """Intent: recorded before the agent is called. `inputs` on the first attempt, else null."""

    step: str
    agent: str
    key: str
    timeout_s: float
    item: str = ""
    round: int = 0
    attempt: int = 1
    waited_s: float = 0.0
    """How long the call queued behind limits."""
    inputs: Raw = NULL_RAW
    inputs_blob: str | None = None
    """Names stored inputs that were too large to stand here."""


class AttemptFailed(Fact, frozen=True, gc=False, tag="attempt-failed"):
    """An attempt ended without a usable reply; `retry_at` when another one follows."""

    step: str
    failure: Failure
    duration_s: float
    item: str = ""
    round: int = 0
    attempt: int = 1
    retry_at: float | None = None


class StepFinished(Fact, frozen=True, gc=False, tag="step-finished"):
    """The step (or one item of it) has its value, for good.

    `attempts` is 0 for a step that called nothing; `duration_s` is the last attempt's.
    `blob` names a stored value that was too large to stand here.
    """

    step: str
    value: Raw = NULL_RAW
    item: str = ""
    round: int = 0
    attempts: int = 0
    duration_s: float = 0.0
    agent: str | None = None
    blob: str | None = None


class StepFailed(Fact, frozen=True, gc=False, tag="step-failed"):
    """The step (or one item of it) has no value, for good."""

    step: str
    failure: Failure
    item: str = ""
    round: int = 0
    attempts: int = 0


class StepSkipped(Fact, frozen=True, gc=False, tag="step-skipped"):
    """`when` was false and no `else` applied: the value is null."""

    step: str
    item: str = ""


class StepBlocked(Fact, frozen=True, gc=False, tag="step-blocked"):
    """Never run, because `by` failed."""

    step: str
    by: str
    item: str = ""


class CancelRequested(Fact, frozen=True, gc=False, tag="cancel-requested"):
    """Recorded before anything is aborted."""

    by: str


class RunPaused(Fact, frozen=True, gc=False, tag="run-paused"):
    """The owner stopped in order (Ctrl-C, shutdown); the run is not finished and can be resumed."""

    reason: str


class RunFinished(Fact, frozen=True, gc=False, tag="run-finished"):
    """Terminal: `status` is one of `status.RUN_FINAL`."""

    status: str
    result: Raw = NULL_RAW
    failure: Failure | None = None
    blob: str | None = None


Event = (
    RunAccepted
    | RunOwned
    | FanOut
    | GroupStarted
    | AttemptStarted
    | AttemptFailed
    | StepFinished
    | StepFailed
    | StepSkipped
    | StepBlocked
    | CancelRequested
    | RunPaused
    | RunFinished
)


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """An event with its place in the journal: `seq` grows over all runs, so it is a cursor."""

    seq: int
    run: str
    event: Event
