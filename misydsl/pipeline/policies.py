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
    cache_s: float | None = None
    """How old the reply of an equal call may be to be taken for this one's."""
    hedge_s: float | None = None
    """After how long the same call is sent a second time."""


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
        cache_s=_seconds(settings.get("cache")),
        hedge_s=_seconds(settings.get("hedge")),
    )


def _seconds(value: Value) -> float | None:
    return None if value is None else float(cast("float", value))


class Budget(msgspec.Struct, frozen=True):
    """What a pipeline may spend; None where nothing is said."""

    calls: int | None = None
    cost: float | None = None
    tokens: int | None = None


def budget_of(*records: Mapping[str, Value]) -> Budget | None:
    """The budget of `budget: { … }` records, the first that says something wins; None for none."""
    merged = overlay(*records)
    if not merged:
        return None
    calls, cost, tokens = (merged.get(name) for name in ("calls", "cost", "tokens"))
    return Budget(
        calls=None if calls is None else int(cast("int", calls)),
        cost=None if cost is None else float(cast("float", cost)),
        tokens=None if tokens is None else int(cast("int", tokens)),
    )


def breaker_of(record: Mapping[str, Value] | None) -> Breaker | None:
    """The policy of a `breaker: { failures, cooldown }` record."""
    if record is None:
        return None
    failures, cooldown = cast("int", record["failures"]), cast("float", record["cooldown"])
    return Breaker(max(1, failures), float(cooldown))
