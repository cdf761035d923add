"""Rows of figures: what agents, steps and failures came to, in numbers.

In: what `summary` counted. Out: frozen rows, durations in seconds, shares from 0 to 1, times as Unix
seconds, None where nothing is known. A *call* is one step (item, round) that reached for its agent;
its attempts are the tries. Nothing here needs pandas.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from misydsl.failures import FailureKind


class Spread(NamedTuple):
    """How durations are spread, in seconds; percentiles between two values are interpolated."""

    mean_s: float | None = None
    p50_s: float | None = None
    p90_s: float | None = None
    p95_s: float | None = None
    p99_s: float | None = None
    max_s: float | None = None


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """What calls of one agent came to."""

    agent: str
    calls: int
    succeeded: int
    failed: int
    attempts: int
    failed_attempts: int
    retries: int
    hedges: int
    """Attempts that were sent a second time because they took long."""
    success_rate: float | None
    """Of the calls that ended one way or the other."""
    attempts_per_call: float
    spread: Spread
    """Of single attempts, from the request to the reply or failure."""
    call_s: float
    """Inside calls, all attempts together."""
    waited_s: float
    """Queued behind limits, all attempts together."""
    lost_to_retries_s: float
    """Failed attempts and the waits after them, where another attempt followed."""
    cost: float
    tokens: int
    first_at: float | None
    """When the first attempt began."""
    last_at: float | None
    """When the last attempt began."""
    top_failure: FailureKind | None
    """The commonest reason for an attempt to fail."""


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
    reused: int
    """Items whose value was taken from elsewhere instead of a call."""
    attempts: int
    retries: int
    success_rate: float | None
    spread: Spread
    """Of an item from its start to its end, retries and waits included."""
    waited_s: float
    lost_to_retries_s: float
    cost: float
    tokens: int
    first_at: float | None
    last_at: float | None


@dataclass(frozen=True, slots=True)
class FailureFigures:
    """How often attempts of one agent failed for one reason."""

    agent: str
    kind: FailureKind
    attempts: int
    share: float
    """Of all attempts of the agent."""
    ended: int
    """Calls that had this as their last word."""
    first_at: float
    last_at: float
    message: str
    """What the latest of them said."""


def spread(durations_s: Iterable[float]) -> Spread:
    """Mean, percentiles and maximum of durations; all None when there are none."""
    ordered = sorted(durations_s)
    if not ordered:
        return Spread()
    mean = sum(ordered) / len(ordered)
    p50, p90, p95, p99 = (_percentile(ordered, share) for share in (0.5, 0.9, 0.95, 0.99))
    return Spread(mean, p50, p90, p95, p99, ordered[-1])


def rate(succeeded: int, failed: int) -> float | None:
    """The share of those that ended well; None while none has ended."""
    ended = succeeded + failed
    return succeeded / ended if ended else None


def _percentile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
