"""What one call may take: as the engine waits, at its longest."""

from __future__ import annotations

import random

import pytest

from misydsl.failures import Failure
from misydsl.pipeline.policies import CallPolicy, RetryPolicy
from misydsl.runner.foresight.amounts import UTMOST
from misydsl.runner.foresight.patience import call_bounds, worst_of
from misydsl.runner.retry import backoff_s, wait_s

POLICIES = [
    RetryPolicy(),
    RetryPolicy(attempts=3),
    RetryPolicy(attempts=9, delay_s=0.5, backoff=3, max_delay_s=20),
    RetryPolicy(attempts=5, delay_s=2, backoff=1),
    RetryPolicy(attempts=4, delay_s=90, max_delay_s=10),
    RetryPolicy(attempts=4, delay_s=0),
]


@pytest.mark.parametrize("retry", POLICIES, ids=str)
def test_the_waits_are_those_of_the_engine_at_their_longest(retry: RetryPolicy) -> None:
    bounds = call_bounds(CallPolicy(timeout_s=7, retry=retry))
    waits = [backoff_s(retry, made) for made in range(1, retry.attempts)]
    assert bounds.waits_s == pytest.approx(sum(waits))
    assert bounds.longest_s == pytest.approx(7 * retry.attempts + sum(waits))
    assert bounds.requests == retry.attempts


@pytest.mark.parametrize("retry", POLICIES, ids=str)
def test_agents_that_ask_for_patience_get_no_more_than_is_told(retry: RetryPolicy) -> None:
    bounds = call_bounds(CallPolicy(retry=retry))
    asking = Failure("http", "later", status=429, retry_after_s=1e9)
    waits = [
        wait_s(retry, asking, made=made, chance=random.Random(1))
        for made in range(1, retry.attempts)
    ]
    assert sum(waits) <= bounds.waits_s + bounds.asked_s + 1e-9


def test_a_hedge_sends_every_attempt_twice_unless_the_timeout_comes_first() -> None:
    twice = CallPolicy(timeout_s=10, retry=RetryPolicy(attempts=3), hedge_s=2)
    assert call_bounds(twice).requests == 6
    assert call_bounds(CallPolicy(timeout_s=2, hedge_s=2)).requests == 1


def test_a_million_attempts_are_added_up_at_once() -> None:
    bounds = call_bounds(CallPolicy(retry=RetryPolicy(attempts=10**6, backoff=1.0000001)))
    assert 10**6 <= bounds.waits_s <= 60 * 10**6
    endless = call_bounds(CallPolicy(retry=RetryPolicy(attempts=10**30)))
    assert endless.longest_s >= UTMOST
    assert endless.attempts == UTMOST


def test_the_worst_of_two_holds_for_both() -> None:
    left = call_bounds(CallPolicy(timeout_s=5, retry=RetryPolicy(attempts=4), cache_s=60))
    right = call_bounds(CallPolicy(timeout_s=50, hedge_s=1))
    both = worst_of(left, right)
    assert (both.attempts, both.requests, both.timeout_s) == (4, 4, 50)
    assert both.longest_s >= max(left.longest_s, right.longest_s)
    assert (both.cache_s, both.hedge_s) == (60, 1)
