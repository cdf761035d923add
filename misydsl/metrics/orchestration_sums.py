"""Sums that only grow: what agents and runs come to, in constant memory.

In: durations and outcomes, one by one. Out: means, and counts by bucket of duration (so that Prometheus
can tell how they are spread). Nothing is kept of a single call.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Final

from misydsl.metrics.orchestration_records import (
    AgentMetrics,
    AgentRow,
    iso,
    milliseconds,
    percent,
)

CALL_BOUNDS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
"""A function in this process answers in milliseconds, a model in seconds, a person's tool in minutes."""
RUN_BOUNDS_S: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600, 86_400)


@dataclass(slots=True)
class Durations:
    """Durations in seconds, counted by the first bound they do not exceed; the last place has the rest."""

    bounds_s: tuple[float, ...]
    counts: list[int] = field(default_factory=list)
    number: int = 0
    sum_s: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds_s) + 1)

    def add(self, duration_s: float) -> None:
        """One more."""
        self.counts[bisect_left(self.bounds_s, duration_s)] += 1
        self.number += 1
        self.sum_s += duration_s

    @property
    def mean_s(self) -> float:
        """0 when there are none."""
        return self.sum_s / self.number if self.number else 0.0

    def buckets(self) -> list[tuple[str, float]]:
        """`(bound, how many are not above it)`, the last bound `+Inf`."""
        found: list[tuple[str, float]] = []
        below = 0
        for bound, count in zip((*self.bounds_s, None), self.counts, strict=True):
            below += count
            found.append(("+Inf" if bound is None else str(float(bound)), below))
        return found


@dataclass(slots=True)
class AgentSums:
    """One agent so far."""

    succeeded: int = 0
    failed: int = 0
    attempts: int = 0
    errors: int = 0
    retries: int = 0
    last_at: float = 0.0
    durations: Durations = field(default_factory=lambda: Durations(CALL_BOUNDS_S))
    """Of single attempts."""

    @property
    def executions(self) -> int:
        """Those that ended."""
        return self.succeeded + self.failed

    @property
    def success_rate(self) -> float:
        """Percent."""
        return percent(self.succeeded, self.executions)

    def metrics(self) -> AgentMetrics:
        """As the contract says it."""
        return AgentMetrics(
            executions=self.executions,
            success_rate=self.success_rate,
            average_response_time=milliseconds(self.durations.mean_s),
            errors=self.errors,
            last_execution=iso(self.last_at),
        )

    def row(self, name: str) -> AgentRow:
        """The same, for a ranking."""
        return AgentRow(
            name=name,
            executions=self.executions,
            success_rate=self.success_rate,
            average_response_time=milliseconds(self.durations.mean_s),
            errors=self.errors,
        )
