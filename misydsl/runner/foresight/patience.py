"""Patience: what one call may cost in attempts and seconds, by its policy.

In: a `CallPolicy`. Out: `CallBounds`, at most: every attempt fails at its timeout and every wait is as long
as its jitter lets it be. What an agent asks for with `Retry-After` is told apart, as nobody knows it before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from misydsl.pipeline.policies import CallPolicy, RetryPolicy
from misydsl.runner.foresight.amounts import UTMOST, bounded

_WALKED: Final = 1_000  # waits that are added up one by one; the rest is taken as the longest


@dataclass(frozen=True, slots=True)
class CallBounds:
    """One call: how often it is sent and how long it takes, at most."""

    attempts: int
    requests: int
    """Attempts, hedged ones counted twice."""
    timeout_s: float
    work_s: float
    """Inside attempts."""
    waits_s: float
    """Between them."""
    asked_s: float
    """What `Retry-After` may add to the waits."""
    hedge_s: float | None = None
    cache_s: float | None = None

    @property
    def longest_s(self) -> float:
        """From its first attempt to its end."""
        return self.work_s + self.waits_s


@lru_cache(maxsize=256)
def call_bounds(policy: CallPolicy) -> CallBounds:
    """The bounds of one call."""
    attempts = min(max(1, policy.retry.attempts), UTMOST)
    is_hedged = policy.hedge_s is not None and policy.hedge_s < policy.timeout_s
    waits_s = waits_of(policy.retry)
    asked_s = float(bounded((attempts - 1) * policy.retry.max_delay_s))  # comes on top of jitter
    return CallBounds(
        attempts=attempts,
        requests=attempts * (2 if is_hedged else 1),
        timeout_s=policy.timeout_s,
        work_s=float(bounded(attempts * policy.timeout_s)),
        waits_s=waits_s,
        asked_s=asked_s,
        hedge_s=policy.hedge_s,
        cache_s=policy.cache_s,
    )


def worst_of(left: CallBounds, right: CallBounds) -> CallBounds:
    """Bounds that hold for both."""
    return CallBounds(
        attempts=max(left.attempts, right.attempts),
        requests=max(left.requests, right.requests),
        timeout_s=max(left.timeout_s, right.timeout_s),
        work_s=max(left.work_s, right.work_s),
        waits_s=max(left.waits_s, right.waits_s),
        asked_s=max(left.asked_s, right.asked_s),
        hedge_s=left.hedge_s or right.hedge_s,
        cache_s=left.cache_s or right.cache_s,
    )


def waits_of(retry: RetryPolicy) -> float:
    """All waits between the attempts of one call, at their longest, in seconds."""
    waits = max(0, retry.attempts - 1)
    found_s, delay_s = 0.0, retry.delay_s
    for made in range(waits):
        if made >= _WALKED or delay_s >= retry.max_delay_s:
            return float(bounded(found_s + (waits - made) * retry.max_delay_s))
        found_s += delay_s
        delay_s *= retry.backoff
    return found_s
