"""Functions over text, and how any value becomes text.

In: texts and what prints as itself. Out: texts. A value prints as its literal: numbers with the fewest
digits that give them back, `true`, `30s`, `20%`, dates in ISO 8601; lists, records and null do not print.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from misydsl.expressions.limits import EvaluationError, checked_list, checked_text
from misydsl.expressions.members import item_of
from misydsl.expressions.operators import unprintable_part
from misydsl.expressions.signature import LIST, Call, Function, Parameter
from misydsl.relations import admits_null
from misydsl.types import ANY, BOOL, STRING, ListType, Type
from misydsl.values import (
    Duration,
    Percent,
    Rate,
    Secret,
    Size,
    Value,
    measure_text,
    moment_text,
)

_TEXT: Final = Parameter("text", STRING)


def printed(value: Value) -> str:
    """The text of a value as it stands in `${…}`."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Duration() | Percent() | Rate() | Size():
            return measure_text(value)
        case int() | float():
            return repr(value)
        case dt.date():
            return moment_text(value)
        case None:
            raise EvaluationError("E0510", "this is null, and would print nothing")
        case Secret():
            raise EvaluationError("E0701", "a secret would be written into text")
        case list():
            raise EvaluationError("E0511", "a list cannot be put into text as it is")
        case _:
            raise EvaluationError("E0511", "a record cannot be put into text as it is")


def _joined(items: list[Value], separator: str) -> str:
    texts = [printed(item) for item in items]
    checked_text(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _lines(items: list[Value]) -> str:
    return _joined(items, "\n")


def _split(text: str, separator: str) -> Value:
    if not separator:
        raise EvaluationError("E0526", "`split` needs a separator that is not empty")
    checked_list(text.count(separator) + 1)
    checked_text(len(text))
    return list(text.split(separator))


def _replace(text: str, old: str, new: str) -> str:
    if not old:
        raise EvaluationError("E0526", "`replace` needs a text to look for that is not empty")
    checked_text(len(text) + text.count(old) * max(len(new) - len(old), 0))
    return text.replace(old, new)


def _upper(text: str) -> str:
    checked_text(len(text))
    return text.upper()


def _lower(text: str) -> str:
    checked_text(len(text))
    return text.lower()


def _trim(text: str) -> str:
    checked_text(len(text))
    return text.strip()


def _starts_with(text: str, start: str) -> bool:
    return text.startswith(start)


def _ends_with(text: str, end: str) -> bool:
    return text.endswith(end)


def _text(value: Value) -> str:
    return printed(value)


def _items_print(call: Call) -> Type:
    """A text, when every item of the list prints."""
    item = item_of(call.type_of(0)) or ANY
    container = unprintable_part(item)
    span = call.span_of(0)
    if container is not None:
        call.report("E0511", span, found=container, text=call.function, use=call.function)
    elif admits_null(item):
        call.report("E0510", span, text=call.function, found=item)
    return STRING


def _value_prints(call: Call) -> Type:
    found = call.type_of(0)
    container = unprintable_part(found)
    if container is not None:
        call.report("E0511", call.span_of(0), found=container, text="text", use="text")
    elif admits_null(found):
        call.report("E0510", call.span_of(0), text="text", found=found)
    return STRING


TEXT_FUNCTIONS: Final = (
    Function(
        name="lines",
        parameters=(Parameter("list", LIST),),
        result=_items_print,
        body=_lines,
        summary="The items of a list as text, one on each line.",
        example=('lines(["a", "b"])', '"a\\nb"'),
    ),
    Function(
        name="join",
        parameters=(Parameter("list", LIST), Parameter("separator", STRING)),
        result=_items_print,
        body=_joined,
        summary="The items of a list as one text, with a separator between them.",
        example=('join(["a", 2, true], ", ")', '"a, 2, true"'),
    ),
    Function(
        name="split",
        parameters=(_TEXT, Parameter("separator", STRING)),
        result=ListType(STRING),
        body=_split,
        summary="The parts of a text between separators.",
        example=('split("a,b,", ",")', '["a", "b", ""]'),
    ),
    Function(
        name="trim",
        parameters=(_TEXT,),
        result=STRING,
        body=_trim,
        summary="The text without white space at both ends.",
        example=('trim("  hola ")', '"hola"'),
    ),
    Function(
        name="upper",
        parameters=(_TEXT,),
        result=STRING,
        body=_upper,
        summary="The text in capitals.",
        example=('upper("niño")', '"NIÑO"'),
    ),
    Function(
        name="lower",
        parameters=(_TEXT,),
        result=STRING,
        body=_lower,
        summary="The text in small letters.",
        example=('lower("ÁRBOL")', '"árbol"'),
    ),
    Function(
        name="replace",
        parameters=(_TEXT, Parameter("old", STRING), Parameter("new", STRING)),
        result=STRING,
        body=_replace,
        summary="The text with every `old` replaced by `new`.",
        example=('replace("2026/03/01", "/", "-")', '"2026-03-01"'),
    ),
    Function(
        name="starts-with",
        parameters=(_TEXT, Parameter("start", STRING)),
        result=BOOL,
        body=_starts_with,
        summary="Whether the text starts so.",
        example=('starts-with("#viral", "#")', "true"),
    ),
    Function(
        name="ends-with",
        parameters=(_TEXT, Parameter("end", STRING)),
        result=BOOL,
        body=_ends_with,
        summary="Whether the text ends so.",
        example=('ends-with("plan.ics", ".ics")', "true"),
    ),
    Function(
        name="text",
        parameters=(Parameter("value", ANY),),
        result=_value_prints,
        body=_text,
        summary="A value as text, the same as in `${…}`.",
        example=("text(90s)", '"1m30s"'),
    ),
)
