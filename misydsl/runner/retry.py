"""How long to wait before the next attempt.

In: a policy, the failure and how many attempts were made. Out: seconds. tenacity's wait objects compute
the curve; the jitter is drawn from the run's own generator,
so a seeded run waits the same each time. `Retry-After` is honoured up to `max-delay`, and jitter comes on
top of it: whom an agent asks for a second together would else come back together.
"""

from __future__ import annotations

import random

from misydsl.failures import Failure
from misydsl.pipeline.policies import RetryPolicy


def wait_s(policy: RetryPolicy, failure: Failure, *, made: int, chance: random.Random) -> float:
    """Seconds until the next attempt after `made` attempts: the curve with jitter, or what was asked."""
    longest = backoff_s(policy, made)
    sure = {"none": longest, "full": 0.0, "equal": longest / 2}[policy.jitter]
    delay = chance.uniform(sure, longest)
    if failure.retry_after_s is not None:
        asked = min(failure.retry_after_s, policy.max_delay_s)
        delay = max(delay, asked + delay - sure)
    return delay


def load() -> None:
    """Import tenacity now (20 ms), where nobody waits, and not at the first failure, where calls do."""
    import tenacity  # noqa: F401


def backoff_s(policy: RetryPolicy, made: int) -> float:
    """`delay · backoff^(made - 1)`, at most `max-delay`: the wait before jitter."""
    from tenacity import RetryCallState, Retrying, wait_exponential

    curve = wait_exponential(
        multiplier=policy.delay_s, exp_base=policy.backoff, max=policy.max_delay_s
    )
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = made
    return float(curve(state))
