"""What a run comes to in the contract's words, fact by fact.

In: the facts of one run, in order. Out: `success` (every step of the pipeline itself succeeded or was
skipped), `failure` (none did, or somebody cancelled the run), else `partial`. Steps within steps and
items of a `for` are their step's own affair.
"""

from __future__ import annotations

from misydsl.history.events import (
    ApprovalAsked,
    AttemptFailed,
    AttemptStarted,
    Event,
    FallbackBegun,
    FanOut,
    GroupStarted,
    RoundFinished,
    StepBlocked,
    StepFailed,
    StepFinished,
    StepSkipped,
)
from misydsl.metrics.orchestration_records import Outcome


class TopSteps:
    """Which of the pipeline's own steps have their value."""

    __slots__ = ("_done",)

    def __init__(self) -> None:
        self._done: dict[str, bool] = {}

    def add(self, event: Event) -> None:
        """The next fact of the run."""
        match event:
            case StepFinished() | StepSkipped() if _is_top(event.step, event.item):
                self._done[event.step] = True
            case StepFailed() | StepBlocked() if _is_top(event.step, event.item):
                self._done[event.step] = False
            case (
                AttemptStarted()
                | AttemptFailed()
                | GroupStarted()
                | FanOut()
                | ApprovalAsked()
                | FallbackBegun()
                | RoundFinished()
            ) if _is_top(event.step, event.item):
                self._done.setdefault(event.step, False)
            case _:
                pass

    def outcome(self, status: str) -> Outcome:
        """Of a run that ended with this status."""
        done = self._done.values()
        match status:
            case "cancelled":
                return "failure"
            case "succeeded":
                return "success" if all(done) else "partial"
            case _:
                return "partial" if any(done) else "failure"


def _is_top(step: str, item: str) -> bool:
    return not item and "/" not in step
