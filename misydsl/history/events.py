"""Facts of a run, append only.

In: recorded by the runner. Out: frozen structs, one class a fact. `step` is the path of a step's name
(`per-topic/draft`), `item` the keys of the fan-outs around it (`3`, `3/0`; empty outside of one),
`round` counts a `repeat` from 1 (0 outside;
inside of round n of another one, from n · 1000 + 1, so that each round has a number of its own). Times are Unix seconds UTC, durations seconds. Values are
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
    base: str | None = None
    """The run whose results this one takes over where nothing changed."""
    why: str = ""
    """How it came from that one, in words: `retry --failed`, `rerun --from draft`."""
    inputs_blob: str | None = None
    """Names stored inputs that were too large to stand here."""
    asks_cache: bool = True
    """Whether calls may be taken from the cache; false for a run begun with `--no-cache`."""


class BoundAgent(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one agent of a run is; two calls of agents that differ here are different calls."""

    name: str
    url: str = ""
    """Without credentials; empty for a function bound by name."""
    version: str = ""
    method: str = ""
    wire: str = ""
    result: str = ""
    """The declared type of its replies."""
    code: str = ""
    """A digest of the function, for agents that are one."""
    identity: str = ""
    """A digest of all of this."""


class RunOwned(Fact, frozen=True, gc=False, tag="run-owned"):
    """A process works on the run; the second and later ones are resumes."""

    owner: str
    is_resume: bool = False
    agents: tuple[BoundAgent, ...] = ()
    """What the names in the text stand for from here on."""
    budget: Raw = NULL_RAW
    """A JSON object: the parts of the pipeline's `budget` that somebody changed for the run."""


class FanOut(Fact, frozen=True, gc=False, tag="fan-out"):
    """A `for` step knows its items; `keys` only when they are not just indexes."""

    step: str
    item: str
    count: int
    keys: tuple[str, ...] | None = None
    round: int = 0


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
    cost: float = 0.0
    tokens: int = 0


class AttemptHedged(Fact, frozen=True, gc=False, tag="attempt-hedged"):
    """The attempt took longer than `hedge`, so the same call was sent a second time."""

    step: str
    item: str = ""
    round: int = 0
    attempt: int = 1


class RoundFinished(Fact, frozen=True, gc=False, tag="round-finished"):
    """One round of a `repeat` has its value; another one may follow. Fields as in `StepFinished`."""

    step: str
    round: int
    value: Raw = NULL_RAW
    item: str = ""
    attempts: int = 0
    duration_s: float = 0.0
    agent: str | None = None
    blob: str | None = None
    reused: str | None = None
    inputs: Raw = NULL_RAW
    inputs_blob: str | None = None
    memo: str | None = None
    cost: float = 0.0
    tokens: int = 0


class FallbackBegun(Fact, frozen=True, gc=False, tag="fallback-begun"):
    """The step failed and turns to its fallback `number` (from 1), whose own path is `step/:fallback`."""

    step: str
    failure: Failure
    number: int
    item: str = ""
    round: int = 0
    attempts: int = 0


class ApprovalAsked(Fact, frozen=True, gc=False, tag="approval-asked"):
    """The step waits for a person; `question` is a JSON object of message, to, show and options."""

    step: str
    question: Raw
    item: str = ""
    round: int = 0


class PipelineFailing(Fact, frozen=True, gc=False, tag="pipeline-failing"):
    """What is open was stopped and nothing of it begins any more; undo and handlers follow.

    `step` is empty for the run's own pipeline, else the step that called the one that fails.
    """

    failure: Failure
    step: str = ""
    item: str = ""
    round: int = 0


class StepFinished(Fact, frozen=True, gc=False, tag="step-finished"):
    """The step (or one item of it) has its value, for good.

    `attempts` is 0 for a step that called nothing; `duration_s` is the last attempt's.
    `blob` names a stored value that was too large to stand here. `reused` says where the value was
    taken from instead of a call: `cache`, or the id of another run; then `inputs` are those of the call.
    """

    step: str
    value: Raw = NULL_RAW
    item: str = ""
    round: int = 0
    attempts: int = 0
    duration_s: float = 0.0
    agent: str | None = None
    blob: str | None = None
    rounds: int = 0
    """Of a `repeat`: how many it took."""
    reused: str | None = None
    inputs: Raw = NULL_RAW
    inputs_blob: str | None = None
    memo: str | None = None
    """The key under which equal calls find this value, for as long as their `cache` allows."""
    cost: float = 0.0
    tokens: int = 0


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
    round: int = 0


class StepBlocked(Fact, frozen=True, gc=False, tag="step-blocked"):
    """Never run, because `by` failed."""

    step: str
    by: str
    item: str = ""
    round: int = 0


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
    troubles: tuple[str, ...] = ()
    """Paths of `undo`, `on failure` and `on finish` blocks that failed themselves."""


Event = (
    RunAccepted
    | RunOwned
    | FanOut
    | GroupStarted
    | AttemptStarted
    | AttemptFailed
    | AttemptHedged
    | RoundFinished
    | FallbackBegun
    | ApprovalAsked
    | StepFinished
    | StepFailed
    | StepSkipped
    | StepBlocked
    | PipelineFailing
    | CancelRequested
    | RunPaused
    | RunFinished
)


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """An event with its place in the journal: `seq` grows over all runs, so it is a cursor."""

    seq: int
    run: str
    event: Event
