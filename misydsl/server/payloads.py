"""The orchestrator's JSON: what its answers and bodies are, each a frozen struct.

In: nothing. Out: structs whose fields are camelCase on the wire; the OpenAPI document is made from the
same ones. Durations are milliseconds, rates percent, times ISO 8601 UTC with `Z`. A field that may be
missing is `UNSET`; one that may be null says so.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from misydsl.metrics.orchestration_records import Outcome, iso, milliseconds

Text = Annotated[str, Meta(max_length=100_000)]
Name = Annotated[str, Meta(min_length=1)]
LONGEST_MS: Final = 30 * 24 * 3600 * 1000
Milliseconds = float


class Payload(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What every body and answer is."""


# ------------------------------------------------------------------ workflows, as they are sent


class RetryConfig(Payload, frozen=True, kw_only=True):
    """How often a step is tried; the wait before attempt n is `delay · backoffMultiplier^(n-2)`."""

    max_attempts: Annotated[int, Meta(ge=1, le=1_000)] | None = 1
    delay: Annotated[float, Meta(ge=0, le=LONGEST_MS)] | None = 1000.0
    backoff_multiplier: Annotated[float, Meta(ge=0, le=1_000)] | None = 2.0


class WorkflowStep(Payload, frozen=True, kw_only=True):
    """One call of an agent; null is the same as nothing."""

    id: Name
    agent: Name
    name: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    input: dict[str, Any] | UnsetType | None = UNSET
    dependencies: list[str] | UnsetType | None = UNSET
    retry_config: RetryConfig | UnsetType | None = UNSET
    timeout: Annotated[float, Meta(ge=1, le=LONGEST_MS)] | UnsetType | None = UNSET
    parallel: bool | UnsetType | None = UNSET
    priority: Annotated[int, Meta(ge=-(2**31), le=2**31)] | UnsetType | None = UNSET
    output_schema: dict[str, Any] | bool | UnsetType | None = UNSET


class WorkflowText(Payload, frozen=True, kw_only=True):
    """A workflow as it is sent: an id, a version and a date are given where they are missing."""

    name: Name
    steps: list[WorkflowStep]
    id: Name | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    created_at: str | UnsetType | None = UNSET
    version: str | UnsetType | None = UNSET


class WorkflowContext(Payload, frozen=True, kw_only=True):
    """What all steps are told; a step with a result of `success: true` is taken as done."""

    session_id: Name | UnsetType | None = UNSET
    shared_data: dict[str, Any] | UnsetType | None = UNSET
    step_results: dict[str, Any] | UnsetType | None = UNSET
    user_context: Any | UnsetType = UNSET


def inline_schema(kind: type) -> dict[str, Any]:
    """The JSON Schema of a struct with nothing referred to, for fields that are kept as their text."""
    (schema,), parts = msgspec.json.schema_components((kind,), ref_template="{name}")
    found = _inlined(schema, parts)
    assert isinstance(found, dict)
    return found


def _inlined(schema: object, parts: dict[str, Any]) -> object:
    match schema:
        case {"$ref": str(name)}:
            return _inlined(parts[name], parts)
        case dict():
            return {key: _inlined(value, parts) for key, value in schema.items()}
        case list():
            return [_inlined(value, parts) for value in schema]
        case _:
            return schema


# The text of these is read by the reader of workflows, which tells every mistake with its place.
RawWorkflow = Annotated[Raw, Meta(extra_json_schema=inline_schema(WorkflowText))]
RawContext = Annotated[
    Raw, Meta(extra_json_schema={"anyOf": [inline_schema(WorkflowContext), {"type": "null"}]})
]


class WorkflowSubmission(Payload, frozen=True, kw_only=True):
    """`POST /workflow`."""

    workflow: RawWorkflow
    context: RawContext | UnsetType = UNSET


class WorkflowDraft(Payload, frozen=True, kw_only=True):
    """`POST /workflow/create`."""

    name: Name
    steps: list[WorkflowStep]
    description: str | UnsetType | None = UNSET


