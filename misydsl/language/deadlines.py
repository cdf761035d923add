"""Timeouts that are longer than the whole pipeline may take.

In: a checked pipeline's settings and its block. Out: E0414 at each `timeout` of a step, or of `defaults`, that
is longer than the `deadline`; both have to be written out. An agent's own timeout is not looked at: other
pipelines may have the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from misydsl.expressions.nodes import Expression, Literal, RecordField, RecordOf
from misydsl.language import structure_messages as messages
from misydsl.language.context import ModuleContext
from misydsl.pipeline.model import Block, Setting
from misydsl.source import Span
from misydsl.values import Duration, duration_text


def look_at_deadline(settings: Sequence[Setting], block: Block, context: ModuleContext) -> None:
    """Reports the timeouts of a pipeline that can never happen."""
    deadline = next((_duration(one.value) for one in settings if one.name == "deadline"), None)
    if deadline is None:
        return
    for value, span in (*_timeouts(settings), *_of_steps(block)):
        timeout = _duration(value)
        if timeout is not None and timeout > deadline:
            finding = messages.timeout_over_deadline(
                duration_text(timeout), duration_text(deadline)
            )
            context.report.add(span, finding)


def _of_steps(block: Block) -> Iterator[tuple[Expression, Span]]:
    waiting = [block]
    while waiting:
        for step in waiting.pop().steps:
            yield from _timeouts(step.settings)
            waiting += [step.block, *(branch.block for branch in step.otherwise), *step.fallbacks]


def _timeouts(settings: Sequence[Setting]) -> Iterator[tuple[Expression, Span]]:
    for one in settings:
        if one.name == "timeout":
            yield one.value, one.span
        fields = one.value.fields if isinstance(one.value, RecordOf) else ()
        for field in fields if one.name == "defaults" else ():
            if isinstance(field, RecordField) and field.name == "timeout":
                yield field.value, field.name_span.to(field.value.span)


def _duration(expression: Expression) -> Duration | None:
    value = expression.value if isinstance(expression, Literal) else None
    return value if isinstance(value, Duration) else None
