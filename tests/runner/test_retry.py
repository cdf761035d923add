"""How long to wait: the curve, what the agent asked for, and that a crowd does not come back as one."""

from __future__ import annotations

import random
from bisect import bisect_right

import pytest

from misydsl.failures import Failure
from misydsl.pipeline.policies import Jitter, RetryPolicy
from misydsl.runner.retry import wait_s

CROWD = 200
WINDOW_S = 0.05
MOST_AT_ONCE = 0.25
DOWN = Failure("http", "down", status=503)


def busiest(moments: list[float]) -> float:
    """The largest share of the moments that lies within one window."""
    ordered = sorted(moments)
    after = [bisect_right(ordered, moment + WINDOW_S) for moment in ordered]
    return max(end - begin for begin, end in enumerate(after)) / len(ordered)


@pytest.mark.parametrize("asked_s", [None, 0.0, 0.5, 2.0, 600.0])
@pytest.mark.parametrize("jitter", ["full", "equal"])
def test_a_crowd_that_failed_together_does_not_come_back_together(
    jitter: Jitter, asked_s: float | None
) -> None:
    policy = RetryPolicy(attempts=5, delay_s=1.0, jitter=jitter)
    failure = Failure("http", "busy", status=429, retry_after_s=asked_s)
    for seed in range(50):
        chance = random.Random(seed)
        waits = [wait_s(policy, failure, made=1, chance=chance) for _ in range(CROWD)]
        assert busiest(waits) <= MOST_AT_ONCE
        assert min(waits) >= min(asked_s or 0.0, policy.max_delay_s)
        assert max(waits) <= min(asked_s or 0.0, policy.max_delay_s) + 1.0


def test_the_measure_would_see_a_crowd() -> None:
    policy = RetryPolicy(attempts=5, delay_s=1.0, jitter="none")
    waits = [wait_s(policy, DOWN, made=1, chance=random.Random(1)) for _ in range(CROWD)]
    assert busiest(waits) == 1.0


def test_the_same_seed_waits_the_same() -> None:
    policy = RetryPolicy(attempts=9)
    first, second = (
        [wait_s(policy, DOWN, made=made, chance=chance) for made in range(1, 9)]
        for chance in (random.Random(7), random.Random(7))
    )
    assert first == second


@pytest.mark.parametrize(
    ("jitter", "least", "most"), [("none", 4.0, 4.0), ("equal", 2.0, 4.0), ("full", 0.0, 4.0)]
)
def test_jitter_stays_on_its_side_of_the_curve(jitter: Jitter, least: float, most: float) -> None:
    policy = RetryPolicy(attempts=9, delay_s=1.0, backoff=2.0, jitter=jitter)
    chance = random.Random(3)
    waits = [wait_s(policy, DOWN, made=3, chance=chance) for _ in range(500)]
    assert least <= min(waits) <= least + 0.1
    assert most - 0.1 <= max(waits) <= most


def test_no_wait_is_longer_than_the_longest_however_often_it_failed() -> None:
    policy = RetryPolicy(attempts=10_000, max_delay_s=30.0, jitter="none")
    assert wait_s(policy, DOWN, made=9_999, chance=random.Random(1)) == 30.0
