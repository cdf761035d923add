"""From a pipeline to the orchestrator's JSON, where JSON can say it.

In: a pipeline and its library. Out: a workflow, and a diagnostic for everything that has no form there: expressions,
`for`, `when`, `repeat`, `fallback`, `undo`, handlers, results. A workflow that was read is written as it was meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from misydsl.diagnostics import Diagnostic
from misydsl.expressions.nodes import (
    Argument,
    Expression,
    ListOf,
    Literal,
    RecordField,
    RecordOf,
    Spread,
)
from misydsl.pipeline import json_messages as messages
from misydsl.pipeline.json_policies import DEFAULT_BACKOFF, DEFAULT_DELAY_MS, milliseconds
from misydsl.pipeline.model import Library, Pipeline, Setting, Step
from misydsl.source import Source, Span
from misydsl.values import Value, decode_json


class _HasNoForm(Exception):
    """An expression that is not a plain value."""


def written(
    pipeline: Pipeline, library: Library
) -> tuple[dict[str, Value], tuple[Diagnostic, ...]]:
    """The workflow, and what is not in it because JSON cannot say it."""
    return _Writer(library.modules[pipeline.module].source).workflow(pipeline)


class _Writer:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: list[Diagnostic] = []
        self._pipeline = ""

    def workflow(self, pipeline: Pipeline) -> tuple[dict[str, Value], tuple[Diagnostic, ...]]:
        """The whole workflow."""
        self._pipeline = pipeline.name
        names = {step.name: step.public_name for step in pipeline.block.steps}
        self._refuse_all(_beyond_pipeline(pipeline))
        workflow: dict[str, Value] = {"id": pipeline.name, "name": pipeline.title or pipeline.name}
        if pipeline.description:
            workflow["description"] = pipeline.description
        workflow["steps"] = [self._step(step, names) for step in pipeline.block.steps]
        return workflow, tuple(self._found)

    def _step(self, step: Step, names: Mapping[str, str]) -> dict[str, Value]:
        self._refuse_all(_beyond_step(step))
        record: dict[str, Value] = {"id": step.public_name, "name": step.title or step.public_name}
        if step.description:
            record["description"] = step.description
        if step.block.call is not None:
            target = step.block.call.target
            record["agent"] = self._pipeline if target == f"{self._pipeline} (agent)" else target
            record |= self._input(step)
        if step.after:
            record["dependencies"] = [names[one] for one in step.after]
        for setting in step.settings:
            record |= self._setting(setting)
        if step.is_exclusive:
            record["parallel"] = False
        if step.schema is not None:
            record["outputSchema"] = decode_json(step.schema.encode())
        return record

    def _input(self, step: Step) -> dict[str, Value]:
        assert step.block.call is not None
        given: dict[str, Value] = {}
        for one in step.block.call.arguments:
            try:
                given |= _input(one)
            except _HasNoForm:
                self._refuse("an input that is computed", one.span)
        return {"input": given} if given else {}

    def _setting(self, setting: Setting) -> dict[str, Value]:
        try:
            value = _value(setting.value)
        except _HasNoForm:
            self._refuse(f"`{setting.name}` that is computed", setting.span)
            return {}
        match setting.name, value:
            case "timeout", float(seconds):
                return {"timeout": milliseconds(seconds)}
            case "priority", _:
                return {"priority": value}
            case "retry", dict():
                return {"retryConfig": _retry_config(value)}
            case _:
                self._refuse(f"`{setting.name}`", setting.span)
                return {}

    def _refuse_all(self, beyond: Iterator[tuple[str, Span]]) -> None:
        for what, span in beyond:
            self._refuse(what, span)

    def _refuse(self, what: str, span: Span) -> None:
        self._found.append(messages.no_form(what).at(self._source, span))


def _beyond_pipeline(pipeline: Pipeline) -> Iterator[tuple[str, Span]]:
    """What of a pipeline has no form, and where it stands."""
    result = pipeline.block.result
    parts = (
        ("an input of the pipeline", [one.span for one in pipeline.parameters]),
        ("`let`", [one.span for one in pipeline.block.lets]),
        ("`return`", [] if result is None else [result.span]),
        ("a setting of the pipeline", [one.span for one in pipeline.settings]),
        ("`on failure`", [one.span for one in pipeline.on_failure]),
        ("`on finish`", [one.span for one in pipeline.on_finish]),
    )
    for what, spans in parts:
        for span in spans[:1]:
            yield what, span


def _beyond_step(step: Step) -> Iterator[tuple[str, Span]]:
    """What of a step has no form; all at the step's name."""
    parts = {
        "`for`": step.loop,
        "`when`": step.when,
        "`else`": step.otherwise,
        "`repeat`": step.repeat,
        "`fallback`": step.fallbacks,
        "`undo`": step.undo,
        "`let`": step.block.lets,
        "a step made of steps": step.block.steps,
        "a step that calls nobody": step.block.call is None and not step.block.steps,
    }
    for what, found in parts.items():
        if found:
            yield what, step.span


def _input(argument: Argument | Spread) -> dict[str, Value]:
    if isinstance(argument, Spread) or argument.name is None:
        raise _HasNoForm
    return {argument.name: _value(argument.value)}


def _value(expression: Expression) -> Value:
    match expression:
        case Literal(value=value):
            return value
        case ListOf(items=items):
            return [_value(item) for item in items]
        case RecordOf(fields=fields):
            found: dict[str, Value] = {}
            for one in fields:
                if not isinstance(one, RecordField):
                    raise _HasNoForm
                found[one.name] = _value(one.value)
            return found
        case _:
            raise _HasNoForm


def _retry_config(retry: Mapping[str, Value]) -> dict[str, Value]:
    delay, backoff = cast("float | None", retry.get("delay")), retry.get("backoff")
    return {
        "maxAttempts": retry.get("attempts", 1),
        "delay": DEFAULT_DELAY_MS if delay is None else milliseconds(delay),
        "backoffMultiplier": DEFAULT_BACKOFF if backoff is None else backoff,
    }
