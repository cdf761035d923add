"""The orchestrator's workflow in JSON: a pipeline like any other.

In: the text of a workflow, or of a whole request `{ workflow, context }`, and the agents that are known. Out: a
`Form`: the module it is, the pipeline, and all that is wrong with it, each with its place in the text.
Every legal workflow has a pipeline. Nothing in it is an expression: text that looks like `${…}` is text. Steps whose
results the context brings with `success: true` are values and call nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Final, cast

from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.similar import similar
from misydsl.expressions.nodes import Argument, Expression, ListOf, Literal, RecordField, RecordOf
from misydsl.pipeline import json_messages as messages
from misydsl.pipeline.json_fields import CONTEXT, STEP, WORKFLOW, Reading
from misydsl.pipeline.json_names import names_of
from misydsl.pipeline.json_places import Way
from misydsl.pipeline.json_policies import settings_of
from misydsl.pipeline.model import NO_SPAN, Agent, Block, Call, Pipeline, Setting, Step
from misydsl.pipeline.schemas import SchemaInvalid, validator_of
from misydsl.source import Source
from misydsl.values import JsonInvalid, Scalar, Value, decode_json, encode_json

APPROVAL: Final = "human.approve"
MOST_STEPS: Final = 10_000
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
    workflow, context, way = _parts(document)
    if reading.record(workflow, way, WORKFLOW) is None:
        return Form(source, None, diagnostics=reading.found())
    assert isinstance(workflow, dict)
    identity = str(workflow.get("id") or name)
    reader = _Reader(reading, agents, tuple(names), _results(reading, context), identity)
    steps = reader.steps(workflow["steps"], (*way, "steps"))
    pipeline = _pipeline(workflow, steps, identity, key) if steps is not None else None
    return Form(source, pipeline, reader.called, reading.found())


def _parts(document: Value) -> tuple[Value, Value, tuple[str, ...]]:
    """The workflow, its context, and the way to the workflow."""
    if isinstance(document, dict) and "workflow" in document:
        return document["workflow"], document.get("context"), ("workflow",)
    return document, None, ()


def _results(reading: Reading, context: Value) -> Mapping[str, Value]:
    """The data of the steps that are done already, by their ids."""
    if context is None or reading.record(context, ("context",), CONTEXT) is None:
        return {}
    assert isinstance(context, dict)
    results = context.get("stepResults") or {}
    if not isinstance(results, dict):
        return {}
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

    def steps(self, given: Value, way: Way) -> tuple[Step, ...] | None:
        """The steps; None where there is no list of them, or one of them cannot be read."""
        assert isinstance(given, list)
        if len(given) > MOST_STEPS:
            self._reading.say(messages.too_many(len(given), MOST_STEPS), way)
            return None
        records = [
            self._reading.record(one, (*way, number), STEP) for number, one in enumerate(given)
        ]
        ids = (one.get("id") for one in given if isinstance(one, dict))
        names = names_of(one for one in ids if isinstance(one, str))
        seen: set[str] = set()
        steps = []
        for number, record in enumerate(records):
            if record is not None:
                steps.append(self._step(record, (*way, number), names))
                if steps[-1].public_name in seen:
                    self._reading.say(messages.id_twice(str(record["id"])), (*way, number, "id"))
                seen.add(steps[-1].public_name)
        if None in records:
            return None
        self._look_for_circles(steps, way)
        return tuple(steps)

    def _step(self, record: Fields, way: Way, names: Mapping[str, str]) -> Step:
        identity = str(record["id"])
        is_done = identity in self._done
        waits_for = self._dependencies(record, way, names)
        settings = settings_of(record, self._reading, way)
        schema = self._schema(record, way)
        call = self._call(record, way)
        return Step(
            name=names[identity],
            block=Block(result=value_of(self._done[identity])) if is_done else Block(call=call),
            title=str(record["name"]) if record.get("name") else None,
            description=str(record["description"]) if record.get("description") else None,
            after=() if is_done else waits_for,
            settings=() if is_done else settings,
            alias=identity if identity != names[identity] else None,
            schema=None if is_done else schema,
            is_exclusive=record.get("parallel") is False and not is_done,
            span=self._reading.place((*way, "id")),
        )

    def _call(self, record: Fields, way: Way) -> Call:
        agent, place = str(record["agent"]), (*way, "agent")
        # in one module there is one meaning of a name, and the workflow may be called as an agent is
        target = f"{agent} (agent)" if agent == self._pipeline else agent
        if agent != APPROVAL and target not in self.called:
            known = self._agents(agent)
            if known is None:
                near = similar(agent, self._names)
                self._reading.say(messages.unknown_agent(record["id"], agent, near), place)
            self.called[target] = known or open_agent(agent)
        given = record.get("input") or {}
        assert isinstance(given, dict)
        inputs = tuple(Argument(NO_SPAN, name, value_of(value)) for name, value in given.items())
        return Call(target, inputs, self._reading.place(place))

    def _dependencies(self, record: Fields, way: Way, names: Mapping[str, str]) -> tuple[str, ...]:
        given = record.get("dependencies") or []
        assert isinstance(given, list)
        found: dict[str, None] = {}
        for number, one in enumerate(given):
            place = (*way, "dependencies", number)
            if not isinstance(one, str):
                self._reading.say(messages.wrong_kind(place, "text", one), place)
            elif one not in names:
                near = similar(one, names)
                self._reading.say(messages.unknown_step(str(record["id"]), one, near), place)
            else:
                found[names[one]] = None
        return tuple(found)

    def _schema(self, record: Fields, way: Way) -> str | None:
        schema = record.get("outputSchema")
        if schema is None:
            return None
        text = encode_json(schema).decode()
        try:
            validator_of(text)
        except SchemaInvalid as wrong:
            self._reading.say(messages.no_schema(str(wrong)), (*way, "outputSchema"))
            return None
        return text

    def _look_for_circles(self, steps: Sequence[Step], way: Way) -> None:
        places = {step.name: number for number, step in enumerate(steps)}
        try:
            TopologicalSorter({step.name: step.after for step in steps}).prepare()
        except CycleError as circle:
            names = list(reversed(circle.args[1][:-1]))  # it comes as who is waited for first
            shown = {step.name: step.public_name for step in steps}
            self._reading.say(
                messages.circle([shown[name] for name in names]),
                (*way, places[names[0]], "dependencies"),
            )


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
