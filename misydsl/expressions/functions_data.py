"""Functions over records and maps, JSON and dates.

In: records, JSON text, ISO 8601 text. Out: records, lists, dates. Reading JSON is as strict as reading
an agent's reply, and what was read is `any` until a typed place checks it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final, cast

from misydsl.expressions.limits import EvaluationError, charge, checked_text, weigh
from misydsl.expressions.signature import Call, Function, Parameter
from misydsl.relations import unite
from misydsl.types import (
    ANY,
    DATE,
    DATETIME,
    STRING,
    Any,
    Field,
    ListType,
    LiteralType,
    MapType,
    RecordType,
    Type,
)
from misydsl.values import (
    JsonInvalid,
    JsonUnwritable,
    Value,
    decode_json,
    encode_json,
    parse_date,
    parse_datetime,
)

_FIELDS: Final = Parameter("record", MapType(ANY))


def _json(value: Value) -> str:
    charge(weigh(value))
    try:
        text = encode_json(value).decode()
    except JsonUnwritable as error:
        raise EvaluationError("E0524", f"this has no JSON: {error}") from None
    checked_text(len(text))
    return text


def _parse_json(text: str) -> Value:
    checked_text(len(text))
    try:
        return decode_json(text.encode(errors="surrogatepass"))
    except JsonInvalid as error:
        raise EvaluationError("E0524", f"this text is not JSON: {error}") from None


def _merge(first: dict[str, Value], second: dict[str, Value]) -> Value:
    charge(len(first) + len(second))
    return first | second


def _keys(record: dict[str, Value]) -> Value:
    charge(len(record))
    return list(record)


def _values(record: dict[str, Value]) -> Value:
    charge(len(record))
    return list(record.values())


def _date(value: Value) -> Value:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).date()
    return _moment(value, "date", parse_date)


def _datetime(value: Value) -> Value:
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
    return _moment(value, "datetime", parse_datetime)


def _moment(value: Value, kind: str, parse: Callable[[str], Value]) -> Value:
    text = cast("str", value)
    moment = parse(text)
    if moment is None:
        raise EvaluationError("E0520", f'"{text[:60]}" is not a {kind}')
    return moment


def _merged(call: Call) -> Type:
    first, second = call.type_of(0), call.type_of(1)
    if isinstance(first, RecordType) and isinstance(second, RecordType):
        fields = {field.name: field.type for field in first.fields}
        if second.is_open:
            fields = dict.fromkeys(fields, ANY)
        fields |= {field.name: field.type for field in second.fields}
        is_open = first.is_open or second.is_open
        return RecordType(tuple(Field(*pair) for pair in fields.items()), is_open)
    if isinstance(first, MapType) and isinstance(second, MapType):
        return MapType(unite(first.value, second.value))
    if isinstance(first, Any) and isinstance(second, Any):
        return ANY
    return RecordType((), is_open=True)


def _held(call: Call) -> Type:
    found = call.type_of(0)
    if isinstance(found, MapType):
        return ListType(found.value)
    if isinstance(found, RecordType) and not found.is_open:
        return ListType(unite(*(field.type for field in found.fields)))
    return ListType(ANY)


def _dated(call: Call) -> Type:
    return _judged(call, "date", parse_date, DATE)


def _timed(call: Call) -> Type:
    return _judged(call, "datetime", parse_datetime, DATETIME)


def _judged(call: Call, kind: str, parse: Callable[[str], Value], result: Type) -> Type:
    found = call.type_of(0)
    if isinstance(found, LiteralType) and parse(str(found.value)) is None:
        call.report("E0520", call.span_of(0), value=found.value, kind=kind)
    return result


DATA_FUNCTIONS: Final = (
    Function(
        name="json",
        parameters=(Parameter("value", ANY),),
        result=STRING,
        body=_json,
        summary="Any value as compact JSON text.",
        example=("json({ a: [1, null] })", '"{\\"a\\":[1,null]}"'),
    ),
    Function(
        name="parse-json",
        parameters=(Parameter("text", STRING),),
        result=ANY,
        body=_parse_json,
        summary="The value a JSON text says; `any`, so it is checked where it is used.",
        example=('parse-json("[1, 2]")', "[1, 2]"),
    ),
    Function(
        name="merge",
        parameters=(Parameter("first", MapType(ANY)), Parameter("second", MapType(ANY))),
        result=_merged,
        body=_merge,
        summary="Two records or maps as one; the second wins.",
        example=("merge({ a: 1, b: 1 }, { b: 2 })", "{ a: 1, b: 2 }"),
    ),
    Function(
        name="keys",
        parameters=(_FIELDS,),
        result=ListType(STRING),
        body=_keys,
        summary="The names in a record or map, in order.",
        example=("keys({ a: 1, b: 2 })", '["a", "b"]'),
    ),
    Function(
        name="values",
        parameters=(_FIELDS,),
        result=_held,
        body=_values,
        summary="The values in a record or map, in order.",
        example=("values({ a: 1, b: 2 })", "[1, 2]"),
    ),
    Function(
        name="date",
        parameters=(Parameter("value", unite(STRING, DATETIME)),),
        result=_dated,
        body=_date,
        summary="The day of a text `2026-03-01`, or of a date-time in UTC.",
        example=('text(date("2026-03-01"))', '"2026-03-01"'),
    ),
    Function(
        name="datetime",
        parameters=(Parameter("value", unite(STRING, DATE)),),
        result=_timed,
        body=_datetime,
        summary="The moment of an ISO 8601 text (UTC without a zone), or the start of a day.",
        example=('text(datetime("2026-03-01T10:00:00Z"))', '"2026-03-01T10:00:00Z"'),
    ),
)
