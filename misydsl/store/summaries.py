"""What a fact changes in the one row about its run.

In: an event. Out: the run's new status and end, or nothing. Both keepers use it, so that they say the
same of a run.
"""

from __future__ import annotations

from misydsl.history.events import (
    Event,
    RoundFinished,
    RunFinished,
    RunOwned,
    RunPaused,
    StepFinished,
)

RUN_FACTS = (RunOwned, RunPaused, RunFinished)
"""The facts that change a summary after the run was accepted."""
RESULT_FACTS = (StepFinished, RoundFinished)
"""The facts that may be filed under a `memo`."""


def change_of(event: Event) -> tuple[str, float | None] | None:
    """`(status, finished_at)` from this event on; None when it changes neither."""
    match event:
        case RunOwned():
            return "running", None
        case RunPaused():
            return "paused", None
        case RunFinished():
            return event.status, event.at
        case _:
            return None
