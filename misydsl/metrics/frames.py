"""Histories, events and summaries as pandas DataFrames.

In: nouns of the history and the store. Out: DataFrames whose columns, dtypes and order never depend on
the data, so an empty one can be filtered and joined like a full one. Durations are float seconds
(`_s`), times tz-aware UTC with microseconds, ids and names `string`, statuses categories.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, get_args

from misydsl.failures import Failure, FailureKind
from misydsl.history.events import Event, Recorded
from misydsl.history.states import Attempt, History, StepKey, StepState
from misydsl.history.status import AttemptStatus, RunStatus, StepStatus
from misydsl.metrics.calls import calls_of
from misydsl.metrics.columns import (
    Column,
    count,
    flag,
    frame,
    maybe_count,
    number,
    text,
    time,
    words,
)
from misydsl.metrics.details import detail_of
from misydsl.metrics.figures_frame import agents_frame, failures_frame, step_figures_frame
from misydsl.metrics.items import Item, Items
from misydsl.store.journal import RunSummary

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "agents_frame",
    "attempts_frame",
    "events_frame",
    "failures_frame",
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
    around it, empty outside of one · `key` string, `index` Int64, the item of the innermost `for` around
    it and its place from 0 · `status` category · `agent` string · `attempts` int64 · `retries` int64 ·
    `rounds` int64, of a `repeat`, that are over · `fallback` int64, which one it turned to, 0 for none ·
    `started_at`, `finished_at` datetime64[us, UTC] · `duration_s` float64, seconds from the first
    attempt's start to the end · `call_s` float64, seconds inside calls, all attempts together ·
    `waited_s` float64, seconds queued behind limits · `lost_to_retries_s` float64, seconds of failed
    attempts and of the waits after them, where another attempt followed · `cost` float64, `tokens`
    int64, as the replies said · `count` Int64, items of a `for` · `done`, `failed` Int64, how many of
    them · `reused` string, where the value came from instead of a call: `cache` or a run · `blocked_by`
    string, the step to blame · `error_kind` category · `error` string.
    """
    rows = list(history.steps.values())
    places, sums = Items(history), _sums(history)
    found = [_StepRow(row, _place(places, row), _taken(sums, row)) for row in rows]
    return frame(
        found, {"run": (text, lambda _: history.id), **_WHERE, **_WHEN, **_WHAT_FOR, **_WHY}
    )


def attempts_frame(history: History) -> pd.DataFrame:
    """One row per attempt, in the order they began.

    Columns: `run`, `step`, `item` string · `round` int64, of a `repeat`, 0 outside · `attempt` int64,
    from 1 · `agent` string · `status` category · `started_at`, `ended_at` datetime64[us, UTC] ·
    `duration_s` float64, seconds of the call itself · `waited_s` float64, seconds queued before it ·
    `retry_at` datetime64[us, UTC], when the attempt after a failed one was due · `is_hedged` bool,
    whether it was sent twice because it took long · `cost` float64, `tokens` int64, as the reply said ·
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
            "retry_at": (time, lambda row: row.retry_at),
            "is_hedged": (flag, lambda row: row.is_hedged),
            "cost": (number, lambda row: row.cost),
            "tokens": (count, lambda row: row.tokens),
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


class _Sums(NamedTuple):
    """What the calls of one step and item took together, over all rounds."""

    call_s: float = 0.0
    lost_s: float = 0.0


_NOTHING = _Sums()


class _StepRow(NamedTuple):
    """A state, the item it belongs to, and what its calls took."""

    state: StepState
    item: Item | None
    sums: _Sums


_StepColumns = Mapping[str, tuple[Column, Callable[[_StepRow], object]]]
_WHERE: _StepColumns = {
    "step": (text, lambda row: row.state.step),
    "item": (text, lambda row: row.state.item),
    "key": (text, lambda row: row.item.key if row.item else None),
    "index": (maybe_count, lambda row: row.item.place if row.item else None),
    "status": (words(_STEP_WORDS), lambda row: row.state.status),
    "agent": (text, lambda row: row.state.agent),
    "attempts": (count, lambda row: row.state.attempts),
    "retries": (count, lambda row: row.state.retries),
    "rounds": (count, lambda row: row.state.rounds),
    "fallback": (count, lambda row: row.state.fallback),
}
_WHEN: _StepColumns = {
    "started_at": (time, lambda row: row.state.started_at),
    "finished_at": (time, lambda row: row.state.finished_at),
    "duration_s": (number, lambda row: row.state.duration_s),
    "call_s": (number, lambda row: row.sums.call_s),
    "waited_s": (number, lambda row: row.state.waited_s),
    "lost_to_retries_s": (number, lambda row: row.sums.lost_s),
}
_WHAT_FOR: _StepColumns = {
    "cost": (number, lambda row: row.state.cost),
    "tokens": (count, lambda row: row.state.tokens),
    "count": (maybe_count, lambda row: row.state.count),
    "done": (maybe_count, lambda row: _of_fan_out(row.state, row.state.done)),
    "failed": (maybe_count, lambda row: _of_fan_out(row.state, row.state.failed)),
}
_WHY: _StepColumns = {
    "reused": (text, lambda row: row.state.reused),
    "blocked_by": (text, lambda row: row.state.blocked_by),
    "error_kind": (words(_FAILURE_WORDS), lambda row: _kind(row.state.failure)),
    "error": (text, lambda row: _message(row.state.failure)),
}


def _place(items: Items, state: StepState) -> Item | None:
    return items.around((state.step, state.item))


def _taken(sums: Mapping[StepKey, _Sums], state: StepState) -> _Sums:
    return sums.get((state.step, state.item), _NOTHING)


def _sums(history: History) -> dict[StepKey, _Sums]:
    found: dict[StepKey, _Sums] = {}
    for call in calls_of(history):
        key = (call.tries[0].step, call.tries[0].item)
        before = found.get(key, _NOTHING)
        call_s = sum(attempt.duration_s or 0.0 for attempt in call.tries)
        found[key] = _Sums(before.call_s + call_s, before.lost_s + call.lost_to_retries_s)
    return found


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
