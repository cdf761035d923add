"""What a run came to, as JSON-ready data and as the sentences people are told.

In: a history. Out: the object of `misy run --json` (`{ runId, pipeline, status, result, error?, steps }`),
figures as dictionaries, and the failures of a run in full sentences. Texts and numbers only; durations
are seconds, times ISO 8601 UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from misydsl.failures import Failure
from misydsl.history.states import Attempt, History, StepState
from misydsl.metrics.critical import Stretch
from misydsl.metrics.records import Figures, record_of
from misydsl.store.journal import RunSummary
from misydsl.values import Value, decode_json

Data = dict[str, object]
INTERRUPTED: Final = "interrupted"
MAX_SENTENCES: Final = 10  # failures told one by one; the rest is counted


def run_object(history: History, *, with_attempts: bool = False) -> Data:
    """The whole run: `{ runId, pipeline, status, result, error?, steps }`."""
    found: Data = {
        "runId": history.id,
        "pipeline": history.pipeline,
        "status": history.status,
        "result": result_of(history),
    }
    if history.failure is not None:
        found["error"] = _error(history.failure)
    found["steps"] = [_step(state) for state in history.steps.values()]
    if with_attempts:
        found["attempts"] = [_attempt(attempt) for attempt in history.attempts]
    return found


def result_of(history: History) -> Value:
    """What the pipeline returned; None when it has not."""
    return None if history.result is None else decode_json(bytes(history.result))


def summary_object(row: RunSummary) -> Data:
    """One run of a list."""
    ends = row.finished_at
    return {
        "runId": row.run,
        "pipeline": row.pipeline,
        "title": row.title,
        "status": row.status,
        "session": row.session,
        "accepted_at": iso(row.accepted_at),
        "finished_at": iso(ends),
        "duration_s": None if ends is None else max(0.0, ends - row.accepted_at),
        "steps": row.steps,
        "owner": row.owner,
    }


def standing(row: RunSummary) -> str:
    """The status of a run, or that its process is gone before the end."""
    is_open = row.status in ("accepted", "running")
    return INTERRUPTED if is_open and row.owner is None else row.status


def figures_object(figures: Figures) -> Data:
    """One row of figures, flat, under the names its DataFrame has; times in ISO 8601."""
    found: Data = dict(record_of(figures))
    for name in ("first_at", "last_at"):
        at = found[name]
        found[name] = iso(at) if isinstance(at, float) else None
    return found


def critical_object(one: Stretch) -> Data:
    """One stretch of a critical path; `step` is null between steps."""
    return {
        "step": one.step or None,
        "item": one.item,
        "part": one.part,
        "agent": one.agent,
        "attempt": one.attempt,
        "started_at": iso(one.begun),
        "duration_s": one.duration_s,
    }


def iso(at: float | None) -> str | None:
    """A Unix time as ISO 8601 in UTC, to the millisecond."""
    if at is None:
        return None
    moment = dt.datetime.fromtimestamp(at, dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def failures_of(history: History) -> list[Failure]:
    """Why the run failed: each step or item that failed itself, with its place filled in."""
    attempts = {(one.step, one.item): one for one in history.attempts}
    found = [
        _placed(state, state.failure, attempts.get((state.step, state.item)))
        for state in history.steps.values()
        if state.status == "failed" and state.failure is not None
    ]
    echoes = {(one.kind, one.message) for one in found}
    own = history.failure
    if own is not None and (own.kind, own.message) not in echoes:
        found.insert(0, own)
    return _without_echoes(found)


def sentences(failures: Sequence[Failure]) -> list[str]:
    """One line each, at most `MAX_SENTENCES` and then a count."""
    told = [_sentence(failure) for failure in failures[:MAX_SENTENCES]]
    more = len(failures) - len(told)
    return [*told, f"… {more} more failures"] if more > 0 else told


def _sentence(failure: Failure) -> str:
    status = failure.status
    if status is None or str(status) in failure.message:
        return failure.sentence()
    return replace(failure, message=f"{failure.message} (HTTP status {status})").sentence()


def _placed(state: StepState, failure: Failure, attempt: Attempt | None) -> Failure:
    """The failure with what its words leave out: step, item, agent and attempt."""
    return replace(
        failure,
        step=failure.step or state.step,
        item=failure.item or state.item or None,
        agent=failure.agent or state.agent,
        attempt=failure.attempt or (attempt.attempt if attempt else None),
    )


def _without_echoes(failures: Iterable[Failure]) -> list[Failure]:
    """A `for` that failed because of its items says the same as the item: once is enough."""
    found: dict[tuple[str, str, str | None], Failure] = {}
    for failure in failures:
        key = (failure.kind, failure.message, failure.step)
        known = found.get(key)
        if known is None or (known.item is None and failure.item is not None):
            found[key] = failure
        elif failure.item is not None:
            found[*key[:2], f"{failure.step}[{failure.item}]"] = failure
    return list(found.values())


def _step(state: StepState) -> Data:
    found: Data = {"step": state.step}
    if state.item:
        found["item"] = state.item
    found |= {"status": state.status, "attempts": state.attempts, "duration_s": state.duration_s}
    special = {"rounds": state.rounds, "fallback": state.fallback, "reused": state.reused}
    found |= {name: value for name, value in special.items() if value}
    if state.question is not None and state.status in ("asking", "waiting"):
        found["question"] = decode_json(bytes(state.question))
    if state.count is not None:
        found |= {"count": state.count, "done": state.done, "failed": state.failed}
    if state.failure is not None:
        found["error"] = _error(state.failure)
    elif state.blocked_by is not None:
        found["error"] = {"kind": "blocked", "message": f"{state.blocked_by} failed"}
    return found


def _attempt(attempt: Attempt) -> Data:
    found: Data = {"step": attempt.step}
    if attempt.item:
        found["item"] = attempt.item
    if attempt.round:
        found["round"] = attempt.round
    found |= {
        "attempt": attempt.attempt,
        "agent": attempt.agent,
        "status": attempt.status,
        "started_at": iso(attempt.started_at),
        "duration_s": attempt.duration_s,
        "waited_s": attempt.waited_s,
    }
    if attempt.failure is not None:
        found["error"] = _error(attempt.failure)
    return found


def _error(failure: Failure) -> Data:
    fields: Data = msgspec.to_builtins(failure)
    return {name: value for name, value in fields.items() if value is not None}
