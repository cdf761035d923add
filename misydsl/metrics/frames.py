"""Histories, events and summaries as pandas DataFrames.

In: nouns of the history and the store. Out: DataFrames whose columns, dtypes and order never depend on
the data, so an empty one can be filtered and joined like a full one. Durations are float seconds
(`_s`), times tz-aware UTC with microseconds, ids and names `string`, statuses categories.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, get_args

from misydsl.failures import Failure, FailureKind
from misydsl.history.events import Event, Recorded
from misydsl.history.states import Attempt, History, StepState
from misydsl.history.status import AttemptStatus, RunStatus, StepStatus
from misydsl.metrics.columns import count, frame, maybe_count, number, text, time, words
from misydsl.metrics.details import detail_of
from misydsl.metrics.figures_frame import agents_frame, step_figures_frame
from misydsl.store.journal import RunSummary

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "agents_frame",
    "attempts_frame",
    "events_frame",
    "runs_frame",
    "step_figures_frame",
    "steps_frame",
]

_STEP_WORDS = get_args(StepStatus)
_ATTEMPT_WORDS = get_args(AttemptStatus)
_RUN_WORDS = get_args(RunStatus)
_FAILURE_WORDS = get_args(FailureKind)
_EVENT_WORDS = tuple(str(fact.__struct_config__.tag) for fact in get_args(Event))


def steps_frame(history: History) -> pd.DataFrame:
    """One row per step and item, in the order they were first seen.

    Columns: `run` string · `step` string, the path of its name · `item` string, keys of the fan-outs
    around it, empty outside of one · `status` category · `agent` string · `attempts` int64 · `retries`
    int64 · `started_at`, `finished_at` datetime64[us, UTC] · `duration_s` float64, seconds from the
    first attempt's start to the end · `waited_s` float64, seconds queued behind limits · `count` Int64,
    items of a `for` · `done`, `failed` Int64, how many of them · `blocked_by` string, the step to blame
    · `error_kind` category · `error` string.
    """
    rows = list(history.steps.values())
    return frame(
        rows,
        {
            "run": (text, lambda _: history.id),
            "step": (text, lambda row: row.step),
            "item": (text, lambda row: row.item),
            "status": (words(_STEP_WORDS), lambda row: row.status),
            "agent": (text, lambda row: row.agent),
            "attempts": (count, lambda row: row.attempts),
            "retries": (count, lambda row: row.retries),
            "started_at": (time, lambda row: row.started_at),
            "finished_at": (time, lambda row: row.finished_at),
            "duration_s": (number, lambda row: row.duration_s),
            "waited_s": (number, lambda row: row.waited_s),
            "count": (maybe_count, lambda row: row.count),
            "done": (maybe_count, lambda row: _of_fan_out(row, row.done)),
            "failed": (maybe_count, lambda row: _of_fan_out(row, row.failed)),
            "blocked_by": (text, lambda row: row.blocked_by),
            "error_kind": (words(_FAILURE_WORDS), lambda row: _kind(row.failure)),
            "error": (text, lambda row: _message(row.failure)),
        },
    )


def attempts_frame(history: History) -> pd.DataFrame:
    """One row per attempt, in the order they began.

    Columns: `run`, `step`, `item` string · `round` int64, of a `repeat`, 0 outside · `attempt` int64,
    from 1 · `agent` string · `status` category · `started_at`, `ended_at` datetime64[us, UTC] ·
    `duration_s` float64, seconds of the call itself · `waited_s` float64, seconds queued before it ·
    `http_status` Int64 · `error_kind` category · `error` string · `key` string, the Idempotency-Key.
    """
    rows: list[Attempt] = list(history.attempts)
    return frame(
        rows,
        {
            "run": (text, lambda _: history.id),
            "step": (text, lambda row: row.step),
            "item": (text, lambda row: row.item),
            "round": (count, lambda row: row.round),
            "attempt": (count, lambda row: row.attempt),
            "agent": (text, lambda row: row.agent),
            "status": (words(_ATTEMPT_WORDS), lambda row: row.status),
            "started_at": (time, lambda row: row.started_at),
            "ended_at": (time, lambda row: row.ended_at),
            "duration_s": (number, lambda row: row.duration_s),
            "waited_s": (number, lambda row: row.waited_s),
            "http_status": (maybe_count, lambda row: row.failure.status if row.failure else None),
            "error_kind": (words(_FAILURE_WORDS), lambda row: _kind(row.failure)),
            "error": (text, lambda row: _message(row.failure)),
            "key": (text, lambda row: row.key),
        },
    )


def events_frame(recorded: Iterable[Recorded]) -> pd.DataFrame:
    """One row per event, in journal order.

    Columns: `seq` int64, grows over all runs · `run` string · `at` datetime64[us, UTC] · `kind`
    category · `step`, `item` string, NA where a fact is about the whole run · `attempt` Int64 · `agent`
    string · `duration_s` float64, seconds of an attempt that ended · `detail` string, the rest in words.
    """
    rows = list(recorded)
    return frame(
        rows,
        {
            "seq": (count, lambda row: row.seq),
            "run": (text, lambda row: row.run),
            "at": (time, lambda row: row.event.at),
            "kind": (words(_EVENT_WORDS), lambda row: str(row.event.__struct_config__.tag)),
            "step": (text, lambda row: getattr(row.event, "step", None)),
            "item": (text, lambda row: getattr(row.event, "item", None)),
            "attempt": (maybe_count, lambda row: getattr(row.event, "attempt", None)),
            "agent": (text, lambda row: getattr(row.event, "agent", None)),
            "duration_s": (number, lambda row: getattr(row.event, "duration_s", None)),
            "detail": (text, lambda row: detail_of(row.event)),
        },
    )


def runs_frame(summaries: Iterable[RunSummary]) -> pd.DataFrame:
    """One row per run, in the order given (a journal gives the newest first).

    Columns: `run`, `pipeline`, `title` string · `status` category · `session` string · `accepted_at`,
    `finished_at` datetime64[us, UTC] · `duration_s` float64, seconds from acceptance to the end ·
    `steps` int64, steps of the pipeline · `owner` string, the process that works on it.
    """
    rows = list(summaries)
    return frame(
        rows,
        {
            "run": (text, lambda row: row.run),
            "pipeline": (text, lambda row: row.pipeline),
            "title": (text, lambda row: row.title),
            "status": (words(_RUN_WORDS), lambda row: row.status),
            "session": (text, lambda row: row.session),
            "accepted_at": (time, lambda row: row.accepted_at),
            "finished_at": (time, lambda row: row.finished_at),
            "duration_s": (number, _duration),
            "steps": (count, lambda row: row.steps),
            "owner": (text, lambda row: row.owner),
        },
    )


def _of_fan_out(state: StepState, number_of_items: int) -> int | None:
    return None if state.count is None else number_of_items


def _kind(failure: Failure | None) -> str | None:
    return failure.kind if failure else None


def _message(failure: Failure | None) -> str | None:
    return failure.message if failure else None


def _duration(row: RunSummary) -> float | None:
    if row.finished_at is None:
        return None
    return max(0.0, row.finished_at - row.accepted_at)
