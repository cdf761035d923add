"""One event in a few words, for the `detail` column and for logs.

In: an event. Out: what its other columns do not say, or None.
"""

from __future__ import annotations

from typing import assert_never

from misydsl.history.events import (
    AttemptFailed,
    AttemptStarted,
    CancelRequested,
    Event,
    FanOut,
    GroupStarted,
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
            return event.pipeline
        case RunOwned():
            return f"resumed by {event.owner}" if event.is_resume else f"by {event.owner}"
        case FanOut():
            return f"{event.count} items"
        case AttemptFailed() | StepFailed():
            return f"{event.failure.kind}: {event.failure.message}"
        case StepBlocked():
            return f"blocked by {event.by}"
        case CancelRequested():
            return f"by {event.by}"
        case RunPaused():
            return event.reason
        case RunFinished():
            return f"{event.status}: {event.failure.message}" if event.failure else event.status
        case GroupStarted() | AttemptStarted() | StepFinished() | StepSkipped():
            return None
        case _:
            assert_never(event)
