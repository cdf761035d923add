"""The card: the language for a reader who has little room, such as a model that writes pipelines.

In: `grammar/misy.card.md`, the table of settings and the functions. Out: the card as Markdown, with every
setting and every function of this version in it. It stays under `MOST_CHARACTERS`.
"""

from __future__ import annotations

from typing import Final

import msgspec

from misydsl.expressions.functions import FUNCTIONS
from misydsl.expressions.signature import Function, Parameter
from misydsl.language.shipped import shipped_path
from misydsl.pipeline.settings import SETTINGS, Place, SettingSpec
from misydsl.relations import describe
from misydsl.types import RecordType, Type, UnionType

MOST_TOKENS: Final = 2_500
CHARACTERS_PER_TOKEN: Final = 3
"""A bound from below: cl100k and o200k, two vocabularies in wide use, take 3.2 characters of it at once."""
MOST_CHARACTERS: Final = MOST_TOKENS * CHARACTERS_PER_TOKEN

RESULTS: Final = {
    "lines": "string",
    "join": "string",
    "text": "string",
    "contains": "bool",
    "first": "T?",
    "last": "T?",
    "take": "list[T]",
    "drop": "list[T]",
    "unique": "list[T]",
    "flatten": "list[T]",
    "zip": "list[{ first: T, second: U }]",
    "sort": "list[T]",
    "group": "list[{ key: K, items: list[T] }]",
    "sum": "number",
    "avg": "float?",
    "min": "T?",
    "max": "T?",
    "round": "int | float",
    "abs": "T",
    "mod": "number",
    "merge": "record",
    "values": "list[T]",
    "date": "date",
    "datetime": "datetime",
}
"""What functions give whose result follows their arguments."""

_PLACES: Final[dict[Place, str]] = {
    "agent": "agent",
    "step": "step",
    "for": "step with `for`",
    "repeat": "step with `repeat`",
    "pipeline": "pipeline",
}


def card() -> str:
    """The whole card."""
    text = shipped_path("misy.card.md").read_text(encoding="utf-8")
    text = text.replace("<!-- settings -->", "\n".join(setting_lines()))
    return text.replace("<!-- functions -->", "`" + " · ".join(function_signatures()) + "`")


def setting_lines() -> list[str]:
    """A line for each place: `- step: timeout: duration = 30s · …`; what calls share is said once."""
    calling = SETTINGS["defaults"]
    lines = [f"- agent, step, `defaults`: `{_listed(calling)}`"]
    for place, words in _PLACES.items():
        own = {name: spec for name, spec in SETTINGS[place].items() if name not in calling}
        lines.append(f"- {words}: `{_listed(own)}`")
    return lines


def function_signatures() -> list[str]:
    """Every function as it is called, and what it gives: `take(list, count) -> list[T]`."""
    return [f"{_called(one)} -> {result_words(one)}" for one in FUNCTIONS.values()]


def result_words(function: Function) -> str:
    """The type of a function's result; `T` stands for what its arguments hold."""
    return RESULTS[function.name] if callable(function.result) else describe(function.result)


def spelled(type_: Type) -> str:
    """A type with its fields, where its name would say less; two are told beside the list."""
    if isinstance(type_, RecordType) and type_.name in {"retry", "defaults"}:
        return "{ … }"
    if isinstance(type_, RecordType | UnionType):
        return describe(msgspec.structs.replace(type_, name=None))
    return describe(type_)


def _called(function: Function) -> str:
    return f"{function.name}({', '.join(map(_parameter, function.parameters))})"


def _parameter(parameter: Parameter) -> str:
    name = (
        f"{parameter.name}: {describe(parameter.accepts)}" if parameter.is_named else parameter.name
    )
    return f"{name}?" if parameter.is_optional else name


def _listed(settings: dict[str, SettingSpec]) -> str:
    return " · ".join(_setting(name, spec) for name, spec in settings.items())


def _setting(name: str, spec: SettingSpec) -> str:
    default = f" = {spec.default}" if spec.default is not None else ""
    return f"{name}: {spelled(spec.type)}{default}"
