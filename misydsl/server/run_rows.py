"""How a run is told: one row of a list, or everything about it.

In: the journal. Out: `RunRow` and `RunDetail`. What has ended is read once; of a run that goes on only the
new facts are. Times and words as in `payloads`; lists are bounded, and what is left out is counted.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

from msgspec import UNSET

from misydsl.history.states import Attempt, History, StepState
from misydsl.history.status import RUN_FINAL, STEP_DONE
from misydsl.metrics.orchestration_records import iso, milliseconds
from misydsl.server.answers import links_of
from misydsl.server.payloads import (
    iso_or_unset,
    milliseconds_or_unset,
)
from misydsl.server.payloads_runs import (
    AttemptRow,
    BoundAgentRow,
    Progress,
    QuestionRow,
    RunDetail,
    RunRow,
    StepRow,
)
from misydsl.server.results import blocked_text, error_text, outcome_of
from misydsl.server.step_names import NamesOfRuns, StepName
from misydsl.store.journal import Journal
from misydsl.workspace.questions import Question, asking_count, open_questions
from misydsl.workspace.recorded import RecordedRun

MOST_LISTED: Final = 2_000
"""Steps with their items, and attempts, that one answer holds."""
MOST_ENDED: Final = 5_000
MOST_FOLLOWED: Final = 300
_AT_WORK: Final = ("running", "retrying", "asking")
Kept = TypeVar("Kept")
Named = Callable[[str], StepName]
"""What the step at a path is called."""


class RunRows:
    """Rows and details of runs; may be asked from any thread."""

    def __init__(self, journal: Journal, names: NamesOfRuns) -> None:
        self._journal, self._names = journal, names
        self._ended: OrderedDict[str, RunRow] = OrderedDict()
        self._followed: OrderedDict[str, RecordedRun] = OrderedDict()
        self._lock = threading.Lock()

    def newest(self, limit: int, status: str | None) -> list[RunRow]:
        """The newest runs, or the newest that stand at a status."""
        summaries = self._journal.runs(limit=limit if status is None else None)
        chosen = [one for one in summaries if status in (None, one.status)]
        return [self.row(one.run) for one in chosen[:limit]]

    def row(self, run: str) -> RunRow:
        """One run of a list."""
        with self._lock:
            known = self._ended.get(run)
        if known is not None:
            return known
        history = self.history(run)
        row = _row(history)
        if row.outcome is not None:
            with self._lock:
                _keep(self._ended, run, row, MOST_ENDED)
        return row

    def detail(self, run: str) -> RunDetail:
        """Everything about one run."""
        history = self.history(run)
        mark = history.accepted.fingerprint if history.accepted else ""
        return _detail(history, partial(self._names.step, run=run, fingerprint=mark))

    def history(self, run: str) -> History:
        """What has happened so far; only what is new is read."""
        with self._lock:
            followed = self._followed.get(run) or RecordedRun(run, self._journal)
            _keep(self._followed, run, followed, MOST_FOLLOWED)
        history = followed.history()
        if history.status in RUN_FINAL:  # it may be large, and is read again when somebody asks
            with self._lock:
                self._followed.pop(run, None)
        return history


def _keep(known: OrderedDict[str, Kept], run: str, what: Kept, most: int) -> None:
    known[run] = what
    known.move_to_end(run)
    if len(known) > most:
        known.popitem(last=False)


def _row(history: History) -> RunRow:
    return RunRow(**_head(history), steps=_progress(history))


def _head(history: History) -> dict[str, Any]:
    return {
        "id": history.id,
        "workflow_id": history.pipeline,
        "workflow_name": history.title or history.pipeline,
        "session_id": history.session,
        "status": history.status,
        "outcome": outcome_of(history),
        "asking": asking_count(history),
        "accepted_at": iso(history.accepted_at or 0.0),
        "started_at": iso_or_unset(history.started_at),
        "finished_at": iso_or_unset(history.finished_at),
        "duration": milliseconds_or_unset(history.duration_s),
        "links": links_of(history.id),
    }


def _progress(history: History) -> Progress:
    """Steps, not items: of a `for`, what it stands at as a whole."""
    states = [one for one in history.steps.values() if not one.item]
    done = sum(one.status in STEP_DONE for one in states)
    running = sum(one.status in _AT_WORK for one in states)
    failed = sum(one.status in ("failed", "blocked", "cancelled") for one in states)
    total = max(history.accepted.steps if history.accepted else 0, len(states))
    return Progress(total=total, done=done, failed=failed, running=running)


def _detail(history: History, names: Named) -> RunDetail:
    steps, attempts = list(history.steps.values()), history.attempts
    omitted = max(0, len(steps) - MOST_LISTED) + max(0, len(attempts) - MOST_LISTED)
    failure = history.failure
    return RunDetail(
        **_head(history),
        progress=_progress(history),
        steps=[_step(one, names) for one in steps[:MOST_LISTED]],
        attempts=[_attempt(one, names) for one in attempts[-MOST_LISTED:]],
        questions=[_question(one) for one in open_questions(history)],
        agents=[BoundAgentRow(name=one.name, url=one.url) for one in history.agents],
        error=UNSET if failure is None else error_text(failure),
        result=UNSET if history.result is None else history.result,
        pause_reason=UNSET if history.pause_reason is None else history.pause_reason,
        omitted=omitted or UNSET,
    )


def _step(state: StepState, names: Named) -> StepRow:
    name = names(state.step)
    error = error_text(state.failure) if state.failure is not None else UNSET
    if state.blocked_by is not None:
        error = blocked_text(names(state.blocked_by).id)
    return StepRow(
        id=name.id,
        name=name.name,
        status=state.status,
        attempts=state.attempts,
        agent=state.agent or UNSET,
        item=state.item or UNSET,
        started_at=iso_or_unset(state.started_at),
        finished_at=iso_or_unset(state.finished_at),
        duration=milliseconds_or_unset(state.duration_s),
        waited=milliseconds(state.waited_s) if state.waited_s else UNSET,
        error=error,
        reused=state.reused or UNSET,
        count=UNSET if state.count is None else state.count,
        done=UNSET if state.count is None else state.done,
        failed=UNSET if state.count is None else state.failed,
    )


def _attempt(one: Attempt, names: Named) -> AttemptRow:
    return AttemptRow(
        step_id=names(one.step).id,
        attempt=one.attempt,
        agent=one.agent,
        status=one.status,
        started_at=iso(one.started_at),
        item=one.item or UNSET,
        duration=milliseconds_or_unset(one.duration_s),
        error=UNSET if one.failure is None else error_text(one.failure),
    )


def _question(one: Question) -> QuestionRow:
    return QuestionRow(
        step=one.step,
        item=one.item or UNSET,
        message=one.message,
        options=list(one.options),
        to=UNSET if one.to is None else one.to,
        show=UNSET if one.show is None else one.show,
    )
