"""What the records of a JSON workflow hold: one table each, and the one reader of them all.

In: values as they were decoded. Out: records with fields of the right kind, `null` read as absent; what is wrong is
said at its place. Unknown fields pass, because front ends send their own; one that is nearly a known one is a warning.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.diagnostic import Severity
from misydsl.diagnostics.similar import similar
from misydsl.pipeline import json_messages as messages
from misydsl.pipeline.json_messages import Finding
from misydsl.pipeline.json_places import Places, Way
from misydsl.source import Source, Span
from misydsl.values import Value

Kind = Literal[
    "text",
    "title",
    "name",
    "number",
    "whole number",
    "true or false",
    "object",
    "list",
    "schema",
    "anything",
]

MOST_SAID: Final = 100
"""More errors of one text nobody reads, nor more warnings."""
MOST_COMPARED: Final = 20_000
"""As many names are compared to find out what was meant; a comparison takes some 10 µs."""
LONGEST_MS: Final = 30 * 24 * 3600 * 1000
MOST_ATTEMPTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class FieldForm:
    """One field: what stands in it, and whether it must."""

    kind: Kind
    is_required: bool = False
    least: float = -math.inf
    most: float = math.inf


Table = Mapping[str, FieldForm]

WORKFLOW: Final[Table] = {
    "id": FieldForm("name"),
    "name": FieldForm("title", is_required=True),
    "description": FieldForm("text"),
    "steps": FieldForm("list", is_required=True),
    "createdAt": FieldForm("text"),
    "version": FieldForm("text"),
}
STEP: Final[Table] = {
    "id": FieldForm("name", is_required=True),
    "name": FieldForm("text"),
    "description": FieldForm("text"),
    "agent": FieldForm("name", is_required=True),
    "input": FieldForm("object"),
    "dependencies": FieldForm("list"),
    "retryConfig": FieldForm("object"),
    "timeout": FieldForm("number", least=1, most=LONGEST_MS),
    "parallel": FieldForm("true or false"),
    "priority": FieldForm("whole number", least=-(2**31), most=2**31),
    "outputSchema": FieldForm("schema"),
}
RETRY: Final[Table] = {
    "maxAttempts": FieldForm("whole number", least=1, most=MOST_ATTEMPTS),
    "delay": FieldForm("number", least=0, most=LONGEST_MS),
    "backoffMultiplier": FieldForm("number", least=0, most=1_000),
}
QUESTION: Final[Table] = {
    "message": FieldForm("title", is_required=True),
    "options": FieldForm("list"),
    "to": FieldForm("text"),
    "show": FieldForm("anything"),
}
"""The input of a step whose agent is `human.approve`."""
CONTEXT: Final[Table] = {
    "sessionId": FieldForm("name"),
    "sharedData": FieldForm("object"),
    "stepResults": FieldForm("object"),
    "userContext": FieldForm("anything"),
}


class Reading:
    """One text while it is read; collects what is wrong with it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._places = Places(source.text)
        self._found: dict[Severity, list[Diagnostic]] = {"error": [], "warning": []}
        self._compared = 0

    @property
    def is_wrong(self) -> bool:
        """Whether there was an error."""
        return bool(self._found["error"])

    def found(self) -> tuple[Diagnostic, ...]:
        """What is wrong, in the order of the text."""
        told = [*self._found["error"], *self._found["warning"]]
        return tuple(sorted(told, key=lambda one: one.span))

    def say(self, finding: Finding, way: Way, *, of_name: bool = False) -> None:
        """Say something of a value, or of the name it has in its object."""
        found = self._found[finding.severity]
        if len(found) < MOST_SAID:
            span = self._places.name(way) if of_name else self._places.value(way)
            found.append(finding.at(self._source, span))

    def place(self, way: Way) -> Span:
        """Where a value stands."""
        return self._places.value(way)

    def guess(self, name: str, names: Collection[str]) -> str | None:
        """The name that was probably meant."""
        self._compared += len(names)
        return similar(name, names) if self._compared <= MOST_COMPARED else None

    def record(self, value: Value, way: Way, table: Table) -> dict[str, Value] | None:
        """The fields that are right, `null` being absent; None when it is no object."""
        if not isinstance(value, dict):
            self.say(messages.wrong_kind(way, "object", value), way)
            return None
        self._look_for_slips(value, way, table)
        fields: dict[str, Value] = {}
        for name, form in table.items():
            given = value.get(name)
            if given is None:
                if form.is_required:
                    self.say(messages.missing(way, name), way)
                continue
            wrong = _wrong(given, form, (*way, name))
            if wrong is None:
                fields[name] = given
            else:
                self.say(wrong, (*way, name))
        return fields

    def _look_for_slips(self, value: Mapping[str, Value], way: Way, table: Table) -> None:
        missing = [name for name in table if name not in value]
        for name in [name for name in value if name not in table]:
            near = self.guess(name, missing)
            if near is not None:
                self.say(messages.slip(name, near), (*way, name), of_name=True)


def _wrong(value: Value, form: FieldForm, way: Way) -> Finding | None:
    match form.kind, value:
        case "text", str():
            return None
        case "title", str() if value.strip():
            return None
        case "name", str() if value.strip() and value.isprintable():
            return None
        case "true or false", bool():
            return None
        case "object" | "schema", dict():
            return None
        case "schema", bool():
            return None
        case "anything", _:
            return None
        case "list", list():
            return None
        case (("number" | "whole number"), (int() | float())) if not isinstance(value, bool):
            if form.kind == "whole number" and value != int(value):
                return _other(way, form, value)
            is_within = form.least <= value <= form.most
            return None if is_within else messages.out_of_range(way, value, form.least, form.most)
        case _:
            return _other(way, form, value)


def _other(way: Way, form: FieldForm, value: Value) -> Finding:
    return messages.wrong_kind(way, form.kind, value)
