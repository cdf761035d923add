"""The orchestrator's workflow in JSON: a pipeline like any other.

In: the text of a workflow, or of a whole request `{ workflow, context }`, and the agents that are known. Out: a
`Form`: the module it is, the pipeline, and all that is wrong with it, each with its place in the text.
Every legal workflow has a pipeline. Nothing in it is an expression: text that looks like `${…}` is text. Steps whose
results the context brings with `success: true` are values and call nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Final, cast

from misydsl.diagnostics import Diagnostic
from misydsl.expressions.nodes import Argument, Expression, ListOf, Literal, RecordField, RecordOf
from misydsl.pipeline import json_messages as messages
from misydsl.pipeline.json_fields import CONTEXT, QUESTION, STEP, WORKFLOW, Reading
from misydsl.pipeline.json_names import names_of
from misydsl.pipeline.json_places import Way
from misydsl.pipeline.json_policies import settings_of
from misydsl.pipeline.model import NO_SPAN, Agent, Block, Call, Pipeline, Setting, Step
from misydsl.pipeline.schemas import SchemaInvalid, patterns_in, validator_of
from misydsl.source import Source
from misydsl.values import JsonInvalid, Scalar, Value, decode_json, encode_json

APPROVAL: Final = "human.approve"
MOST_STEPS: Final = 10_000
MOST_PATTERNS: Final = 500
"""In all schemas of one workflow; each takes up to 5 ms to be made ready."""
MOST_CIRCLES: Final = 10
"""More are not told of at once."""
VERSION: Final = "1.0.0"

Fields = Mapping[str, Value]
Agents = Callable[[str], Agent | None]
"""What a name means: a declaration, or None for an agent that nobody knows."""


@dataclass(frozen=True, slots=True)
class Form:
    """A workflow, read; `pipeline` is there unless the text is no workflow at all."""

    source: Source
    pipeline: Pipeline | None
    agents: Mapping[str, Agent] = field(default_factory=dict)
    """The agents its steps call, by the names they are called by."""
    diagnostics: tuple[Diagnostic, ...] = ()


def open_agent(name: str) -> Agent:
    """An agent that nothing is known of but its name: called as the orchestrator's contract says."""
    wire = Setting("wire", Literal(NO_SPAN, "misybot"))
    return Agent(name, settings=(wire,), is_open=True)


def read_form(
    source: Source, agents: Agents, *, key: str, name: str, names: Iterable[str] = ()
) -> Form:
    """The pipeline that a workflow is.

    `key` is that of its module, `name` what it is called where it has no id; `names` are those of known
    agents, to guess from.
    """
    try:
        document = decode_json(source.text.removeprefix("\ufeff").encode())
    except JsonInvalid as wrong:
        return Form(source, None, diagnostics=(messages.no_json(source, wrong),))
    except UnicodeEncodeError as wrong:
        return Form(source, None, diagnostics=(messages.no_text(source, wrong.start),))
    reading = Reading(source)
    given, context, way = _parts(document)
    workflow = reading.record(given, way, WORKFLOW) or {}
    identity = str(workflow.get("id") or name)
    reader = _Reader(reading, agents, tuple(names), _results(reading, context), identity)
    steps = reader.steps(workflow.get("steps"), (*way, "steps"))
    pipeline = None if reading.is_wrong else _pipeline(workflow, steps, identity, key)
    return Form(source, pipeline, reader.called, reading.found())


def _parts(document: Value) -> tuple[Value, Value, tuple[str, ...]]:
    """The workflow, its context, and the way to the workflow."""
    if isinstance(document, dict) and "workflow" in document:
        return document["workflow"], document.get("context"), ("workflow",)
    return document, None, ()


def _results(reading: Reading, context: Value) -> Mapping[str, Value]:
    """The data of the steps that are done already, by their ids."""
    fields = None if context is None else reading.record(context, ("context",), CONTEXT)
    results = (fields or {}).get("stepResults") or {}
    assert isinstance(results, dict)
    return {
        name: result.get("data")
        for name, result in results.items()
        if isinstance(result, dict) and result.get("success") is True
    }


def _pipeline(workflow: Fields, steps: tuple[Step, ...], name: str, key: str) -> Pipeline:
    description = workflow.get("description")
    return Pipeline(
        name=name,
        block=Block(steps=steps),
        title=str(workflow.get("name")),
        description=str(description) if description else None,
        module=key,
    )


