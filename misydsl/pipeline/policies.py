"""Policies: what settings mean once they are evaluated.

In: plain records of values, checked against `settings`. Out: frozen policies the engine acts on, with
the documented defaults. All times are seconds. Precedence is decided by the caller through `overlay`:
step over agent over pipeline `defaults` over built-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

import msgspec

from misydsl.failures import Failure
from misydsl.values import Value

Jitter = Literal["none", "full", "equal"]

DEFAULT_TIMEOUT_S = 30.0
DEFAULT_RETRY_ON: tuple[str | int, ...] = ("timeout", "connect", "http-5xx", 408, 425, 429)
DEFAULT_CONCURRENCY = 64  # open calls per agent when it sets none: keeps sockets and servers alive


class RetryPolicy(msgspec.Struct, frozen=True):
    """How often and how patiently one call is tried; `attempts` is the total, so 1 means no retry."""

    attempts: int = 1
    delay_s: float = 1.0
    backoff: float = 2.0
    max_delay_s: float = 60.0
    jitter: Jitter = "full"
    on: tuple[str | int, ...] = DEFAULT_RETRY_ON

    def may_retry(self, failure: Failure, attempt: int) -> bool:
        """Whether attempt number `attempt` (from 1) that ended so may be followed by another."""
        return attempt < self.attempts and any(failure.matches(word) for word in self.on)


NO_RETRY = RetryPolicy()


class Breaker(msgspec.Struct, frozen=True):
    """Stop calling an agent for a while after so many failures in a row."""

    failures: int
    cooldown_s: float


class CallPolicy(msgspec.Struct, frozen=True):
    """Everything that governs the attempts of one step's call."""

    timeout_s: float = DEFAULT_TIMEOUT_S
    retry: RetryPolicy = RetryPolicy()
    priority: int = 0


def retry_policy(record: Mapping[str, Value]) -> RetryPolicy:
    """The policy of a `retry: { … }` record; durations in seconds, absent fields by default."""
    default = NO_RETRY

    def number(name: str, otherwise: float) -> float:
        value = record.get(name)
        return otherwise if value is None else float(cast("float", value))

    return RetryPolicy(
        attempts=int(number("attempts", default.attempts)),
        delay_s=number("delay", default.delay_s),
        backoff=number("backoff", default.backoff),
        max_delay_s=number("max-delay", default.max_delay_s),
        jitter=cast("Jitter", record.get("jitter") or default.jitter),
        on=tuple(cast("list[str | int]", record.get("on") or default.on)),
    )


def overlay(*layers: Mapping[str, Value]) -> dict[str, Value]:
    """Settings merged, the first layer that says anything wins; `retry` is taken whole."""
    merged: dict[str, Value] = {}
    for layer in reversed(layers):
        merged.update({key: value for key, value in layer.items() if value is not None})
    return merged


def call_policy(settings: Mapping[str, Value]) -> CallPolicy:
    """The policy of merged settings."""
    retry = settings.get("retry")
    return CallPolicy(
        timeout_s=float(cast("float", settings.get("timeout", DEFAULT_TIMEOUT_S))),
        retry=retry_policy(retry) if isinstance(retry, Mapping) else NO_RETRY,
        priority=int(cast("int", settings.get("priority", 0))),
    )
