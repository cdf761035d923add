"""Python values as values of a run: fresh, plain, and nothing that JSON cannot say.

In: what a function agent returned, or what it is about to be given. Out: new `None bool int float str
list dict` all the way down, so that nobody changes a recorded value afterwards. Dataclasses, structs,
enums, dates and sets have an obvious form; numbers and arrays of other libraries give
theirs by `tolist()` or `item()`, without those libraries being imported. Anything else raises `ResultUnusable` with its path.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal

import msgspec

from misydsl.values import MAX_JSON_DEPTH, Secret, Value, moment_text, with_article

_FOREIGN = ("tolist", "item")  # `item()` would make a number of a list of one


class ResultUnusable(ValueError):
    """A value that has no JSON: where it is, and what it is."""

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"at `{path}`: {problem}" if path else problem)


def plain(value: object, path: str = "", depth: int = 0) -> Value:
    """The value as JSON would give it back.

    Raises:
        ResultUnusable: something in it has no JSON.
    """
    kind = type(value)
    if kind is int or kind is bool or value is None:
        return value  # type: ignore[return-value]  # the line above is what mypy cannot follow
    if kind is str:
        return _text(value, path)  # type: ignore[arg-type]  # as above
    if kind is float:
        return _finite(value, path)  # type: ignore[arg-type]  # as above
    if depth >= MAX_JSON_DEPTH:
        raise ResultUnusable(_shortened(path), f"it is nested deeper than {MAX_JSON_DEPTH} levels")
    if kind is dict:
        return _record(value, path, depth)  # type: ignore[arg-type]  # as above
    if kind is list or kind is tuple:
        return _list(value, path, depth)  # type: ignore[arg-type]  # as above
    return _unusual(value, path, depth)


def _finite(number: float, path: str) -> float:
    if math.isfinite(number):
        return number
    raise ResultUnusable(path, f"{number} has no JSON; use None where a number is missing")


def _text(text: str, path: str) -> str:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as problem:
            code = ord(text[problem.start])
            words = f"the text has half a character (U+{code:04X}), which no UTF-8 can hold"
            raise ResultUnusable(path, words) from problem
    return text


def _record(value: Mapping[object, object], path: str, depth: int) -> Value:
    fields: dict[str, Value] = {}
    for name, item in value.items():
        if not isinstance(name, str):
            raise ResultUnusable(path, f"the key {name!r} is not text")
        fields[_text(str(name), path)] = plain(item, f"{path}.{name}", depth + 1)
    return fields


def _list(value: Sequence[object], path: str, depth: int) -> Value:
    return [plain(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value)]


def _unusual(value: object, path: str, depth: int) -> Value:
    match value:
        case enum.Enum():
            return plain(value.value, path, depth + 1)
        case str():
            return _text(str(value), path)
        case int():
            return int(value)
        case float():
            return _finite(float(value), path)
        case dt.date():  # and datetime, which is one
            return _moment(value, path)
        case Decimal():
            return _finite(float(value), path)
        case Mapping():
            return _record(value, path, depth)
        case AbstractSet():
            return _list(sorted(value, key=str), path, depth)
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return _list(value, path, depth)
        case msgspec.Struct():
            return _record(_attributes(value, value.__struct_fields__), path, depth)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = (field.name for field in dataclasses.fields(value))
            return _record(_attributes(value, names), path, depth)
        case _:
            return _foreign(value, path, depth)


def _attributes(value: object, names: Iterable[str]) -> dict[object, object]:
    return {name: getattr(value, name) for name in names}


def _moment(value: dt.date, path: str) -> str:
    if value != value:  # noqa: PLR0124  # pandas' missing time is the one date unequal to itself
        raise ResultUnusable(path, "a missing time has no JSON; use None")
    return moment_text(value)


def _foreign(value: object, path: str, depth: int) -> Value:
    if not isinstance(value, type | Secret):
        for name in _FOREIGN:
            inner = _native(value, name)
            if inner is not value:
                return plain(inner, path, depth + 1)
    raise ResultUnusable(path, f"{with_article(type(value).__name__)} has no JSON")


def _native(value: object, name: str) -> object:
    """What a number or array of another library is in Python; the value itself if it does not say."""
    method = getattr(value, name, None)
    if method is None or not hasattr(value, "dtype"):
        return value
    try:
        return method()
    except (TypeError, ValueError):  # `item()` of an array with more than one element
        return value


def _shortened(path: str) -> str:
    return path if len(path) <= 80 else f"{path[:80]}…"
