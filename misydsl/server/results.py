"""Results: what a run came to, in the words of the orchestrator's contract.

In: the history of a run that has ended, and its program. Out: `WorkflowResult` or `AgentAnswer`: each step
by the id its author gave it, in the order of the text, whatever order they ran in. A step that never
ran says which dependency failed; what was skipped counts as succeeded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import UNSET, Raw, UnsetType

from misydsl.failures import Failure
from misydsl.history.states import History, StepState
from misydsl.history.status import RUN_FINAL, STEP_DONE
from misydsl.metrics.orchestration_records import Outcome, iso, milliseconds
from misydsl.pipeline.model import Pipeline, Step
from misydsl.server.payloads import (
    AgentAnswer,
    AgentMetadata,
    ErrorText,
    StepMetrics,
    StepResult,
    WorkflowResult,
)

DEPENDENCY_FAILED: Final = "DEPENDENCY_FAILED"
_CODES: Final = {"http": "HTTP_ERROR", "blocked": DEPENDENCY_FAILED}
_NULL: Final = Raw(b"null")


def workflow_result(history: History, pipeline: Pipeline) -> WorkflowResult:
    """The result of a run that has ended, or of as much as there is of one that was paused."""
    accepted_at = history.accepted_at or 0.0
    ended_at = _last_moment(history)
    steps = {step.name: step.public_name for step in pipeline.block.steps}
    return WorkflowResult(
        workflow_id=history.pipeline,
        run_id=history.id,
        status=outcome_of(history) or "partial",
        step_results={
            step.public_name: _step_result(step, history, steps) for step in pipeline.block.steps
        },
        duration=milliseconds(max(0.0, ended_at - accepted_at)),
        start_time=iso(accepted_at),
        end_time=iso(ended_at),
        error=_error_sentence(history),
    )


def agent_answer(history: History) -> AgentAnswer:
    """The answer of a run that is one call of one agent."""
    state = next(iter(history.steps.values()), None)
    attempts = history.attempts
    began = attempts[0].started_at if attempts else history.accepted_at or 0.0
    metadata = AgentMetadata(
        duration=milliseconds((state.duration_s if state else None) or 0.0),
        timestamp=iso(began),
        retries=max(0, len(attempts) - 1),
    )
    if state is not None and state.status in STEP_DONE:
        return AgentAnswer(success=True, metadata=metadata, data=state.value or _NULL)
    failure = (state.failure if state else None) or history.failure
    found = failure or Failure("cancelled", "the call has no outcome")
    return AgentAnswer(success=False, metadata=metadata, error=error_text(found))


def outcome_of(history: History) -> Outcome | None:
    """success: every step; failure: none, or somebody cancelled; else partial. None before the end."""
    if history.status not in RUN_FINAL:
        return None
    if history.status == "cancelled":
        return "failure"
    done = [one.status in STEP_DONE for one in top_steps(history.steps.values())]
    if history.status == "succeeded":
        return "success" if all(done) else "partial"
    return "partial" if any(done) else "failure"


def top_steps(states: Iterable[StepState]) -> Sequence[StepState]:
    """The pipeline's own steps: no items of them, and none of the steps within them."""
    return [one for one in states if not one.item and "/" not in one.step]


def error_text(failure: Failure) -> ErrorText:
    """A failure, as the contract says it; `details` holds what else is known."""
    known = {
        "status": failure.status,
        "excerpt": failure.excerpt,
        "agent": failure.agent,
        "step": failure.step,
        "item": failure.item,
        "attempt": failure.attempt,
        "advice": failure.advice,
    }
    details: dict[str, Any] = {name: value for name, value in known.items() if value is not None}
    return ErrorText(message=failure.message, code=code_of(failure.kind), details=details or UNSET)


def blocked_text(by: str) -> ErrorText:
    """Why a step never ran: the dependency that failed, by the id its author gave it."""
    details = {"dependency": by}
    return ErrorText(message=f"Dependency failed: {by}", code=DEPENDENCY_FAILED, details=details)


def code_of(kind: str) -> str:
    """The word for a kind of failure: `TIMEOUT`, `HTTP_ERROR`, `WRONG_TYPE`."""
    return _CODES.get(kind) or kind.upper().replace("-", "_")


def _last_moment(history: History) -> float:
    """The end; of a run that has none, the last thing that is known of it."""
    if history.finished_at is not None:
        return history.finished_at
    known = [one.finished_at for one in history.steps.values() if one.finished_at is not None]
    return max(known, default=history.accepted_at or 0.0)


def _step_result(step: Step, history: History, names: dict[str, str]) -> StepResult:
    state = history.steps.get((step.name, ""))
    if state is None:
        return _never_begun(history)
    metrics = _metrics(state, history)
    if state.status in STEP_DONE:
        return StepResult(success=True, metrics=metrics, data=state.value or _NULL)
    return StepResult(success=False, metrics=metrics, error=_error_of(state, history, names))


def _error_of(state: StepState, history: History, names: dict[str, str]) -> ErrorText:
    if state.blocked_by is not None:
        return blocked_text(names.get(state.blocked_by, state.blocked_by))
    failure = state.failure or history.failure or _not_ended(state.status)
    return error_text(failure)


def _not_ended(status: str) -> Failure:
    return Failure("cancelled", f"the step has no end: it is {status}")


def _never_begun(history: History) -> StepResult:
    """A step that nothing is recorded of: the run ended before its turn came."""
    at = iso(_last_moment(history))
    metrics = StepMetrics(duration=0.0, start_time=at, end_time=at, attempts=0)
    why = f": {history.failure.message}" if history.failure else ""
    code = "CANCELLED" if history.status == "cancelled" else "NOT_RUN"
    error = ErrorText(message=f"the step never began{why}", code=code)
    return StepResult(success=False, metrics=metrics, error=error)


def _metrics(state: StepState, history: History) -> StepMetrics:
    ends = state.finished_at if state.finished_at is not None else _last_moment(history)
    began = state.started_at if state.started_at is not None else ends
    return StepMetrics(
        duration=milliseconds(state.duration_s or 0.0),
        start_time=iso(began),
        end_time=iso(ends),
        attempts=state.attempts,
    )


def _error_sentence(history: History) -> str | UnsetType:
    return history.failure.sentence() if history.failure is not None else UNSET
