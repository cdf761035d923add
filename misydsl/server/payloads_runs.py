"""The JSON of the project's own resources: runs, pipelines, agents.

In: nothing. Out: structs as in `payloads`, for `/api/v1/runs` and `/api/v1/pipelines`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from misydsl.metrics.orchestration_records import Outcome
from misydsl.server.payloads import (
    DiagnosticText,
    ErrorText,
    Links,
    Milliseconds,
    Payload,
    RunStatusWord,
    Text,
)

MOST_ROWS = 1_000


class RunsQuery(Payload, frozen=True, kw_only=True):
    """`GET /runs`."""

    limit: Annotated[int, Meta(ge=1, le=MOST_ROWS)] = 50
    status: RunStatusWord | UnsetType = UNSET


class AfterQuery(Payload, frozen=True, kw_only=True):
    """From which place of the journal on."""

    after: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0


class GraphQuery(Payload, frozen=True, kw_only=True):
    """In which colours a picture is drawn: those of a light page, or of a dark one."""

    theme: Literal["light", "dark"] = "light"


class RecentQuery(Payload, frozen=True, kw_only=True):
    """How many, newest first."""

    limit: Annotated[int, Meta(ge=1, le=MOST_ROWS)] = 50


class Progress(Payload, frozen=True, kw_only=True):
    """How many steps stand where; of a `for`, the step counts, not its items."""

    total: int
    done: int
    failed: int
    running: int


class RunHead(Payload, frozen=True, kw_only=True):
    """What every view of a run says."""

    id: str
    workflow_id: str
    workflow_name: str
    session_id: str
    status: RunStatusWord
    outcome: Outcome | None
    asking: Annotated[int, Meta(ge=0, description="How many questions wait for a person.")]
    accepted_at: str
    started_at: str | UnsetType = UNSET
    finished_at: str | UnsetType = UNSET
    duration: Milliseconds | UnsetType = UNSET
    links: Links


class RunRow(RunHead, frozen=True, kw_only=True):
    """One run of a list."""

    steps: Progress


class RunList(Payload, frozen=True, kw_only=True):
    """The newest first."""

    runs: list[RunRow]


class StepRow(Payload, frozen=True, kw_only=True):
    """A step, or one item of it; `attempts` counts calls, over all rounds."""

    id: str
    name: str
    status: str
    attempts: int
    agent: str | UnsetType = UNSET
    item: str | UnsetType = UNSET
    started_at: str | UnsetType = UNSET
    finished_at: str | UnsetType = UNSET
    duration: Milliseconds | UnsetType = UNSET
    waited: Milliseconds | UnsetType = UNSET
    error: ErrorText | UnsetType = UNSET
    reused: str | UnsetType = UNSET
    count: int | UnsetType = UNSET
    done: int | UnsetType = UNSET
    failed: int | UnsetType = UNSET


class AttemptRow(Payload, frozen=True, kw_only=True):
    """One call of an agent."""

    step_id: str
    attempt: int
    agent: str
    status: str
    started_at: str
    item: str | UnsetType = UNSET
    duration: Milliseconds | UnsetType = UNSET
    error: ErrorText | UnsetType = UNSET


class QuestionRow(Payload, frozen=True, kw_only=True):
    """What a person is asked."""

    step: str
    message: str
    options: list[str]
    item: str | UnsetType = UNSET
    to: str | UnsetType = UNSET
    show: Any | UnsetType = UNSET


class BoundAgentRow(Payload, frozen=True, kw_only=True):
    """What an agent's name stands for in the run; no URL for a function."""

    name: str
    url: str


class RunDetail(RunHead, frozen=True, kw_only=True):
    """Everything about one run; lists hold at most `MOST_LISTED`, `omitted` counts the rest."""

    progress: Progress
    steps: list[StepRow]
    attempts: list[AttemptRow]
    questions: list[QuestionRow]
    agents: list[BoundAgentRow]
    error: ErrorText | UnsetType = UNSET
    result: Annotated[Raw, Meta(description="Any JSON value.")] | UnsetType = UNSET
    pause_reason: str | UnsetType = UNSET
    omitted: int | UnsetType = UNSET


class RunRequest(Payload, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /runs`: the text of a `.misy` file, or the name of a pipeline of the project, or both."""

    source: Annotated[str, Meta(max_length=4_000_000)] | UnsetType = UNSET
    pipeline: Annotated[str, Meta(max_length=1_000)] | UnsetType = UNSET
    params: dict[str, Any] = msgspec.field(default_factory=dict)
    session: Annotated[str, Meta(max_length=1_000)] | UnsetType = UNSET


class ResumeRequest(Payload, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /runs/{id}/resume`; the budget takes the place of what the pipeline allows."""

    budget: dict[str, Any] | UnsetType = UNSET


class CancelRequest(Payload, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /runs/{id}/cancel`."""

    by: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET


class ApproveRequest(Payload, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /runs/{id}/approve`; step and item may be left out where only one thing is asked."""

    step: Annotated[str, Meta(max_length=1_000)] | UnsetType = UNSET
    item: Annotated[str, Meta(max_length=1_000)] | UnsetType = UNSET
    approved: bool = True
    comment: Text | UnsetType = UNSET
    by: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET


class ParameterRow(Payload, frozen=True, kw_only=True):
    """One input of a pipeline; `default` is how the text has it."""

    name: str
    type: str
    required: bool
    default: str | UnsetType = UNSET
    description: str | UnsetType = UNSET


class PipelineRow(Payload, frozen=True, kw_only=True):
    """A pipeline of the project."""

    name: str
    title: str | None
    description: str | None
    file: str
    parameters: list[ParameterRow]


class PipelineRows(Payload, frozen=True, kw_only=True):
    """The pipelines of the project, and what is wrong with files that have none to offer."""

    pipelines: list[PipelineRow]
    problems: list[DiagnosticText]
