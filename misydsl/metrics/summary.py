"""Figures per agent, per step and per failure, over one run or ten thousand, without pandas.

In: histories, one at a time. Out: rows of `figures`. Nothing of a history is kept but sums and the
durations themselves (eight bytes each, so that percentiles are exact), so a whole journal can be added
up. A run that is still going counts with what has happened so far.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf

from misydsl.failures import FailureKind
from misydsl.history.states import Attempt, History, StepState
from misydsl.metrics.calls import Call, calls_by_step, calls_of
from misydsl.metrics.figures import (
    AgentFigures,
    FailureFigures,
    Spread,
    StepFigures,
    rate,
    spread,
)

__all__ = [
    "AgentFigures",
    "FailureFigures",
    "Spread",
    "StepFigures",
    "Tally",
    "agent_figures",
    "failure_figures",
    "spread",
    "step_figures",
    "tally_of",
    "without_fan_outs",
]


class Tally:
    """What runs come to, added up run by run. Not to be shared between threads."""

    __slots__ = ("_agents", "_steps", "runs")

    def __init__(self) -> None:
        self.runs = 0
        self._agents: defaultdict[str, _AgentSums] = defaultdict(_AgentSums)
        self._steps: defaultdict[tuple[str, str], _StepSums] = defaultdict(_StepSums)

    def add(self, history: History) -> None:
        """Count one more run in."""
        self.runs += 1
        calls = calls_of(history)
        for call in calls:
            self._agents[call.tries[0].agent].add(call)
        by_step = calls_by_step(calls)
        for step, states in _states_by_step(history).items():
            self._steps[history.pipeline, step].add(states, by_step.get(step, []))

    def agents(self) -> list[AgentFigures]:
        """One row per agent that was called, by name."""
        return [_agent(name, self._agents[name]) for name in sorted(self._agents)]

    def steps(self) -> list[StepFigures]:
        """One row per pipeline and step, pipelines by name, their steps in first-seen order."""
        ordered = sorted(self._steps, key=lambda key: key[0])
        return [_step(*key, self._steps[key]) for key in ordered]

    def failures(self) -> list[FailureFigures]:
        """One row per agent and reason, agents by name, the commonest reason first."""
        rows = [
            _failure(name, kind, seen, of=self._agents[name].attempts)
            for name in sorted(self._agents)
            for kind, seen in self._agents[name].failures.items()
        ]
        return sorted(rows, key=lambda row: (row.agent, -row.attempts))


def tally_of(histories: Iterable[History]) -> Tally:
    """All of these runs added up."""
    tally = Tally()
    for history in histories:
        tally.add(history)
    return tally


def agent_figures(histories: Iterable[History]) -> list[AgentFigures]:
    """One row per agent that was called, by name."""
    return tally_of(histories).agents()


def step_figures(histories: Iterable[History]) -> list[StepFigures]:
    """One row per pipeline and step, pipelines by name, their steps in first-seen order."""
    return tally_of(histories).steps()


def failure_figures(histories: Iterable[History]) -> list[FailureFigures]:
    """One row per agent and reason, agents by name, the commonest reason first."""
    return tally_of(histories).failures()


def without_fan_outs(states: Sequence[StepState]) -> Sequence[StepState]:
    """The items of a step; the `for` around them only where it had none."""
    items = [state for state in states if state.count is None]
    return items or states


@dataclass(slots=True)
class _Seen:
    """One reason to fail, so far."""

    attempts: int = 0
    ended: int = 0
    first_at: float = inf
    last_at: float = -inf
    message: str = ""

    def add(self, attempt: Attempt, *, is_last: bool) -> None:
        self.attempts += 1
        self.ended += is_last
        self.first_at = min(self.first_at, attempt.started_at)
        if attempt.started_at >= self.last_at and attempt.failure is not None:
            self.last_at, self.message = attempt.started_at, attempt.failure.message


@dataclass(slots=True)
class _AgentSums:
    """One agent, so far."""

    calls: int = 0
    succeeded: int = 0
    failed: int = 0
    attempts: int = 0
    failed_attempts: int = 0
    retries: int = 0
    hedges: int = 0
    durations_s: array[float] = field(default_factory=lambda: array("d"))
    waited_s: float = 0.0
    lost_s: float = 0.0
    cost: float = 0.0
    tokens: int = 0
    first_at: float = inf
    last_at: float = -inf
    failures: defaultdict[FailureKind, _Seen] = field(default_factory=lambda: defaultdict(_Seen))

    def add(self, call: Call) -> None:
        self.calls += 1
        self.succeeded += call.tries[-1].status == "succeeded"
        self.failed += call.is_failed
        self.lost_s += call.lost_to_retries_s
        for attempt in call.tries:
            self._add_attempt(attempt)
        for attempt in call.tries:
            if attempt.status == "failed" and attempt.failure is not None:
                is_last = call.is_failed and attempt is call.tries[-1]
                self.failures[attempt.failure.kind].add(attempt, is_last=is_last)

    def _add_attempt(self, attempt: Attempt) -> None:
        self.attempts += 1
        self.failed_attempts += attempt.status == "failed"
        self.retries += attempt.attempt > 1
        self.hedges += attempt.is_hedged
        if attempt.duration_s is not None:
            self.durations_s.append(attempt.duration_s)
        self.waited_s += attempt.waited_s
        self.cost += attempt.cost
        self.tokens += attempt.tokens
        self.first_at = min(self.first_at, attempt.started_at)
        self.last_at = max(self.last_at, attempt.started_at)


@dataclass(slots=True)
class _StepSums:
    """One step of one pipeline, so far."""

    agents: dict[str, None] = field(default_factory=dict)
    runs: int = 0
    items: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    reused: int = 0
    attempts: int = 0
    retries: int = 0
    durations_s: array[float] = field(default_factory=lambda: array("d"))
    waited_s: float = 0.0
    lost_s: float = 0.0
    cost: float = 0.0
    tokens: int = 0
    first_at: float = inf
    last_at: float = -inf

    def add(self, states: Sequence[StepState], calls: Sequence[Call]) -> None:
        self.runs += 1
        self.lost_s += sum(call.lost_to_retries_s for call in calls)
        for state in states:
            self._add_state(state)

    def _add_state(self, state: StepState) -> None:
        self.items += 1
        self.ends[state.status] += 1
        self.reused += state.reused is not None
        self.attempts += state.attempts
        self.retries += state.retries
        self.waited_s += state.waited_s
        self.cost += state.cost
        self.tokens += state.tokens
        if state.agent:
            self.agents[state.agent] = None
        if state.started_at is not None:
            self.first_at = min(self.first_at, state.started_at)
            self.last_at = max(self.last_at, state.started_at)
        # of what really ran: skipped and blocked steps took no time and would only lower the mean
        if state.duration_s is not None and state.status in ("succeeded", "failed"):
            self.durations_s.append(state.duration_s)


def _states_by_step(history: History) -> dict[str, Sequence[StepState]]:
    states: defaultdict[str, list[StepState]] = defaultdict(list)
    for state in history.steps.values():
        states[state.step].append(state)
    return {step: without_fan_outs(found) for step, found in states.items()}


def _agent(name: str, sums: _AgentSums) -> AgentFigures:
    commonest = max(sums.failures, key=lambda kind: sums.failures[kind].attempts, default=None)
    return AgentFigures(
        agent=name,
        calls=sums.calls,
        succeeded=sums.succeeded,
        failed=sums.failed,
        attempts=sums.attempts,
        failed_attempts=sums.failed_attempts,
        retries=sums.retries,
        hedges=sums.hedges,
        success_rate=rate(sums.succeeded, sums.failed),
        attempts_per_call=sums.attempts / sums.calls,
        spread=spread(sums.durations_s),
        call_s=sum(sums.durations_s),
        waited_s=sums.waited_s,
        lost_to_retries_s=sums.lost_s,
        cost=sums.cost,
        tokens=sums.tokens,
        first_at=sums.first_at,
        last_at=sums.last_at,
        top_failure=commonest,
    )


def _step(pipeline: str, step: str, sums: _StepSums) -> StepFigures:
    succeeded, failed = sums.ends["succeeded"], sums.ends["failed"]
    has_begun = sums.first_at < inf
    return StepFigures(
        pipeline=pipeline,
        step=step,
        agents=tuple(sums.agents),
        runs=sums.runs,
        items=sums.items,
        succeeded=succeeded,
        failed=failed,
        skipped=sums.ends["skipped"],
        blocked=sums.ends["blocked"],
        reused=sums.reused,
        attempts=sums.attempts,
        retries=sums.retries,
        success_rate=rate(succeeded, failed),
        spread=spread(sums.durations_s),
        waited_s=sums.waited_s,
        lost_to_retries_s=sums.lost_s,
        cost=sums.cost,
        tokens=sums.tokens,
        first_at=sums.first_at if has_begun else None,
        last_at=sums.last_at if has_begun else None,
    )


def _failure(agent: str, kind: FailureKind, seen: _Seen, *, of: int) -> FailureFigures:
    return FailureFigures(
        agent=agent,
        kind=kind,
        attempts=seen.attempts,
        share=seen.attempts / of,
        ended=seen.ended,
        first_at=seen.first_at,
        last_at=seen.last_at,
        message=seen.message,
    )
