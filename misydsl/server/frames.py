"""The frames of the orchestrator's contract: one JSON object for each thing that happened.

In: a moment of a run (an attempt began, a step ended, …) and what the run and its steps are called. Out: the
frame's struct, camelCase on the wire, durations in milliseconds, times ISO 8601 UTC with `Z`. `seq` is the
cursor to go on from; a frame without one belongs to the next that has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple, TypedDict, assert_never

import msgspec
from msgspec import UNSET, UnsetType

from misydsl.failures import Failure
from misydsl.metrics.orchestration_records import Outcome, iso, milliseconds
from misydsl.server.payloads import ErrorText
from misydsl.server.results import DEPENDENCY_FAILED, error_text
from misydsl.server.step_names import StepName

LONGEST_ERROR: Final = 2_000  # characters; an agent's own words may be a whole page


class Began(NamedTuple):
    """The run exists."""

    at: float


class Tried(NamedTuple):
    """An attempt began."""

    at: float
    step: str
    item: str
    agent: str
    attempt: int


class Ended(NamedTuple):
    """A step, or one item of it, ended: well, or with a failure, or `blocked_by` another step."""

    at: float
    step: str
    item: str
    duration_s: float
    attempts: int
    failure: Failure | None = None
    blocked_by: str | None = None


class Over(NamedTuple):
    """The run ended."""

    at: float
    status: str
    outcome: Outcome
    failure: Failure | None


Moment = Began | Tried | Ended | Over


class RunHead(NamedTuple):
    """What every frame says of its run."""

    run: str
    workflow_id: str
    workflow_name: str
    session: str
    at: float
    fingerprint: str


class Frame(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What every frame says."""

    type: str
    timestamp: str
    run_id: str
    workflow_id: str
    workflow_name: str
    session_id: str
    seq: int | UnsetType = UNSET


class StepStartedFrame(Frame, frozen=True, kw_only=True):
    """An attempt begins."""

    step_id: str
    step_name: str
    agent: str
    attempt: int
    item: str | UnsetType = UNSET


class StepCompletedFrame(Frame, frozen=True, kw_only=True):
    """A step, or one item of it, has ended."""

    step_id: str
    step_name: str
    success: bool
    duration: float
    attempts: int
    item: str | UnsetType = UNSET
    error: ErrorText | UnsetType = UNSET


class WorkflowEndedFrame(Frame, frozen=True, kw_only=True):
    """The run has ended; `error` is a sentence."""

    status: Literal["success", "partial", "failure"]
    duration: float
    error: str | UnsetType = UNSET


def frame_of(moment: Moment, head: RunHead, names: Callable[[str], StepName]) -> Frame:
    """The frame of a moment; `names` tells what the step at a path is called."""
    match moment:
        case Began():
            return Frame(**_head("workflow_started", moment.at, head))
        case Tried():
            named = names(moment.step)
            return StepStartedFrame(
                **_head("step_started", moment.at, head),
                step_id=named.id,
                step_name=named.name,
                agent=moment.agent,
                attempt=moment.attempt,
                item=moment.item or UNSET,
            )
        case Ended():
            named = names(moment.step)
            return StepCompletedFrame(
                **_head("step_completed", moment.at, head),
                step_id=named.id,
                step_name=named.name,
                success=moment.failure is None and moment.blocked_by is None,
                duration=milliseconds(max(0.0, moment.duration_s)),
                attempts=moment.attempts,
                item=moment.item or UNSET,
                error=_error(moment, names),
            )
        case Over():
            return _workflow_ended(moment, head)
        case never:
            assert_never(never)


def _workflow_ended(moment: Over, head: RunHead) -> WorkflowEndedFrame:
    """Failed when no step succeeded, or when somebody cancelled the run."""
    is_failure = moment.outcome == "failure"
    error: str | UnsetType = UNSET
    if moment.failure is not None:
        error = _short(moment.failure.sentence())
    elif is_failure:
        error = f"the run ended as {moment.status}"
    return WorkflowEndedFrame(
        **_head("workflow_failed" if is_failure else "workflow_completed", moment.at, head),
        status=moment.outcome,
        duration=milliseconds(max(0.0, moment.at - head.at)),
        error=error,
    )


class _Head(TypedDict):
    type: str
    timestamp: str
    run_id: str
    workflow_id: str
    workflow_name: str
    session_id: str


def _head(kind: str, at: float, head: RunHead) -> _Head:
    return {
        "type": kind,
        "timestamp": iso(at),
        "run_id": head.run,
        "workflow_id": head.workflow_id,
        "workflow_name": head.workflow_name,
        "session_id": head.session,
    }


def _error(moment: Ended, names: Callable[[str], StepName]) -> ErrorText | UnsetType:
    if moment.blocked_by is not None:
        by = names(moment.blocked_by).id
        details = {"dependency": by}
        return ErrorText(
            message=f"Dependency failed: {by}", code=DEPENDENCY_FAILED, details=details
        )
    if moment.failure is None:
        return UNSET
    error = error_text(moment.failure)
    return msgspec.structs.replace(error, message=_short(error.message))


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_ERROR else words[: LONGEST_ERROR - 1] + "…"
