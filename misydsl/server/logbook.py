"""What happens to runs, in the log: one line for each fact that somebody may have to look for.

In: facts, in the order of the journal. Out: records of the logger `misydsl.server`, each with its run, its trace and, where
there are such, step, item, attempt and agent. Facts of other processes on the same journal are told too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

from misydsl.failures import Failure
from misydsl.history.events import (
    ApprovalAsked,
    AttemptFailed,
    Event,
    Recorded,
    RunAccepted,
    RunFinished,
    RunOwned,
    RunPaused,
    StepFailed,
)
from misydsl.runner.calls import trace_of

_log: Final = logging.getLogger("misydsl.server")


def log_facts(page: Iterable[Recorded]) -> None:
    """Tell what matters of these facts."""
    for one in page:
        _log_fact(one.run, one.event)


def _log_fact(run: str, fact: Event) -> None:
    match fact:
        case RunAccepted(pipeline=workflow, session=session):
            _tell(run, "run-accepted", "run accepted", workflow=workflow, session=session)
        case RunOwned(is_resume=True):
            _tell(run, "run-resumed", "run resumed")
        case RunPaused(reason=reason):
            _tell(run, "run-paused", "run paused", why=reason)
        case RunFinished(status="succeeded"):
            _tell(run, "run-finished", "run finished", status="succeeded")
        case RunFinished(status=status, failure=failure):
            _tell(run, "run-finished", "run finished", failure, status=status)
        case AttemptFailed(step=step, item=item, attempt=attempt, failure=failure):
            _tell(
                run,
                "attempt-failed",
                "attempt failed",
                failure,
                step=step,
                item=item,
                attempt=attempt,
            )
        case StepFailed(step=step, item=item, failure=failure):
            _tell(run, "step-failed", "step failed", failure, step=step, item=item)
        case ApprovalAsked(step=step, item=item):
            _tell(run, "approval-asked", "a person is asked", step=step, item=item)
        case _:
            return


def _tell(run: str, event: str, words: str, failure: Failure | None = None, **more: object) -> None:
    told: dict[str, object] = {"event": event, "run": run, "trace": trace_of(run), **more}
    if failure is not None:
        told |= {"why": f"{failure.kind}: {failure.message}", "agent": failure.agent}
    _log.log(logging.INFO if failure is None else logging.WARNING, words, extra=told)