class WorkflowDefinition(WorkflowDraft, frozen=True, kw_only=True):
    """A draft that has become a workflow."""

    id: str
    created_at: str
    version: str


class Validation(Payload, frozen=True, kw_only=True):
    """`POST /workflow/validate`: a workflow, or the text of a `.misy` file."""

    workflow: Annotated[Raw, Meta(description="Any JSON value.")] | UnsetType = UNSET
    source: Annotated[str, Meta(max_length=4_000_000)] | UnsetType = UNSET


class Edit(Payload, frozen=True, kw_only=True):
    """Replace the text of a range."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class Fix(Payload, frozen=True, kw_only=True):
    """A change that may be applied without asking."""

    title: str
    edits: list[Edit]


class DiagnosticText(Payload, frozen=True, kw_only=True):
    """One thing that is wrong with a text; lines and columns count from 1."""

    code: str
    severity: Literal["error", "warning"]
    message: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    help: str | UnsetType = UNSET
    fix: Fix | UnsetType = UNSET


class Verdict(Payload, frozen=True, kw_only=True):
    """Whether a text can be run, and what is wrong with it."""

    valid: bool
    diagnostics: list[DiagnosticText]


# ------------------------------------------------------------------ results


class ErrorText(Payload, frozen=True, kw_only=True):
    """Why there is no value."""

    message: str
    code: str
    details: dict[str, Any] | UnsetType = UNSET


class StepMetrics(Payload, frozen=True, kw_only=True):
    """When a step was at work."""

    duration: Milliseconds
    start_time: str
    end_time: str
    attempts: int


class StepResult(Payload, frozen=True, kw_only=True):
    """What a step came to; `data` stands as the agent sent it."""

    success: bool
    metrics: StepMetrics
    data: Annotated[Raw, Meta(description="Any JSON value.")] | UnsetType = UNSET
    error: ErrorText | UnsetType = UNSET


class WorkflowResult(Payload, frozen=True, kw_only=True):
    """What a workflow came to, steps in the order of its text."""

    workflow_id: str
    run_id: str
    status: Outcome
    step_results: dict[str, StepResult]
    duration: Milliseconds
    start_time: str
    end_time: str
    error: str | UnsetType = UNSET


RunStatusWord = Literal["accepted", "running", "paused", "succeeded", "failed", "cancelled"]


class Links(Payload, frozen=True, kw_only=True):
    """Where a run can be looked at and led."""

    self: str
    events: str
    graph: str
    cancel: str
    resume: str
    approve: str


class Accepted(Payload, frozen=True, kw_only=True):
    """A run exists; it goes on whether or not anybody waits."""

    run_id: str
    status: RunStatusWord
    links: Links


class AgentExecution(Payload, frozen=True, kw_only=True):
    """`POST /agents/{name}/execute`."""

    session_id: Annotated[str, Meta(max_length=1_000)] | UnsetType = UNSET
    params: dict[str, Any] = {}


class AgentMetadata(Payload, frozen=True, kw_only=True):
    """How one call went."""

    duration: Milliseconds
    timestamp: str
    retries: int


class AgentAnswer(Payload, frozen=True, kw_only=True):
    """What one agent answered."""

    success: bool
    metadata: AgentMetadata
    data: Annotated[Raw, Meta(description="Any JSON value.")] | UnsetType = UNSET
    error: ErrorText | UnsetType = UNSET


class AgentHealth(Payload, frozen=True, kw_only=True):
    """Whether one agent says it is well."""

    name: str
    status: Literal["healthy", "unhealthy"]
    last_check: str
    detail: str | UnsetType = UNSET


class HealthReport(Payload, frozen=True, kw_only=True):
    """Whether the agents are well."""

    status: Literal["healthy", "degraded", "unhealthy"]
    agents: list[AgentHealth]


# ------------------------------------------------------------------ numbers and times


def iso_or_unset(at: float | None) -> str | UnsetType:
    """The same where there is a time."""
    return UNSET if at is None else iso(at)


def milliseconds_or_unset(duration_s: float | None) -> Milliseconds | UnsetType:
    """The same where there is a duration."""
    return UNSET if duration_s is None else milliseconds(duration_s)
