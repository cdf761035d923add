"""Policies: what settings come to."""

from __future__ import annotations

import pytest

from misydsl.failures import Failure
from misydsl.pipeline.policies import (
    DEFAULT_TIMEOUT_S,
    NO_RETRY,
    RetryPolicy,
    call_policy,
    overlay,
    retry_policy,
)
from misydsl.pipeline.settings import SETTINGS
from misydsl.values import Duration, Value


def test_the_first_layer_that_says_anything_wins() -> None:
    step, agent, defaults = {"timeout": 1}, {"timeout": 2, "cache": None}, {"cache": 3, "x-a": 4}
    assert overlay(step, agent, defaults) == {"timeout": 1, "cache": 3, "x-a": 4}


def test_a_retry_is_taken_whole() -> None:
    merged = overlay({"retry": {"attempts": 2}}, {"retry": {"attempts": 5, "delay": Duration(9)}})
    assert call_policy(merged).retry == RetryPolicy(attempts=2)


def test_without_settings_there_is_one_attempt_of_30_seconds() -> None:
    policy = call_policy({})
    assert (policy.timeout_s, policy.retry, policy.priority) == (DEFAULT_TIMEOUT_S, NO_RETRY, 0)
    assert NO_RETRY.attempts == 1


def test_every_field_of_a_retry_is_read() -> None:
    record: dict[str, Value] = {
        "attempts": 4, "delay": Duration(0.5), "backoff": 3, "max-delay": Duration(20),
        "jitter": "none", "on": ["agent-error", 409],
    }  # fmt: skip
    assert retry_policy(record) == RetryPolicy(4, 0.5, 3.0, 20.0, "none", ("agent-error", 409))


@pytest.mark.parametrize(
    ("failure", "may"),
    [
        (Failure("timeout", ""), True),
        (Failure("connect", ""), True),
        (Failure("reset", ""), True),
        (Failure("http", "", status=500), True),
        (Failure("http", "", status=599), True),
        (Failure("http", "", status=408), True),
        (Failure("http", "", status=425), True),
        (Failure("http", "", status=429), True),
        (Failure("http", "", status=404), False),
        (Failure("http", "", status=302), False),
        (Failure("tls", ""), False),
        (Failure("bad-reply", ""), False),
        (Failure("wrong-type", ""), False),
        (Failure("agent-error", ""), False),
        (Failure("too-large", ""), False),
    ],
)
def test_what_is_tried_again_by_default(failure: Failure, may: bool) -> None:
    assert RetryPolicy(attempts=3).may_retry(failure, 1) is may
    assert not RetryPolicy(attempts=3).may_retry(failure, 3)


def test_a_failure_is_one_sentence_that_says_where_and_what_to_do() -> None:
    failure = Failure(
        "http",
        "it answered 500",
        status=500,
        agent="a",
        step="s",
        item="3",
        attempt=2,
        advice="wait",
    )
    assert failure.sentence() == "step s, item 3, attempt 2, agent a: it answered 500 (wait)"
    assert Failure("timeout", "too slow").sentence() == "too slow"


def test_every_setting_says_what_it_does() -> None:
    for table in SETTINGS.values():
        for name, spec in table.items():
            assert name == name.lower()
            assert spec.description[0].islower()
            assert not spec.description.endswith(".")
