"""One event in a few words, for the `detail` column and for logs.

In: an event. Out: what its other columns do not say, or None.
"""

from __future__ import annotations

from typing import assert_never

from misydsl.failures import Failure
from misydsl.history.events import (
    ApprovalAsked,
    AttemptFailed,
    AttemptHedged,
    AttemptStarted,
    CancelRequested,
    Event,
    FallbackBegun,
    FanOut,
    GroupStarted,
    PipelineFailing,
    RoundFinished,
    RunAccepted,
    RunFinished,
    RunOwned,
    RunPaused,
    StepBlocked,
    StepFailed,
    StepFinished,
    StepSkipped,
)


def detail_of(event: Event) -> str | None:
    """What happened, beyond kind, step, item, attempt, agent and duration."""
    match event:
        case RunAccepted():
            return (
                f"{event.pipeline}, {event.why} of {event.base}" if event.base else event.pipeline
            )
        case RunOwned():
            return f"resumed by {event.owner}" if event.is_resume else f"by {event.owner}"
        case FanOut():
            return f"{event.count} items"
        case AttemptFailed() | StepFailed() | PipelineFailing():
            return _told(event.failure)
        case AttemptHedged():
            return "sent once more"
        case FallbackBegun():
            return f"fallback {event.number} after {_told(event.failure)}"
        case RoundFinished():
            return f"round {event.round}"
        case ApprovalAsked():
            return "a person is asked"
        case StepBlocked():
            return f"blocked by {event.by}"
        case CancelRequested():
            return f"by {event.by}"
        case RunPaused():
            return event.reason
        case RunFinished():
            return f"{event.status}: {event.failure.message}" if event.failure else event.status
        case StepFinished():
            return _taken(event)
        case GroupStarted() | AttemptStarted() | StepSkipped():
            return None
        case _:
            assert_never(event)


def _told(failure: Failure) -> str:
    return f"{failure.kind}: {failure.message}"


def _taken(event: StepFinished) -> str | None:
    return None if event.reused is None else f"taken from {event.reused}"
