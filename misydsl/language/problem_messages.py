"""The words for what is wrong with the names and calls of an expression.

In: a `Problem` (a code and facts; the table is in `expressions.problems`) and what is known around it. Out:
a `Finding`. What is about values is worded in `value_messages`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from misydsl.expressions.functions import FUNCTIONS
from misydsl.expressions.problems import Problem
from misydsl.language.hidden_steps import Hidden, hiding_place
from misydsl.language.messages import certain, meant, name_hides
from misydsl.language.report import Finding
from misydsl.language.value_messages import VALUE_WORDS
from misydsl.relations import describe, is_assignable, members_of
from misydsl.source import Span
from misydsl.types import LiteralType, Type

OTHER_VALUES: Final = {
    "None": "null", "nil": "null", "undefined": "null", "NULL": "null", "Null": "null",
    "True": "true", "TRUE": "true", "False": "false", "FALSE": "false",
    "yes": "true", "sí": "true", "si": "true", "verdadero": "true", "no": "false", "falso": "false",
}  # fmt: skip
OTHER_FUNCTIONS: Final = {
    "len": "length", "size": "length", "count": "length", "strlen": "length",
    "str": "text", "string": "text", "toString": "text", "to_string": "text",
    "toUpperCase": "upper", "uppercase": "upper", "toLowerCase": "lower", "lowercase": "lower",
    "strip": "trim", "startswith": "starts-with", "startsWith": "starts-with",
    "endswith": "ends-with", "endsWith": "ends-with", "concat": "join", "average": "avg",
    "mean": "avg", "maximum": "max", "minimum": "min", "distinct": "unique", "uniq": "unique",
    "group_by": "group", "groupBy": "group", "sorted": "sort", "sort_by": "sort",
    "orderBy": "sort", "toJson": "json", "to_json": "json", "dumps": "json",
    "json_parse": "parse-json", "parseJson": "parse-json", "parse_json": "parse-json",
    "from_json": "parse-json", "fromJson": "parse-json", "loads": "parse-json", "head": "first",
}  # fmt: skip
_OTHER_INPUTS: Final = frozenset({"concat", "group_by", "groupBy", "sort_by", "orderBy", "head"})
"""Those that take other values than ours, so that the name alone is not the cure."""
_NO_FUNCTION: Final = {
    "now": "the same inputs give the same values: use `run.started`",
    "today": "the same inputs give the same values: use `run.started`",
    "random": "the same inputs give the same values: give it as an input",
    "map": "write a list of what you want: `[f(x) for x in xs]`",
    "filter": "write a list with a condition: `[x for x in xs if …]`",
    "reduce": "use `sum`, `join`, `merge` or `group`",
    "int": "text becomes a number with `parse-json(…)`, a float a whole one with `round(…)`",
    "float": "text becomes a number with `parse-json(…)`",
    "bool": "compare it: `… != null`, `length(…) > 0`",
    "list": "write the items in brackets: `[a, b]`",
    "dict": "write the fields in braces: `{ a: 1 }`",
    "format": "values go into text with `${…}`",
    "sprintf": "values go into text with `${…}`",
    "print": "a pipeline's result is its `return`",
    "coalesce": "write `a ?? b`",
    "default": "write `a ?? b`",
}

_STEP = "a step's result is its name: `draft.text`"
_INPUT = "an input is its name: `topic`"
_VARIABLE = "a variable of the environment is `env.NAME`"
_ITEM = "the item of a `for` has the name after `for`: for topic in topics"
_OTHER_ROOTS: Final = {
    **dict.fromkeys(("steps", "tasks", "jobs", "nodes", "outputs"), _STEP),
    **dict.fromkeys(("inputs", "input", "params", "args", "kwargs"), _INPUT),
    **dict.fromkeys(("process", "os", "environ", "ENV", "vars", "environment"), _VARIABLE),
    **dict.fromkeys(("item", "it", "each", "this", "self"), _ITEM),
}
"""Where other tools keep values; told when the file itself has nothing called so."""
_TYPES: Final = frozenset(
    {"string", "int", "float", "bool", "duration", "size", "rate", "percent", "url", "any", "map"}
)
_RATE_UNITS: Final = {
    "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "min": "m", "mins": "m", "minute": "m", "minutes": "m",
    "hr": "h", "hour": "h", "hours": "h",
}  # fmt: skip
_RATE: Final = re.compile(r"\d/\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Around:
    """What the words may ask about the place of a problem."""

    suggest: Callable[[str, Iterable[str]], str | None]
    hidden: Hidden
    kind: Callable[[str], str | None]
    """What a callable name is, with its article: `an agent`."""
    text: str = ""
    """The whole file."""


def describe_problem(problem: Problem, around: Around) -> Finding:
    """The words for a problem."""
    words = _WORDS.get(problem.code)
    if words is not None:
        return words(problem.facts, around, problem.span)
    return VALUE_WORDS[problem.code](problem.facts, around.suggest)


def one_of_many(problem: Problem) -> Finding:
    """The words for a problem of a file that has too many for anybody to read them."""
    message = f"this is wrong too: `misy explain {problem.code}` says what it means"
    is_warning = problem.code.startswith("W")
    return Finding(problem.code, message, severity="warning" if is_warning else "error")


def known_codes() -> frozenset[str]:
    """The codes there are words for."""
    return frozenset({*_WORDS, *VALUE_WORDS})


Facts = Mapping[str, object]


def _unknown_name(facts: Facts, around: Around, span: Span) -> Finding:
    name = str(facts["name"])
    subtraction = facts.get("subtraction")
    if subtraction:
        message = (
            f"I can't find `{name}`. A hyphen is part of a name: for a subtraction "
            f"write `{subtraction}`"
        )
        return Finding("E0201", message, replacement=str(subtraction))
    inside = hiding_place(around.hidden, name, span)
    if inside is not None:
        return _inner_step(name, inside.name, is_fan_out=inside.is_fan_out)
    unit = _RATE_UNITS.get(name)
    if unit is not None and _RATE.search(around.text, max(span.start - 40, 0), span.start):
        message = f"I can't find `{name}`: a rate is written `10/{unit}`"
        return Finding("E0201", message, replacement=unit)
    if facts.get("kind") in ("function", "prompt"):
        message = f"`{name}` is a {facts['kind']}: its value is `{name}(…)`"
        return Finding("E0201", message)
    other = OTHER_VALUES.get(name)
    if other is not None:
        message = f"I can't find `{name}`. In misy it is written `{other}`"
        return Finding("E0201", message, replacement=other)
    if name in _TYPES:
        message = f"`{name}` is a type, and a value belongs here"
        return Finding("E0201", message)
    elsewhere = _OTHER_ROOTS.get(name)
    if elsewhere is not None:
        return Finding("E0201", f"I can't find `{name}`", elsewhere)
    return _slip(name, facts, around)


def _slip(name: str, facts: Facts, around: Around) -> Finding:
    """A name that is like one that is there, or a text without its quotes."""
    candidate = around.suggest(name, cast("Sequence[str]", facts.get("candidates", ())))
    message = f"I can't find `{name}`{meant(candidate)}"
    wanted = cast("Type | None", facts.get("wanted"))
    if wanted is not None and is_assignable(LiteralType(name), wanted) and candidate is None:
        is_choice = any(isinstance(one, LiteralType) for one in members_of(wanted))
        return Finding(
            "E0201",
            message,
            f'text stands in quotes: "{name}"',
            f'"{name}"' if is_choice else None,
        )
    return Finding("E0201", message, replacement=certain(candidate))


def _inner_step(name: str, outer: str, *, is_fan_out: bool) -> Finding:
    place = f"the fan-out `{outer}`" if is_fan_out else f"`{outer}`"
    result = "its result, a list" if is_fan_out else "its result"
    message = f"`{name}` is inside {place}; outside you only have {result}"
    return Finding("E0605", message, f"return it from {outer}")


def _hides(facts: Facts, _around: Around, _span: Span) -> Finding:
    return name_hides(str(facts["name"]))


def _field_twice(facts: Facts, _around: Around, _span: Span) -> Finding:
    return Finding("E0213", f"the field `{facts['name']}` is given twice", "remove one of them")


def _agent_in_expression(facts: Facts, around: Around, _span: Span) -> Finding:
    name = str(facts["name"])
    kind = around.kind(name) or "an agent"
    message = f"`{name}` is {kind}: it can only be called by a step, with `call {name}(…)`"
    return Finding("E0304", message)


def _unknown_argument(facts: Facts, around: Around, _span: Span) -> Finding:
    name = str(facts["name"])
    known = tuple(cast("Sequence[str]", facts.get("candidates", ())))
    candidate = around.suggest(name, known)
    kind = "input" if facts.get("kind") == "prompt" else "option"
    message = f"`{facts['function']}` has no {kind} `{name}`{meant(candidate)}"
    help_ = f"it takes: {', '.join(known)}" if known else "it takes nothing by name"
    return Finding("E0305", message, help_, replacement=certain(candidate))


def _missing_argument(facts: Facts, _around: Around, _span: Span) -> Finding:
    name = facts["name"]
    message = f"`{facts['function']}` needs `{name}: {_typed(facts)}`"
    return Finding("E0306", message, f"add {name}: …")


def _typed(facts: Facts) -> str:
    return describe(cast("Type", facts["type"]))


def _argument_twice(facts: Facts, _around: Around, _span: Span) -> Finding:
    return Finding("E0307", f"`{facts['name']}` is given twice", "remove one of them")


def _unknown_function(facts: Facts, around: Around, _span: Span) -> Finding:
    if facts.get("name") is None:
        return _method_called(facts)
    name = str(facts["name"])
    message = f"there is no function `{name}`"
    if name in _NO_FUNCTION:
        return Finding("E0308", message, _NO_FUNCTION[name])
    other = OTHER_FUNCTIONS.get(name)
    if other is not None:
        same = None if name in _OTHER_INPUTS else other
        return Finding("E0308", f"{message}. In misy it is called `{other}`", replacement=same)
    candidate = around.suggest(name, cast("Sequence[str]", facts.get("candidates", ())))
    return Finding("E0308", f"{message}{meant(candidate)}", replacement=certain(candidate))


def _method_called(facts: Facts) -> Finding:
    if facts.get("method") is None:
        return Finding("E0308", "only functions and prompts can be called in an expression")
    name = str(facts["method"])
    ours = OTHER_FUNCTIONS.get(name, name)
    message = f"values have no methods, so `.{name}(…)` cannot be called"
    known = ours in FUNCTIONS
    return Finding("E0308", message, f"write `{ours}({facts['receiver']}…)`" if known else None)


def _wrong_count(facts: Facts, _around: Around, _span: Span) -> Finding:
    least, most, given = facts["least"], facts["most"], facts["given"]
    if most is None:
        wanted = f"at least {least}"
    elif least == most:
        wanted = str(least)
    else:
        wanted = f"{least} to {most}"
    values = "value" if wanted in ("1", "at least 1") else "values"
    here = "here is 1" if given == 1 else f"here are {given}"
    is_order = facts["name"] in ("sort", "group") and given == 2
    help_ = f'the field is given by name: {facts["name"]}(…, by: "field")' if is_order else None
    return Finding("E0309", f"`{facts['name']}` takes {wanted} {values}, {here}", help_)


def _by_position(facts: Facts, _around: Around, _span: Span) -> Finding:
    name = facts.get("name")
    shown = f"{name}: …" if name else "name: …"
    message = f"inputs are given by name: write `{shown}`"
    return Finding("E0311", message, insertion=f"{name}: " if name else None)


_WORDS: Final[Mapping[str, Callable[[Facts, Around, Span], Finding]]] = {
    "E0201": _unknown_name,
    "E0204": _hides,
    "E0213": _field_twice,
    "E0304": _agent_in_expression,
    "E0305": _unknown_argument,
    "E0306": _missing_argument,
    "E0307": _argument_twice,
    "E0308": _unknown_function,
    "E0309": _wrong_count,
    "E0311": _by_position,
}