class _Reader:
    """Reads steps, and remembers which agents they call."""

    def __init__(
        self,
        reading: Reading,
        agents: Agents,
        names: tuple[str, ...],
        done: Mapping[str, Value],
        pipeline: str,
    ) -> None:
        self.called: dict[str, Agent] = {}
        self._reading, self._agents, self._names, self._done = reading, agents, names, done
        self._pipeline = pipeline
        self._schemas: set[str] = set()
        self._patterns = 0

    def steps(self, given: Value, way: Way) -> tuple[Step, ...]:
        """The steps that can be read."""
        listed = given if isinstance(given, list) else []
        if len(listed) > MOST_STEPS:
            self._reading.say(messages.too_many(len(listed), MOST_STEPS), way)
            return ()
        ids = (one.get("id") for one in listed if isinstance(one, dict))
        names = names_of(one for one in ids if isinstance(one, str))
        steps: dict[str, Step] = {}
        numbers: dict[str, int] = {}
        for number, one in enumerate(listed):
            step = self._step(one, (*way, number), names)
            if step is not None and step.name in steps:
                self._reading.say(messages.id_twice(step.public_name), (*way, number, "id"))
            elif step is not None:
                steps[step.name], numbers[step.name] = step, number
        self._look_for_circles(steps, numbers, way)
        return tuple(steps.values())

    def _step(self, given: Value, way: Way, names: Mapping[str, str]) -> Step | None:
        """The step, where its id and its agent can be read; what is wrong is said whatever it is."""
        record = self._reading.record(given, way, STEP)
        if record is None:
            return None
        identity = str(record.get("id") or messages.shown(way).strip("`"))
        waits_for = self._dependencies(record, identity, way, names)
        settings = settings_of(record, self._reading, way)
        schema = self._schema(record, way)
        if identity in self._done:
            waits_for, settings, schema = (), (), None
            block = Block(result=value_of(self._done[identity]))
        else:
            block = Block(call=self._call(record, identity, way))
        if not {"id", "agent"} <= record.keys():
            return None
        return Step(
            name=names[identity],
            block=block,
            title=_text(record.get("name")),
            description=_text(record.get("description")),
            after=waits_for,
            settings=settings,
            alias=identity if identity != names[identity] else None,
            schema=schema,
            is_exclusive=record.get("parallel") is False and identity not in self._done,
            span=self._reading.place((*way, "id")),
        )

    def _call(self, record: Fields, step: str, way: Way) -> Call | None:
        if "agent" not in record:
            return None
        agent, place = str(record["agent"]), (*way, "agent")
        # in one module there is one meaning of a name, and the workflow may be called as an agent is
        target = f"{agent} (agent)" if agent == self._pipeline else agent
        if agent != APPROVAL and target not in self.called:
            known = self._agents(agent)
            if known is None:
                near = self._reading.guess(agent, self._names)
                self._reading.say(messages.unknown_agent(step, agent, near), place)
            self.called[target] = known or open_agent(agent)
        given = record.get("input") or {}
        assert isinstance(given, dict)
        fields = self._question(given, (*way, "input")) if agent == APPROVAL else given
        inputs = tuple(Argument(NO_SPAN, name, value_of(value)) for name, value in fields.items())
        return Call(target, inputs, self._reading.place(place))

    def _question(self, given: Value, way: Way) -> Fields:
        """What a person is asked; it is shown as it stands, so it has to be right before."""
        fields = self._reading.record(given, way, QUESTION) or {}
        options = fields.get("options")
        for number, one in enumerate(options if isinstance(options, list) else ()):
            if not isinstance(one, str):
                place = (*way, "options", number)
                self._reading.say(messages.wrong_kind(place, "text", one), place)
        return fields

    def _dependencies(
        self, record: Fields, step: str, way: Way, names: Mapping[str, str]
    ) -> tuple[str, ...]:
        given = record.get("dependencies") or []
        assert isinstance(given, list)
        found: dict[str, None] = {}
        for number, one in enumerate(given):
            place = (*way, "dependencies", number)
            if not isinstance(one, str):
                self._reading.say(messages.wrong_kind(place, "text", one), place)
            elif one not in names:
                near = self._reading.guess(one, names)
                self._reading.say(messages.unknown_step(step, one, near), place)
            else:
                found[names[one]] = None
        return tuple(found)

    def _schema(self, record: Fields, way: Way) -> str | None:
        schema = record.get("outputSchema")
        if schema is None:
            return None
        text = encode_json(schema).decode()
        self._patterns += patterns_in(schema) if text not in self._schemas else 0
        self._schemas.add(text)
        if self._patterns > MOST_PATTERNS:
            self._reading.say(messages.too_many_patterns(MOST_PATTERNS), (*way, "outputSchema"))
            return None
        try:
            validator_of(text)
        except SchemaInvalid as wrong:
            self._reading.say(messages.no_schema(str(wrong)), (*way, "outputSchema"))
            return None
        return text

    def _look_for_circles(
        self, steps: Mapping[str, Step], numbers: Mapping[str, int], way: Way
    ) -> None:
        """Says the first circles, each at the dependencies of one of its steps."""
        waits = {name: step.after for name, step in steps.items()}
        for _ in range(MOST_CIRCLES):
            try:
                TopologicalSorter(waits).prepare()
            except CycleError as circle:
                names = list(reversed(circle.args[1][:-1]))  # it comes as who is waited for first
                shown = [steps[name].public_name for name in names]
                place = (*way, numbers[names[0]], "dependencies")
                self._reading.say(messages.circle(shown), place)
                waits[names[0]] = ()
            else:
                return


def _text(value: Value) -> str | None:
    return str(value) if value else None


def value_of(value: Value) -> Expression:
    """The expression that is this value."""
    match value:
        case dict():
            return RecordOf(
                NO_SPAN,
                tuple(
                    RecordField(NO_SPAN, name, NO_SPAN, value_of(one))
                    for name, one in value.items()
                ),
            )
        case list():
            return ListOf(NO_SPAN, tuple(map(value_of, value)))
        case _:
            return Literal(NO_SPAN, cast("Scalar", value))
