"""`retryConfig`, `timeout` and `priority` of a JSON step as settings, and back.

In: fields in milliseconds. Out: settings as a `.misy` file has them. The wait before attempt n is exactly
`delay · backoffMultiplier^(n-2)`: no jitter, no ceiling. An answer of `success: false` is a failed attempt, so it is
tried again like the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, cast

from misydsl.expressions.nodes import Expression, ListOf, Literal, RecordField, RecordOf
from misydsl.pipeline.json_fields import LONGEST_MS, RETRY, Reading
from misydsl.pipeline.json_places import Way
from misydsl.pipeline.model import NO_SPAN, Setting
from misydsl.pipeline.policies import DEFAULT_RETRY_ON
from misydsl.values import Duration, Scalar, Value

RETRY_ON: Final = (*DEFAULT_RETRY_ON, "agent-error")
DEFAULT_DELAY_MS: Final = 1000.0
DEFAULT_BACKOFF: Final = 2.0
_NO_CEILING: Final = Duration(LONGEST_MS * 1000.0)


def settings_of(record: Mapping[str, Value], reading: Reading, way: Way) -> tuple[Setting, ...]:
    """The settings that the fields of a step are."""
    return tuple(_settings(record, reading, way))


def _settings(record: Mapping[str, Value], reading: Reading, way: Way) -> Iterator[Setting]:
    if "timeout" in record:
        yield Setting("timeout", Literal(NO_SPAN, _seconds(record["timeout"])))
    if "priority" in record:
        yield Setting("priority", Literal(NO_SPAN, int(cast("float", record["priority"]))))
    given = record.get("retryConfig")
    retry = reading.record(given, (*way, "retryConfig"), RETRY) if given is not None else None
    if retry is not None:
        yield Setting("retry", _retry(retry))


def _retry(retry: Mapping[str, Value]) -> RecordOf:
    fields: dict[str, Scalar | Expression] = {
        "attempts": int(cast("float", retry.get("maxAttempts", 1))),
        "delay": _seconds(retry.get("delay", DEFAULT_DELAY_MS)),
        "backoff": float(cast("float", retry.get("backoffMultiplier", DEFAULT_BACKOFF))),
        "max-delay": _NO_CEILING,
        "jitter": "none",
        "on": ListOf(NO_SPAN, tuple(Literal(NO_SPAN, one) for one in RETRY_ON)),
    }
    return RecordOf(
        NO_SPAN,
        tuple(
            RecordField(
                NO_SPAN,
                name,
                NO_SPAN,
                value if isinstance(value, ListOf) else Literal(NO_SPAN, cast("Scalar", value)),
            )
            for name, value in fields.items()
        ),
    )


def _seconds(milliseconds: Value) -> Duration:
    return Duration(cast("float", milliseconds) / 1000)
