"""`retryConfig`, `timeout` and `priority` of a JSON step as settings, and back.

In: fields in milliseconds. Out: settings as a `.misy` file has them. The wait before attempt n is exactly
`delay · backoffMultiplier^(n-2)`: no jitter, no ceiling. An answer of `success: false` is a failed attempt, so it is
tried again like the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final, cast

from misydsl.expressions.nodes import Expression, ListOf, Literal, RecordField, RecordOf
from misydsl.pipeline import json_messages as messages
from misydsl.pipeline.json_fields import LONGEST_MS, RETRY, Reading
from misydsl.pipeline.json_places import Way
from misydsl.pipeline.model import NO_SPAN, Setting
from misydsl.pipeline.policies import DEFAULT_RETRY_ON, NO_RETRY
from misydsl.values import Duration, Scalar, Value

RETRY_ON: Final = (*DEFAULT_RETRY_ON, "agent-error")
DEFAULT_DELAY_MS: Final = 1000.0
DEFAULT_BACKOFF: Final = 2.0
_LEAST_CEILING_S: Final = NO_RETRY.max_delay_s  # what an agent may ask for with Retry-After


def settings_of(record: Mapping[str, Value], reading: Reading, way: Way) -> tuple[Setting, ...]:
    """The settings that the fields of a step are."""
    return tuple(_settings(record, reading, way))


def _settings(record: Mapping[str, Value], reading: Reading, way: Way) -> Iterator[Setting]:
    if "timeout" in record:
        yield Setting("timeout", Literal(NO_SPAN, _seconds(record["timeout"])))
    if "priority" in record:
        yield Setting("priority", Literal(NO_SPAN, int(cast("float", record["priority"]))))
    given = record.get("retryConfig")
    retry = None if given is None else reading.record(given, (*way, "retryConfig"), RETRY)
    if retry is not None:
        longest_s = _longest_wait_s(retry)
        if longest_s > LONGEST_MS / 1000:
            finding = messages.too_long(longest_s, LONGEST_MS / 1000)
            reading.say(finding, (*way, "retryConfig"))
        yield Setting("retry", _retry(retry, max(longest_s, _LEAST_CEILING_S)))


def _retry(retry: Mapping[str, Value], ceiling_s: float) -> RecordOf:
    fields: dict[str, Scalar] = {
        "attempts": int(cast("float", retry.get("maxAttempts", 1))),
        "delay": _seconds(retry.get("delay", DEFAULT_DELAY_MS)),
        "backoff": float(cast("float", retry.get("backoffMultiplier", DEFAULT_BACKOFF))),
        "max-delay": Duration(ceiling_s),
        "jitter": "none",
    }
    conditions = ListOf(NO_SPAN, tuple(Literal(NO_SPAN, one) for one in RETRY_ON))
    values: dict[str, Expression] = {
        **{name: Literal(NO_SPAN, value) for name, value in fields.items()},
        "on": conditions,
    }
    written = (RecordField(NO_SPAN, name, NO_SPAN, value) for name, value in values.items())
    return RecordOf(NO_SPAN, tuple(written))


def _longest_wait_s(retry: Mapping[str, Value]) -> float:
    """The wait before the last attempt, or before the second where waits shrink."""
    delay_s = _seconds(retry.get("delay", DEFAULT_DELAY_MS))
    backoff = float(cast("float", retry.get("backoffMultiplier", DEFAULT_BACKOFF)))
    waits = int(cast("float", retry.get("maxAttempts", 1))) - 1
    if waits < 1 or not delay_s:
        return 0.0
    try:
        return delay_s * max(1.0, backoff ** (waits - 1))
    except OverflowError:
        return math.inf


def _seconds(milliseconds: Value) -> Duration:
    return Duration(cast("float", milliseconds) / 1000)


def milliseconds(seconds: float) -> int | float:
    """The number of milliseconds that is read as these seconds again, as short as it can be."""
    rounded = round(seconds * 1000, 6)
    exact = rounded if rounded / 1000 == seconds else seconds * 1000
    return int(exact) if exact == int(exact) else exact
