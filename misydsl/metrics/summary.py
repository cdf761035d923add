"""Figures per agent and per step, without pandas.

In: histories. Out: frozen rows, durations in seconds, shares from 0 to 1, None where nothing is known.
A *call* is one step (item, round) that reached for its agent; its attempts are the tries. A run that is
still going counts with what has happened so far.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from misydsl.history.states import Attempt, History, StepState
from misydsl.history.status import STEP_FINAL


class Spread(NamedTuple):
    """How durations are spread, in seconds; percentiles between two values are interpolated."""

    mean_s: float | None = None
    p50_s: float | None = None
    p90_s: float | None = None
    p99_s: float | None = None


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """What calls of one agent came to."""

    agent: str
    calls: int
    succeeded: int
    failed: int
    attempts: int
    retries: int
    success_rate: float | None
    """Of the calls that ended one way or the other."""
    spread: Spread
    """Of single attempts, from the request to the reply or failure."""
    waited_s: float
    """Queued behind limits, all attempts together."""
    lost_to_retries_s: float
    """From the start of each failed attempt to the start of the next, added up."""
    last_at: float | None
    """When the last attempt began, Unix seconds."""


@dataclass(frozen=True, slots=True)
class StepFigures:
    """What one step of one pipeline came to; the items of a `for` count one by one."""

    pipeline: str
    step: str
    agents: tuple[str, ...]
    runs: int
    items: int
    succeeded: int
    failed: int
    skipped: int
    blocked: int
    attempts: int
    retries: int
    success_rate: float | None
    spread: Spread
    """Of an item from its start to its end, retries and waits included."""
    waited_s: float
    lost_to_retries_s: float
    last_at: float | None


def agent_figures(histories: Iterable[History]) -> list[AgentFigures]:
    """One row per agent that was called, by name."""
    calls: defaultdict[str, list[_Call]] = defaultdict(list)
    for history in histories:
        for tries in _calls(history.attempts):
            call = _Call(tries, is_open=_is_open(history, tries[-1]))
            calls[tries[0].agent].append(call)
    return [_agent(name, calls[name]) for name in sorted(calls)]


def step_figures(histories: Iterable[History]) -> list[StepFigures]:
    """One row per pipeline and step, pipelines by name, their steps in first-seen order."""
    seen: dict[tuple[str, str], list[_Group]] = {}
    for history in histories:
        for step, group in _groups(history).items():
            seen.setdefault((history.pipeline, step), []).append(group)
    ordered = sorted(seen, key=lambda key: key[0])
    return [_step(pipeline, step, seen[pipeline, step]) for pipeline, step in ordered]


def spread(durations_s: Iterable[float]) -> Spread:
    """Mean and percentiles of durations; all None when there are none."""
    ordered = sorted(durations_s)
    if not ordered:
        return Spread()
    mean = sum(ordered) / len(ordered)
    return Spread(mean, *(_percentile(ordered, share) for share in (0.5, 0.9, 0.99)))


def without_fan_outs(states: Sequence[StepState]) -> Sequence[StepState]:
    """The items of a step; the `for` around them only where it had none."""
    items = [state for state in states if state.count is None]
    return items or states


class _Call(NamedTuple):
    """The attempts of one call, and whether more may come."""

    tries: list[Attempt]
    is_open: bool


class _Group(NamedTuple):
    """One step in one run."""

    states: Sequence[StepState]
    calls: Sequence[list[Attempt]]


def _groups(history: History) -> dict[str, _Group]:
    states: defaultdict[str, list[StepState]] = defaultdict(list)
    for state in history.steps.values():
        states[state.step].append(state)
    calls: defaultdict[str, list[list[Attempt]]] = defaultdict(list)
    for tries in _calls(history.attempts):
        calls[tries[0].step].append(tries)
    return {step: _Group(without_fan_outs(found), calls[step]) for step, found in states.items()}


def _calls(attempts: Iterable[Attempt]) -> Iterable[list[Attempt]]:
    """The attempts of one run by call, in the order the calls began."""
    calls: dict[tuple[str, str, int, str], list[Attempt]] = {}
    for attempt in attempts:
        key = (attempt.step, attempt.item, attempt.round, attempt.agent)
        calls.setdefault(key, []).append(attempt)
    return calls.values()


def _is_open(history: History, last: Attempt) -> bool:
    """Whether another attempt may follow this last one: then the call has not failed yet."""
    state = history.steps.get((last.step, last.item))
    return state is not None and state.status not in STEP_FINAL and state.round == last.round


def _agent(name: str, calls: Sequence[_Call]) -> AgentFigures:
    attempts = [attempt for call in calls for attempt in call.tries]
    succeeded = sum(call.tries[-1].status == "succeeded" for call in calls)
    failed = sum(call.tries[-1].status == "failed" and not call.is_open for call in calls)
    return AgentFigures(
        agent=name,
        calls=len(calls),
        succeeded=succeeded,
        failed=failed,
        attempts=len(attempts),
        retries=sum(attempt.attempt > 1 for attempt in attempts),
        success_rate=_rate(succeeded, failed),
        spread=spread(one.duration_s for one in attempts if one.duration_s is not None),
        waited_s=sum(attempt.waited_s for attempt in attempts),
        lost_to_retries_s=_lost(call.tries for call in calls),
        last_at=max((attempt.started_at for attempt in attempts), default=None),
    )


def _step(pipeline: str, step: str, groups: Sequence[_Group]) -> StepFigures:
    states = [state for group in groups for state in group.states]
    count = dict.fromkeys(("succeeded", "failed", "skipped", "blocked"), 0)
    for state in states:
        count[state.status] = count.get(state.status, 0) + 1
    agents = dict.fromkeys(state.agent for state in states if state.agent)
    return StepFigures(
        pipeline=pipeline,
        step=step,
        agents=tuple(agents),
        runs=len(groups),
        items=len(states),
        succeeded=count["succeeded"],
        failed=count["failed"],
        skipped=count["skipped"],
        blocked=count["blocked"],
        attempts=sum(state.attempts for state in states),
        retries=sum(state.retries for state in states),
        success_rate=_rate(count["succeeded"], count["failed"]),
        spread=spread(_durations(states)),
        waited_s=sum(state.waited_s for state in states),
        lost_to_retries_s=sum(_lost(group.calls) for group in groups),
        last_at=max((one.started_at for one in states if one.started_at is not None), default=None),
    )


def _durations(states: Iterable[StepState]) -> Iterable[float]:
    """Of what really ran: skipped and blocked steps took no time and would only lower the mean."""
    return (
        state.duration_s
        for state in states
        if state.duration_s is not None and state.status in ("succeeded", "failed")
    )


def _rate(succeeded: int, failed: int) -> float | None:
    ended = succeeded + failed
    return succeeded / ended if ended else None


def _lost(calls: Iterable[list[Attempt]]) -> float:
    """Time between a failed attempt's start and the next one's; time without an owner is not counted."""
    return sum(
        max(0.0, following.started_at - attempt.started_at)
        for tries in calls
        for attempt, following in pairwise(tries)
        if attempt.status == "failed"
    )


def _percentile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
